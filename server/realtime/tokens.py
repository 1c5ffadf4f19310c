"""Resume tokens: they rotate, and a lost reply locks nobody out."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.realtime.session import Session


@dataclass(slots=True)
class _Held:
    session: "Session"
    current: str
    former: str | None = None
    """Valid until the first message on the connection that was opened with it."""
    names: set[str] = field(default_factory=set)


class Tokens:
    """Tokens of the sessions in this process, kept as hashes but for the one to hand out again."""

    def __init__(self) -> None:
        self._by_name: dict[str, _Held] = {}
        self._by_client: dict[str, _Held] = {}

    def issue(self, session: "Session") -> str:
        """The first token of a session."""
        token = secrets.token_urlsafe(32)
        held = _Held(session, token, names={name_of(token)})
        self._by_client[session.client] = held
        self._by_name[name_of(token)] = held
        return token

    def redeem(self, token: str) -> "tuple[Session, str] | None":
        """The session, and the token that follows: the same one when the former is shown again."""
        held = self._by_name.get(name_of(token))
        if held is None:
            return None
        if held.former is None or name_of(token) == name_of(held.current):
            self._drop(held, keep=token)
            held.former, held.current = token, secrets.token_urlsafe(32)
            self._add(held, held.current)
        return held.session, held.current

    def confirm(self, session: "Session") -> None:
        """The client has spoken on the new connection: it knows the successor."""
        held = self._by_client.get(session.client)
        if held is not None and held.former is not None:
            held.former = None
            self._drop(held, keep=held.current)

    def names(self, session: "Session") -> tuple[str, ...]:
        """Hashes of the tokens that are valid now."""
        held = self._by_client.get(session.client)
        return tuple(held.names) if held is not None else ()

    def revoke(self, session: "Session") -> None:
        """Nothing resumes this session any more."""
        held = self._by_client.pop(session.client, None)
        for name in held.names if held is not None else ():
            del self._by_name[name]

    def _add(self, held: _Held, token: str) -> None:
        held.names.add(name_of(token))
        self._by_name[name_of(token)] = held

    def _drop(self, held: _Held, keep: str) -> None:
        for name in held.names - {name_of(keep)}:
            del self._by_name[name]
        held.names &= {name_of(keep)}


def name_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()

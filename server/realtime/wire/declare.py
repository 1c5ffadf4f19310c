"""How a message is declared: a dataclass whose annotations carry a check and a sentence for each key."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeVar, dataclass_transform, get_args, get_type_hints

from server.realtime.wire.fields import Anything, Check, Int, ListOf, Nullable, Number, Row, Text

POSITION = Int(0, 2**53 - 1)
COUNT = Int(0, 2**32 - 1)
HANDLE = Int(0, 65_535)
NAME = Text(200)
GAIN_ENV = ListOf(Row((POSITION, Number(0, 4))), 64)

RequestId = Annotated[int, COUNT, "names the request; rises strictly, the same when it is sent again"]
Re = Annotated[int, COUNT, "`id` of the request that this answers"]
MaybeRe = Annotated[int | None, COUNT, "`id` of the request that this answers, if it answers one"]
Sid = Annotated[int, HANDLE, "stream handle from `stream.ready`"]
Play = Annotated[int, POSITION, "frame that the worklet plays next"]
Limit = Annotated[int, POSITION, "first frame that the server must not reach; absolute"]
At = Annotated[int, POSITION, "first frame at which the change is heard"]
Epoch = Annotated[int, COUNT, "generation of parameters and transport; packets carry its low byte"]
Entry = Annotated[Mapping[str, object], Anything(), "timeline entry; the client appends it to its instance"]
EndPos = Annotated[int | None, Nullable(POSITION), "first frame that is not played; null: endless"]
GainEnv = Annotated[Sequence[Sequence[float]], GAIN_ENV, "[[pos, gain]…], raised cosines between"]
Rev = Annotated[int, COUNT, "revision of the envelope; the highest wins"]
Title = Annotated[str, NAME, "short name"]
Sentence = Annotated[str, Text(500), "for the person"]


class Message:
    """Base of all control messages; `T` is the value of the key `t`."""

    T: ClassVar[str]
    REST: ClassVar[str] = ""
    """The attribute that takes keys which are not declared (fields of a kind, facts of an error)."""
    __slots__ = ()


class Request(Message):
    """A client message with an `id`, answered by a message with `re`."""

    id: int
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One key of a message, read from its annotation."""

    key: str
    attribute: str
    check: Check
    doc: str
    required: bool


CLIENT_MESSAGES: dict[str, type[Message]] = {}
"""What a client may send, by `t`."""
SERVER_MESSAGES: dict[str, type[Message]] = {}
"""What the server may send, by `t`."""
FIELDS: dict[type[Message], tuple[FieldSpec, ...]] = {}

_M = TypeVar("_M", bound=Message)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(dataclasses.field,))
def declared(*registries: dict[str, type[Message]]) -> Callable[[type[_M]], type[_M]]:
    """Make the class a frozen dataclass and register it by its `T`, with a FieldSpec for each key."""

    def declare(cls: type[_M]) -> type[_M]:
        made: type[_M] = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        hints = get_type_hints(made, include_extras=True)
        specs = []
        for one in dataclasses.fields(made):  # type: ignore[arg-type]  # mypy does not see that it is a dataclass
            if one.name == made.REST:
                continue
            _, check, doc = get_args(hints[one.name])
            required = one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
            specs.append(FieldSpec(one.name.rstrip("_"), one.name, check, doc, required))
        FIELDS[made] = tuple(specs)
        for registry in registries:
            registry[made.T] = made
        return made

    return declare

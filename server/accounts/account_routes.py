"""HTTP of one's own account: profile, password, address, second factor, keys, taking along and going."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field

from server.accounts import administrators, api_keys, privacy, recovery, registration, store, two_factor
from server.accounts.errors import BadToken, NotVerified, WeakPassword, WrongCredentials
from server.accounts.forms import (
    Code,
    Email,
    Link,
    Me,
    Name,
    NewPassword,
    Password,
    ProfileForm,
    guest_shown,
    user_shown,
)
from server.accounts.login_routes import Done
from server.accounts.registration import email_key
from server.accounts.routes import accounts_state
from server.accounts.service import user_of
from server.kit import audit
from server.kit.api import PRINCIPAL, USER, WHOLE, Alias, Call, Model, Routes
from server.kit.errors import Conflict, LimitReached, NotFound, RateLimited
from server.kit.security import REFRESH_COOKIE, cookie

if TYPE_CHECKING:
    from server.accounts.key_store import KeyRow

LINK_SENT: Final = "If there is an account with this address, a mail with a link is on its way."

routes = Routes("accounts")


class PasswordChange(Model):
    """The old one proves who asks."""

    current_password: Password
    new_password: NewPassword


class Address(Model):
    """Of an account, perhaps."""

    email: Email


class PasswordReset(Model):
    """The link of the mail, and the new password."""

    token: Link
    new_password: NewPassword


class LinkForm(Model):
    """The link of the mail."""

    token: Link


class Proof(Model):
    """The password once more."""

    password: Password


class TwoFactorRemoval(Proof):
    """And a code."""

    code: Code


class CodeForm(Model):
    """What the authenticator shows."""

    code: Code


class TwoFactorSecret(Model):
    """For the authenticator."""

    secret: str
    uri: str
    """As a QR code holds it."""


class RecoveryCodes(Model):
    """Each is good once, in place of a code."""

    codes: list[str]


class NewKey(Model):
    """What the key is for, and what it may do."""

    name: Annotated[Name, Field(min_length=1)]
    scopes: Annotated[
        list[Literal["listen", "account", "billing", "tokens", "admin"]], Field(min_length=1, max_length=5)
    ]
    days: Annotated[int, Field(ge=1, le=3650), WHOLE] | None = None


class Key(Model):
    """A key, without the key."""

    id: str
    name: str
    scopes: list[str]
    created_at: float
    """Unix seconds."""
    expires_at: float | None
    used_at: float | None


class MadeKey(Key):
    """The key itself is shown this once."""

    key: str


class Keys(Model):
    """All keys of the caller."""

    keys: list[Key]


class Export(Model):
    """Everything that is kept of the caller, by topic."""

    data: dict[str, Any]


@routes.get(
    "/api/auth/me",
    summary="Who the caller is",
    auth=PRINCIPAL,
    reply=Me,
    flat=("user_id", "email", "plan"),
    aliases=(Alias("/api/auth/profile"), Alias("/profile")),
    scope="account",
)
async def read_me(call: Call) -> Me:
    """Of a guest only that they are one."""
    accounts, caller = accounts_state(call)["accounts"], call.known
    if caller.kind == "guest":
        return guest_shown(caller)
    async with accounts.database.connection() as conn:
        user = await user_of(conn, caller.id)
        return user_shown(user, await accounts.plan_of(conn, caller.id, accounts.clock.now()))


@routes.put(
    "/api/auth/profile",
    summary="Say who one is; all fields at once",
    auth=USER,
    body=ProfileForm,
    reply=Me,
    aliases=(Alias("/api/auth/update-profile"), Alias("/profile")),
)
async def update_profile(call: Call) -> Me:
    """What is left out becomes empty."""
    accounts, caller, form = accounts_state(call)["accounts"], call.known, call.body
    async with accounts.database.transaction() as conn:
        more = {column: getattr(form, column) for column in store.PROFILE}
        await store.update_profile(conn, caller.id, form.name, form.zone, more)
        await audit.record(conn, "account.profile_changed", "account", call.origin, principal_id=caller.id)
        user = await user_of(conn, caller.id)
        return user_shown(user, await accounts.plan_of(conn, caller.id, accounts.clock.now()))


@routes.post(
    "/api/auth/change-password",
    summary="Another password; all other devices are logged out",
    auth=USER,
    body=PasswordChange,
    reply=Done,
    errors=(WrongCredentials, WeakPassword, RateLimited),
)
async def change_password(call: Call) -> Done:
    """A mail tells the owner."""
    accounts, caller, form = accounts_state(call)["accounts"], call.known, call.body
    await recovery.change_password(
        accounts, caller.id, caller.proof, form.current_password, form.new_password, call.origin
    )
    return Done(message="Your password is changed. Other devices are logged out.")


@routes.post(
    "/api/auth/request-password-reset",
    summary="Ask for a link to set a new password",
    body=Address,
    reply=Done,
    status=202,
    errors=(RateLimited,),
)
async def request_password_reset(call: Call) -> Done:
    """The answer does not tell whether there is such an account."""
    await recovery.request_reset(accounts_state(call)["accounts"], email_key(call.body.email), call.origin)
    return Done(message=LINK_SENT)


@routes.post(
    "/api/auth/reset-password",
    summary="Set a new password with the link of the mail",
    body=PasswordReset,
    reply=Done,
    errors=(BadToken, WeakPassword),
)
async def reset_password(call: Call) -> Done:
    """Every login ends."""
    form = call.body
    await recovery.reset_password(
        accounts_state(call)["accounts"], form.token, form.new_password, call.origin
    )
    return Done(message="Your new password is set. Please log in.")


@routes.post(
    "/api/auth/verify-email",
    summary="Confirm the address with the link of the mail",
    body=LinkForm,
    reply=Done,
    errors=(BadToken,),
)
async def verify_email(call: Call) -> Done:
    """A link is good once."""
    await registration.verify(accounts_state(call)["accounts"], call.body.token, call.origin)
    return Done(message="Thank you, your address is confirmed.")


@routes.get("/api/auth/verify-email/{token}", summary="The same, as a link", reply=Done, errors=(BadToken,))
async def follow_verify_link(call: Call) -> Done:
    """For programs and mail readers that only follow links."""
    await registration.verify(accounts_state(call)["accounts"], str(call.path["token"]), call.origin)
    return Done(message="Thank you, your address is confirmed.")


@routes.post(
    "/api/auth/resend-verification",
    summary="Send the mail once more",
    auth=USER,
    reply=Done,
    status=202,
    errors=(RateLimited,),
)
async def resend_verification(call: Call) -> Done:
    """Earlier links are good for nothing then."""
    await registration.send_link_again(accounts_state(call)["accounts"], call.known.id)
    return Done(message="A new link is on its way.")


@routes.post(
    "/api/auth/totp",
    summary="Begin with a second factor",
    auth=USER,
    body=Proof,
    reply=TwoFactorSecret,
    status=201,
    errors=(WrongCredentials, Conflict, RateLimited),
)
async def begin_totp(call: Call) -> TwoFactorSecret:
    """It is asked for only once a code was confirmed."""
    accounts = accounts_state(call)["accounts"]
    secret, uri = await two_factor.begin(accounts, call.known.id, call.body.password)
    return TwoFactorSecret(secret=secret, uri=uri)


@routes.post(
    "/api/auth/totp/confirm",
    summary="Show that the authenticator works",
    auth=USER,
    body=CodeForm,
    reply=RecoveryCodes,
    errors=(WrongCredentials, Conflict, RateLimited),
)
async def confirm_totp(call: Call) -> RecoveryCodes:
    """Returns the recovery codes, this once."""
    accounts = accounts_state(call)["accounts"]
    codes = await two_factor.confirm(accounts, call.known.id, call.body.code, call.origin)
    return RecoveryCodes(codes=codes)


@routes.post(
    "/api/auth/totp/remove",
    summary="Go without a second factor",
    auth=USER,
    body=TwoFactorRemoval,
    reply=Done,
    errors=(WrongCredentials, RateLimited),
)
async def remove_totp(call: Call) -> Done:
    """Takes the password and a code."""
    accounts, form = accounts_state(call)["accounts"], call.body
    await two_factor.remove(accounts, call.known.id, form.password, form.code, call.origin)
    return Done(message="No code is asked for any more.")


@routes.post(
    "/api/auth/api-keys",
    summary="Make an API key",
    auth=USER,
    body=NewKey,
    reply=MadeKey,
    status=201,
    errors=(NotVerified, LimitReached, RateLimited),
)
async def create_api_key(call: Call) -> MadeKey:
    """The key is shown this once; we keep only what it takes to know it again."""
    accounts, form = accounts_state(call)["accounts"], call.body
    key, row = await api_keys.make(accounts, call.known, form.name, form.scopes, form.days, call.origin)
    return MadeKey(key=key, **_key(row).model_dump())


@routes.get("/api/auth/api-keys", summary="One's API keys", auth=USER, reply=Keys)
async def list_api_keys(call: Call) -> Keys:
    """What each may do, and when it was used last."""
    rows = await api_keys.list_keys(accounts_state(call)["accounts"], call.known.id)
    return Keys(keys=[_key(row) for row in rows])


@routes.delete(
    "/api/auth/api-keys/{id:uuid}", summary="Delete an API key", auth=USER, reply=Done, errors=(NotFound,)
)
async def delete_api_key(call: Call) -> Done:
    """What it opened closes at once."""
    key_id = uuid.UUID(str(call.path["id"]))
    await api_keys.delete(accounts_state(call)["accounts"], call.known.id, key_id, call.origin)
    return Done(message="The key is deleted.")


@routes.post(
    "/api/auth/claim-admin",
    summary="Be the first administrator, with the token that the server printed",
    auth=USER,
    body=LinkForm,
    reply=Done,
    errors=(BadToken, Conflict, RateLimited),
)
async def claim_admin(call: Call) -> Done:
    """Good once, and only while there is none."""
    accounts, path = accounts_state(call)["accounts"], call.state["settings"].admin_token
    await administrators.claim(accounts, call.known.id, call.body.token, path, call.origin)
    return Done(message="You look after this server now. Log in again to have the power.")


@routes.get("/api/account/export", summary="Everything that is kept of the caller", auth=USER, reply=Export)
async def export_account(call: Call) -> Export:
    """By topic; files are named, not held."""
    accounts = accounts_state(call)["accounts"]
    return Export(data=await privacy.export(accounts, call.known.id, call.origin))


@routes.delete(
    "/api/account",
    summary="Delete the account",
    auth=USER,
    body=Proof,
    reply=Done,
    errors=(WrongCredentials, RateLimited),
)
async def delete_account(call: Call) -> Done:
    """Ledger and invoices stay without a name; a subscription that runs is cancelled."""
    accounts = accounts_state(call)["accounts"]
    await privacy.delete(accounts, call.known.id, call.body.password, call.origin)
    is_secure = call.request.url.scheme == "https"
    gone = cookie(REFRESH_COOKIE, "", secure=is_secure, max_age_s=0, path="/api/auth")
    call.headers.append("set-cookie", gone)
    return Done(message="Your account is deleted.")


def _key(row: KeyRow) -> Key:
    return Key(
        id=str(row.id),
        name=row.name,
        scopes=list(row.scopes),
        created_at=row.created_at.timestamp(),
        expires_at=None if row.expires_at is None else row.expires_at.timestamp(),
        used_at=None if row.used_at is None else row.used_at.timestamp(),
    )

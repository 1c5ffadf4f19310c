"""How often somebody may knock: by account, by address and by everybody together."""

from __future__ import annotations

from typing import Final

from server.kit.limits import Limit

MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0

LOGIN_ACCOUNT: Final = "account.login"
LOGIN_ADDRESS: Final = "address.login"
REGISTER_ADDRESS: Final = "address.register"
REGISTER_ALL: Final = "all.register"
RESET_ACCOUNT: Final = "account.reset"
RESET_ADDRESS: Final = "address.reset"
CODE_ACCOUNT: Final = "account.code"
MAIL_USER: Final = "user.mail"
KEYS_USER: Final = "user.keys"
PROOF_USER: Final = "user.proof"

ACCOUNT_LIMITS: Final = (
    Limit(LOGIN_ACCOUNT, 10, 15 * MINUTE_S),
    Limit(LOGIN_ADDRESS, 60, 15 * MINUTE_S),
    Limit(REGISTER_ADDRESS, 5, HOUR_S),
    Limit(REGISTER_ALL, 2_000, HOUR_S),
    Limit(RESET_ACCOUNT, 3, HOUR_S),
    Limit(RESET_ADDRESS, 20, HOUR_S),
    Limit(CODE_ACCOUNT, 10, 15 * MINUTE_S),
    Limit(MAIL_USER, 3, HOUR_S),
    Limit(KEYS_USER, 20, HOUR_S),
    Limit(PROOF_USER, 10, 15 * MINUTE_S),
)

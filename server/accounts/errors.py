"""What accounts refuse.

Unauthenticated
├── WrongCredentials      401  wrong_credentials
├── SecondFactorNeeded    401  second_factor_needed
└── SignedOut             401  signed_out
Forbidden
├── NotVerified           403  email_not_verified
└── Suspended             403  suspended
Conflict
└── EmailTaken            409  email_taken
ValidationFailed
├── WeakPassword          400  weak_password
└── BadToken              400  bad_token
"""

from __future__ import annotations

from server.kit.errors import Conflict, Forbidden, Unauthenticated, ValidationFailed


class WrongCredentials(Unauthenticated):
    """The same for an unknown address, a wrong password and a wrong code."""

    code = "wrong_credentials"
    message = "E-mail, password or code is not right."


class SecondFactorNeeded(Unauthenticated):
    code = "second_factor_needed"
    message = "Please add the code of your authenticator, or a recovery code."


class SignedOut(Unauthenticated):
    """The login has ended: by logout, by age, or because its token was used twice."""

    code = "signed_out"
    message = "This login has ended. Please log in again."


class NotVerified(Forbidden):
    code = "email_not_verified"
    message = "Please confirm your e-mail address first: the link is in the mail that we sent you."


class Suspended(Forbidden):
    code = "suspended"
    message = "This account is suspended. Write to us if that is a mistake."


class EmailTaken(Conflict):
    code = "email_taken"
    message = "There is an account with this e-mail address. Log in, or set a new password."


class WeakPassword(ValidationFailed):
    code = "weak_password"
    message = "Please choose another password."


class BadToken(ValidationFailed):
    """A link of a mail that is not ours, was used or is too old: which of them is not told."""

    code = "bad_token"
    message = "This link is not valid any more. Ask for a new one."

"""What can be wrong about buying."""

from __future__ import annotations

from server.kit.errors import BadRequest, Conflict, NotFound, ValidationFailed


class UnknownPlan(ValidationFailed):
    code = "unknown_plan"
    message = "There is no such plan to buy."


class NoCustomer(BadRequest):
    """The portal belongs to who has bought something."""

    code = "no_customer"
    message = "You have not bought anything yet."


class NoSubscription(NotFound):
    code = "no_subscription"
    message = "You have no subscription."


class AlreadySubscribed(Conflict):
    code = "already_subscribed"
    message = "You have a subscription already; change it instead."

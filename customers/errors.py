"""Refusals of customers and the order book."""

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class ChannelUnknown(RuleViolation):
    """The order names a channel that does not exist, is closed or is not the caller's."""


class OrderRefused(RuleViolation):
    """The order cannot be taken; `context["errors"]` lists field, code and reason."""


class OrderMissing(NotFound):
    """No such order within the caller's channels."""


class OrderStepRefused(Conflict):
    """The order is not in a state from which this step may be taken."""


class CustomerMissing(NotFound):
    """No such customer within the caller's channels."""


class TierRefused(RuleViolation):
    """The buyer cannot belong to this tier from then on; `context["field"]` says why."""


class RevealLimit(RuleViolation):
    """The person has revealed as many personal values today as the limit allows."""


class ReturnRefused(RuleViolation):
    """The return names goods that were not shipped, or more of them than were."""


class ForbiddenSaleMissing(NotFound):
    """No such case of forbidden goods."""


class ForbiddenSaleRefused(Conflict):
    """The case is closed, open already, or not yet ready to be closed."""

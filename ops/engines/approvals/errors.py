"""What approvals refuse, each refusal once."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, Forbidden, NotFound, RuleViolation


class RequestMissing(NotFound):
    """No such request, or not visible to this actor."""

    def __init__(self, request_id: int) -> None:
        super().__init__(
            "approvals.request_missing", _("There is no such request."), request_id=request_id
        )


class RequesterMayNotAsk(Forbidden):
    """This actor does not hold a role that may hand in this flow."""

    def __init__(self, flow: str) -> None:
        super().__init__(
            "approvals.requester_may_not_ask",
            _("Your position may not hand in this kind of request here."),
            flow=flow,
        )


class OwnRequest(Forbidden):
    """The requester (as a person, whatever the account) tries to decide."""

    def __init__(self, *, due_at: datetime | None) -> None:
        super().__init__(
            "approvals.own_request",
            _("You made this request, so you can't decide it."),
            due_at=due_at,
        )


class NotApprover(Forbidden):
    """This person is not one of those who may decide the step now."""

    def __init__(self, role: str) -> None:
        super().__init__(
            "approvals.not_approver",
            _("This step is decided by another position or in another scope."),
            role=role,
        )


class DecidedBefore(Forbidden):
    """One person decides one step of a request only."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.decided_before",
            _("You decided an earlier step; this one needs another person."),
        )


class RequestClosed(Conflict):
    """The request was decided, returned or withdrawn meanwhile."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "approvals.request_closed", _("This request is already closed."), state=state
        )


class ContentMoved(Conflict):
    """The hash cited is not that of what would be approved."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.content_moved",
            _("The request is not what was shown to you. Look at it again before you decide."),
        )


class AlreadySubmitted(Conflict):
    """The subject has an open request of this flow."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.already_submitted", _("This was handed in already and is still open.")
        )


class NobodyMayDecide(RuleViolation):
    """Up to the top of the ladder no second person may decide."""

    def __init__(self, role: str) -> None:
        super().__init__(
            "approvals.nobody_may_decide",
            _("No second person may decide this now: appoint an approver or a deputy first."),
            role=role,
        )


class ReasonMissing(RuleViolation):
    """A return, an opinion or a question needs words."""

    def __init__(self) -> None:
        super().__init__("approvals.reason_missing", _("Say why: the words are kept as evidence."))


class WithdrawTooLate(Conflict):
    """A decision has been made; the request runs its course."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.withdraw_too_late",
            _("A decision has been made already, so the request can't be withdrawn."),
        )


class BulkTooLarge(RuleViolation):
    """Too many requests, or requests of several flows, in one bulk approval."""

    def __init__(self, most: int) -> None:
        super().__init__(
            "approvals.bulk_limits",
            _("Approve up to %(most)s requests of one kind at a time.") % {"most": most},
            most=most,
        )

"""What approvals refuse, each refusal once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from ops.engines.approvals.types import MovedFigure
from ops.engines.kernel.errors import Conflict, Forbidden, NotFound, RuleViolation

_OF_PROOFS: Final = frozenset(
    {
        "decision_cites_proof",
        "decision_proof_fresh",
        "decision_signed_as_made",
        "request_cites_proof",
        "request_proof_fresh",
    }
)
# Django names the unique columns itself.
_ONCE: Final = ("approvals_decision_assertion_id", "approvals_request_assertion_id")


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


class Barred(Forbidden):
    """The person did part of what is to be decided, or is judged by it."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.barred",
            _("You took part in what is to be decided here, so another person decides it."),
        )


class FiguresMoved(Conflict):
    """Figures are no longer what the decider was shown; `errors` lists them, old and new."""

    def __init__(self, moved: Sequence[MovedFigure]) -> None:
        super().__init__(
            "approvals.figures_moved",
            _("Data has moved since it was shown. Look at it again before you decide."),
            errors=[
                {
                    "pointer": f"/figures/{each.key}",
                    "code": "approvals.figure_moved",
                    "detail": f"{each.before} -> {each.now}",
                }
                for each in moved
            ],
        )


class StepUpNeeded(Forbidden):
    """This step or flow asks for a fresh second factor and none came."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.step_up_needed",
            _("This needs a fresh one-time code: enter the one your app shows now."),
            field="code",
        )


class PasskeyNeeded(Forbidden):
    """This person has a passkey, so the decision carries its signature; a code is not enough."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.passkey_needed",
            _("You have a passkey: sign this decision with it, on the decision's page."),
            field="passkey",
        )


class StepUpSpent(Forbidden):
    """The assertion cited is another one's, for something else, used or older than five minutes."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.step_up_spent",
            _("The proof is used, too old or for something else. Enter a new one-time code."),
            field="code",
        )


@contextmanager
def spent_proofs() -> Iterator[None]:
    """Say StepUpSpent, or PasskeyNeeded, when the database does not take the proof a row cites."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name == "decision_signed_by_passkey":
            raise PasskeyNeeded from error
        if name in _OF_PROOFS or name.startswith(_ONCE):
            raise StepUpSpent from error
        raise


class NotInBulk(RuleViolation):
    """The request lies outside the band in which many are approved at once."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.not_in_bulk",
            _("This one lies outside the band; open it and decide it by itself."),
        )


class NothingChanged(RuleViolation):
    """The change offered is what was handed in."""

    def __init__(self) -> None:
        super().__init__("approvals.nothing_changed", _("Nothing differs from what was handed in."))


class InEffect(Conflict):
    """What was approved has taken effect and this flow does not take it back."""

    def __init__(self) -> None:
        super().__init__(
            "approvals.in_effect",
            _("What was approved is in effect and stays; hand in a new request."),
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

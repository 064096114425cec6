"""Ask for a fresh second factor where a flow, a step or the database wants one (S13)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ops.engines.approvals import errors
from ops.engines.approvals.models import StepUpRule
from ops.engines.identity import services as identity
from ops.engines.kernel.actor import Actor

TO_REQUEST: Final = "approvals.request"
TO_DECIDE: Final = "approvals.decide"


def wanted_of_requester(flow: str, *, declared: bool) -> bool:
    """Say whether handing in needs a proof: the flow says so, or the database does."""
    return declared or StepUpRule.objects.filter(flow=flow, on_request=True).exists()


def wanted_of_decider(flow: str, *, declared: bool) -> bool:
    """Say whether deciding needs a proof: the step says so, or the database does."""
    return declared or StepUpRule.objects.filter(flow=flow, on_decision=True).exists()


def proof(
    *,
    purpose: str,
    payload_hash: str,
    code: str,
    assertion_id: int | None,
    actor: Actor,
    at: datetime,
) -> int:
    """Return the assertion to cite: the one given, or a new one for the code.

    Whether it is fresh, unused and this person's the database says when the row is written.
    Raises StepUpNeeded when there is neither, StepUpRefused, TooManyTries.
    """
    if assertion_id is not None:
        return assertion_id
    if not code.strip():
        raise errors.StepUpNeeded
    return identity.step_up(
        purpose=purpose, payload_hash=payload_hash, code=code, actor=actor, at=at
    )

"""Ask for a fresh second factor where a flow, a step or the database wants one (S2, S13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ops.engines.approvals import errors
from ops.engines.approvals.models import StepUpRule
from ops.engines.identity import selectors as people
from ops.engines.identity import services as identity
from ops.engines.identity.types import Answer
from ops.engines.kernel.actor import Actor

TO_REQUEST: Final = "approvals.request"
TO_DECIDE: Final = "approvals.decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came with a deed to prove its person: a code, an answer of a passkey, or a proof."""

    code: str = ""
    passkey: Answer | None = None
    assertion_id: int | None = None


def wanted_of_requester(flow: str, *, declared: bool) -> bool:
    """Say whether handing in needs a proof: the flow says so, or the database does."""
    return declared or StepUpRule.objects.filter(flow=flow, on_request=True).exists()


def wanted_of_decider(flow: str, *, declared: bool) -> bool:
    """Say whether deciding needs a proof: the step says so, or the database does."""
    return declared or StepUpRule.objects.filter(flow=flow, on_decision=True).exists()


def matter_of(*, request_id: int, step: int, verdict: str) -> Mapping[str, Any]:
    """Return what a decider's passkey signs beside the content hash; a trigger compares it."""
    return {"request": request_id, "step": step, "verdict": verdict}


def of_requester(*, payload_hash: str, given: Given, actor: Actor, at: datetime) -> int:
    """Return the assertion a request cites: the one given, or a new one for the code.

    Whether it is fresh, unused and this person's the database says when the row is written.
    Raises StepUpNeeded when there is neither, StepUpRefused, TooManyTries.
    """
    return _by_code(TO_REQUEST, payload_hash, given, actor=actor, at=at)


def of_decider(
    *, payload_hash: str, matter: Mapping[str, Any], given: Given, actor: Actor, at: datetime
) -> int:
    """Return the assertion a decision cites; who has a passkey signs with it.

    Raises PasskeyNeeded, PasskeyRefused, and what `of_requester` raises.
    """
    if given.assertion_id is None and people.has_passkey(actor.user_id):
        if given.passkey is None:
            raise errors.PasskeyNeeded
        return identity.sign(
            purpose=TO_DECIDE,
            payload_hash=payload_hash,
            matter=matter,
            answer=given.passkey,
            actor=actor,
            at=at,
        )
    return _by_code(TO_DECIDE, payload_hash, given, actor=actor, at=at)


def _by_code(purpose: str, payload_hash: str, given: Given, *, actor: Actor, at: datetime) -> int:
    if given.assertion_id is not None:
        return given.assertion_id
    if not given.code.strip():
        raise errors.StepUpNeeded
    return identity.step_up(
        purpose=purpose, payload_hash=payload_hash, code=given.code, actor=actor, at=at
    )

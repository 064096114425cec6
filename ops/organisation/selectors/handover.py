"""What a person leaves open: to be handed over before or when they go."""

from datetime import datetime
from typing import NamedTuple

from ops.engines.approvals import selectors as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.organisation.choices import Verdict
from ops.organisation.models import AccessReviewLine


class OpenWork(NamedTuple):
    """How many things wait for a person, or come from them and are not done."""

    to_decide: int
    asked: int
    to_review: int


def open_work(*, person_id: int, at: datetime) -> OpenWork:
    """Count what waits for a person's decision, own requests on the way, and reviews to answer."""
    actors = [identity.actor_for(user, at=at) for user in identity.logins_of(person_id=person_id)]
    asked = approvals.asked_by(actor=actors[0], limit=200) if actors else []
    return OpenWork(
        to_decide=max((_to_decide(actor, at=at) for actor in actors), default=0),
        asked=sum(1 for item in asked if item.state == RequestState.SUBMITTED),
        to_review=AccessReviewLine.objects.filter(
            reviewer_id=person_id, verdict=Verdict.PENDING
        ).count(),
    )


def _to_decide(actor: Actor, *, at: datetime) -> int:
    return approvals.waiting_count(actor=actor, at=at)

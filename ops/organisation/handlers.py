"""Facts the organisation waits for."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from ops.engines.events.handling import subscribe
from ops.engines.http.events import SignedInOnNewDevice
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.organisation.services import notifying

_ACTOR = Actor.system("organisation.devices")


@subscribe(SignedInOnNewDevice)
def tell_of_new_device(facts: Sequence[SignedInOnNewDevice]) -> None:
    """Tell each person of the sign-in."""
    for fact in facts:
        when = datetime.fromisoformat(fact.signed_in_at).astimezone(BUSINESS_ZONE)
        notifying.new_device(
            person_id=fact.person_id,
            label=fact.label,
            address=fact.address,
            when=f"{when:%Y-%m-%d %H:%M}",
            actor=_ACTOR,
            at=timezone.now(),
        )

"""What staff may do with the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.events import nudging, selectors
from ops.engines.events.errors import DeliveryMissing, DeliveryNotParked
from ops.engines.events.models import Delivery, DeliveryState
from ops.engines.events.types import DeliveryInfo
from ops.engines.kernel.actor import Actor


def retry(*, delivery_id: int, actor: Actor, at: datetime) -> DeliveryInfo:
    """Let a parked delivery be tried again, with all its attempts.

    Raises DeliveryMissing, DeliveryNotParked.
    """
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(of=("self",), no_key=True)
            .filter(id=delivery_id)
            .first()
        )
        if delivery is None:
            raise DeliveryMissing("events.delivery_missing", _("There is no such delivery."))
        if delivery.state != DeliveryState.PARKED:
            raise DeliveryNotParked(
                "events.delivery_not_parked", _("This delivery is not parked, it may have run.")
            )
        body = {"attempts": delivery.attempts, "error": delivery.error, "fact": delivery.fact_id}
        delivery.state, delivery.attempts, delivery.due_at = DeliveryState.PENDING, 0, at
        delivery.save(update_fields=["state", "attempts", "due_at"])
        audit.record(
            actor=actor,
            at=at,
            action="events.delivery_retried",
            obj=("events.delivery", delivery_id),
            body=body,
        )
        nudging.after_commit()
        return selectors.delivery(delivery_id=delivery_id)

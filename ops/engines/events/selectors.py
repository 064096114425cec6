"""Questions to the outbox."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Min, Q

from ops.engines.events.models import Delivery, DeliveryState
from ops.engines.events.types import DeliveryInfo, QueueDepth

_OPEN = ~Q(state=DeliveryState.DONE)


def undelivered(*, until: date, handlers_prefix: str = "") -> int:
    """Count the deliveries not done whose facts are dated up to and including `until`.

    `handlers_prefix` narrows to one app's handlers, such as "finance.". Parked ones count.
    """
    found = Delivery.objects.filter(_OPEN, dated_on__lte=until)
    return found.filter(handler__startswith=handlers_prefix).count()


def parked(*, limit: int = 100) -> list[DeliveryInfo]:
    """Return the deliveries that staff must look at, oldest first."""
    found = Delivery.objects.filter(state=DeliveryState.PARKED).select_related("fact")
    return [_info(row) for row in found.order_by("id")[:limit]]


def delivery(*, delivery_id: int) -> DeliveryInfo:
    """Return one delivery. Raises Delivery.DoesNotExist."""
    return _info(Delivery.objects.select_related("fact").get(id=delivery_id))


def queue_depths() -> list[QueueDepth]:
    """Return what each handler has not done, the longest waiting first; empty when all is done."""
    rows = (
        Delivery.objects.filter(_OPEN)
        .values("handler")
        .annotate(
            pending=Count("id", filter=Q(state=DeliveryState.PENDING)),
            parked=Count("id", filter=Q(state=DeliveryState.PARKED)),
            oldest_at=Min("fact__at"),
        )
        .order_by("oldest_at")
    )
    return [QueueDepth(**row) for row in rows]


def _info(row: Delivery) -> DeliveryInfo:
    return DeliveryInfo(
        delivery_id=row.id,
        fact_id=row.fact_id,
        fact=row.fact.name,
        key=row.key,
        handler=row.handler,
        state=row.state,
        attempts=row.attempts,
        dated_on=row.dated_on,
        published_at=row.fact.at,
        error=row.error,
    )

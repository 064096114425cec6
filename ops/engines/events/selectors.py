"""Questions to the outbox."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Min, Q, QuerySet

from ops.engines.events.models import Delivery, DeliveryState
from ops.engines.events.types import DeliveryInfo, KeyDepth, OutboxHealth, QueueDepth

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


def parked_count() -> int:
    """Count the deliveries that staff must look at."""
    return Delivery.objects.filter(state=DeliveryState.PARKED).count()


def deliveries() -> QuerySet[Delivery]:
    """Return every delivery that is not done, with its fact; a list screen narrows it."""
    return Delivery.objects.filter(_OPEN).select_related("fact")


def key_depths(*, limit: int = 50) -> list[KeyDepth]:
    """Return the ordering keys with the longest queues, the longest first.

    Facts without a key wait for nobody and are left out.
    """
    rows = (
        Delivery.objects.filter(_OPEN)
        .exclude(key="")
        .values("handler", "key")
        .annotate(
            waiting=Count("id"),
            oldest_at=Min("fact__at"),
            is_held=Count("id", filter=Q(state=DeliveryState.PARKED)),
        )
        .order_by("-waiting", "handler", "key")[:limit]
    )
    return [KeyDepth(**{**row, "is_held": row["is_held"] > 0}) for row in rows]


def health(*, at: datetime) -> OutboxHealth:
    """Return the numbers to watch: all are 0 when everything is delivered. Two queries."""
    found = Delivery.objects.filter(_OPEN).aggregate(
        pending=Count("id", filter=Q(state=DeliveryState.PENDING)),
        parked=Count("id", filter=Q(state=DeliveryState.PARKED)),
        oldest_at=Min("fact__at"),
    )
    deepest = key_depths(limit=1)
    oldest = found["oldest_at"]
    return OutboxHealth(
        pending=found["pending"],
        parked=found["parked"],
        deepest=deepest[0].waiting if deepest else 0,
        oldest_seconds=0 if oldest is None else max(0, int((at - oldest).total_seconds())),
    )


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
        due_at=row.due_at,
        done_at=row.done_at,
        payload=row.fact.payload,
    )

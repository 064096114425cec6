"""What staff may do with the outbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.events import nudging, selectors
from ops.engines.events.errors import DeliveryMissing, DeliveryNotParked
from ops.engines.events.models import Delivery, DeliveryState
from ops.engines.events.policies import RETRY
from ops.engines.events.types import DeliveryInfo, RetryReport
from ops.engines.kernel.actor import Actor


def retry(*, delivery_id: int, actor: Actor, at: datetime) -> DeliveryInfo:
    """Let a parked delivery be tried again, with all its attempts.

    Raises Forbidden, DeliveryMissing, DeliveryNotParked.
    """
    with transaction.atomic():
        report = retry_many(delivery_ids=[delivery_id], actor=actor, at=at)
        if not report.retried:
            if not Delivery.objects.filter(id=delivery_id).exists():
                raise DeliveryMissing("events.delivery_missing", _("There is no such delivery."))
            raise DeliveryNotParked(
                "events.delivery_not_parked", _("This delivery is not parked, it may have run.")
            )
        return selectors.delivery(delivery_id=delivery_id)


def retry_many(*, delivery_ids: Collection[int], actor: Actor, at: datetime) -> RetryReport:
    """Let parked deliveries be tried again; those that are not parked any more are left alone.

    One statement and one audit fact, whatever the number. Raises Forbidden.
    """
    RETRY.require(actor)
    wanted = sorted(set(delivery_ids))
    with transaction.atomic():
        parked = list(
            Delivery.objects.select_for_update(of=("self",), no_key=True)
            .filter(id__in=wanted, state=DeliveryState.PARKED)
            .order_by("id")
        )
        ids = tuple(row.id for row in parked)
        if parked:
            Delivery.objects.filter(id__in=ids).update(
                state=DeliveryState.PENDING, attempts=0, due_at=at
            )
            audit.record(
                actor=actor,
                at=at,
                action="events.delivery_retried",
                obj=("events.delivery", ids[0]) if len(ids) == 1 else None,
                body=_before(parked),
            )
            nudging.after_commit()
    return RetryReport(retried=ids, left=tuple(each for each in wanted if each not in ids))


def _before(parked: Sequence[Delivery]) -> dict[str, Any]:
    if len(parked) == 1:
        only = parked[0]
        return {"attempts": only.attempts, "error": only.error, "fact": only.fact_id}
    handlers = sorted({row.handler for row in parked})
    return {"deliveries": [row.id for row in parked], "handlers": handlers}

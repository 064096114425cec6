"""Targets: what a figure should reach, set by its owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.metrics.definitions import metric_named
from ops.engines.metrics.errors import NotOwner
from ops.engines.metrics.models import MetricTarget
from ops.engines.metrics.types import Target


def set_target(*, target: Target, actor: Actor, at: dt.datetime) -> Target:
    """Set what a metric should reach; a target of the same days is replaced, the trail keeps both.

    Raises MetricUnknown, Forbidden, NotOwner: only who answers for the metric sets its target.
    """
    metric = metric_named(target.key)
    metric.require(actor)
    if not (actor.is_machine or actor.holds(metric.owner_role)):
        raise NotOwner("metrics.not_owner", _("Only who answers for this figure sets its target."))
    key: dict[str, Any] = {
        "metric": target.key,
        "dimension": target.dimension,
        "member": target.member,
        "first_on": target.first,
        "last_on": target.last,
    }
    with transaction.atomic():
        former = (
            MetricTarget.objects.select_for_update(of=("self",), no_key=True).filter(**key).first()
        )
        row, _created = MetricTarget.objects.update_or_create(
            **key, defaults={"value": target.value, "set_by_id": actor.person_id, "set_at": at}
        )
        audit.record(
            actor=actor,
            at=at,
            action="metrics.target_set",
            obj=("metrics.metrictarget", row.pk),
            body={**key, "before": former.value if former else None, "after": target.value},
        )
    return target

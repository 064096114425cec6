"""Red tiles of the desk: figures out of range, each with its case and who sees to it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from ops.engines.desk.cells import show
from ops.engines.desk.declarations import CardCount, CardData
from ops.engines.desk.words import role_name
from ops.engines.kernel.actor import Actor
from ops.engines.metrics import selectors
from ops.engines.metrics.choices import LIVE
from ops.engines.metrics.definitions import metric_named
from ops.engines.metrics.models import Anomaly

MOST: Final = 6


def out_of_range(actor: Actor, at: datetime) -> CardData:
    """Return the newest live cases as red tiles; one query (SYS-6.4-02)."""
    del at
    rows = selectors.anomalies(actor=actor).filter(state__in=LIVE).select_related("owner")[:MOST]
    return CardData(counts=[_tile(case) for case in rows], href=reverse("desk:cases"))


def _tile(case: Anomaly) -> CardCount:
    metric = metric_named(case.metric)
    who = case.owner.name if case.owner else role_name(metric.owner_role)
    return CardCount(
        title=metric.title,
        value=show(case.value, metric.value_kind),
        note=_("%(day)s, %(who)s") % {"day": case.day.isoformat(), "who": who},
        href=reverse("desk:case", args=[case.pk]),
        is_alarm=True,
    )

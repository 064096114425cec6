"""Read stored figures: parts are summed first, ratios divide the sums, levels take the newest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ops.engines.kernel.actor import Actor
from ops.engines.metrics.choices import MetricKind, Step
from ops.engines.metrics.definitions import Metric, dictionary, metric_named
from ops.engines.metrics.errors import CaseMissing
from ops.engines.metrics.models import Anomaly, MetricTarget
from ops.engines.metrics.types import Figure, Target

# A level adds up over members of one day, never over days: its newest day of the bucket counts.
# A day may hold values of several versions of a definition; the newest one counts.
_FIGURES = """
WITH days AS (
    SELECT metric, coalesce(date_trunc(%s, day)::date, %s) AS start, day,
           CASE WHEN %s THEN member ELSE '' END AS member,
           sum(numerator) AS numerator, sum(denominator) AS denominator, max(version) AS version
      FROM metrics_metricvalue v
     WHERE metric = ANY (%s::text[]) AND dimension = %s AND day BETWEEN %s AND %s
       AND (%s::text[] IS NULL OR member = ANY (%s::text[])){newest}
     GROUP BY metric, day, CASE WHEN %s THEN member ELSE '' END
)
SELECT metric, start, member,
       sum(numerator), sum(denominator),
       (array_agg(numerator ORDER BY day DESC))[1], max(day), max(version)
  FROM days GROUP BY metric, start, member ORDER BY metric, start, member
"""
_NEWEST = """
       AND v.version <= %s AND NOT EXISTS (
           SELECT FROM metrics_metricvalue n
            WHERE n.metric = v.metric AND n.dimension = v.dimension AND n.member = v.member
              AND n.day = v.day AND n.version > v.version AND n.version <= %s)"""
_ANY_VERSION = 32767


def series(
    *,
    key: str,
    first: dt.date,
    last: dt.date,
    actor: Actor,
    step: Step = Step.DAY,
    dimension: str = "",
    members: Sequence[str] | None = None,
    version: int | None = None,
) -> list[Figure]:
    """Return one figure per step (and per member, when a dimension is named), in order of time.

    Days without a stored value are absent, not zero. With `version` values of later versions of
    the definition do not exist. One query.
    Raises MetricUnknown, Forbidden.
    """
    metric = metric_named(key)
    metric.require(actor)
    where = _reach(metric, actor, dimension, members)
    ask = _Ask(first, last, *where, step=step, split=bool(dimension), version=version)
    return _figures([metric], ask)


def figures(
    *, keys: Iterable[str], first: dt.date, last: dt.date, actor: Actor
) -> dict[str, Figure]:
    """Return each metric over all the days as one figure; absent when nothing is stored.

    Metrics the actor may not see are left out. One query per scope dimension, at most two.
    """
    asked = [m for m in map(metric_named, keys) if m.is_for(actor)]
    groups: dict[tuple[str, tuple[str, ...] | None], list[Metric]] = {}
    for metric in asked:
        dimension, members = _reach(metric, actor, "", None)
        groups.setdefault((dimension, tuple(members) if members is not None else None), []).append(
            metric
        )
    found = [
        figure
        for (dimension, members), some in groups.items()
        for figure in _figures(some, _Ask(first, last, dimension, members))
    ]
    return {figure.key: figure for figure in found}


def breakdown(
    *, key: str, dimension: str, first: dt.date, last: dt.date, actor: Actor, limit: int = 50
) -> list[Figure]:
    """Return one figure per member over all the days, the greatest value first.

    Raises MetricUnknown, Forbidden.
    """
    metric = metric_named(key)
    metric.require(actor)
    where = _reach(metric, actor, dimension, None)
    found = _figures([metric], _Ask(first, last, *where, split=True))
    return sorted(found, key=lambda f: (f.value is None, -(f.value or 0), f.member))[:limit]


def by_member(
    *, keys: Iterable[str], dimension: str, first: dt.date, last: dt.date, step: Step | None = None
) -> dict[str, list[Figure]]:
    """Return the figures of every member of a dimension by metric, for engines above.

    Nobody's scope narrows it: what is shown of it is the caller's to judge. One query.
    """
    metrics = [metric_named(key) for key in dict.fromkeys(keys)]
    found: dict[str, list[Figure]] = {metric.key: [] for metric in metrics}
    ask = _Ask(first, last, dimension, None, step=step, split=bool(dimension))
    for figure in _figures(metrics, ask) if metrics else ():
        found[figure.key].append(figure)
    return found


def targets(*, keys: Iterable[str], first: dt.date, last: dt.date) -> list[Target]:
    """Return the targets whose days lie inside the two days, narrowest first."""
    rows = MetricTarget.objects.filter(
        Q(metric__in=list(keys)), first_on__gte=first, last_on__lte=last
    )
    found = [Target(r.metric, r.dimension, r.member, r.first_on, r.last_on, r.value) for r in rows]
    return sorted(found, key=lambda t: (t.last - t.first, t.first, t.key, t.member))


def anomalies(*, actor: Actor) -> QuerySet[Anomaly]:
    """Return the cases of figures out of range that this actor may see, newest first."""
    seen = Q(pk__in=())
    for metric in dictionary().values():
        if metric.is_for(actor):
            dimension, members = _reach(metric, actor, "", None)
            mine = Q(metric=metric.key)
            seen |= mine if members is None else mine & Q(dimension=dimension, member__in=members)
    return Anomaly.objects.filter(seen).order_by("-id")


def anomaly(*, anomaly_id: int, actor: Actor) -> Anomaly:
    """Return one case. Raises CaseMissing for what is absent or not the actor's to see."""
    found = anomalies(actor=actor).filter(pk=anomaly_id).first()
    if found is None:
        raise CaseMissing("metrics.case_missing", _("There is no such case."))
    return found


def newest_case() -> dt.datetime | None:
    """Return when a figure was last found out of range, as evidence."""
    return Anomaly.objects.order_by("-id").values_list("found_at", flat=True).first()


def newest_days() -> dict[str, dt.date]:
    """Return the newest stored day of each defined metric, for the dictionary page."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, (SELECT max(day) FROM metrics_metricvalue v"
            " WHERE v.metric = key AND v.dimension = '') FROM unnest(%s::text[]) AS key",
            [sorted(dictionary())],
        )
        return {key: day for key, day in cursor.fetchall() if day is not None}


def _reach(
    metric: Metric, actor: Actor, dimension: str, members: Sequence[str] | None
) -> tuple[str, Sequence[str] | None]:
    """Narrow what is asked to what the actor's object scopes allow."""
    if not metric.scope or not metric.policy.area:
        return dimension, members
    ids = actor.scope_ids(metric.scope, metric.policy.area, metric.policy.right)
    if ids is None:
        return dimension, members
    allowed = sorted(str(i) for i in ids)
    if dimension == "":
        return metric.scope, allowed
    if dimension != metric.scope:
        return dimension, []  # another dimension's totals would include what lies outside
    return dimension, [m for m in allowed if members is None or m in members]


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one query of figures is about; no step means one figure over all the days."""

    first: dt.date
    last: dt.date
    dimension: str
    members: Sequence[str] | None
    step: Step | None = None
    split: bool = False
    version: int | None = None


def _figures(metrics: Sequence[Metric], ask: _Ask) -> list[Figure]:
    by_key = {metric.key: metric for metric in metrics}
    members = list(ask.members) if ask.members is not None else None
    days: list[Any] = [sorted(by_key), ask.dimension, ask.first, ask.last]
    newest = ask.version is not None or any(metric.version > 1 for metric in metrics)
    most = [ask.version or _ANY_VERSION] * 2 if newest else []
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES.format(newest=_NEWEST if newest else ""),
            [ask.step, ask.first, ask.split, *days, members, members, *most, ask.split],
        )
        return [_figure(by_key[row[0]], row) for row in cursor.fetchall()]


def _figure(metric: Metric, row: tuple[Any, ...]) -> Figure:
    _key, start, member, numerator, denominator, newest_level, newest, version = row
    value: Decimal | None = numerator
    if metric.kind is MetricKind.LEVEL:
        numerator = value = newest_level
    elif metric.kind is MetricKind.RATIO:
        value = numerator / denominator if denominator else None
    return Figure(
        key=metric.key,
        start=start,
        member=member,
        numerator=numerator,
        denominator=denominator,
        value=value,
        newest=newest,
        version=version,
    )

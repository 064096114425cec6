"""One metric as a page: what the address asks, the chart with target and cases, the members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk.cells import show
from ops.engines.desk.charts import Chart, Series
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.metrics import selectors
from ops.engines.metrics.choices import LIVE, LimitKind, Step
from ops.engines.metrics.definitions import Metric
from ops.engines.metrics.members import names_of, title_of
from ops.engines.metrics.models import Anomaly
from ops.engines.metrics.types import Figure, Target
from ops.engines.reports import periods
from ops.engines.reports.choices import PeriodKind
from ops.engines.reports.periods import Period

STEP_TITLES: Final = {
    Step.DAY: gettext_lazy("by day"),
    Step.WEEK: gettext_lazy("by week"),
    Step.MONTH: gettext_lazy("by month"),
    Step.QUARTER: gettext_lazy("by quarter"),
}
KINDS: Final = (
    (PeriodKind.MONTH, gettext_lazy("Month"), Step.DAY),
    (PeriodKind.QUARTER, gettext_lazy("Quarter"), Step.WEEK),
    (PeriodKind.YEAR, gettext_lazy("Year"), Step.MONTH),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks of a metric."""

    period: Period
    before: str
    after: str
    step: Step
    dimension: str
    kinds: Sequence[tuple[str, str, bool]]
    steps: Sequence[tuple[str, str, bool]]
    dimensions: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member of the dimension: its figure and parts, and the rows behind it."""

    name: str
    value: str
    parts: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPage:
    """What the page of a metric shows."""

    value: str
    parts: str
    versions: str
    href: str
    target: str
    limits: Sequence[str]
    chart: Chart | None
    members: Sequence[MemberRow]
    cases: Sequence[tuple[Anomaly, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read for one page: this period, the year before, targets, cases."""

    here: Sequence[Figure]
    former: Sequence[Figure]
    targets: Sequence[Target]
    cases: Sequence[Anomaly]


def asked(query: Mapping[str, str], *, metric: Metric, at: dt.datetime) -> Asked:
    """Read the address; raises BadInput for a period that is none."""
    today = business_day(at)
    usual = periods.containing(PeriodKind.MONTH, today)
    period = periods.parse(query["period"]) if query.get("period") else usual
    usual_step = next((step for kind, _title, step in KINDS if kind is period.kind), Step.DAY)
    wanted = query.get("step", "")
    step = Step(wanted) if wanted in set(STEP_TITLES) else usual_step
    dimension = query.get("dimension", "")
    dimension = dimension if dimension in metric.dimensions else ""
    after = periods.following(period)
    return Asked(
        period=period,
        before=periods.before(period).text,
        after=after.text if after.first <= today else "",
        step=step,
        dimension=dimension,
        kinds=[
            (str(title), periods.containing(kind, min(period.last, today)).text,
             kind is period.kind)
            for kind, title, _step in KINDS
        ],
        steps=[(str(title), key, key is step) for key, title in STEP_TITLES.items()],
        dimensions=[
            (_("all"), "", not dimension),
            *((title_of(each), each, each == dimension) for each in metric.dimensions),
        ],
    )  # fmt: skip


def page(*, metric: Metric, asked: Asked, actor: Actor) -> MetricPage:
    """Return the figures of the period: seven queries at most, however many members."""
    first, last = asked.period
    read = partial(selectors.series, key=metric.key, actor=actor, step=asked.step)
    year = periods.year_before(asked.period)
    here, former = read(first=first, last=last), read(first=year.first, last=year.last)
    whole = selectors.figures(keys=[metric.key], first=first, last=last, actor=actor)
    found = selectors.targets(keys=[metric.key], first=first, last=last)
    cases = list(
        selectors.anomalies(actor=actor).filter(metric=metric.key, day__range=(first, last))[:50]
    )
    figure = whole.get(metric.key)
    return MetricPage(
        value=show(figure.value if figure else None, metric.value_kind),
        parts=_parts(metric, figure),
        versions=_("version %(n)s") % {"n": figure.version if figure else metric.version},
        href=metric.drill_link(period=asked.period.text),
        target=_target(metric, found),
        limits=_limits(metric),
        chart=_chart(metric, asked, _Read(here=here, former=former, targets=found, cases=cases)),
        members=_members(metric, asked, actor) if asked.dimension else (),
        cases=[(case, show(case.value, metric.value_kind)) for case in cases],
    )


def _chart(metric: Metric, asked: Asked, read: _Read) -> Chart | None:
    here, cases = read.here, read.cases
    if not here:
        return None
    starts = [figure.start for figure in here]
    series = [Series(str(metric.title), [figure.value for figure in here])]
    if read.former:
        values = [figure.value for figure in read.former][: len(here)]
        series.append(Series(_("Year before"), values, is_muted=True))
    # Only a level or a ratio has one target at every step; a sum's is that of the whole period.
    aims = [_aim(read.targets, each) for each in starts]
    if any(aim is not None for aim in aims) and metric.kind != "sum":
        series.append(Series(_("Target"), aims, is_muted=True))
    series += [Series(_("Limit"), [bound] * len(here), is_muted=True) for bound in _fixed(metric)]
    live = [case for case in cases if case.state in LIVE]
    return Chart(
        key=metric.key.replace("_", "-"),
        title=metric.title,
        kind="line",
        categories=[each.isoformat() for each in starts],
        series=series,
        unit=metric.unit,
        value_kind=metric.value_kind,
        finding=_("%(count)s out of range in this period, %(live)s still open.")
        % {"count": len(cases), "live": len(live)},
        marks={
            each.isoformat(): _("out of range")
            for each in starts
            if asked.step is Step.DAY and any(case.day == each for case in cases)
        },
        is_tall=True,
    )


def _members(metric: Metric, asked: Asked, actor: Actor) -> list[MemberRow]:
    first, last = asked.period
    rows = selectors.breakdown(
        key=metric.key, dimension=asked.dimension, first=first, last=last, actor=actor, limit=100
    )
    names = names_of(asked.dimension, [row.member for row in rows])
    return [
        MemberRow(
            name=names[row.member],
            value=show(row.value, metric.value_kind),
            parts=_parts(metric, row),
            href=metric.drill_link(
                period=asked.period.text, dimension=asked.dimension, member=row.member
            ),
        )
        for row in rows
    ]


def _parts(metric: Metric, figure: Figure | None) -> str:
    if figure is None or figure.denominator is None:
        return ""
    return _("%(numerator)s %(above)s / %(denominator)s %(below)s") % {
        "numerator": metric.numerator,
        "above": show(figure.numerator, "number"),
        "denominator": metric.denominator,
        "below": show(figure.denominator, "number"),
    }


def _aim(found: Sequence[Target], day: dt.date) -> Decimal | None:
    return next((t.value for t in found if not t.dimension and t.first <= day <= t.last), None)


def _target(metric: Metric, found: Sequence[Target]) -> str:
    aims = [t for t in found if not t.dimension]
    if not aims:
        return ""
    return _("%(value)s from %(first)s to %(last)s") % {
        "value": show(aims[-1].value, metric.value_kind),
        "first": aims[-1].first.isoformat(),
        "last": aims[-1].last.isoformat(),
    }


def _fixed(metric: Metric) -> list[Decimal]:
    fixed = [limit for limit in metric.limits if limit.kind is LimitKind.ABSOLUTE]
    return [b for limit in fixed for b in (limit.low, limit.high) if b is not None]


def _limits(metric: Metric) -> list[str]:
    """Say each registered rule in a sentence."""
    words = {
        LimitKind.ABSOLUTE: _("fixed limit: %(low)s to %(high)s"),
        LimitKind.RELATIVE: _("change against the same weekday: %(low)s to %(high)s"),
        LimitKind.Z_SCORE: _("standard deviations from the mean: %(low)s to %(high)s"),
    }
    kinds = {LimitKind.ABSOLUTE: metric.value_kind, LimitKind.RELATIVE: "pct"}
    return [
        words[limit.kind]
        % {
            "low": show(limit.low, kinds.get(limit.kind, "number")),
            "high": show(limit.high, kinds.get(limit.kind, "number")),
        }
        for limit in metric.limits
    ]

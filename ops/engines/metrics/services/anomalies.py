"""Cases of figures out of range: found, explained by a person, ended by recovery or a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.metrics import rules, selectors
from ops.engines.metrics.choices import LIVE, AnomalyState, LimitKind, Step
from ops.engines.metrics.definitions import Metric, dictionary, metric_named
from ops.engines.metrics.errors import CaseClosed, NotOwner
from ops.engines.metrics.models import Anomaly
from ops.engines.metrics.types import Figure, Finding, Limit, ScanReport
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_WINDOW = dt.timedelta(days=35)
_PLACES = Decimal("0.000001")
_FOUND = gettext_noop("%(metric)s of %(day)s is out of range")
_BODY = gettext_noop(
    "Value %(value)s, expected %(expected)s. Write down cause, proposal and owner."
)
CLOSERS = (Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER, Role.OPERATIONS_DIRECTOR)
Place = tuple[str, str, str]  # metric, dimension, member
_SCANNING = 0x6D657472


def scan(*, day: dt.date, is_hourly: bool, actor: Actor, at: dt.datetime) -> ScanReport:
    """Judge every metric with limits on one day, open cases, end those that recovered.

    One figure has one case, by the first rule it breaks, until it recovers or somebody closes it.
    The hourly scan takes only rules that say something about an unfinished day. One query for the
    figures of each dimension. Scanning again opens nothing twice (HR-1.2-18, SYS-6.4-02).
    """
    with transaction.atomic():
        _alone()
        judged, found = _judged(day, is_hourly=is_hourly)
        recovered = _recover(judged, found, day, at)
        fresh = _open(found, day, at)
        for case in fresh:
            _tell(case, actor, at)
        if fresh or recovered:
            audit.record(
                actor=actor,
                at=at,
                action="metrics.scanned",
                body={"day": day, "opened": [c.pk for c in fresh], "recovered": recovered},
            )
    return ScanReport(judged=len(judged), opened=len(fresh), recovered=recovered)


def report(
    *,
    key: str,
    day: dt.date,
    value: Decimal,
    note: str,
    dimension: str = "",
    member: str = "",
    actor: Actor,
    at: dt.datetime,
) -> Anomaly:
    """Open a case a person saw; the same metric, day and member again returns the case there is.

    Raises MetricUnknown, Forbidden.
    """
    metric = metric_named(key)
    metric.require(actor)
    with transaction.atomic():
        case, is_new = Anomaly.objects.get_or_create(
            metric=key, dimension=dimension, member=member, day=day, rule=LimitKind.REPORTED,
            defaults={
                "value": value, "note": note, "found_by": actor.person_id, "found_at": at
            },
        )  # fmt: skip
        if is_new:
            _record("metrics.anomaly_reported", case, actor, at, {"note": note, "value": value})
            _tell(case, actor, at)
    return case


def explain(
    *, anomaly_id: int, cause: str, proposal: str, owner_id: int, actor: Actor, at: dt.datetime
) -> Anomaly:
    """Write down cause, proposal and who sees to it.

    Raises CaseMissing, CaseClosed.
    """
    with transaction.atomic():
        case = _lock(anomaly_id, actor)
        case.cause, case.proposal, case.owner_id = cause, proposal, owner_id
        case.state, case.explained_at = AnomalyState.EXPLAINED, at
        case.save(update_fields=["cause", "proposal", "owner", "state", "explained_at"])
        body = {"cause": cause, "proposal": proposal, "owner": owner_id}
        _record("metrics.anomaly_explained", case, actor, at, body)
        notices.settle(subject=_subject(case), at=at)
    return case


def close(*, anomaly_id: int, reason: str, actor: Actor, at: dt.datetime) -> Anomaly:
    """Close a case although its figure has not recovered; a supervisor's decision, with reason.

    Raises CaseMissing, CaseClosed, NotOwner.
    """
    if not actor.holds(*CLOSERS):
        raise NotOwner(
            "metrics.not_supervisor",
            _("Only a supervisor closes a case whose figure has not recovered."),
        )
    with transaction.atomic():
        case = _lock(anomaly_id, actor)
        case.state, case.closing_reason = AnomalyState.CLOSED, reason
        case.ended_by, case.ended_at = actor.person_id, at
        case.save(update_fields=["state", "closing_reason", "ended_by", "ended_at"])
        _record("metrics.anomaly_closed", case, actor, at, {"reason": reason})
        notices.settle(subject=_subject(case), at=at)
    return case


def _alone() -> None:
    """Let one scan run at a time: the hourly and the daily one may come together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SCANNING])


def _judged(day: dt.date, *, is_hourly: bool) -> tuple[dict[Place, set[str]], dict[Place, Finding]]:
    """Return the rules each figure was judged by, and the first one it breaks."""
    judged: dict[Place, set[str]] = {}
    found: dict[Place, Finding] = {}
    for dimension, metrics in _asked(is_hourly=is_hourly).items():
        figures = selectors.by_member(
            keys=metrics, dimension=dimension, first=day - _WINDOW, last=day, step=Step.DAY
        )
        for key, rows in figures.items():
            limits = list(_limits(metrics[key], is_hourly=is_hourly))
            for member, days in _by_member(rows):
                if day not in days:
                    continue
                place = (key, dimension, member)
                judged[place] = {str(limit.kind) for limit in limits}
                kind = metrics[key].kind
                broken = (rules.judge(day=day, days=days, limit=x, kind=kind) for x in limits)
                if (first := next(filter(None, broken), None)) is not None:
                    found[place] = first
    return judged, found


def _asked(*, is_hourly: bool) -> dict[str, dict[str, Metric]]:
    """Return the metrics with limits by dimension: the whole, and each scope's members."""
    asked: dict[str, dict[str, Metric]] = {}
    for metric in dictionary().values():
        if any(True for _limit in _limits(metric, is_hourly=is_hourly)):
            for dimension in {"", metric.scope}:
                asked.setdefault(dimension, {})[metric.key] = metric
    return asked


def _limits(metric: Metric, *, is_hourly: bool) -> Iterator[Limit]:
    return (limit for limit in metric.limits if limit.is_hourly or not is_hourly)


def _by_member(rows: Iterable[Figure]) -> Iterator[tuple[str, Mapping[dt.date, Figure]]]:
    for member, some in groupby(sorted(rows, key=attrgetter("member")), attrgetter("member")):
        yield member, {figure.start: figure for figure in some}


def _open(found: Mapping[Place, Finding], day: dt.date, at: dt.datetime) -> list[Anomaly]:
    seen = Anomaly.objects.filter(Q(day=day) | Q(state__in=LIVE, day__lt=day))
    known = {_place(row) for row in seen.exclude(rule=LimitKind.REPORTED)}
    return Anomaly.objects.bulk_create(
        [
            Anomaly(
                metric=place[0], dimension=place[1], member=place[2], rule=finding.kind, day=day,
                value=finding.value.quantize(_PLACES), bound=finding.bound, found_at=at,
                expected=None if finding.expected is None else finding.expected.quantize(_PLACES),
                is_over=finding.is_over,
            )
            for place, finding in found.items() if place not in known
        ]
    )  # fmt: skip


def _recover(
    judged: Mapping[Place, set[str]], found: Mapping[Place, Finding], day: dt.date, at: dt.datetime
) -> int:
    """End live cases of earlier days whose rule was asked again, when the figure breaks none."""
    live = Anomaly.objects.select_for_update(of=("self",), no_key=True).filter(
        state__in=LIVE, day__lt=day
    )
    good = [
        row.pk
        for row in live.order_by("pk")
        if row.rule in judged.get(_place(row), ()) and _place(row) not in found
    ]
    for pk in good:
        notices.settle(subject=f"metrics.anomaly:{pk}", at=at)
    return Anomaly.objects.filter(pk__in=good).update(state=AnomalyState.RECOVERED, ended_at=at)


def _place(row: Anomaly) -> Place:
    return row.metric, row.dimension, row.member


def _lock(anomaly_id: int, actor: Actor) -> Anomaly:
    selectors.anomaly(anomaly_id=anomaly_id, actor=actor)
    case = Anomaly.objects.select_for_update(of=("self",), no_key=True).get(pk=anomaly_id)
    if case.state not in LIVE:
        raise CaseClosed("metrics.case_closed", _("This case has ended already."))
    return case


def _tell(case: Anomaly, actor: Actor, at: dt.datetime) -> None:
    metric = metric_named(case.metric)
    notices.notify(
        kind=NoticeKind.ACT,
        title=_FOUND,
        body=_BODY,
        params={
            "metric": str(metric.title),
            "day": case.day.isoformat(),
            "value": f"{case.value:f}",
            "expected": "-" if case.expected is None else f"{case.expected:f}",
        },
        link=f"/metrics/cases/{case.pk}/",
        subject=_subject(case),
        role=metric.owner_role,
        area=metric.policy.area,
        scope=(case.dimension, int(case.member)) if case.dimension == metric.scope and case.member
        else None,
        actor=actor,
        at=at,
    )  # fmt: skip


def _subject(case: Anomaly) -> str:
    return f"metrics.anomaly:{case.pk}"


def _record(
    action: str, case: Anomaly, actor: Actor, at: dt.datetime, body: Mapping[str, object]
) -> None:
    audit.record(
        actor=actor, at=at, action=action, obj=("metrics.anomaly", case.pk),
        body={"metric": case.metric, "day": case.day, **body},
    )  # fmt: skip

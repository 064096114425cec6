"""Figures out of range: found by registered rules, explained by people, ended with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from ops.engines.identity.models import Person
from ops.engines.jobs import services as jobs
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.policy import may
from ops.engines.metrics import definitions, rules, selectors, services
from ops.engines.metrics.choices import LimitKind, MetricKind, Step
from ops.engines.metrics.errors import CaseClosed, CaseMissing, NotOwner
from ops.engines.metrics.models import Anomaly, MetricValue
from ops.engines.metrics.types import SAME_WEEKDAYS, Limit, Point, Query, Target
from ops.engines.notices.models import Notice
from tests.engines.identity.factories import account

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 19)
SYSTEM = Actor.system()
SWING = Limit(kind=LimitKind.RELATIVE, low=Decimal("-0.4"), high=Decimal("0.5"), back=SAME_WEEKDAYS)
TOP = Limit(kind=LimitKind.ABSOLUTE, high=Decimal("0.2"), is_hourly=True)


def person(role: str, number: int = 1, letters: str = "V", channel: int = 0) -> Actor:
    """Return a person of a role with rights in marketing."""
    return Actor(
        kind=ActorKind.PERSON,
        name=role,
        person_id=number,
        roles=frozenset({role}),
        rights={"marketing": frozenset(letters)},
        scopes={"channel": frozenset({channel})},
    )


ANALYST, SUPERVISOR = person("data_analyst"), person("operations_supervisor", 2)


@pytest.fixture(autouse=True)
def dictionary() -> Iterator[None]:
    """Define two toy metrics with limits, alone in the dictionary."""
    kept = dict(definitions._metrics)
    definitions._metrics.clear()
    see = may("marketing", "V")
    definitions.define(
        "toy_sales", "Sales", "CNY", "data_analyst", "sum", policy=see, scope="channel",
        limits=(SWING,),
    )  # fmt: skip
    definitions.define(
        "toy_returns", "Returns", "share", "data_analyst", "returned / sales", policy=see,
        kind=MetricKind.RATIO, parts=("returned", "sales"), limits=(TOP,),
    )  # fmt: skip
    yield
    definitions._metrics.clear()
    definitions._metrics.update(kept)


def sold(*values: int, day: dt.date = DAY, dimension: str = "", member: str = "") -> None:
    """Store sales of one weekday, the newest last."""
    weeks = reversed(range(len(values)))
    services.store(
        key="toy_sales",
        rows=[
            Point(day - dt.timedelta(days=7 * back), value, None, dimension, member)
            for back, value in zip(weeks, values, strict=True)
        ],
        at=AT,
    )


def scanned(day: dt.date = DAY, *, is_hourly: bool = False) -> tuple[int, int]:
    """Scan a day and return cases opened and recovered."""
    found = services.scan(day=day, is_hourly=is_hourly, actor=SYSTEM, at=AT)
    return found.opened, found.recovered


def test_a_day_far_from_its_weekdays_opens_one_case_and_tells_the_owner() -> None:
    analyst = account("analyst", "data_analyst")
    sold(100, 100, 100, 100, 59)

    assert scanned() == (1, 0)
    assert scanned() == (0, 0)

    case = Anomaly.objects.get()
    assert (case.metric, case.rule, case.value, case.expected, case.is_over) == (
        "toy_sales", "relative", Decimal(59), Decimal(100), False,
    )  # fmt: skip
    assert Notice.objects.get().person_id == analyst.person_id


def test_the_limit_itself_is_in_range() -> None:
    sold(100, 100, 100, 100, 60)

    assert scanned() == (0, 0)


def test_too_few_comparable_days_say_nothing() -> None:
    sold(100, 100, 10)

    assert scanned() == (0, 0)


def test_each_member_of_the_scope_is_judged_by_itself() -> None:
    sold(100, 100, 100, 100, 100)
    sold(10, 10, 10, 10, 1, dimension="channel", member="7")
    sold(90, 90, 90, 90, 99, dimension="channel", member="8")

    assert scanned() == (1, 0)
    mine, other = person("x", channel=7, letters="v"), person("x", channel=8, letters="v")
    assert selectors.anomalies(actor=mine).count() == 1
    assert selectors.anomalies(actor=other).count() == 0
    with pytest.raises(CaseMissing):
        selectors.anomaly(anomaly_id=Anomaly.objects.get().pk, actor=other)


def test_hourly_only_rules_for_an_unfinished_day_speak() -> None:
    sold(100, 100, 100, 100, 1)
    services.store(key="toy_returns", rows=[Point(DAY, 21, 100)], at=AT)

    assert scanned(is_hourly=True) == (1, 0)
    assert Anomaly.objects.get().metric == "toy_returns"


def test_a_figure_back_in_range_ends_its_case() -> None:
    sold(100, 100, 100, 100, 10)
    scanned()
    tomorrow = DAY + dt.timedelta(days=1)
    sold(100, 100, 100, 100, 100, day=tomorrow)

    assert scanned(tomorrow) == (0, 1)

    case = Anomaly.objects.get()
    assert (case.state, case.ended_at) == ("recovered", AT)


def test_a_figure_that_stays_out_of_range_keeps_its_one_case() -> None:
    sold(100, 100, 100, 100, 10)
    scanned()
    tomorrow = DAY + dt.timedelta(days=1)
    sold(100, 100, 100, 100, 10, day=tomorrow)

    assert scanned(tomorrow) == (0, 0)
    assert Anomaly.objects.get().state == "open"


def test_a_day_nobody_measured_ends_nothing() -> None:
    sold(100, 100, 100, 100, 10)
    scanned()

    assert scanned(DAY + dt.timedelta(days=1)) == (0, 0)
    assert Anomaly.objects.get().state == "open"


def test_the_baseline_of_a_ratio_is_summed_parts_and_never_a_mean() -> None:
    services.store(
        key="toy_returns", rows=[Point(DAY, 9, 10), Point(DAY - dt.timedelta(1), 0, 90)], at=AT
    )
    days = selectors.series(
        key="toy_returns", first=DAY - dt.timedelta(1), last=DAY, actor=ANALYST, step=Step.DAY
    )

    assert rules.baseline(days, MetricKind.RATIO) == Decimal("0.09")


def test_a_value_outside_its_usual_spread_is_found_and_a_still_series_says_nothing() -> None:
    limit = Limit(kind=LimitKind.Z_SCORE, low=Decimal(-3), high=Decimal(3),
                  back=tuple(range(1, 11)))  # fmt: skip
    for values, expected in (([100, 102] * 5, True), ([100] * 10, False)):
        rows = [Point(DAY - dt.timedelta(days=n), v) for n, v in enumerate([150, *values])]
        services.store(key="toy_sales", rows=rows, at=AT)
        found = selectors.series(
            key="toy_sales", first=DAY - dt.timedelta(days=10), last=DAY, actor=ANALYST
        )
        finding = rules.judge(
            day=DAY, days={f.start: f for f in found}, limit=limit, kind=MetricKind.SUM
        )
        assert (finding is not None and finding.is_over) is expected


def test_a_case_needs_cause_proposal_and_owner_and_only_a_supervisor_closes_it() -> None:
    owner = Person.objects.create(name="陈静")
    sold(100, 100, 100, 100, 10)
    scanned()
    case = Anomaly.objects.get()
    with pytest.raises(NotOwner):
        services.close(anomaly_id=case.pk, reason="x", actor=ANALYST, at=AT)

    services.explain(
        anomaly_id=case.pk, cause="The feed stopped", proposal="Fetch again", owner_id=owner.pk,
        actor=ANALYST, at=AT,
    )  # fmt: skip
    services.close(anomaly_id=case.pk, reason="A holiday", actor=SUPERVISOR, at=AT)

    case.refresh_from_db()
    assert (case.state, case.cause, case.closing_reason) == (
        "closed", "The feed stopped", "A holiday",
    )  # fmt: skip
    with pytest.raises(CaseClosed):
        services.explain(anomaly_id=case.pk, cause="x", proposal="x", owner_id=owner.pk,
                         actor=ANALYST, at=AT)  # fmt: skip


def test_a_person_reports_a_figure_once() -> None:
    for _unused in range(2):
        services.report(key="toy_sales", day=DAY, value=Decimal(7), note="Half the shop is missing",
                        actor=ANALYST, at=AT)  # fmt: skip

    case = Anomaly.objects.get()
    assert (case.rule, case.note, case.found_by) == ("reported", "Half the shop is missing", 1)


def test_the_job_scans_yesterday_in_the_morning_and_today_every_hour() -> None:
    services.store(key="toy_returns", rows=[Point(DAY, 30, 100)], at=AT)
    sold(100, 100, 100, 100, 10)

    hour = jobs.run_now(
        name="metric_anomaly_scan", period="2026-11-19T13:00+08:00", actor=SYSTEM, at=AT
    )
    morning = jobs.run_now(name="metric_anomaly_scan", period="2026-11-19", actor=SYSTEM, at=AT)

    assert [hour.result["opened"], morning.result["opened"]] == [1, 1]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"state": "explained"}, "anomaly_explained_in_full"),
        ({"state": "closed", "ended_at": AT, "ended_by": 1}, "anomaly_closed_with_reason"),
        ({"state": "closed", "ended_at": AT, "closing_reason": "x"}, "anomaly_closed_with_reason"),
        ({"state": "recovered"}, "anomaly_ended_has_its_time"),
        ({"ended_at": AT}, "anomaly_ended_has_its_time"),
        ({"value": "NaN"}, "anomaly_value_finite|numeric field overflow"),
        ({"state": "gone", "ended_at": AT}, "anomaly_state_known"),
    ],
)
def test_database_refuses_half_explained_cases(changed: dict[str, object], name: str) -> None:
    sold(100, 100, 100, 100, 10)
    scanned()
    assigned = ", ".join(f"{column} = %s" for column in changed)

    with (
        pytest.raises(DatabaseError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE metrics_anomaly SET {assigned}", [str(value) for value in changed.values()]
        )

    assert Anomaly.objects.get().state == "open"


def test_a_new_version_of_a_formula_leaves_the_old_values_theirs() -> None:
    services.store(key="toy_sales", rows=[Point(DAY, 100), Point(DAY - dt.timedelta(1), 7)], at=AT)
    former = definitions._metrics.pop("toy_sales")
    definitions.define(
        "toy_sales", "Sales", "CNY", "data_analyst", "sum without VAT", policy=former.policy,
        version=2, query=Query("SELECT %s::date, '', '', 88::numeric, NULL::numeric"
                               " WHERE %s::date IS NOT NULL"),
    )  # fmt: skip

    services.refresh(keys=["toy_sales"], first=DAY, last=DAY, at=AT)

    week = (DAY - dt.timedelta(days=6), DAY)
    new = selectors.series(key="toy_sales", first=week[0], last=week[1], actor=ANALYST)
    old = selectors.series(key="toy_sales", first=week[0], last=week[1], actor=ANALYST, version=1)
    assert [(f.value, f.version) for f in new] == [(Decimal(7), 1), (Decimal(88), 2)]
    assert [(f.value, f.version) for f in old] == [(Decimal(7), 1), (Decimal(100), 1)]
    with pytest.raises(DatabaseError, match="denied"), transaction.atomic():
        MetricValue.objects.filter(version=1).update(version=2)


def test_only_who_answers_for_a_metric_sets_its_target() -> None:
    target = Target("toy_sales", "", "", DAY, DAY, Decimal(5))

    with pytest.raises(NotOwner):
        services.set_target(target=target, actor=SUPERVISOR, at=AT)

    assert selectors.targets(keys=["toy_sales"], first=DAY, last=DAY) == []

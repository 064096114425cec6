"""The metric dictionary: one definition, parts summed before they are divided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.classified import DataClass, carried
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.policy import may
from ops.engines.metrics import definitions, selectors, services
from ops.engines.metrics.choices import MetricKind, Step
from ops.engines.metrics.errors import MetricUnknown, PartsMissing
from ops.engines.metrics.models import Anomaly, MetricTarget, MetricValue
from ops.engines.metrics.types import Point, Target

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, 6, 0, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 2)
SYSTEM = Actor.system()
ANALYST = Actor(
    kind=ActorKind.PERSON,
    name="陈静",
    person_id=1,
    roles=frozenset({"data_analyst"}),
    rights={"marketing": frozenset("V")},
)
# Sees the area as the analyst does, and nothing of what goods cost or leave.
SERVICE = Actor(
    kind=ActorKind.PERSON,
    name="何静",
    person_id=4,
    roles=frozenset({"customer_service_agent"}),
    rights={"marketing": frozenset("V")},
)
SCOPED = Actor(
    kind=ActorKind.PERSON,
    name="小李",
    person_id=2,
    rights={"marketing": frozenset("v")},
    scopes={"channel": frozenset({7})},
)
OUTSIDER = Actor(kind=ActorKind.PERSON, name="路人", person_id=3)


@pytest.fixture(autouse=True)
def dictionary() -> Iterator[None]:
    """Define three toy metrics, one of each kind."""
    kept = dict(definitions._metrics)
    see = may("marketing", "V")
    definitions.define(
        "toy_sales", "Sales", "CNY", "data_analyst", "sum", policy=see, scope="channel", drill="toy"
    )
    definitions.define(
        "toy_margin",
        "Margin",
        "%",
        "data_analyst",
        "profit / sales",
        policy=see,
        kind=MetricKind.RATIO,
        parts=("profit", "sales"),
    )
    definitions.define(
        "toy_stock", "Stock", "pcs", "store_manager", "on hand", policy=see, kind=MetricKind.LEVEL
    )
    yield
    definitions._metrics.clear()
    definitions._metrics.update(kept)


def _day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


def test_ratio_divides_sums_and_never_averages_rates() -> None:
    services.store(
        key="toy_margin",
        rows=[Point(_day(0), Decimal(90), Decimal(100)), Point(_day(1), Decimal(0), Decimal(900))],
        at=AT,
    )

    week = selectors.figures(keys=["toy_margin"], first=_day(0), last=_day(6), actor=ANALYST)

    assert week["toy_margin"].value == Decimal("0.09")
    assert (week["toy_margin"].numerator, week["toy_margin"].denominator) == (
        Decimal(90),
        Decimal(1000),
    )


def test_ratio_over_nothing_has_no_value() -> None:
    services.store(key="toy_margin", rows=[Point(_day(0), 0, 0)], at=AT)

    found = selectors.series(key="toy_margin", first=_day(0), last=_day(0), actor=ANALYST)

    assert [figure.value for figure in found] == [None]


def test_level_takes_the_newest_day_of_each_step() -> None:
    services.store(key="toy_stock", rows=[Point(_day(n), 100 + n) for n in range(9)], at=AT)

    weeks = selectors.series(
        key="toy_stock", first=_day(0), last=_day(8), actor=ANALYST, step=Step.WEEK
    )

    assert [(f.start, f.value, f.newest) for f in weeks] == [
        (_day(0), Decimal(106), _day(6)),
        (_day(7), Decimal(108), _day(8)),
    ]


def test_storing_the_same_points_again_changes_nothing() -> None:
    rows = [
        Point(_day(0), Decimal("10.5")),
        Point(_day(1), 20),
        Point(_day(0), 4, None, "channel", "7"),
    ]

    assert services.store(key="toy_sales", rows=rows, at=AT) == 3
    before = list(MetricValue.objects.order_by("pk").values_list("pk", "numerator"))
    services.store(key="toy_sales", rows=rows, at=AT)

    assert list(MetricValue.objects.order_by("pk").values_list("pk", "numerator")) == before


def test_window_removes_what_the_facts_no_longer_hold() -> None:
    old = [Point(_day(n), 1, None, "channel", m) for n in range(3) for m in ("7", "8")]
    services.store(key="toy_sales", rows=[*old, Point(_day(0), 99)], at=AT)

    services.store(
        key="toy_sales",
        rows=[Point(_day(0), 5, None, "channel", "7")],
        at=AT,
        window=(_day(0), _day(1)),
        dimensions=["channel"],
    )

    left = MetricValue.objects.order_by("day", "member").values_list("day", "member", "numerator")
    assert list(left) == [
        (_day(0), "", Decimal(99)),
        (_day(0), "7", Decimal(5)),
        (_day(2), "7", Decimal(1)),
        (_day(2), "8", Decimal(1)),
    ]


def test_query_result_is_stored_without_passing_through_python() -> None:
    stored = services.store_query(
        key="toy_sales",
        sql="SELECT d::date, '', '', 2::numeric, NULL::numeric"
        " FROM generate_series(%s::date, %s::date, '1 day') AS d",
        params=[_day(0), _day(29)],
        at=AT,
    )

    month = selectors.series(
        key="toy_sales", first=_day(0), last=_day(60), actor=ANALYST, step=Step.MONTH
    )
    assert stored == 30
    assert [(f.start.isoformat(), f.value) for f in month] == [
        ("2026-11-01", Decimal(58)),
        ("2026-12-01", Decimal(2)),
    ]


def test_scoped_person_sees_the_sum_of_their_members_only() -> None:
    services.store(
        key="toy_sales",
        rows=[
            Point(_day(0), 100),
            Point(_day(0), 30, None, "channel", "7"),
            Point(_day(0), 70, None, "channel", "8"),
            Point(_day(0), 60, None, "category", "1"),
        ],
        at=AT,
    )
    day = _day(0)

    assert (
        selectors.figures(keys=["toy_sales"], actor=ANALYST, first=day, last=day)["toy_sales"].value
        == 100
    )
    assert (
        selectors.figures(keys=["toy_sales"], actor=SCOPED, first=day, last=day)["toy_sales"].value
        == 30
    )
    channels = selectors.breakdown(
        key="toy_sales", dimension="channel", actor=SCOPED, first=day, last=day
    )
    assert [(f.member, f.value) for f in channels] == [("7", Decimal(30))]
    assert (
        selectors.breakdown(
            key="toy_sales", dimension="category", actor=SCOPED, first=day, last=day
        )
        == []
    )


def test_figures_need_the_metrics_right() -> None:
    services.store(key="toy_sales", rows=[Point(_day(0), 100)], at=AT)

    with pytest.raises(Forbidden):
        selectors.series(key="toy_sales", first=_day(0), last=_day(0), actor=OUTSIDER)
    assert selectors.figures(keys=["toy_sales"], first=_day(0), last=_day(0), actor=OUTSIDER) == {}


def test_a_metric_that_sounds_like_margin_needs_the_class_of_cost() -> None:
    services.store(key="toy_margin", rows=[Point(_day(0), 3, 10)], at=AT)
    asked: dict[str, Any] = {"first": _day(0), "last": _day(0)}

    for call in (
        lambda: selectors.series(key="toy_margin", actor=SERVICE, **asked),
        lambda: selectors.breakdown(key="toy_margin", dimension="", actor=SERVICE, **asked),
        lambda: services.report(
            key="toy_margin", day=_day(0), value=Decimal("0.3"), note="?", actor=SERVICE, at=AT
        ),
    ):
        with pytest.raises(Forbidden):
            call()
    assert selectors.figures(keys=["toy_margin"], actor=SERVICE, **asked) == {}
    assert not Anomaly.objects.exists()
    assert selectors.figures(keys=["toy_margin"], actor=ANALYST, **asked)["toy_margin"].value


def test_a_case_of_a_margin_is_absent_without_the_class_of_cost() -> None:
    services.store(key="toy_margin", rows=[Point(_day(0), 3, 10)], at=AT)
    made = services.report(
        key="toy_margin", day=_day(0), value=Decimal("0.3"), note="?", actor=ANALYST, at=AT
    )

    assert list(selectors.anomalies(actor=ANALYST)) == [made]
    assert not selectors.anomalies(actor=SERVICE).exists()


def test_a_metric_whose_key_says_nothing_declares_its_class() -> None:
    see = may("marketing", "V")
    shown = definitions.define("toy_earned", "Earned", "CNY", "x", "x", policy=see)
    held = definitions.define("toy_kept", "Kept", "CNY", "x", "x", policy=see, data=DataClass.COST)

    assert shown.is_for(SERVICE)
    assert held.is_for(ANALYST)
    assert not held.is_for(SERVICE)
    assert carried("metric", "toy_kept") is carried("metric", "toy_margin") is DataClass.COST


def test_many_tiles_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    services.store(key="toy_sales", rows=[Point(_day(0), 100)], at=AT)
    services.store(key="toy_stock", rows=[Point(_day(0), 7)], at=AT)

    with django_assert_num_queries(1):
        found = selectors.figures(
            keys=["toy_stock", "toy_margin"], first=_day(0), last=_day(6), actor=ANALYST
        )

    assert set(found) == {"toy_stock"}


def test_wrong_parts_are_refused_and_nothing_is_stored() -> None:
    for key, point in (
        ("toy_margin", Point(_day(0), 1)),
        ("toy_sales", Point(_day(0), 1, 2)),
        ("toy_sales", Point(_day(0), Decimal("NaN"))),
    ):
        with pytest.raises(PartsMissing):
            services.store(key=key, rows=[point], at=AT)
    with pytest.raises(MetricUnknown):
        services.store(key="nothing", rows=[], at=AT)
    assert MetricValue.objects.count() == 0


def test_definition_needs_policy_parts_and_one_name() -> None:
    see = may("marketing", "V")
    with pytest.raises(ValueError, match="twice"):
        definitions.define("toy_sales", "x", "x", "x", "x", policy=see)
    with pytest.raises(ValueError, match="parts"):
        definitions.define("toy_rate", "x", "x", "x", "x", policy=see, kind=MetricKind.RATIO)
    with pytest.raises(TypeError, match="policy"):
        definitions.define("toy_rate", "x", "x", "x", "x", policy=None)  # type: ignore[arg-type]


def test_target_is_replaced_and_the_trail_keeps_both() -> None:
    target = Target("toy_sales", "", "", dt.date(2026, 11, 1), dt.date(2026, 11, 30), Decimal(1000))
    services.set_target(target=target, actor=SYSTEM, at=AT)
    services.set_target(
        target=Target("toy_sales", "", "", target.first, target.last, Decimal("1200.5")),
        actor=SYSTEM,
        at=AT,
    )

    found = selectors.targets(keys=["toy_sales"], first=target.first, last=target.last)
    assert [t.value for t in found] == [Decimal("1200.5")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM audit_fact WHERE action = 'metrics.target_set'")
        assert ['"after":"1000"' in body for (body,) in cursor.fetchall()] == [True, False]


def test_drill_link_names_the_report_of_the_rows() -> None:
    metric = definitions.metric_named("toy_sales")

    assert metric.drill_link(period="2026-11", dimension="channel", member="7") == (
        "/reports/toy/?period=2026-11&channel=7"
    )


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"numerator": "NaN"}, "metricvalue_numerator_finite"),
        ({"denominator": "-1"}, "metricvalue_denominator_not_negative"),
        ({"member": "7"}, "metricvalue_member_needs_dimension"),
        ({"dimension": "channel"}, "metricvalue_member_needs_dimension"),
    ],
)
def test_database_refuses_impossible_values(changed: dict[str, str], name: str) -> None:
    row = {"dimension": "", "member": "", "numerator": "1", "denominator": None} | changed
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO metrics_metricvalue (metric, day, version, stored_at, dimension, member,"
            " numerator, denominator) VALUES ('m', '2026-11-02', 1, now(), %s, %s, %s, %s)",
            list(row.values()),
        )


def test_database_refuses_targets_that_run_back() -> None:
    with pytest.raises(IntegrityError, match="days_in_order"), transaction.atomic():
        MetricTarget.objects.create(
            metric="m", first_on=_day(1), last_on=_day(0), value=1, set_at=AT
        )

"""Promotions are honest before they start and while they run, hour by hour (CAT-4.4-04)."""

from collections.abc import Callable, Collection
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from catalog import ports
from catalog.errors import promotions as errors
from catalog.models import Promotion, PromotionCheck
from catalog.services import promotions, redemption
from ops.engines.approvals.models import Request
from ops.engines.jobs import services as jobs
from ops.engines.notices.models import Notice
from tests.catalog.conftest import Sell
from tests.catalog.promos import DURING, PERCENT, approved, draft, running, state, wish
from tests.catalog.shop import START, Shop, actor
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM

HOUR = timedelta(hours=1)
Cost = Callable[[dict[int, str]], None]
LESS_BEFORE = "Some goods were sold for less in the days before it."


def hourly(at: object = DURING) -> int:
    return promotions.check_running(actor=SYSTEM, at=at)  # type: ignore[arg-type]


def log() -> list[tuple[str, int, int, int, str]]:
    rows = PromotionCheck.objects.order_by("pk")
    return list(
        rows.values_list("occasion", "below_floor", "above_reference", "without_stock", "why")
    )


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[int, int]], None]:
    """Answer the port to the stock ledger."""

    def fill(values: dict[int, int]) -> None:
        def answer(*, sku_ids: Collection[int]) -> dict[int, int]:
            return {sku: left for sku, left in values.items() if sku in sku_ids}

        monkeypatch.setattr(ports.sellable_pieces, "_answer", answer)

    return fill


@pytest.mark.clause("CAT-4.4-04")
def test_every_look_is_logged_also_one_that_finds_nothing(shop: Shop) -> None:
    running(shop)

    assert hourly() == 0

    assert log() == [("start", 0, 0, 0, ""), ("hourly", 0, 0, 0, "")]
    with pytest.raises(ProgrammingError, match="permission"), transaction.atomic():
        PromotionCheck.objects.update(why="")


@pytest.mark.clause("CAT-4.4-04")
def test_below_the_floor_with_all_that_may_combine_it_pauses_and_the_approver_is_told(
    shop: Shop, cost_of: Cost
) -> None:
    made = running(shop, {**PERCENT, "stacking": {"group": "a", "combines_with": ["b"]}})
    more = {"value": "5", "stacking": {"group": "b", "combines_with": ["a"]}}
    other = running(shop, {**PERCENT, **more})
    assert hourly() == 0
    cost_of({shop.sku_ids[0]: "155.000000"})  # floor 172.23; alone 179.10, together 169.15

    paused = hourly(DURING + HOUR)

    assert paused == 2
    assert (state(made), state(other)) == ("paused", "paused")
    told = Notice.objects.filter(subject=f"catalog.promotion:{made.id}")
    assert shop.supervisor.person_id in set(told.values_list("person_id", flat=True))
    finding = PromotionCheck.objects.latest("pk").findings[0]
    assert (finding["limit"], finding["code"], finding["bound"]) == ("floor", "A-1001-S", "172.23")


@pytest.mark.clause("CAT-4.4-04")
def test_what_sold_for_less_before_it_does_not_start(shop: Shop, sell: Sell) -> None:
    made = approved(shop)  # promises 179.10
    sell((shop.sku_ids[0], "170.00", 3))

    report = promotions.run_clock(actor=SYSTEM, at=START)

    assert (report.started, report.paused) == (0, 1)
    assert (state(made), Promotion.objects.get(pk=made.id).paused_why) == ("paused", LESS_BEFORE)
    assert log() == [("start", 0, 1, 0, LESS_BEFORE)]
    with pytest.raises(errors.PromotionAboveReference) as refused:
        promotions.resume(promotion_id=made.id, actor=actor(shop.supervisor), at=DURING)
    assert refused.value.context["codes"] == ["A-1001-S"]
    assert state(made) == "paused"


@pytest.mark.clause("CAT-4.4-04")
def test_what_sold_for_less_already_is_not_handed_in(shop: Shop, sell: Sell) -> None:
    made = draft(shop)  # promises 179.10
    who = actor(shop.specialist)
    sell((shop.sku_ids[0], "179.09", 3))

    with pytest.raises(errors.PromotionAboveReference) as refused:
        promotions.submit(promotion_id=made.id, actor=who, at=AT)

    assert refused.value.context["codes"] == ["A-1001-S"]
    assert state(made) == "draft"
    assert not Request.objects.filter(subject_type="catalog.promotion").exists()
    # As low as promised is honest, and eight days before the start is no matter.
    sell((shop.sku_ids[0], "179.10", 3), (shop.sku_ids[1], "150.00", 8))
    promotions.submit(promotion_id=made.id, actor=who, at=AT)
    assert state(made) == "submitted"


@pytest.mark.clause("CAT-4.4-04")
def test_what_sold_for_less_before_it_pauses_within_the_hour(shop: Shop, sell: Sell) -> None:
    made = running(shop)
    sell((shop.sku_ids[0], "179.10", 3), (shop.sku_ids[1], "179.09", 8))
    assert hourly() == 0  # as low as promised is honest, and eight days ago is no matter

    sell((shop.sku_ids[0], "179.09", 6))

    assert hourly(DURING + HOUR) == 1
    assert Promotion.objects.get(pk=made.id).paused_why == LESS_BEFORE


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "points", "factor": "2"},
        {"type": "spend_and_save", "steps": [{"amount": "300", "save": "40"}]},
        {**PERCENT, "condition": {"tiers": ["vip"]}},
    ],
)
def test_a_rule_that_marks_no_price_down_for_everybody_claims_no_saving(
    shop: Shop, sell: Sell, rule: dict[str, object]
) -> None:
    running(shop, {**rule, "caps": {"budget": "100"}})
    sell((shop.sku_ids[0], "150.00", 3))

    assert hourly() == 0


@pytest.mark.clause("CAT-4.4-04")
def test_when_nothing_is_left_in_stock_it_pauses(
    shop: Shop, pieces: Callable[[dict[int, int]], None]
) -> None:
    made = running(shop)
    small, medium = shop.sku_ids[:2]
    pieces({small: 0, medium: 1})
    assert hourly() == 0
    pieces({small: 0, medium: 0})

    assert hourly(DURING + HOUR) == 1

    why = "None of its goods is in stock any more."
    assert Promotion.objects.get(pk=made.id).paused_why == why
    assert log()[1:] == [("hourly", 0, 0, 1, ""), ("hourly", 0, 0, 2, why)]


@pytest.mark.clause("CAT-4.4-04")
def test_the_job_pauses_at_the_budget_every_hour_and_logs_what_was_used(shop: Shop) -> None:
    made = running(shop)
    redemption.consume(wanted=[wish(made, 1, amount="1000.00")], actor=SYSTEM, at=DURING)

    done = jobs.run_now(
        name="price_patrol", period=f"{DURING:%Y-%m-%dT%H}:00+00:00", actor=SYSTEM, at=DURING
    )

    entry = PromotionCheck.objects.latest("pk")
    assert done.result == {"paused": 1}
    assert (f"{entry.used:f}", f"{entry.budget:f}") == ("1000.00", "1000.00")
    assert entry.why == Promotion.objects.get(pk=made.id).paused_why == "The budget is used up."


def test_many_promotions_take_the_same_statements_as_one(shop: Shop) -> None:
    running(shop)
    with CaptureQueriesContext(connection) as one:
        hourly()
    for _more in range(3):
        running(shop)

    with CaptureQueriesContext(connection) as many:
        hourly(DURING + HOUR)

    assert len(many) == len(one)


def test_a_crossing_without_a_pause_is_refused_by_the_database(shop: Shop) -> None:
    made = running(shop)

    with (
        pytest.raises(IntegrityError, match="promotioncheck_crossing_pauses"),
        transaction.atomic(),
    ):
        PromotionCheck.objects.create(
            promotion_id=made.id, checked_at=DURING, occasion="hourly", examined=1, below_floor=1,
            above_reference=0, without_stock=0, used=0,
        )  # fmt: skip


def test_the_page_of_the_promotion_shows_its_check_log(shop: Shop, sell: Sell) -> None:
    made = running(shop)
    sell((shop.sku_ids[0], "170.00", 3))
    hourly()

    page = enter(shop.supervisor).get(f"/promotions/{made.id}/").content.decode()

    assert "检查日志" in page
    assert "A-1001-S" in page
    assert "170.00" in page

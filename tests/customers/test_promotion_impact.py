"""Real orders replayed under a promotion: small worlds on paper, and the engine on real baskets."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog import ports
from catalog.models import ImpactReport, Promotion, Sku
from catalog.rules.promotions.baskets import Basket, BasketLine
from catalog.rules.promotions.quoting import compile_rules, quote
from catalog.selectors import impact_promotions
from catalog.selectors.promotion_rules import plan_of
from catalog.services import impact, loading, opening
from catalog.services.promotions import run_clock
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from catalog.types.promotions import PromotionInfo
from ops.engines.approvals.models import Request
from ops.engines.jobs.models import JobRun
from ops.engines.kernel.parse import business_day
from ops.engines.notices.models import Notice
from tests.catalog import promos
from tests.catalog.shop import END, IMPORTER, LONG_AGO, START, actor, costs
from tests.compliance.conftest import enter
from tests.customers.test_impact import TODAY, World, world
from tests.engines.identity.factories import AT, SYSTEM
from tests.support.trade import lines_file

__all__ = ["world"]
pytestmark = pytest.mark.django_db
CAPS = {"budget": "1000.00"}
SAVE: dict[str, Any] = {
    "type": "spend_and_save",
    "steps": [{"amount": "300", "save": "40"}],
    "caps": CAPS,
}


def forecast(world: World, made: PromotionInfo, *, window: int = 90) -> ImpactReport:
    found = impact.forecast_promotion(
        promotion_id=made.id, window=window, actor=actor(world.shop.specialist), at=AT
    )
    return ImpactReport.objects.get(pk=found.id)


def test_spend_and_save_touches_the_baskets_that_reach_it_to_the_cent(world: World) -> None:
    world.sold("S-1", (world.small, 1, "199.00"))
    world.sold("S-2", (world.small, 1, "199.00"), (world.medium, 1, "199.00"))
    world.sold("S-3", (world.medium, 1, "150.00"), (world.small, 1, "120.00"))

    made = forecast(world, promos.draft(world.shop, SAVE))
    figures = made.figures

    # At 199.00 each: S-1 stays under 300; S-2 and S-3 hold the same, 398.00 - 40.00 = 358.00.
    # Costs 100 (three S) and 150 (two M): 995.00 - 600 = 395.00, then 315.00.
    assert (figures["orders"], figures["orders_moved"], figures["distinct"]) == (3, 2, 2)
    assert (figures["revenue_before"], figures["revenue_after"]) == ("995.00", "915.00")
    assert figures["revenue_percent"] == "-8.0"
    assert (figures["margin_before"], figures["margin_after"]) == ("395.00", "315.00")
    # Break-even 5 x 80 / 315 = 1.27: two pieces more. Seven days of 80.00 in ninety: 6.22, which
    # is 0.6 % of the budget.
    assert figures["margin_even_units"] == 2
    assert (figures["at_risk"], figures["budget_percent"]) == ("6.22", "0.6")
    # 20.00 off each of the two lines of S-2 and S-3: M at 179.00 keeps its floor of 166.67.
    assert figures["lines_below_floor"] == 0
    by_sku = {row["sku_id"]: row["revenue_after"] for row in made.rows["skus"]}
    assert by_sku == {world.small: "557.00", world.medium: "358.00"}
    assert made.rows["deepest"][0]["number"] == "S-2"
    assert made.rows["deepest"][0]["revenue_after"] == "358.00"


def test_what_else_is_live_counts_on_both_sides(world: World) -> None:
    ten = {"type": "percentage", "value": "10", "caps": CAPS}
    also = promos.approved(
        world.shop, ten | {"condition": {}, "stacking": {"priority": 1, "combines_with": ["*"]}}
    )
    world.sold("B-1", (world.small, 2, "199.00"))

    save = SAVE | {"stacking": {"priority": 5, "combines_with": ["*"]}}
    made = forecast(world, promos.draft(world.shop, save))

    # 398.00 less 10 % is 358.20 without; it still reaches 300, so 318.20 with.
    assert made.figures["revenue_before"] == "358.20"
    assert made.figures["revenue_after"] == "318.20"
    assert [row["number"] for row in made.rows["beside"]] == [also.number]


def test_everybody_is_taken_to_use_the_coupon_and_the_report_says_so(world: World) -> None:
    world.sold("C-1", (world.small, 1, "199.00"))

    made = forecast(world, promos.draft(world.shop, promos.PERCENT, coupon_mode="batch"))

    assert made.figures["revenue_after"] == "179.10"
    assert made.figures["takes_coupon"] is True


def test_a_handed_in_promotion_keeps_its_forecast_and_its_decision_cites_it(world: World) -> None:
    world.sold("K-1", (world.small, 1, "199.00"))
    made = promos.submitted(world.shop, promos.PERCENT)
    request = Request.objects.get(pk=made.approval_id or 0)
    kept = ImpactReport.objects.get(approval=request)

    assert forecast(world, made, window=30).pk == kept.pk
    assert request.figures["replay_revenue_percent"] == "-10.0"
    assert request.figures["replay_orders"] == 1


def test_too_many_different_baskets_are_replayed_by_a_fixed_part_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact_promotions, "MOST_QUOTED", 2)
    for pieces in range(1, 7):
        world.sold(f"M-{pieces}", (world.small, pieces, "199.00"))
    made = promos.draft(world.shop, promos.PERCENT)

    first, second = forecast(world, made), forecast(world, made)

    # Six different baskets, every third one: two orders stand for six.
    found = first.figures
    assert (found["sampled"], found["orders"], found["distinct"]) == (6, 2, 6)
    assert first.pk == second.pk
    given = Decimal(found["given_up"])
    whole = (given * 7 / 90).quantize(Decimal("0.01")) * 3
    assert Decimal(found["at_risk"]) == whole


def test_a_part_that_stood_for_all_is_followed_by_all_and_lies_with_the_same_approval(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact_promotions, "MOST_QUOTED", 2)
    for pieces in range(1, 7):
        world.sold(f"W-{pieces}", (world.small, pieces, "199.00"))
    made = promos.submitted(world.shop, promos.PERCENT)
    edited = promos.draft(world.shop, SAVE)
    forecast(world, edited)
    Promotion.objects.filter(pk=edited.id).update(starts_at=START + timedelta(hours=2))
    row = Promotion.objects.get(pk=made.id)
    said: list[tuple[int, int, str]] = []

    done = impact.replay_whole(actor=SYSTEM, at=AT, progress=lambda *how_far: said.append(how_far))

    # 21 pieces at 199.00 in six orders, ten per cent off; the draft edited since is left alone.
    part, whole = ImpactReport.objects.filter(subject_id=made.id).order_by("pk")
    assert (done, said) == ({"replayed": 1}, [(6, 6, "baskets")])
    assert (part.figures["sampled"], part.figures["orders"]) == (6, 2)
    assert (whole.figures["sampled"], whole.figures["orders"]) == (None, 6)
    assert whole.figures["given_up"] == "417.90"
    assert (whole.approval_id, whole.content_hash) == (row.approval_id, part.content_hash)
    assert (whole.first, whole.last) == (part.first, part.last)
    told = Notice.objects.get(subject=f"catalog.promotion:{made.id}", kind="fyi")
    assert told.person_id == part.made_by
    assert impact.replay_whole(actor=SYSTEM, at=AT) == {"replayed": 0}


def test_the_page_says_how_far_the_replay_of_all_orders_is_and_renews_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact_promotions, "MOST_QUOTED", 2)
    for pieces in range(1, 7):
        world.sold(f"P-{pieces}", (world.small, pieces, "199.00"))
    made = promos.draft(world.shop, promos.PERCENT)
    impact.forecast_promotion(
        promotion_id=made.id, actor=actor(world.shop.specialist), at=timezone.now()
    )
    client = enter(world.shop.specialist)
    page = f"/promotions/{made.id}/"
    polling = {"HX-Request": "true", "HX-Target": "section#under-way"}

    waiting = client.get(page)
    JobRun.objects.create(
        job="impact_replay_whole", period="x", due_at=AT, next_at=AT, state="running",
        lease=uuid4(), lease_until=AT, progress_done=34_000, progress_total=99_794,
    )  # fmt: skip
    going = client.get(page, headers=polling)
    impact.replay_whole(actor=SYSTEM, at=timezone.now())
    over = client.get(page, headers=polling)

    assert "<progress aria-label" in waiting.text.replace("  ", " ")
    assert 'max="99794" value="34000"' in going.text
    assert over.headers["HX-Refresh"] == "true"
    assert 'id="under-way"' not in client.get(page).text


def test_the_outcome_of_a_promotion_stands_beside_its_forecast(world: World) -> None:
    for number in range(1, 91):
        world.sold(f"Q-{number}", (world.small, 1, "199.00"), days=number)
    made = promos.running(world.shop, promos.PERCENT)
    first = business_day(START)
    world.sold("T-1", (world.small, 4, "179.10"), days=(TODAY - first).days)

    counted = impact.measure_outcomes(actor=SYSTEM, at=START + timedelta(days=1))
    run_clock(actor=SYSTEM, at=END)
    later = impact.measure_outcomes(actor=SYSTEM, at=END + timedelta(days=3))

    assert (counted, later) == ({"measured": 1}, {"measured": 1})
    outcome = ImpactReport.objects.filter(kind="outcome").earliest("pk")
    assert outcome.approval_id == Promotion.objects.get(pk=made.id).approval_id
    # One piece a day was forecast at 179.10; four came at that price.
    assert outcome.figures["compared"]["units"] == {
        "forecast": "1.00",
        "outcome": "4",
        "percent": "300.0",
    }
    assert outcome.figures["compared"]["revenue"]["outcome"] == "716.40"


def test_the_replay_of_real_baskets_is_the_engine_quote_of_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports.unit_cost, "_answer", costs({}))
    baskets = _real_baskets(60)
    skus = _stocked(world, {code for lines in baskets.values() for code, _n, _p in lines})
    for number, lines in baskets.items():
        world.sold(f"U-{number}", *[(skus[code][0], n, p) for code, n, p in lines])
    save = SAVE | {"steps": [{"amount": "100", "save": "10"}, {"amount": "300", "save": "50"}]}
    made = promos.draft(world.shop, save)

    found = forecast(world, made).figures

    rules = compile_rules([replace(plan_of(Promotion.objects.get(pk=made.id)).rule)])
    path = Sku.objects.get(pk=world.small).product.category.path
    before = after = Decimal(0)
    moved = 0
    for lines in baskets.values():
        answer = quote(
            Basket(
                lines=tuple(
                    BasketLine(
                        key=str(place), sku_id=skus[code][0], category=path, quantity=n,
                        unit_price=skus[code][1],
                    )
                    for place, (code, n, _p) in enumerate(lines)
                ),
                channel="tmall",
                at=START,
            ),
            rules,
        )  # fmt: skip
        before += answer.goods_total
        after += answer.goods_total - answer.discount_total
        moved += answer.discount_total > 0
    assert found["orders"] == len(baskets) == 60
    assert (found["revenue_before"], found["revenue_after"]) == (str(before), str(after))
    assert found["orders_moved"] == moved > 10


def _real_baskets(most: int) -> dict[str, list[tuple[str, int, str]]]:
    """Return real invoices: SKU, pieces, price; the same SKU at the same price is one line."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    with gzip.open(lines_file(), "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            number, code = row["InvoiceNo"], row["StockCode"]
            if number.isdigit() and int(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0:
                if number not in found and len(found) > most:
                    break
                found[number][code, row["UnitPrice"]] += int(row["Quantity"])
    return {
        number: [(code, n, price) for (code, price), n in lines.items()]
        for number, lines in islice(found.items(), most)
    }


def _stocked(world: World, codes: set[str]) -> dict[str, tuple[int, Decimal]]:
    """Enter the real SKUs at prices of our own, in ascending order of their codes."""
    made = loading.load_products(
        rows=[
            ProductRow(code=code, name=f"货 {code}", category=("女装",)) for code in sorted(codes)
        ],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )
    prices = {
        code: (made.sku_ids[code], Decimal(place * 7 % 97) / 10 + Decimal("0.35"))
        for place, code in enumerate(sorted(codes))
    }
    opening.open_prices(
        channel_id=world.shop.channel_id,
        prices=[
            OpeningPrice(sku_id=sku, price=price, since=LONG_AGO) for sku, price in prices.values()
        ],
        source="tests",
        actor=IMPORTER,
        at=AT,
    )
    return prices

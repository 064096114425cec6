"""Real orders replayed under other prices: every figure is worked out by hand in the test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from catalog import ports
from catalog.errors import impact as errors
from catalog.models import ImpactReport, PriceChange
from catalog.services import impact, pricing
from customers.models import Customer, Order, OrderLine
from ops.engines.approvals.models import Request
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from tests.catalog.shop import END, START, Shop, actor, costs, open_shop
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db
TODAY = business_day(AT)


@dataclass
class World:
    """The small shop of the catalogue with real orders: S and M at 199.00 each."""

    shop: Shop
    small: int
    medium: int

    def sold(self, number: str, *lines: tuple[int, int, str], **more: Any) -> Order:
        """Write one order of the past: lines of SKU, pieces, price paid."""
        given: dict[str, Any] = {
            "state": "paid",
            "days": 1,
            "customer": None,
            "channel": self.shop.channel_id,
            "currency": "CNY",
            **more,
        }
        total = sum((Decimal(price) * pieces for _sku, pieces, price in lines), Decimal(0))
        day = TODAY - timedelta(days=given["days"])
        order = Order.objects.create(
            number=number,
            channel_id=given["channel"],
            external_no=number,
            state="placed" if given["state"] == "placed" else "paid",
            paid_at=None if given["state"] == "placed" else AT,
            customer=given["customer"],
            currency=given["currency"],
            total=total,
            placed_at=AT - timedelta(days=given["days"]),
            business_day=day,
        )
        for place, (sku, pieces, price) in enumerate(lines, 1):
            OrderLine.objects.create(
                order=order,
                line_no=place,
                sku_id=sku,
                quantity=pieces,
                unit_price=Decimal(price),
                amount=Decimal(price) * pieces,
            )
        if given["state"] == "cancelled":
            Order.objects.filter(pk=order.pk).update(state="cancelled")
        return order


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    shop = open_shop()
    small, medium = shop.sku_ids
    # Floors: 100 / 0.9 = 111.12 and 150 / 0.9 = 166.67.
    monkeypatch.setattr(ports.unit_cost, "_answer", costs({small: "100", medium: "150"}))
    monkeypatch.setattr(
        ports.stock_cover, "_answer", lambda **_asked: {small: Decimal(41), medium: Decimal(3)}
    )
    return World(shop, small, medium)


def forecast(world: World, price: str = "159.00", **more: Any) -> ImpactReport:
    change = world.shop.draft(price, **more)
    made = impact.forecast_price_change(
        change_id=change.id, actor=actor(world.shop.specialist), at=AT
    )
    return ImpactReport.objects.get(pk=made.id)


def test_every_figure_of_a_small_world_is_the_one_on_paper(world: World) -> None:
    buyer = Customer.objects.create(channel_id=world.shop.channel_id, code="b-1", created_at=AT)
    world.sold("S-1", (world.small, 2, "199.00"), customer=buyer)
    world.sold("S-2", (world.small, 1, "180.00"), (world.medium, 1, "199.00"), customer=buyer)
    world.sold("S-3", (world.medium, 3, "150.00"))

    made = forecast(world, "159.00")

    # 3 S and 4 M: without 7 x 199.00 = 1393.00, with 7 x 159.00 = 1113.00: -280.00, -20.1 %.
    # Cost 3 x 100 + 4 x 150 = 900: margin 493.00 -> 213.00, -280.00, -56.8 %.
    # Break-even: 7 x 280 / 213 = 9.2, so 10 pieces more, 10 / 7 = 142.9 %.
    # Floors 111.12 (S) and 166.67 (M): both lines of M fall under theirs, 199.00 did not.
    # Seven days of 280.00 in ninety: 280 x 7 / 90 = 21.78.
    # Paid: 398.00 + 180.00 + 199.00 + 450.00 = 1227.00. M lasts 3 days, less than seven.
    assert made.figures == {
        "window_days": 90,
        "run_days": "7.0",
        "orders_all": 3,
        "orders": 3,
        "orders_moved": 3,
        "customers": 1,
        "lines": 4,
        "skus": 2,
        "units": 7,
        "paid": "1227.00",
        "revenue_before": "1393.00",
        "revenue_after": "1113.00",
        "revenue_percent": "-20.1",
        "given_up": "280.00",
        "margin_before": "493.00",
        "margin_after": "213.00",
        "margin_change": "-280.00",
        "margin_percent": "-56.8",
        "margin_even_units": 10,
        "margin_even_percent": "142.9",
        "margin_is_lost": False,
        "lines_uncosted": 0,
        "lines_below_floor": 2,
        "lines_newly_below_floor": 2,
        "lowest_cover": "3",
        "short_of_stock": 1,
        "at_risk": "21.78",
        "budget": None,
        "budget_percent": None,
        "overlaps": 0,
        "conflicts": 0,
        "lowest_together": None,
        "sampled": None,
        "distinct": None,
    }
    by_sku = {row["code"]: row for row in made.rows["skus"]}
    # M: 4 x 40.00 = 160.00 less, margin 796 - 600 = 196.00 -> 36.00; S: 120.00 less.
    assert [row["code"] for row in made.rows["skus"]] == ["A-1001-M", "A-1001-S"]
    assert by_sku["A-1001-M"] == {
        "sku_id": world.medium,
        "code": "A-1001-M",
        "name": "羊绒衫 M",
        "orders": 2,
        "units": 4,
        "revenue_before": "796.00",
        "revenue_after": "636.00",
        "margin_before": "196.00",
        "margin_after": "36.00",
        "below_floor": 2,
        "cover_days": "3",
    }
    # S-3 loses most (3 x 40.00) and earns least afterwards (477.00 - 450.00 = 27.00).
    assert made.rows["deepest"][0] == {
        "number": "S-3",
        "units": 3,
        "revenue_before": "597.00",
        "revenue_after": "477.00",
        "margin_before": "147.00",
        "margin_after": "27.00",
    }
    assert [row["number"] for row in made.rows["margin_thinnest"]] == ["S-3", "S-2", "S-1"]
    assert (made.first, made.last) == (TODAY - timedelta(days=90), TODAY - timedelta(days=1))


def test_only_real_sales_of_the_channel_window_and_currency_are_replayed(world: World) -> None:
    line = (world.small, 1, "199.00")
    world.sold("R-first", line, days=90)
    world.sold("R-last", line, days=1)
    world.sold("N-older", line, days=91)
    world.sold("N-today", line, days=0)
    world.sold("N-unpaid", line, state="placed")
    world.sold("N-cancelled", line, state="cancelled")
    world.sold("N-foreign", line, currency="USD")
    gift = world.sold("R-gift", line)
    OrderLine.objects.create(
        order=gift, line_no=2, sku_id=world.small, kind="gift", quantity=5, unit_price=0, amount=0
    )

    made = forecast(world)

    assert (made.figures["orders_all"], made.figures["orders"], made.figures["units"]) == (3, 3, 3)


def test_the_window_is_chosen_and_no_other_one_is_answered(world: World) -> None:
    line = (world.small, 1, "199.00")
    world.sold("W-20", line, days=20)
    world.sold("W-60", line, days=60)
    world.sold("W-170", line, days=170)
    change = world.shop.draft("189.00")
    who = actor(world.shop.specialist)

    found = [
        impact.forecast_price_change(change_id=change.id, window=days, actor=who, at=AT)
        for days in (30, 90, 180)
    ]
    with pytest.raises(errors.WindowUnknown):
        impact.forecast_price_change(change_id=change.id, window=365, actor=who, at=AT)

    assert [report.figures["orders"] for report in found] == [1, 2, 3]
    assert ImpactReport.objects.count() == 3


def test_lines_of_unknown_cost_are_counted_and_left_out_of_both_margins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports.unit_cost, "_answer", costs({world.small: "100"}))
    world.sold("C-1", (world.small, 1, "199.00"), (world.medium, 1, "199.00"))

    figures = forecast(world, "150.00").figures

    # Only S: 199.00 - 100 = 99.00, 150.00 - 100 = 50.00.
    assert (figures["margin_before"], figures["margin_after"]) == ("99.00", "50.00")
    assert figures["lines_uncosted"] == 1
    assert figures["revenue_after"] == "300.00"


def test_what_sells_at_a_loss_has_no_break_even(world: World) -> None:
    world.sold("L-1", (world.small, 1, "199.00"))

    figures = forecast(world, "99.00", skus=[world.small]).figures

    assert figures["margin_after"] == "-1.00"
    assert figures["margin_even_units"] is None
    assert figures["margin_is_lost"] is True


def test_a_shop_without_orders_gets_an_honest_nothing(world: World) -> None:
    figures = forecast(world).figures

    assert (figures["orders_all"], figures["orders"], figures["revenue_after"]) == (0, 0, "0")
    assert figures["revenue_percent"] is None
    assert figures["margin_before"] is None


def test_a_handed_in_change_keeps_its_forecast_and_the_decision_cites_it(world: World) -> None:
    world.sold("K-1", (world.small, 1, "199.00"))
    change = world.shop.submit(world.shop.draft("189.00"))
    request = Request.objects.get(pk=change.approval_id or 0)
    kept = ImpactReport.objects.get(approval=request)
    world.sold("K-2", (world.small, 1, "199.00"))

    again = impact.forecast_price_change(
        change_id=change.id, actor=actor(world.shop.specialist), at=AT
    )

    assert again.id == kept.pk
    assert request.figures["replay_orders"] == 1
    # 199.00 -> 189.00 is -5.0 %; the margin 99.00 -> 89.00 is -10.1 %.
    assert request.figures["replay_revenue_percent"] == "-5.0"
    assert request.figures["replay_margin_percent"] == "-10.1"


def test_a_forecast_is_never_corrected_even_past_the_service(world: World) -> None:
    world.sold("P-1", (world.small, 1, "199.00"))
    made = forecast(world)

    for statement in (
        "UPDATE catalog_impactreport SET figures = '{}' WHERE id = %s",
        "DELETE FROM catalog_impactreport WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match=r"append-only|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [made.pk])

    assert ImpactReport.objects.get(pk=made.pk).figures == made.figures


def test_an_outcome_needs_its_approval_and_stands_once_a_day(world: World) -> None:
    made = forecast(world)
    fields = {f.attname: getattr(made, f.attname) for f in ImpactReport._meta.concrete_fields} | {
        "id": None,
        "kind": "outcome",
    }

    with (
        pytest.raises(IntegrityError, match="impactreport_outcome_has_approval"),
        transaction.atomic(),
    ):
        ImpactReport.objects.create(**fields)

    assert not ImpactReport.objects.filter(kind="outcome").exists()


def test_what_else_will_be_live_on_the_same_goods_is_named(world: World) -> None:
    beside = world.shop.approved("180.00", skus=[world.small])
    world.sold("O-1", (world.small, 1, "199.00"))

    made = forecast(world, "170.00")

    assert (made.figures["overlaps"], made.figures["conflicts"]) == (1, 1)
    assert [(row["number"], row["skus"]) for row in made.rows["beside"]] == [(beside.number, 1)]


def test_who_may_not_read_costs_never_learns_a_margin(world: World) -> None:
    world.sold("V-1", (world.small, 1, "199.00"))
    change = world.shop.draft("159.00")
    url = f"/api/v1/price-changes/{change.id}/impact"
    editor = account("editor", Role.WEB_EDITING_SUPERVISOR)
    identity.grant_scope(
        user_id=editor.pk, kind="channel", object_id=world.shop.channel_id, actor=SYSTEM, at=AT
    )

    seen = with_token(world.shop.specialist).post(url, "{}", content_type="application/json")
    blind = with_token(editor).post(url, "{}", content_type="application/json")

    assert (seen.status_code, blind.status_code) == (200, 200)
    assert seen.json()["figures"]["margin_before"] == "99.00"
    assert seen.json()["rows"]["margin_thinnest"][0]["margin_after"] == "59.00"
    for name, value in blind.json()["figures"].items():
        assert "margin" not in name or value is None
    assert not blind.json()["rows"].get("margin_thinnest")
    assert blind.json()["rows"]["skus"][0]["margin_after"] is None
    assert blind.json()["figures"]["revenue_after"] == "159.00"


def test_the_outcome_stands_beside_the_forecast_every_night_until_the_end(world: World) -> None:
    # Forecast: 90 pieces in 90 days, one a day, at 189.00 and a cost of 100.
    for number in range(1, 91):
        world.sold(f"Q-{number}", (world.small, 1, "199.00"), days=number)
    change = world.shop.approved("189.00", skus=[world.small])
    request = PriceChange.objects.get(pk=change.id).approval_id
    first = business_day(START)

    before = impact.measure_outcomes(actor=SYSTEM, at=START - timedelta(hours=1))
    pricing.activate_due(actor=SYSTEM, at=START)
    # Two days later three pieces were really sold, one of them for 180.00.
    for number, (gone, pieces, price) in enumerate([(0, 2, "189.00"), (1, 1, "180.00")]):
        day = first + timedelta(days=gone)
        world.sold(f"T-{number}", (world.small, pieces, price), days=(TODAY - day).days)
    night = START + timedelta(days=2)
    made = impact.measure_outcomes(actor=SYSTEM, at=night)
    again = impact.measure_outcomes(actor=SYSTEM, at=night + timedelta(hours=1))

    assert (before, made, again) == ({"measured": 0}, {"measured": 1}, {"measured": 0})
    outcome = ImpactReport.objects.get(kind="outcome", approval_id=request)
    assert (outcome.first, outcome.last) == (first, first + timedelta(days=1))
    # Two days of the forecast: 2 pieces, 378.00, margin 178.00. Came: 3, 558.00, 258.00.
    assert outcome.figures["compared"] == {
        "units": {"forecast": "2.00", "outcome": "3", "percent": "50.0"},
        "orders": {"forecast": "2.00", "outcome": "2", "percent": "0.0"},
        "revenue": {"forecast": "378.00", "outcome": "558.00", "percent": "47.6"},
        "margin": {"forecast": "178.00", "outcome": "258.00", "percent": "44.9"},
    }
    late = END + timedelta(days=30)
    impact.measure_outcomes(actor=SYSTEM, at=late)
    impact.measure_outcomes(actor=SYSTEM, at=late + timedelta(days=1))
    last = ImpactReport.objects.filter(kind="outcome").latest("pk")
    assert ImpactReport.objects.filter(kind="outcome").count() == 2
    assert last.last == business_day(END - timedelta(seconds=1))


def test_days_that_are_not_over_are_never_measured() -> None:
    assert impact.outcome_window(starts_at=START, over_at=None, days=90, at=START) is None
    window = impact.outcome_window(
        starts_at=START, over_at=None, days=90, at=START + timedelta(days=400)
    )
    assert window is not None
    assert (window.days, window.last) == (90, business_day(START) + timedelta(days=89))

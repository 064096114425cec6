"""Reports of stock, the jobs of the night, and the proof on demand."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import ports
from inventory.models import DayClose, MonthClose
from inventory.selectors import movements, verification
from inventory.services import history, places
from inventory.types import HistoryRow
from ops.engines.controls import verification as proofs
from ops.engines.jobs import services as jobs
from ops.engines.kernel.actor import Actor
from ops.engines.reports.declarations import report_named
from ops.engines.reports.periods import parse
from ops.engines.reports.types import ReportQuery
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop


def rows(name: str, period: str, *, warehouses: frozenset[int] | None = None) -> list[Any]:
    query = ReportQuery(period=parse(period), actor=SYSTEM, at=AT, scopes={"warehouse": warehouses})
    return list(report_named(name).query(query))  # type: ignore[union-attr, arg-type]


@pytest.fixture
def told(shop: Shop) -> Shop:
    """Return a shop with two months of history."""
    sku = shop.skus[0]
    moments = [
        ("opening", 40, 0),
        ("sale", -30, 1),
        ("return", 2, 3),
        ("sale", -4, 33),
        ("found", 1, 34),
        ("write_off", -2, 35),
    ]
    start = datetime(2025, 3, 1, 1, tzinfo=UTC)
    history.import_history(
        batch_id=1,
        warehouse_id=shop.warehouse.id,
        rows=[
            HistoryRow(
                line_no=n,
                sku_id=sku,
                quantity=quantity,
                reason=reason,
                business_day=(start + timedelta(days=day)).date(),
                at=start + timedelta(days=day),
                effect_key=f"h:{n}",
                unit_cost=Decimal("1.50") if reason == "opening" else None,
            )
            for n, (reason, quantity, day) in enumerate(moments)
        ],
        actor=Actor.importer(),
        at=AT,
    )
    return shop


@pytest.mark.clause("SCM-2.3-04")
def test_closing_is_what_was_owned_at_the_end_of_the_period(told: Shop) -> None:
    assert rows("stock_closing", "2025-03") == [("S0", 12)]
    assert rows("stock_closing", "2025-04") == [("S0", 7)]
    assert rows("stock_closing", "2025-02") == []
    assert list(movements.closing(last=date(2025, 3, 31))) == [("S0", 12)]


def test_movements_are_counted_by_month_and_reason_without_opening(told: Shop) -> None:
    assert rows("stock_movements", "2025-03..2025-04") == [
        ("2025-03", "return", 1, 2),
        ("2025-03", "sale", 1, -30),
        ("2025-04", "found", 1, 1),
        ("2025-04", "sale", 1, -4),
        ("2025-04", "write_off", 1, -2),
    ]


@pytest.mark.clause("SCM-2.3-04")
def test_in_out_on_hand_adds_up_in_pieces_and_money(told: Shop) -> None:
    (row,) = rows("stock_in_out_onhand", "2025-04")

    money = [Decimal(text) for text in ("18.00", "1.50", "9.00", "10.50")]
    assert row == ("WH1", "S0", "杯子 0", 12, money[0], 1, money[1], 6, money[2], 7, money[3])
    counter = told.stock(told.skus[0])
    assert (counter.owned, counter.value) == (7, Decimal("10.50"))


def test_a_report_shows_only_the_warehouses_it_is_asked_for(told: Shop) -> None:
    other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
    told.post(told.draft(told.skus[0], 2, told.warehouse.bin_id, other.bin_id))

    here = rows("stock_closing", "2026-11", warehouses=frozenset({told.warehouse.id}))
    there = rows("stock_in_out_onhand", "2026-11", warehouses=frozenset({other.id}))

    assert here == [("S0", 5)]
    assert [(row[0], row[9]) for row in there] == [("WH2", 2)]
    assert rows("stock_closing", "2026-11") == [("S0", 7)]
    assert rows("stock_movements", "2026-11") == []


@pytest.mark.clause("SCM-2.3-02")
def test_the_night_lists_closes_and_reports_once(shop: Shop) -> None:
    shop.receive(shop.skus[0], 9)
    packed = shop.packed(1, (shop.skus[0], 2))
    night = AT + timedelta(hours=14)

    def run(name: str, period: str, at: datetime = night) -> dict[str, Any]:
        done = jobs.run_now(name=name, period=period, actor=SYSTEM, at=at)
        assert done.state == "done", done.error
        return dict(done.result)

    assert run("stock_day_list", "2026-11-21") == {"documents": 1, "numbers": [packed.number]}
    assert run("stock_day_close", "2026-11-21") == {"closed": 1, "moves": 1, "late": 0}
    run("stock_day_close", "2026-11-21")
    assert DayClose.objects.count() == 1
    month = run("stock_month_close", "2026-11", datetime(2026, 12, 1, 1, tzinfo=UTC))
    assert (month["quantity"], month["value"]) == (9, "22.50")
    assert MonthClose.objects.count() == 1
    assert "run" in run("stock_month_report_build", "2026-11")


@pytest.mark.clause("SCM-2.2-01")
def test_verify_proves_stock_and_names_every_difference(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.receive(shop.skus[0], 9)
    out = io.StringIO()

    call_command("verify", "stock", "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"equal": True, "differences": {"stock": []}}
    assert verification.differences() == []
    monkeypatch.setitem(proofs._checks, "stock", [lambda: ["SKU 1: kept 5, replay 4"]])
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("verify", "stock", stdout=out)
    assert refusal.value.returncode == 1
    assert "kept 5, replay 4" in out.getvalue()


def test_days_of_cover_and_unit_cost_answer_the_catalogue(shop: Shop) -> None:
    sku, other, _third = shop.skus
    shop.receive(sku, 30, "2.00")
    shop.receive(other, 30, None)
    shop.ship(1, (sku, 14))

    cover = ports.stock_cover(sku_ids=shop.skus, channel_id=None, at=AT)

    assert cover == {sku: Decimal("32.0")}
    assert ports.unit_cost(sku_ids=shop.skus, at=AT) == {sku: Decimal("2.000000")}
    assert AT.date() == TODAY

"""The screens of the range review without a browser, its report, and the screens of disposals."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from catalog.models import RangeDrop, RangeReviewRow
from catalog.services import products
from inventory.choices import MoveReason
from inventory.models import StockDisposal
from ops.engines.events import delivery
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format
from tests.catalog.ranged import FIRST, Range, open_range
from tests.catalog.shop import Shop, actor
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM, account

LIST_BUDGET, RECORD_BUDGET = 10, 26
clause = pytest.mark.clause("CAT-4.1-05")


@pytest.fixture(name="range_")
def fixture_range(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Range:
    return open_range(shop, monkeypatch)


def text(desk: Client, url: str) -> str:
    answer = desk.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@clause
def test_a_review_is_read_decided_in_bulk_and_row_by_row(range_: Range) -> None:
    desk = enter(range_.shop.specialist)
    empty = text(desk, "/range-reviews/")
    assert "每月 3 日" in empty
    made = range_.build()
    url = f"/range-reviews/{made.pk}/"

    assert "2026-11" in text(desk, "/range-reviews/")
    with CaptureQueriesContext(connection) as seen:
        page = text(desk, url)
    assert len(seen) <= LIST_BUDGET + 8
    assert "RG-STAR" in page
    assert "1,800.00" in page
    only = text(desk, f"{url}?proposal=drop")
    assert ("RG-DEAD" in only, "RG-STAR" in only) == (True, False)

    press = {"action": "push", "sel": [str(range_.row(c).pk) for c in ("RG-STAR", "RG-GOOD")]}
    assert desk.post(url, press).status_code == 200
    desk.post(url, {**press, "note": "主推", "step": "run"})
    row = range_.row("RG-FAIR")
    desk.post(f"/range-reviews/rows/{row.pk}/", {"action": "keep", "note": ""})
    drop = {"action": "drop", "sel": [str(range_.row("RG-DEAD").pk)], "note": "无人问津"}
    preview = desk.post(url, {**drop, "step": "check"}).content.decode()
    assert "停止采购" in preview
    desk.post(url, {**drop, "step": "run"})

    found = {
        code: range_.row(code).decision for code in ("RG-STAR", "RG-GOOD", "RG-FAIR", "RG-DEAD")
    }
    assert found == {"RG-STAR": "push", "RG-GOOD": "push", "RG-FAIR": "keep", "RG-DEAD": "drop"}
    assert RangeDrop.objects.get().note == "无人问津"


@clause
def test_a_row_leads_to_the_rows_behind_it_and_the_decider_sees_the_figures(
    range_: Range,
) -> None:
    range_.build()
    made = range_.ask("RG-DEAD")
    desk = enter(range_.shop.supervisor)
    row = range_.row("RG-DEAD")

    with CaptureQueriesContext(connection) as seen:
        page = text(desk, f"/range-reviews/rows/{row.pk}/")

    assert len(seen) <= RECORD_BUDGET
    assert made.number in page
    assert "reason=sale" in page
    assert "reason=return" in page
    asked = text(desk, f"/approvals/{made.approval_id}/")
    assert "RG-DEAD" in asked
    assert "无人问津" in asked


@clause
def test_the_moves_behind_a_row_are_those_of_its_month(range_: Range) -> None:
    range_.build()
    keeper = account("keeper", Role.STORE_MANAGER)

    page = text(
        enter(keeper),
        "/inventory/moves/?sku=RG-BACK&reason=return&day=2026-11-01..2026-11-30",
    )

    assert "RG-BACK" in page
    assert "RG-STAR" not in page


@clause
def test_who_may_not_read_costs_reads_no_margin(range_: Range) -> None:
    made = range_.build()
    desk = enter(account("editor", Role.EDITOR))

    page = text(desk, f"/range-reviews/{made.pk}/")
    one = text(desk, f"/range-reviews/rows/{range_.row('RG-STAR').pk}/")

    assert "RG-STAR" in page
    assert "1,800.00" not in page + one


@clause
def test_the_report_shows_figures_proposal_and_decision(range_: Range) -> None:
    range_.build()
    range_.dropped("RG-DEAD")

    file = reports.build(
        name="product_structure",
        period="2026-11",
        fmt=Format.XLSX,
        actor=actor(range_.shop.supervisor),
        at=AT,
    )

    assert file.rows == 7
    cells = [[cell.value for cell in row] for row in load_workbook(file.path).worksheets[0].rows]
    (dead,) = [row for row in cells if "RG-DEAD" in row]
    assert "整月无销售" in dead
    assert dead.count("淘汰") == 2, "proposed and decided"


@clause
def test_a_disposal_is_proposed_and_ended_on_its_page(range_: Range) -> None:
    range_.build()
    range_.dropped("RG-DEAD")
    delivery.drain(at=AT)
    identity.grant_scope(
        user_id=range_.shop.specialist.pk,
        kind="warehouse",
        object_id=range_.warehouse_id,
        actor=SYSTEM,
        at=AT,
    )
    desk = enter(range_.shop.specialist)
    rest = StockDisposal.objects.get()
    url = f"/inventory/disposals/{rest.pk}/"

    assert rest.number in text(desk, "/inventory/disposals/")
    assert "RG-DEAD" in text(desk, url)
    desk.post(url, {"action": "propose", "treatment": "scrap", "note": "已过季"})
    desk.post(url, {"action": "end"})
    rest.refresh_from_db()
    assert rest.state == "filed", "a hundred pieces are left"
    range_.move("RG-DEAD", 100, MoveReason.WRITE_OFF, FIRST + dt.timedelta(days=20))
    desk.post(url, {"action": "end"})

    rest.refresh_from_db()
    assert (rest.state, rest.treatment, rest.note) == ("ended", "scrap", "已过季")
    assert "没有待处置的库存" in text(desk, "/inventory/disposals/")


def test_foreign_categories_are_not_found(range_: Range) -> None:
    made = range_.build()
    foreign = account("foreign", Role.OPERATIONS_SPECIALIST)

    other = products.create_category(name="箱包", actor=SYSTEM, at=AT)
    identity.grant_scope(
        user_id=foreign.pk, kind="category", object_id=other.id, actor=SYSTEM, at=AT
    )
    desk = enter(foreign)
    row = range_.row("RG-STAR")

    assert desk.get(f"/range-reviews/rows/{row.pk}/").status_code == 404
    assert "RG-STAR" not in text(desk, f"/range-reviews/{made.pk}/")
    desk.post(f"/range-reviews/{made.pk}/", {"action": "keep", "sel": [str(row.pk)], "step": "run"})
    assert RangeReviewRow.objects.get(pk=row.pk).decision == ""

"""A report's file says what was typed, in every format (S16)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from ops.engines.reports import services
from ops.engines.reports.render.pdf import TAGGED_ROWS
from ops.engines.tables.inert import unmark
from tests.engines.reports import toy
from tests.engines.reports.conftest import AT, SYSTEM
from tests.support.expressions import EXPRESSIONS, SUM, bare, lost, on_paper

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 5)


def rows(times: int = 1) -> list[tuple[object, ...]]:
    return [
        (f"A-{turn}-{number}", text, DAY, 1, Decimal("1.00"))
        for turn in range(times)
        for number, text in enumerate(EXPRESSIONS)
    ]


def words(fmt: str) -> str:
    made = services.build(name="toy_sales", period="2026-10", fmt=fmt, actor=SYSTEM, at=AT)
    if fmt == "pdf":
        return on_paper(made.path.read_bytes())
    if fmt == "xlsx":
        cells = [cell for sheet in load_workbook(made.path) for row in sheet.rows for cell in row]
        return "\n".join(unmark(cell.value) for cell in cells if isinstance(cell.value, str))
    text = made.path.read_text("utf-8-sig")
    return (
        text.replace('""', '"') if fmt == "csv" else text.replace('\\"', '"').replace("\\\\", "\\")
    )


@pytest.mark.parametrize("fmt", ["pdf", "xlsx", "csv", "json"])
def test_a_file_says_what_was_typed_and_works_nothing_out(fmt: str) -> None:
    toy.fill(*rows())

    told = words(fmt)

    assert lost(told) == []
    assert SUM not in told


def test_a_long_paper_is_as_inert_as_a_short_one() -> None:
    times = TAGGED_ROWS // len(EXPRESSIONS) + 1
    toy.fill(*rows(times))

    told = words("pdf")

    assert SUM not in told
    assert told.count(bare("#(7919*7)")) >= times

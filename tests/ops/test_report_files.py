"""S7: no declared report brings a formula out in any of its files, and every value comes back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from os import environ
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from ops.engines.reports import content
from ops.engines.reports.choices import Format
from ops.engines.reports.declarations import Report, catalogue
from ops.engines.reports.render.files import write_file
from ops.engines.reports.render.sheet import Sheet
from ops.engines.reports.types import Section, Sections
from ops.engines.tables.inert import is_risky, unmark
from ops.engines.tables.writer import Column
from tests.engines.tables.test_writer import PAYLOADS
from tests.support.cells import acting
from tests.support.cells import cells as book_cells

FULL = environ.get("GUIFAN_FAULTS") == "full"
SAMPLE = len(PAYLOADS) if FULL else 14
"""Payloads in every text column of one report; the reports together take all of them."""
NUMBERS = {"integer": -5, "money": Decimal("-5.25"), "decimal": Decimal("-0.125"),
           "rate": Decimal("-0.05")}  # fmt: skip
DAY, MOMENT = dt.date(2026, 11, 5), dt.datetime(2026, 11, 5, 4, tzinfo=dt.UTC)


def _heard(_done: int) -> None:
    """Take no note of the progress."""


def reports() -> list[Report]:
    """Return every report an app declares; a pack holds their files and brings none of its own."""
    return [one for one in catalogue().values() if isinstance(one, Report)]


def value(column: Column, payload: str) -> Any:
    """Return the payload for a text, a negative number or a day for the other kinds."""
    if column.kind == "date":
        return DAY
    return MOMENT if column.kind == "datetime" else NUMBERS.get(column.kind, payload)


def payloads_for(turn: int) -> list[str]:
    """Return the share of one report, so that all reports together take every payload."""
    return [PAYLOADS[(turn * SAMPLE + step) % len(PAYLOADS)] for step in range(SAMPLE)]


def written(report: Report, payloads: Sequence[str], fmt: str, folder: Path) -> Path:
    """Return a file of the report with the payloads in every text, told as two tables."""
    rows = [tuple(value(column, text) for column in report.columns) for text in payloads]
    kept, made = folder / f"{report.name}.gz", folder / f"{report.name}.{fmt}"
    parts = Sections([Section(f"s{at}", payloads[at], report.columns, rows) for at in (0, 1)])
    if not kept.exists():
        content.write(kept, report, parts, _heard)
    sheet = Sheet(
        title=payloads[0], period=payloads[1], standing="provisional", version=1,
        cut_off_at=timezone.now(), rows=len(rows), digest="0" * 64,
    )  # fmt: skip
    write_file(fmt, made, sheet, content.read(kept, report), _heard)
    return made


def cells(path: Path) -> Iterator[str]:
    """Yield every cell of a CSV as it stands there."""
    for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), "")):
        yield from row


@pytest.fixture(params=range(len(reports())), ids=lambda turn: reports()[turn].name)
def turn(request: pytest.FixtureRequest) -> int:
    """Which of the declared reports."""
    return int(request.param)


def test_a_csv_of_every_report_is_inert_and_comes_back(turn: int, tmp_path: Path) -> None:
    report, payloads = reports()[turn], payloads_for(turn)

    found = list(cells(written(report, payloads, Format.CSV, tmp_path)))

    numbers = {str(number) for number in NUMBERS.values()}
    assert [one for one in found if is_risky(one) and one[:1] != "'" and one not in numbers] == []
    if any(column.kind == "text" for column in report.columns):
        assert set(payloads) <= {unmark(one) for one in found}
    for kind, number in NUMBERS.items():
        if any(column.kind == kind for column in report.columns):
            assert str(number) in found


def test_a_workbook_of_every_report_is_inert_and_comes_back(turn: int, tmp_path: Path) -> None:
    report, payloads = reports()[turn], payloads_for(turn)

    data = written(report, payloads, Format.XLSX, tmp_path).read_bytes()

    found = list(book_cells(data))
    assert acting(data) == []
    if any(column.kind == "text" for column in report.columns):
        assert set(payloads) <= {unmark(one.text) for one in found if one.kind == "text"}
    told = {float(one.text) for one in found if one.kind == "number"}
    for kind, number in NUMBERS.items():
        if any(column.kind == kind for column in report.columns):
            assert float(str(number)) in told


def test_the_reports_together_take_every_payload() -> None:
    taken = {one for turn in range(len(reports())) for one in payloads_for(turn)}

    assert len(reports()) >= 20
    assert len(taken) >= 300

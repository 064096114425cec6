"""S7: LibreOffice finds no formula in what we write, where it is on the machine."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xlsxwriter

from ops.engines.tables import writer
from tests.engines.tables.test_writer import COLUMNS, PAYLOADS

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
# Comma, quotes, UTF-8, from line 1; formulas of the file are worked out, as careless people say.
CAREFREE = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(OFFICE is None, reason="NOT RUN: LibreOffice is not on this machine"),
]


def opened(path: Path, *, infilter: str = "") -> tuple[list[str], int]:
    """Let LibreOffice open a file; return the formulas it found and how many rows."""
    told = ["--infilter=" + infilter] if infilter else []
    subprocess.run(
        [
            str(OFFICE), f"-env:UserInstallation={(path.parent / 'profile').as_uri()}", *told,
            "--headless", "--norestore", "--convert-to", "fods", "--outdir", str(path.parent),
            str(path),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    tree = ElementTree.parse(path.with_suffix(".fods")).getroot()  # noqa: S314 - made from ours
    cells = list(tree.iter(f"{TABLE}table-cell"))
    rows = [
        one
        for one in tree.iter(f"{TABLE}table-row")
        if one.find(f"{TABLE}table-cell/*") is not None
    ]
    return [found for one in cells if (found := one.get(f"{TABLE}formula"))], len(rows)


def test_an_office_program_finds_no_formula_in_a_csv(tmp_path: Path) -> None:
    path, naked = tmp_path / "ours.csv", tmp_path / "naked.csv"
    with path.open("wb") as stream:
        writer.write_csv(COLUMNS, [(payload, -5) for payload in PAYLOADS], stream)
    with naked.open("w", encoding="utf-8", newline="") as told:
        csv.writer(told).writerows([["=1+1", "-5"], ["a", "1"]])

    ours, rows = opened(path, infilter=CAREFREE)
    without_a_mark, _rows = opened(naked, infilter=CAREFREE)

    assert ours == []
    assert rows >= len(PAYLOADS)
    assert without_a_mark  # the program does look for them


def test_an_office_program_finds_no_formula_in_a_workbook(tmp_path: Path) -> None:
    path, naked = tmp_path / "ours.xlsx", tmp_path / "naked.xlsx"
    writer.write_xlsx(COLUMNS, [(payload, -5) for payload in PAYLOADS], path)
    with xlsxwriter.Workbook(str(naked)) as book:
        book.add_worksheet().write_formula(0, 0, "=1+1")

    ours, rows = opened(path)
    theirs, _rows = opened(naked)

    assert ours == []
    assert rows == len(PAYLOADS) + 1
    assert theirs

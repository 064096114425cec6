"""Cells as HTML: what people typed stays text, and every kind has its look."""

from __future__ import annotations

import pytest

from ops.engines.desk import markup
from ops.engines.desk.cells import Cell, Row
from ops.engines.desk.states import Badge, Tone

EVIL = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    "cell",
    [
        Cell(EVIL),
        Cell(EVIL, "code"),
        Cell(EVIL, "due", urgency="late"),
        Cell("x", href=EVIL),
        Cell("x", sub=EVIL),
        Cell("x", label=EVIL),
        Cell("x", badge=Badge(EVIL)),
        Cell(EVIL, sub=EVIL, is_name=True),
    ],
)
def test_what_people_typed_stays_text(cell: Cell) -> None:
    row = Row(key=EVIL, cells=(cell,), href=EVIL)

    written = f"{markup.row_cells(row)}{markup.select_cell(row)}{markup.cell(cell)}"

    assert "<script" not in written
    assert "&lt;script&gt;" in written


def test_a_cell_is_written_by_its_kind() -> None:
    assert markup.cell(Cell("1", "number")) == "1"
    assert markup.cell(Cell("A-1", "code")) == "<span data-as-is>A-1</span>"
    assert markup.cell(Cell("A-1", "code", href="/a/")) == '<a href="/a/" data-as-is>A-1</a>'
    assert markup.cell(Cell("2 h", "due", urgency="soon")) == '<span class="due is-soon">2 h</span>'
    assert markup.cell(Cell("A", sub="b")) == 'A<span class="sub">b</span>'
    badge = markup.cell(Cell("", "badge", badge=Badge("open", Tone.WAITING)))
    assert badge.startswith('<span class="state is-waiting"><svg')
    assert badge.endswith("</svg>open</span>")
    assert markup.badge(None) == ""


def test_the_naming_cell_opens_the_row_and_empty_cells_say_so() -> None:
    cells = (Cell("SO-1", "code", "Order", is_name=True), Cell("-", "money", "Total"))
    row = Row(key="7", cells=cells, href="/orders/SO-1/", is_picked=True)

    assert markup.row_cells(row) == (
        '<th scope="row" class=" row-name nowrap" data-label="Order">'
        '<a href="/orders/SO-1/" data-open>SO-1</a></th>'
        '<td class="num is-empty" data-label="Total">-</td>'
    )
    assert 'value="7" form="bulk" checked aria-label=' in markup.select_cell(row)

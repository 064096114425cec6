"""A report beside another period: rows meet by key, moves carry arrow and sign."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ops.engines.desk.besides import beside
from ops.engines.desk.cells import Cell, show
from ops.engines.reports.types import Table
from ops.engines.tables.writer import Column

COLUMNS = (Column("sku", "商品"), Column("name", "名称"), Column("amount", "金额", "money"))
KINDS = ("text", "text", "money")


def table(*rows: tuple[Any, ...]) -> Table:
    return Table("", "T", COLUMNS, list(rows))


def cells(given: Table) -> list[list[Cell]]:
    return [
        [Cell(text=show(value, kind), kind=kind) for value, kind in zip(row, KINDS, strict=True)]
        for row in given.rows
    ]


def shown(now: Table, other: Table | None, key: tuple[str, ...] = ("sku",)) -> list[list[str]]:
    found = beside(now, cells(now), other=other, key=key, kinds=KINDS)
    return [[row[0].text, row[2].text, row[2].sub] for row in found]


def test_rows_meet_by_their_key_though_their_words_changed() -> None:
    now = table(("A", "新名", Decimal("120.00")), ("B", "b", Decimal("5.00")))
    was = table(("B", "b", Decimal("7.00")), ("A", "旧名", Decimal("100.00")))

    assert shown(now, was) == [
        ["A", "120.00", "100.00 ▲ +20.00"],
        ["B", "5.00", "7.00 ▼ −2.00"],
    ]


def test_what_only_one_period_has_is_shown() -> None:
    now = table(("A", "a", Decimal("1.00")), ("C", "c", None))
    was = table(("A", "a", Decimal("1.00")), ("Z", "z", Decimal("9.00")))

    assert shown(now, was) == [["A", "1.00", "1.00"], ["C", "-", ""], ["Z", "-", "9.00"]]


def test_another_shape_is_not_compared() -> None:
    now = table(("A", "a", Decimal("1.00")))

    assert shown(now, Table("", "T", COLUMNS[:2], [("A", "a")])) == [["A", "1.00", ""]]
    assert shown(now, None) == [["A", "1.00", ""]]

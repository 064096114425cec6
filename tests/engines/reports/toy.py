"""Toy reports: one table with every kind of value, one with several, one pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel import parse
from ops.engines.kernel.policy import may
from ops.engines.reports.declarations import Member, pack, report
from ops.engines.reports.types import ReportQuery, Rows, Section, Sections
from ops.engines.tables.writer import Column

COLUMNS = (
    Column("sku", "商品编码", "text"),
    Column("name", "名称", "text"),
    Column("sold_on", "日期", "date"),
    Column("units", "数量", "integer"),
    Column("amount", "金额", "money"),
)
ROWS: list[tuple[Any, ...]] = []


def fill(*rows: tuple[Any, ...]) -> None:
    """Set what the toy report finds."""
    ROWS[:] = rows


def usual() -> list[tuple[Any, ...]]:
    """Return rows with Chinese text, formula-like text, a negative number and a gap."""
    day = dt.date(2026, 10, 5)
    return [
        ("A-1", "手机壳 红色", day, 1200, Decimal("12500.50")),
        ("A-2", "=HYPERLINK(1)", day, -5, Decimal("-5.00")),
        ("A-3", "#[1+1] *粗体* $x$ {{7*7}}", day, 0, None),
    ]


def causes(query: ReportQuery, since: dt.datetime, rows: Any) -> list[list[str]]:
    """Name a paper for each row that differs."""
    return [[f"PAPER-{row.key[0]}"] for row in rows]


def declare() -> None:
    """Declare the toys; the test's fixture takes them out again."""

    @report(
        "toy_sales",
        title=_("Daily sales sheet"),
        columns=COLUMNS,
        policy=may("inventory", "E"),
        params={"sku": parse.code},
        scopes=("warehouse",),
        closes="stock",
        key=("sku",),
        audience=["store_manager"],
        authors=["finance_officer"],
        approvers=["finance_manager"],
        causes=causes,
        clauses=["SCM-2.3-04"],
        period_kinds={"month", "range", "day"},
    )
    def toy_sales(query: ReportQuery) -> Rows:
        wanted = query.params.get("sku")
        return (row for row in ROWS if wanted in {None, row[0]})

    @report(
        "toy_generated",
        title="大表",
        columns=(Column("n", "序号", "integer"), Column("half", "半", "decimal")),
        policy=may("inventory", "E"),
        params={"rows": parse.quantity},
    )
    def toy_generated(query: ReportQuery) -> Rows:
        return query.sql(
            "SELECT n, n::numeric / 2 FROM generate_series(1, %s) AS n",
            [query.params.get("rows", 3)],
        )

    @report(
        "toy_sections",
        title="两张表",
        columns=(Column("k", "键", "text"),),
        policy=may("inventory", "E"),
    )
    def toy_sections(query: ReportQuery) -> Rows:
        return Sections(_sections(query))

    @pack("toy_pack", title="审计包", policy=may("compliance", "E"))
    def toy_pack(query: ReportQuery) -> list[Member | tuple[Any, ...]]:
        return [
            ("sales", "toy_sales", {}, ("xlsx", "csv", "pdf", "json")),
            Member(file="big", report="toy_generated", params={"rows": "7"}, formats=("csv",)),
            Member(file="note.txt", attach=lambda query: f"期间 {query.period}".encode()),
        ]


def _sections(query: ReportQuery) -> Iterator[Section]:
    yield Section("first", "第一", (Column("k", "键", "text"),), [("甲",), ("乙",)])
    days = (Column("first", "起", "date"), Column("last", "止", "date"))
    yield Section("days", "第二", days, [tuple(query.period)])
    yield Section("empty", "空", days, [])

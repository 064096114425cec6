"""A report beside another period: under each number what it was, and by how much it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ops.engines.desk import formats
from ops.engines.desk.cells import Cell, show
from ops.engines.reports.types import Table

MEASURES: Final = frozenset({"integer", "decimal", "money", "rate"})
Key = tuple[Any, ...]


def beside(
    table: Table,
    rows: list[list[Cell]],
    *,
    other: Table | None,
    key: Sequence[str],
    kinds: Sequence[str],
) -> list[list[Cell]]:
    """Return the rows with the other period's numbers under their own.

    Rows meet by the report's key columns, else by every column that is no measure. What only the
    other period has follows at the end, its own numbers missing.
    """
    if other is None or [c.key for c in other.columns] != [c.key for c in table.columns]:
        return rows
    places = _places(table, key)
    former = {tuple(row[i] for i in places): row for row in other.rows}
    measured = [i for i, column in enumerate(table.columns) if column.kind in MEASURES]
    found = []
    for row, cells in zip(table.rows, rows, strict=True):
        was = former.pop(tuple(row[i] for i in places), None)
        found.append(_with(cells, row, was, measured, kinds))
    for was in former.values():
        cells = [
            Cell(text=formats.MISSING if i in measured else show(value, kind), kind=kind,
                 label=column.title)
            for i, (column, kind, value) in enumerate(zip(table.columns, kinds, was, strict=True))
        ]  # fmt: skip
        found.append(_with(cells, None, was, measured, kinds))
    return found


def _places(table: Table, key: Sequence[str]) -> list[int]:
    named = [i for i, column in enumerate(table.columns) if column.key in key]
    return named or [i for i, column in enumerate(table.columns) if column.kind not in MEASURES]


def _with(
    cells: list[Cell],
    row: Key | None,
    was: Key | None,
    measured: Sequence[int],
    kinds: Sequence[str],
) -> list[Cell]:
    shown = list(cells)
    for i in measured:
        old = was[i] if was is not None else None
        now = row[i] if row is not None else None
        if old is None and now is None:
            continue
        shown[i] = replace(shown[i], sub=_words(old, now, kinds[i]))
    return shown


def _words(old: Any, now: Any, kind: str) -> str:
    """Write what it was, and the move as an arrow with its sign."""
    words = show(old, kind)
    if old is None or now is None or now == old:
        return words
    moved = now - old
    mark = "\u25b2 +" if moved > 0 else "\u25bc "
    return f"{words} {mark}{show(moved, kind)}"

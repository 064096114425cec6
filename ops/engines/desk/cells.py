"""Columns and the cells they make: how one value of a row is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.desk import formats
from ops.engines.desk.states import Badge, badge_of
from ops.engines.desk.trends import Trend
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, class_of, may_read

Text = str | Promise
RIGHT_ALIGNED: Final = frozenset({"money", "number", "pct"})
KINDS: Final = RIGHT_ALIGNED | {*("text", "code", "day", "moment", "due", "badge", "flag", "trend")}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list, a lines table or an export.

    `key` names the attribute (or mapping key) of the row unless `value` computes it. `kind` is one
    of text, code, money, number, pct, day, moment, due, badge, flag, trend. `name=True` marks the
    column that names the row and opens it; `sort=True` allows ordering by it (the selector must
    know the key); `optional=True` hides it until chosen; `sub` gives a second, smaller line. `data`
    is its class where the key does not say it: who may not read costs gets a list without this
    column. `exact` gives what a file carries where `value` is already words, such as 40 %.
    """

    key: str
    title: Text
    kind: str = "text"
    value: Callable[[Any], Any] | None = None
    href: Callable[[Any], str] | None = None
    sub: Callable[[Any], Any] | None = None
    unit: Text = ""
    sort: bool = False
    name: bool = False
    optional: bool = False
    data: DataClass | None = None
    exact: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that nobody can show."""
        if self.kind not in KINDS:
            raise ValueError(f"column {self.key}: no kind {self.kind}")

    @property
    def is_right(self) -> bool:
        """Say whether the column stands right-aligned."""
        return self.kind in RIGHT_ALIGNED

    def is_for(self, actor: Actor) -> bool:
        """Say whether the actor may read what the column shows."""
        return may_read(self.held, actor)

    @property
    def held(self) -> DataClass:
        """Return the class of what the column shows."""
        return self.data or class_of(self.key)

    def raw(self, row: Any) -> Any:
        """Return the value itself."""
        if self.value is not None:
            return self.value(row)
        return row.get(self.key) if isinstance(row, Mapping) else getattr(row, self.key)

    def cell(self, row: Any, *, at: datetime, label: Text = "") -> Cell:
        """Return the value as shown; a long list gives the title as read once, as `label`."""
        value = self.raw(row)
        return Cell(
            text=show(value, self.kind, at=at),
            kind=self.kind,
            label=label or self.title,
            href=self.href(row) if self.href else "",
            sub=str(self.sub(row) or "") if self.sub else "",
            badge=badge_of(value) if self.kind == "badge" else None,
            urgency=formats.urgency(value, at) if self.kind == "due" else "",
            is_name=self.name,
            trend=value if isinstance(value, Trend) else None,
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as shown, with what surrounds it."""

    text: str
    kind: str = "text"
    label: Text = ""
    href: str = ""
    sub: str = ""
    badge: Badge | None = None
    urgency: str = ""
    is_name: bool = False
    trend: Trend | None = None

    @property
    def is_right(self) -> bool:
        """Say whether the cell stands right-aligned."""
        return self.kind in RIGHT_ALIGNED

    @property
    def is_blank(self) -> bool:
        """Say whether there is nothing to read."""
        return self.badge is None and self.text in ("", formats.MISSING) and not self.sub


@dataclass(frozen=True, slots=True)
class Row:
    """One row as shown: its id for selecting, its address, its cells in column order."""

    key: str
    cells: tuple[Cell, ...]
    href: str = ""
    is_picked: bool = False


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "money": formats.money,
    "number": formats.number,
    "pct": formats.pct,
    "day": formats.day,
    "moment": formats.moment,
    "due": formats.moment,
    "flag": lambda value: _("Yes") if value else _("No"),
}


def show(value: Any, kind: str, *, at: datetime | None = None) -> str:
    """Write one value the way its kind is written on screens."""
    if value is None or value == "":
        return formats.MISSING
    if kind == "due" and at is not None:
        return formats.left(value, at)
    return _WRITERS.get(kind, str)(value)


@dataclass(frozen=True, slots=True)
class Lines:
    """A table inside a record or decision page: its title, columns, rows, totals row.

    Rows are whatever the columns read. `total` maps column keys to values of the last row.
    `anchor` is what a figure elsewhere on the page links to (`#anchor`).
    """

    title: Text
    columns: Sequence[Column]
    rows: Sequence[Any]
    total: Mapping[str, Any] | None = None
    empty: Text = ""
    note: Text = ""
    key: Callable[[Any], str] | None = None
    anchor: str = ""

    def known_to(self, actor: Actor) -> Lines:
        """Return the table without the columns the actor may not read."""
        columns = [column for column in self.columns if column.is_for(actor)]
        return self if len(columns) == len(self.columns) else replace(self, columns=columns)

    def shown(self, at: datetime) -> list[list[Cell]]:
        """Return the cells, row by row."""
        return [[column.cell(row, at=at) for column in self.columns] for row in self.rows]

    def total_cells(self) -> list[Cell]:
        """Return the cells of the totals row, empty where a column has none."""
        totals = self.total or {}
        return [
            Cell(
                text=show(totals[c.key], c.kind) if c.key in totals else "",
                kind=c.kind,
                label=c.title,
            )
            for c in self.columns
        ]

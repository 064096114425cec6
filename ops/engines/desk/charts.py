"""Charts: the numbers as plain data, drawn in the browser, with a real table beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise

from ops.engines.desk.cells import show

Text = str | Promise
KINDS: Final = frozenset(
    ("line", "bar", "stack", "ring", "bullet", "waterfall", "box", "scatter", "heat")
)


@dataclass(frozen=True, slots=True)
class Series:
    """One series: a value per category, None where there is none.

    `is_muted` draws it grey (last year); `is_partial_last` dashes the unfinished last period.
    Scatter takes (x, y) pairs, box five numbers, heat rows of values.
    """

    title: Text
    values: Sequence[Any]
    is_muted: bool = False
    is_partial_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart: its kind, categories, series, the finding in one line, marks.

    Kinds: line for time, bar for ranking (sorted by the caller), stack for parts of a whole, ring
    for at most five parts, bullet for targets, waterfall for change, box for spread, scatter for
    two measures, heat for week by hour. `marks` maps a category to a word (618, 双11). `hrefs`
    lead from each category to the rows behind it: by a click in the drawing, a link in the table.
    `low_is_best` draws a line with its smallest value on top, as ranks want it.
    """

    key: str
    title: Text
    kind: str
    categories: Sequence[Text]
    series: Sequence[Series]
    finding: Text = ""
    unit: Text = ""
    value_kind: str = "number"
    targets: Sequence[Any] = ()
    rows: Sequence[Text] = ()
    marks: Mapping[str, Text] | None = None
    href: str = ""
    hrefs: Sequence[str] = ()
    is_tall: bool = False
    low_is_best: bool = False

    def __post_init__(self) -> None:
        """Refuse a kind that nobody can draw."""
        if self.kind not in KINDS:
            raise ValueError(f"chart {self.key}: no kind {self.kind}")
        if self.hrefs and len(self.hrefs) != len(self.categories):
            raise ValueError(f"chart {self.key}: an address for each category, or none")

    @property
    def data(self) -> dict[str, Any]:
        """Return what the browser draws; amounts become numbers only here, for pixels."""
        return {
            "kind": self.kind,
            "title": str(self.title),
            "unit": str(self.unit),
            "places": 2 if self.value_kind == "money" else 1 if self.value_kind == "pct" else 0,
            "percent": self.value_kind == "pct",
            "categories": [str(each) for each in self.categories],
            "rows": [str(each) for each in self.rows],
            "series": [
                {
                    "name": str(each.title),
                    "values": [_plain(value) for value in each.values],
                    "muted": each.is_muted,
                    "partial": each.is_partial_last,
                }
                for each in self.series
            ],
            "targets": [_plain(value) for value in self.targets],
            "hrefs": list(self.hrefs),
            "inverse": self.low_is_best,
            "marks": {key: str(word) for key, word in (self.marks or {}).items()},
        }

    @property
    def table(self) -> list[tuple[str, list[str], str]]:
        """Return the same numbers as table rows: category, one value per series, the address."""
        return [
            (
                str(category),
                [self._text(each.values, n) for each in self.series],
                self.hrefs[n] if self.hrefs else "",
            )
            for n, category in enumerate(self.categories)
        ]

    def _text(self, values: Sequence[Any], index: int) -> str:
        value = values[index] if index < len(values) else None
        if isinstance(value, list | tuple):
            return " / ".join(show(part, self.value_kind) for part in value)
        return show(value, self.value_kind)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return float(value) if isinstance(value, Decimal) else value

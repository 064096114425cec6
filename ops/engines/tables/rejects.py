"""The file of rejected rows: why, and the row itself, ready to be mended and sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .intake import Reject
from .writer import Column, write_csv

COLUMNS = (
    Column("line", _("Line"), "integer"),
    Column("column", _("Column"), "text"),
    Column("reason", _("Why it was rejected"), "text"),
    Column("value", _("Value"), "text"),
)


def write_rejects(
    rejects: Iterable[Reject], path: Path, *, titles: Sequence[str] = (), hidden: Sequence[int] = ()
) -> int:
    """Write one line per rejected row: line, columns, reasons, values, then its own cells.

    The own cells stand under `titles` of the file, so that a mended file can be imported as it is;
    cells at the places `hidden` are personal and left out. Returns the number of rows.
    """
    rows = _rows(rejects, len(titles), frozenset(hidden))
    columns = (*COLUMNS, *(Column(f"cell_{i}", t, "text") for i, t in enumerate(titles)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        return write_csv(columns, rows, stream)


def _rows(
    rejects: Iterable[Reject], width: int, hidden: frozenset[int]
) -> Iterable[tuple[int | str, ...]]:
    lines: dict[int, list[Reject]] = {}
    for reject in rejects:
        lines.setdefault(reject.line, []).append(reject)
    for line, whys in lines.items():
        cells = [*whys[0].cells, *[""] * width][:width]
        yield (
            line,
            "; ".join(why.column for why in whys if why.column),
            "; ".join(why.reason for why in whys),
            "; ".join(why.value for why in whys if why.value),
            *("" if place in hidden else cell for place, cell in enumerate(cells)),
        )

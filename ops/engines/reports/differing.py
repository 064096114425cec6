"""Two contents side by side: which rows came, went or changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ops.engines.kernel.canonical import canonical_json
from ops.engines.reports.content import Part
from ops.engines.reports.declarations import Report
from ops.engines.reports.types import Difference

Row = tuple[object, ...]
Keyed = dict[tuple[str, Row, int], tuple[tuple[str, ...], Row]]


def differences(
    report: Report, before: Iterable[Part], after: Iterable[Part]
) -> Iterator[Difference]:
    """Yield the rows two contents do not share, in the order of the first, new rows last.

    Rows are matched by the report's key columns, else by all their values.
    """
    old, new = _keyed(report, before), _keyed(report, after)
    return (_difference(key, old, new) for key in old | new if old.get(key) != new.get(key))


def digest_of(rows: Sequence[Difference]) -> str:
    """Return the sha256 over the rows that differ, which who releases a restatement signs."""
    whole = hashlib.sha256()
    for row in rows:
        told = [row.section, row.key, row.before, row.after, row.columns, row.documents]
        whole.update(canonical_json(told).encode())
        whole.update(b"\n")
    return whole.hexdigest()


def _keyed(report: Report, parts: Iterable[Part]) -> Keyed:
    """Return rows by section and key; of several with one key the second is a row of its own."""
    rows: Keyed = {}
    for part in parts:
        names = tuple(column.key for column in part.columns)
        places = [i for i, name in enumerate(names) if name in report.key] or range(len(names))
        seen: Counter[Row] = Counter()
        for row in part.rows:
            key = tuple(row[i] for i in places)
            rows[part.key, key, seen[key]] = (names, row)
            seen[key] += 1
    return rows


def _difference(key: tuple[str, Row, int], old: Keyed, new: Keyed) -> Difference:
    names, before = old.get(key, ((), None))
    other_names, after = new.get(key, ((), None))
    changed: tuple[str, ...] = ()
    if before is not None and after is not None and names == other_names:
        changed = tuple(n for n, a, b in zip(names, before, after, strict=True) if a != b)
    return Difference(key[0], key[1], before, after, changed)

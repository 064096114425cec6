"""Two versions side by side: which rows came, went or changed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.reports.asking import as_report, wanted
from ops.engines.reports.declarations import Report
from ops.engines.reports.errors import RunMissing
from ops.engines.reports.keeping import figures_of
from ops.engines.reports.models import ReportEdition
from ops.engines.reports.types import Difference

Row = tuple[object, ...]
Keyed = dict[tuple[str, Row], tuple[tuple[str, ...], Row]]


def compare(
    *,
    name: str,
    period: str,
    before: int,
    after: int,
    actor: Actor,
    params: Mapping[str, str] | None = None,
    limit: int = 500,
) -> list[Difference]:
    """Return the rows in which version `after` differs from version `before`.

    Rows are matched by the report's key columns, else by all their values.
    Raises ReportUnknown, Forbidden, BadInput, RunMissing.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    report = as_report(asked.declared)
    found = {row.version: row for row in ReportEdition.objects.filter(key=asked.key)}
    if before not in found or after not in found:
        raise RunMissing("reports.version_missing", _("There is no such version."))
    old, new = _keyed(report, found[before]), _keyed(report, found[after])
    changed = (key for key in old | new if old.get(key) != new.get(key))
    return [_difference(key, old, new) for key in islice(changed, limit)]


def _keyed(report: Report, edition: ReportEdition) -> Keyed:
    rows: Keyed = {}
    for part in figures_of(edition, report):
        names = tuple(column.key for column in part.columns)
        places = [i for i, name in enumerate(names) if name in report.key] or range(len(names))
        for row in part.rows:
            rows[part.key, tuple(row[i] for i in places)] = (names, row)
    return rows


def _difference(key: tuple[str, Row], old: Keyed, new: Keyed) -> Difference:
    names, before = old.get(key, ((), None))
    other_names, after = new.get(key, ((), None))
    changed: tuple[str, ...] = ()
    if before is not None and after is not None and names == other_names:
        changed = tuple(n for n, a, b in zip(names, before, after, strict=True) if a != b)
    return Difference(key[0], key[1], before, after, changed)

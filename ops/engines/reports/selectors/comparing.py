"""Two versions side by side: which rows came, went or changed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.reports.asking import as_report, wanted
from ops.engines.reports.differing import differences
from ops.engines.reports.errors import RunMissing
from ops.engines.reports.keeping import figures_of
from ops.engines.reports.models import ReportDifference, ReportEdition
from ops.engines.reports.types import Difference


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
    old, new = (figures_of(found[version], report) for version in (before, after))
    return list(islice(differences(report, old, new), limit))


def stored(*, edition_id: int, limit: int = 500) -> list[Difference]:
    """Return the rows in which a version differs from the one before, as they were kept."""
    rows = ReportDifference.objects.filter(edition_id=edition_id).order_by("position")[:limit]
    return [
        Difference(
            row.section,
            tuple(row.key),
            None if row.before is None else tuple(row.before),
            None if row.after is None else tuple(row.after),
            tuple(row.columns),
            tuple(row.documents),
        )
        for row in rows
    ]

"""What came of approved proposals, in one line for whoever decides the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalog.choices.impact import ImpactKind
from catalog.selectors import impact
from catalog.types.impact import ReportInfo


def outcome_words(request_ids: Sequence[int]) -> dict[int, str]:
    """Return by request what was sold against the forecast; without cost or margin. One query."""
    found = impact.of_approvals(approval_ids=request_ids)
    return {
        request_id: _words(reports[ImpactKind.OUTCOME])
        for request_id, reports in found.items()
        if ImpactKind.OUTCOME in reports
    }


def _words(report: ReportInfo) -> str:
    compared: Mapping[str, Any] = report.figures.get("compared", {})
    units, revenue = compared.get("units", {}), compared.get("revenue", {})
    return _(
        "%(days)s days: %(units)s pieces (forecast %(units_said)s), revenue %(revenue)s"
        " (forecast %(revenue_said)s)"
    ) % {
        "days": report.window_days,
        "units": units.get("outcome"),
        "units_said": units.get("forecast"),
        "revenue": revenue.get("outcome"),
        "revenue_said": revenue.get("forecast"),
    }

"""When declared reports make themselves, and which job makes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import daily, half_yearly, monthly, quarterly, weekly, yearly
from ops.engines.jobs.declarations import jobs
from ops.engines.jobs.timetables import Cadence
from ops.engines.reports.declarations import Declared, catalogue

# Each is about the period before the one it is due in, when the night's figures are built.
CADENCES: Mapping[str, Cadence] = {
    "daily": daily("06:20", back=1),
    "weekly": weekly(1, "06:40", back=1),
    "monthly": monthly(day=1, at="07:00", back=1),
    "quarterly": quarterly(month=1, day=1, at="07:20", back=1),
    "half_yearly": half_yearly(month=1, day=1, at="07:30", back=1),
    "yearly": yearly(month=1, day=1, at="07:40", back=1),
}
_LABELS = {
    "daily": _("daily"),
    "weekly": _("weekly"),
    "monthly": _("monthly"),
    "quarterly": _("quarterly"),
    "half_yearly": _("half-yearly"),
    "yearly": _("yearly"),
}


def job_name(declared: Declared) -> str:
    """Return the name of the job that makes a report."""
    return declared.built_by or f"report_{declared.name}"


def cadence_of(declared: Declared) -> Cadence | None:
    """Return when a report makes itself; None when nobody but a person starts it."""
    if isinstance(declared.cadence, str):
        return CADENCES.get(declared.cadence)
    return declared.cadence


def cadence_label(declared: Declared) -> str:
    """Say the cadence to a person."""
    if isinstance(declared.cadence, str):
        return str(_LABELS.get(declared.cadence, declared.cadence))
    return declared.cadence.label


def next_dues(*, at: dt.datetime) -> dict[str, dt.datetime]:
    """Return when each report that makes itself is made next."""
    known = jobs()
    return {
        name: known[job_name(declared)].cadence.next_after(at).due_at
        for name, declared in catalogue().items()
        if job_name(declared) in known
    }

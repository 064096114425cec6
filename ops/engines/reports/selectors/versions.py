"""Versions of a report's figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ops.engines.kernel.actor import Actor
from ops.engines.reports.asking import wanted
from ops.engines.reports.describing import describe_edition
from ops.engines.reports.models import ReportConfirmation, ReportEdition
from ops.engines.reports.types import EditionInfo


def editions(
    *, name: str, period: str, actor: Actor, params: Mapping[str, str] | None = None
) -> list[EditionInfo]:
    """Return every version of one period, the newest first.

    Raises ReportUnknown, Forbidden, BadInput.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    rows = ReportEdition.objects.filter(key=asked.key).order_by("-version")
    return [describe_edition(row) for row in rows]


def newest_edition(*, key: str, version: int | None = None) -> ReportEdition | None:
    """Return the newest version of a key, or the one asked for."""
    rows = ReportEdition.objects.filter(key=key).order_by("-version")
    return (rows.filter(version=version) if version else rows).first()


def confirmations(*, edition_id: int) -> list[tuple[int, str, dt.datetime]]:
    """Return who confirmed a version, with person, name and moment, the first one first."""
    rows = ReportConfirmation.objects.filter(edition_id=edition_id).order_by("pk")
    return list(rows.values_list("person_id", "person__name", "confirmed_at"))

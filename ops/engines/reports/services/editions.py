"""Versions of figures: found in one snapshot, kept for good, compared with the version before."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from django.db import connection, transaction

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.periods import selectors as books
from ops.engines.periods.choices import PeriodState
from ops.engines.reports import content, disk
from ops.engines.reports.asking import Wanted, plain_scopes
from ops.engines.reports.choices import Standing
from ops.engines.reports.declarations import Declared, Report
from ops.engines.reports.errors import FileDamaged, FileLost
from ops.engines.reports.keeping import figures_of
from ops.engines.reports.models import ReportEdition
from ops.engines.reports.periods import Period
from ops.engines.reports.sources import snapshot

ENDING = "jsonl.gz"


def find_figures(
    *, wanted: Wanted, report: Report, actor: Actor, at: dt.datetime, progress: content.Progress
) -> ReportEdition:
    """Ask the report's query in one snapshot and keep what it yields as a version.

    Unchanged figures of unchanged standing are the version there already is. Otherwise a new
    version follows and the former stays: nothing handed out is ever overwritten.
    Raises FiguresWrong and whatever the query raises.
    """
    with disk.draft(ENDING) as draft:
        query = wanted.query(actor=actor, at=at)
        with snapshot(query.alias):
            written = content.write(draft, report, report.query(query), progress)
        return _keep(wanted, report, written, draft, at)


def is_final(declared: Declared, period: Period, at: dt.datetime) -> bool:
    """Say whether figures may no longer change: the period is over and its books are closed."""
    if business_day(at) <= period.last:
        return False
    return not declared.closes or all(
        books.state_on(module=declared.closes, day=day) == PeriodState.CLOSED
        for day in {period.first, period.last}
    )


def count_differences(before: Iterable[content.Part], after: Iterable[content.Part]) -> int:
    """Count the rows two contents do not share; a changed row counts once."""
    old, new = _rows(before), _rows(after)
    return max((old - new).total(), (new - old).total())


def _keep(
    wanted: Wanted, report: Report, written: content.Written, draft: Path, at: dt.datetime
) -> ReportEdition:
    final = is_final(report, wanted.period, at)
    with transaction.atomic():
        _lock(wanted.key)
        former = ReportEdition.objects.filter(key=wanted.key).order_by("-version").first()
        if former is not None and _is_same(former, written, is_final=final):
            return former
        differences = None
        if former is not None:
            differences = _against(former, report, written, draft)
        edition = ReportEdition(
            name=report.name,
            period=wanted.period.text,
            first_on=wanted.period.first,
            last_on=wanted.period.last,
            params=dict(wanted.params),
            scopes=plain_scopes(wanted.scopes),
            scope_key=wanted.scope_key,
            key=wanted.key,
            version=former.version + 1 if former else 1,
            standing=_standing(former, differences, is_final=final),
            cut_off_at=at,
            rows=written.rows,
            digest=written.digest,
            restated_from=former,
            differences=differences,
        )
        with disk.kept(draft, ENDING) as edition.stored_name:
            edition.save(force_insert=True)
    return edition


def _against(former: ReportEdition, report: Report, written: content.Written, draft: Path) -> int:
    try:
        return count_differences(figures_of(former, report), content.read(draft, report))
    except (FileLost, FileDamaged):
        return max(former.rows, written.rows)  # what cannot be compared counts as different


def _is_same(former: ReportEdition, written: content.Written, *, is_final: bool) -> bool:
    was_final = former.standing != Standing.PROVISIONAL
    return former.digest == written.digest and was_final == is_final


def _standing(former: ReportEdition | None, differences: int | None, *, is_final: bool) -> Standing:
    """Name what the figures are worth: a cut-off version that was corrected is restated.

    Looks into a period while it ran are no version anybody relied on.
    """
    if not is_final:
        return Standing.PROVISIONAL
    if former is None or not differences or business_day(former.cut_off_at) < former.last_on:
        return Standing.SEALED
    return Standing.RESTATED


def _rows(parts: Iterable[content.Part]) -> Counter[tuple[object, ...]]:
    return Counter((part.key, *row) for part in parts for row in part.rows)


def _lock(key: str) -> None:
    """Let one version at a time follow another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"report:{key}"])

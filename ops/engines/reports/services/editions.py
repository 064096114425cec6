"""Versions of figures: found in one snapshot, kept for good, compared with the version before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection, transaction

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.parse import business_day
from ops.engines.periods import selectors as books
from ops.engines.periods.choices import PeriodState
from ops.engines.reports import content, disk
from ops.engines.reports.asking import Wanted, as_report, plain_scopes
from ops.engines.reports.choices import Standing
from ops.engines.reports.declarations import Declared, Report
from ops.engines.reports.differing import differences as differences_of
from ops.engines.reports.differing import digest_of
from ops.engines.reports.errors import FileDamaged, FileLost
from ops.engines.reports.keeping import figures_of
from ops.engines.reports.models import ReportDifference, ReportEdition
from ops.engines.reports.periods import Period
from ops.engines.reports.sources import snapshot
from ops.engines.reports.types import Difference, ReportQuery

ENDING = "jsonl.gz"
MOST_KEPT = 2_000  # rows of difference kept in the database; the files hold them all


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
        return _keep(wanted, query, written, draft)


def is_final(declared: Declared, period: Period, at: dt.datetime) -> bool:
    """Say whether figures may no longer change: the period is over and its books are closed."""
    if business_day(at) <= period.last:
        return False
    return not declared.closes or all(
        books.state_on(module=declared.closes, day=day) == PeriodState.CLOSED
        for day in {period.first, period.last}
    )


def rows_before(key: str) -> int | None:
    """Return how many rows the newest version of a question has; None before the first."""
    rows = ReportEdition.objects.filter(key=key).order_by("-version").values_list("rows", flat=True)
    return rows.first()


def _keep(
    wanted: Wanted, query: ReportQuery, written: content.Written, draft: Path
) -> ReportEdition:
    report, at = as_report(wanted.declared), query.at
    final = is_final(report, wanted.period, at)
    with transaction.atomic():
        _lock(wanted.key)
        former = ReportEdition.objects.filter(key=wanted.key).order_by("-version").first()
        if former is not None and _is_same(former, written, is_final=final):
            return former
        changes = _against(former, report, query, draft) if former is not None else _NONE
        differences = None if former is None else changes.number
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
            differences_digest=changes.digest,
        )
        with disk.kept(draft, ENDING) as edition.stored_name:
            edition.save(force_insert=True)
            _store(edition, changes.rows)
    return edition


@dataclass(frozen=True, slots=True)
class _Changes:
    """How a version differs from the one before: how many rows, the first of them, their digest."""

    number: int
    rows: Sequence[Difference]
    digest: str


_NONE = _Changes(0, (), "")


def _against(former: ReportEdition, report: Report, query: ReportQuery, draft: Path) -> _Changes:
    """Compare with the version before; the first 2,000 rows are kept with what caused them."""
    try:
        found = list(
            differences_of(report, figures_of(former, report), content.read(draft, report))
        )
    except (FileLost, FileDamaged):
        return _Changes(max(former.rows, query_rows(draft, report)), (), "")
    kept = _explained(report, query, former, found[:MOST_KEPT])
    return _Changes(len(found), kept, digest_of(kept) if kept else "")


def query_rows(draft: Path, report: Report) -> int:
    """Count the rows of stored content: what cannot be compared counts as different."""
    return sum(1 for part in content.read(draft, report) for _row in part.rows)


def _explained(
    report: Report, query: ReportQuery, former: ReportEdition, found: Sequence[Difference]
) -> Sequence[Difference]:
    if report.causes is None or not found:
        return found
    with snapshot(query.alias):
        told = report.causes(query, former.cut_off_at, found)
    return [
        replace(row, documents=tuple(documents)) for row, documents in zip(found, told, strict=True)
    ]


def _store(edition: ReportEdition, rows: Sequence[Difference]) -> None:
    ReportDifference.objects.bulk_create(
        [
            ReportDifference(
                edition=edition,
                position=position,
                section=row.section,
                key=plain(row.key),
                before=plain(row.before),
                after=plain(row.after),
                columns=list(row.columns),
                documents=list(row.documents),
            )
            for position, row in enumerate(rows, start=1)
        ],
        batch_size=1000,
    )


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


def _lock(key: str) -> None:
    """Let one version at a time follow another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"report:{key}"])

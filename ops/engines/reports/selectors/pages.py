"""A report on the screen: sealed figures as they were kept, open ones as they are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import islice

from ops.engines.kernel.actor import Actor
from ops.engines.reports.asking import Wanted, as_report, wanted
from ops.engines.reports.choices import Standing
from ops.engines.reports.declarations import Report
from ops.engines.reports.describing import describe_edition
from ops.engines.reports.keeping import figures_of
from ops.engines.reports.models import ReportEdition
from ops.engines.reports.selectors.versions import newest_edition
from ops.engines.reports.sources import snapshot
from ops.engines.reports.types import ReportPage, ReportQuery, Section, Sections, Table

MOST_ROWS = 500


def page(
    *,
    name: str,
    period: str,
    actor: Actor,
    at: dt.datetime,
    params: Mapping[str, str] | None = None,
    version: int | None = None,
    limit: int = MOST_ROWS,
) -> ReportPage:
    """Return a report's tables, at most `limit` rows each.

    A final version is read from what was kept, never computed again; while figures may still
    change they are asked live and nothing is kept.
    Raises ReportUnknown, Forbidden, BadInput, WrongQuestion.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    report = as_report(asked.declared)
    edition = newest_edition(key=asked.key, version=version)
    if edition is not None and (version or edition.standing != Standing.PROVISIONAL):
        tables = list(_kept(report, edition, limit))
        as_of = edition.cut_off_at
    else:
        edition, as_of = None, at
        tables = _live(report, asked, asked.query(actor=actor, at=at), limit)
    return ReportPage(
        name=name,
        title=str(report.title),
        period=asked.period,
        edition=describe_edition(edition) if edition else None,
        as_of=as_of,
        tables=[Table(t.key, t.title, t.columns, t.rows[:limit]) for t in tables],
        is_cut=any(len(table.rows) > limit for table in tables),
    )


def _kept(report: Report, edition: ReportEdition, limit: int) -> Iterator[Table]:
    for part in figures_of(edition, report):
        yield Table(part.key, part.title, part.columns, list(islice(part.rows, limit + 1)))


def _live(report: Report, asked: Wanted, query: ReportQuery, limit: int) -> list[Table]:
    with snapshot(query.alias):
        rows = report.query(query)
        sections = (
            rows.sections
            if isinstance(rows, Sections)
            else [Section("", asked.declared.title, report.columns, rows)]
        )
        return [
            Table(
                section.key,
                str(section.title),
                tuple(section.columns),
                [tuple(row) for row in islice(section.rows, limit + 1)],
            )
            for section in sections
        ]

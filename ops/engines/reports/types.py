"""What a report's query function takes and gives, and what the engine hands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from ops.engines.kernel.actor import Actor
from ops.engines.reports.periods import Period
from ops.engines.reports.sources import stream
from ops.engines.tables.writer import Column


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a report that has several."""

    key: str
    title: Any
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Sections:
    """Several tables in one report, in order; each is read once, while it is written."""

    sections: Iterable[Section]


Rows = Iterable[Sequence[Any]] | Sections


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """What is asked: the days, by whom, narrowed to what.

    `scopes` maps each scope kind the report declares to the ids allowed; None means everywhere.
    `at` is the cut-off: facts recorded later do not exist for this report.
    """

    period: Period
    actor: Actor
    at: dt.datetime
    params: Mapping[str, Any] = field(default_factory=dict)
    scopes: Mapping[str, frozenset[int] | None] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """Name the database alias reports read from, inside one snapshot: `.using(query.alias)`."""
        return str(settings.REPORT_ALIAS)

    def sql(self, statement: str, params: Any = None) -> Iterator[tuple[Any, ...]]:
        """Stream a statement's rows from the report database at constant memory.

        `statement` is a constant of the calling module; values only in `params`.
        """
        return stream(self.alias, statement, params)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """One finished file."""

    run_id: int
    name: str
    period: str
    format: str
    path: Path
    file_name: str
    sha256: str
    size: int
    rows: int
    digest: str
    version: int
    standing: str
    cut_off_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One run as screens and the API show it; `total` is None while nobody knows it."""

    id: int
    name: str
    period: str
    params: Mapping[str, Any]
    format: str
    state: str
    stage: str
    done: int
    total: int | None
    requested_by: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    cut_off_at: dt.datetime | None
    rows: int | None
    sha256: str
    digest: str
    size: int | None
    version: int | None
    standing: str
    error_code: str
    error: str
    stage_at: dt.datetime | None = None
    is_stopping: bool = False

    def left(self, at: dt.datetime) -> dt.timedelta | None:
        """Return how long the stage still takes, by its pace so far; None before a tenth of it."""
        if not self.total or self.stage_at is None or self.done * 10 < self.total:
            return None
        pace = (at - self.stage_at) / self.done
        return pace * max(self.total - self.done, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionInfo:
    """One version of a report's figures; `differences` counts rows against the version before."""

    id: int
    name: str
    period: str
    version: int
    standing: str
    cut_off_at: dt.datetime
    rows: int
    digest: str
    differences: int | None
    differences_digest: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """One of those a report is addressed to, and when they confirmed its version (None: not)."""

    person_id: int
    name: str
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a version, as what, and when; its digest is the version's, the database sees."""

    kind: str
    person_id: int
    name: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Table:
    """One table as a screen shows it: at most as many rows as were asked for."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A report on the screen; `edition` is None for live, provisional figures."""

    name: str
    title: str
    period: Period
    edition: EditionInfo | None
    as_of: dt.datetime
    tables: list[Table]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that two versions of a report do not share: only in one, or changed columns."""

    section: str
    key: tuple[Any, ...]
    before: tuple[Any, ...] | None
    after: tuple[Any, ...] | None
    columns: tuple[str, ...]
    documents: tuple[str, ...] = ()

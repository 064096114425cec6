"""What apps declare: reports, and packs of reports, each with its policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.timetables import Cadence
from ops.engines.kernel.classified import DataClass, carry, class_of
from ops.engines.kernel.policy import Policy, declare
from ops.engines.reports.choices import Format, PeriodKind
from ops.engines.reports.errors import ReportUnknown
from ops.engines.reports.types import Difference, ReportQuery, Rows
from ops.engines.tables.writer import Column

Text = str | Promise
Reader = Callable[[str], Any]
Query = Callable[[ReportQuery], Rows]
Drill = Callable[[Mapping[str, Any], ReportQuery], str]
# Given the question, the cut-off of the version before and the rows that differ: the documents
# that caused each, in the order of the rows.
Causes = Callable[[ReportQuery, dt.datetime, Sequence[Difference]], Sequence[Sequence[str]]]
FILE_FORMATS = frozenset({Format.XLSX, Format.CSV, Format.PDF, Format.JSON})
ALL_KINDS = frozenset(PeriodKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One declared report; the query function yields tuples in the order of the columns."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    policy: Policy
    query: Query
    period_kinds: frozenset[PeriodKind] = ALL_KINDS
    formats: frozenset[Format] = FILE_FORMATS
    params: Mapping[str, Reader] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    closes: str = ""
    key: tuple[str, ...] = ()
    drill: Mapping[str, Drill] = field(default_factory=dict)
    undrilled: str = ""
    causes: Causes | None = None
    authors: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    cadence: str | Cadence = ""
    built_by: str = ""
    audience: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    about: Text = ""
    data: DataClass = DataClass.INTERNAL

    @property
    def is_pack(self) -> bool:
        """Say whether files come out as one sealed archive."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of a pack: a report in some formats, or bytes made by a function.

    `file` is the name inside the archive without its ending (with it when `attach` is given).
    """

    file: str
    report: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    formats: Sequence[str] = (Format.XLSX,)
    period: str = ""
    attach: Callable[[ReportQuery], bytes] | None = None


Members = Callable[[ReportQuery], Sequence["Member | tuple[Any, ...]"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One declared archive of reports with its manifest; read for the whole company."""

    name: str
    title: Text
    policy: Policy
    members: Members
    period_kinds: frozenset[PeriodKind] = ALL_KINDS
    cadence: str | Cadence = ""
    built_by: str = ""
    audience: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    about: Text = ""
    formats: frozenset[Format] = frozenset({Format.ZIP})
    params: Mapping[str, Reader] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    closes: str = ""
    authors: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    data: DataClass = DataClass.INTERNAL

    @property
    def is_pack(self) -> bool:
        """Say whether files come out as one sealed archive."""
        return True


Declared = Report | Pack
_declared: dict[str, Declared] = {}
_listeners: list[Callable[[Declared], None]] = []


def report(
    name: str,
    *,
    title: Text,
    columns: Sequence[Column],
    policy: Policy,
    period_kinds: Collection[str] = ALL_KINDS,
    formats: Collection[str] = FILE_FORMATS,
    params: Mapping[str, Reader] | None = None,
    scopes: Sequence[str] = (),
    closes: str = "",
    key: Sequence[str] = (),
    drill: Mapping[str, Drill] | None = None,
    undrilled: str = "",
    causes: Causes | None = None,
    authors: Sequence[str] = (),
    approvers: Sequence[str] = (),
    cadence: str | Cadence = "",
    built_by: str = "",
    audience: Sequence[str] = (),
    clauses: Sequence[str] = (),
    about: Text = "",
    data: DataClass = DataClass.INTERNAL,
) -> Callable[[Query], Query]:
    """Declare a report above the function that yields its rows.

    `params` maps the names a reader may narrow by to strict parsers. `scopes` lists the scope
    kinds the query narrows by (`query.scopes`); without it people whose right is limited to some
    objects are refused, because the figures would show the others. `closes` names the periods
    module whose close makes the figures final. `cadence` (daily, weekly, monthly, quarterly,
    half_yearly, yearly, or a cadence of the jobs engine) makes the report by itself, as the job
    `report_<name>`; `built_by` names the job that makes it instead; other words are only shown.
    `key` names the columns that identify a row, for comparisons. JSON is always offered, for
    machines. `data` is the class of what it gives away where the names of its columns do not say
    it; who may not read that class may not read the report.

    `drill` leads from a figure to the rows that sum to it; figures without one are explained in
    `undrilled`. `causes` names the documents behind the rows in which a version differs from the
    one before. A report with `authors` and `approvers` is signed: a holder of the first roles
    prepares a final version, another person of the second approves it.
    """
    if bool(authors) != bool(approvers):
        raise ValueError(f"report {name}: who prepares and who approves are declared together")

    def enter(query: Query) -> Query:
        known = {column.key for column in columns}
        if not columns or len(known) != len(columns) or not set(key) <= known:
            raise ValueError(f"report {name}: columns need different keys, and `key` names some")
        held = carry("report", name, [data, *map(class_of, known)])
        _enter(
            Report(
                name=name,
                data=held,
                title=title,
                columns=tuple(columns),
                policy=policy,
                query=query,
                period_kinds=frozenset(map(PeriodKind, period_kinds)),
                formats=frozenset(map(Format, formats)) | {Format.JSON},
                params=MappingProxyType(dict(params or {})),
                scopes=tuple(scopes),
                closes=closes,
                key=tuple(key),
                drill=MappingProxyType(dict(drill or {})),
                undrilled=undrilled,
                causes=causes,
                authors=tuple(authors),
                approvers=tuple(approvers),
                cadence=cadence,
                built_by=built_by,
                audience=tuple(audience),
                clauses=tuple(clauses),
                about=about,
            )
        )
        return query

    return enter


def pack(
    name: str,
    *,
    title: Text,
    policy: Policy,
    period_kinds: Collection[str] = ALL_KINDS,
    params: Mapping[str, Reader] | None = None,
    closes: str = "",
    cadence: str | Cadence = "",
    built_by: str = "",
    audience: Sequence[str] = (),
    clauses: Sequence[str] = (),
    about: Text = "",
    members: Members | None = None,
) -> Callable[[Members], Members]:
    """Declare a pack above the function that lists its members (or give it as `members=`).

    A pack shows the whole company: its policy's right must be held everywhere. The rest is as
    for a report.
    """

    def enter(listed: Members) -> Members:
        _enter(
            Pack(
                name=name,
                title=title,
                policy=policy,
                members=listed,
                period_kinds=frozenset(map(PeriodKind, period_kinds)),
                params=MappingProxyType(dict(params or {})),
                closes=closes,
                cadence=cadence,
                built_by=built_by,
                audience=tuple(audience),
                clauses=tuple(clauses),
                about=about,
            )
        )
        return listed

    if members is not None:
        enter(members)
    return enter


def listen(listener: Callable[[Declared], None]) -> None:
    """Tell a function of every declaration there is and will be."""
    _listeners.append(listener)
    for declared in _declared.values():
        listener(declared)


def report_named(name: str) -> Declared:
    """Return one declaration.

    Raises ReportUnknown.
    """
    if name not in _declared:
        raise ReportUnknown(
            "reports.unknown", _("There is no report named %(name)s.") % {"name": name[:60]}
        )
    return _declared[name]


def catalogue() -> Mapping[str, Declared]:
    """Return every declared report and pack by name."""
    return MappingProxyType(_declared)


def _enter(declared: Declared) -> None:
    if declared.name in _declared:
        raise ValueError(f"report {declared.name} is declared twice")
    declare("report", declared.name, declared.policy)
    _declared[declared.name] = declared
    for listener in _listeners:
        listener(declared)


def member_of(entry: Member | tuple[Any, ...]) -> Member:
    """Read a pack's entry, which may be written as (file, report, params, formats)."""
    if isinstance(entry, Member):
        return entry
    file, report_name, params, formats = entry
    return Member(file=file, report=report_name, params=params, formats=tuple(formats))

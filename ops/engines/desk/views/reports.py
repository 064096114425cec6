"""The report centre: what there is for me, a report on the screen, its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk.base import Screen
from ops.engines.desk.besides import beside
from ops.engines.desk.cells import Cell, show
from ops.engines.desk.states import Tone, register_states
from ops.engines.http.entitled import EntitledFile
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.reports import periods, selectors, services
from ops.engines.reports.asking import require, wanted
from ops.engines.reports.choices import (
    MEDIA_TYPES,
    Format,
    PeriodKind,
    RunState,
    SignatureKind,
    Standing,
)
from ops.engines.reports.declarations import Declared, Report, report_named
from ops.engines.reports.types import EditionInfo, ReportPage, ReportQuery, Table

KIND_TITLES: Final = {
    PeriodKind.DAY: gettext_lazy("Day"),
    PeriodKind.WEEK: gettext_lazy("Week"),
    PeriodKind.MONTH: gettext_lazy("Month"),
    PeriodKind.QUARTER: gettext_lazy("Quarter"),
    PeriodKind.YEAR: gettext_lazy("Year"),
    PeriodKind.RANGE: gettext_lazy("Range"),
}
CADENCES: Final = {
    "daily": gettext_lazy("every day"),
    "weekly": gettext_lazy("every week"),
    "monthly": gettext_lazy("every month"),
    "quarterly": gettext_lazy("every quarter"),
    "yearly": gettext_lazy("every year"),
}
CELL_KINDS: Final[Mapping[str, str]] = {
    "integer": "number",
    "decimal": "number",
    "money": "money",
    "rate": "pct",
    "date": "day",
    "datetime": "moment",
}
_ORDER: Final = (
    PeriodKind.MONTH,
    PeriodKind.DAY,
    PeriodKind.WEEK,
    PeriodKind.QUARTER,
    PeriodKind.YEAR,
    PeriodKind.RANGE,
)

register_states(
    {
        RunState.QUEUED: Tone.WAITING,
        RunState.STOPPED: Tone.STOPPED,
        Standing.PROVISIONAL: Tone.NEUTRAL,
        Standing.SEALED: Tone.DONE,
        Standing.RESTATED: Tone.WAITING,
    }
)


class Centre(Screen):
    """`/reports/`: every report this person may see, theirs first."""

    policy = SIGNED_IN
    title = gettext_lazy("Reports")
    nav = "reports"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one tab of the centre."""
        rows = selectors.centre(actor=self.actor, at=self.at)
        mine = [row for row in rows if row.is_mine]
        tab = request.GET.get("tab", "mine" if mine else "all")
        typed = request.GET.get("q", "").strip()[:60]
        waiting = [row for row in rows if row.waits]
        shown = {"mine": mine, "waiting": waiting}.get(tab, rows)
        if typed:
            words = typed.casefold()
            shown = [row for row in rows if words in f"{row.title} {row.name}".casefold()]
        context = {
            "screen": self,
            "title": self.title,
            "rows": [(row, CADENCES.get(row.cadence, row.cadence)) for row in shown],
            "tab": tab,
            "typed": typed,
            "mine": len(mine),
            "waiting": len(waiting),
            "all": len(rows),
        }
        return render(request, "desk/reports.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Subscribe to a report or leave it."""
        wants = request.POST.get("wants") == "1"
        services.subscribe(
            name=request.POST.get("report", ""), wants=wants, actor=self.actor, at=self.at
        )
        words = _("You are told when it is made.") if wants else _("You are no longer told.")
        self.say(request, "success", words)
        return HttpResponseRedirect(request.get_full_path())


class ReportScreen(Screen):
    """`/reports/<name>/`: one report for one period; parameters live in the address."""

    policy = SIGNED_IN
    nav = "reports"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the figures: sealed ones as they were kept, open ones as they are now."""
        declared = report_named(name)
        require(declared, self.actor)
        period = request.GET.get("period") or self._usual(declared)
        params = {key: request.GET[key] for key in declared.params if request.GET.get(key)}
        read = periods.parse(period)
        version = request.GET.get("version", "")
        page = None
        if isinstance(declared, Report):
            page = selectors.page(
                name=name,
                period=period,
                actor=self.actor,
                at=self.at,
                params=params,
                version=int(version) if version.isascii() and version.isdigit() else None,
            )
        before, after = periods.before(read), periods.following(read)
        against = {"before": before, "year": periods.year_before(read)}.get(
            request.GET.get("compare", "")
        )
        context = {
            "screen": self,
            "title": str(declared.title),
            "declared": declared,
            "period": read.text,
            "before": before.text,
            "after": after.text if after.first <= business_day(self.at) else "",
            "kinds": [
                (KIND_TITLES[kind], periods.containing(kind, read.last).text, kind == read.kind)
                for kind in _ORDER
                if kind in declared.period_kinds and kind is not PeriodKind.RANGE
            ],
            "params": params,
            "param_names": [(key, params.get(key, "")) for key in declared.params],
            "formats": [each for each in Format if each in declared.formats],
            "page": page,
            "tables": self._tables(declared, page, params, against) if page else [],
            "compare": request.GET.get("compare", "") if against else "",
            "against": against.text if against else "",
            "confirmed": self._confirmed(declared, page),
            "may_confirm": self.actor.holds(*declared.audience),
            "signed": self._signed(declared, page),
            "standing": Standing(page.edition.standing) if page and page.edition else None,
            "editions": self._editions(declared, period, params),
            "runs": selectors.runs(name=name, actor=self.actor, limit=5),
            "at": self.at,
        }
        return render(request, "desk/report.html", context)

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask for a file; the same question that is already being answered is joined."""
        declared = report_named(name)
        params = {key: request.POST[key] for key in declared.params if request.POST.get(key)}
        if "confirm" in request.POST or "sign" in request.POST:
            return self._say_so(request, name, params)
        run = services.start(
            name=name,
            period=request.POST.get("period", ""),
            fmt=request.POST.get("format", ""),
            actor=self.actor,
            at=self.at,
            params=params,
        )
        return HttpResponseRedirect(reverse("desk:report-run", args=[run.id]))

    def _say_so(self, request: HttpRequest, name: str, params: Mapping[str, str]) -> HttpResponse:
        """Confirm a version, or put one's name under it."""
        kind, _colon, number = request.POST.get("sign", "").partition(":")
        version = number or request.POST.get("confirm", "")
        given: dict[str, Any] = {
            "name": name,
            "period": request.POST.get("period", ""),
            "version": int(version) if version.isascii() and version.isdigit() else 0,
            "actor": self.actor,
            "at": self.at,
            "params": params,
        }
        try:
            if kind:
                services.sign(**given, kind=kind)
            else:
                services.confirm(**given)
        except (Conflict, Forbidden) as refusal:
            self.say(request, "error", str(refusal))
        else:
            words = _("You signed these figures.") if kind else _("You confirmed these figures.")
            self.say(request, "success", words)
        return HttpResponseRedirect(request.get_full_path())

    def _signed(self, declared: Declared, page: ReportPage | None) -> dict[str, Any] | None:
        """Return who signed the final figures shown, and what this person may still sign."""
        if page is None or page.edition is None or not declared.authors:
            return None
        edition = page.edition
        said = selectors.signatures(edition_id=edition.id)
        given = {one.kind for one in said}
        mine = {one.kind for one in said if one.person_id == self.actor.person_id}
        offers = [
            SignatureKind(kind)
            for kind in selectors.signs_as(declared, self.actor)
            if kind not in given and _may_follow(kind, given, mine, edition)
        ]
        return {"said": [(SignatureKind(one.kind).label, one) for one in said], "offers": offers}

    def _usual(self, declared: Declared) -> str:
        kind = next(kind for kind in _ORDER if kind in declared.period_kinds)
        return periods.containing(kind, business_day(self.at)).text

    def _editions(self, declared: Declared, period: str, params: Mapping[str, str]) -> list[Any]:
        if not isinstance(declared, Report):
            return []
        found = selectors.editions(
            name=declared.name, period=period, actor=self.actor, params=params
        )
        return [(each, Standing(each.standing)) for each in found]

    def _tables(
        self,
        declared: Declared,
        page: ReportPage,
        params: Mapping[str, str],
        against: periods.Period | None,
    ) -> list[tuple[Table, list[list[Cell]]]]:
        if not isinstance(declared, Report):
            return []
        given: dict[str, Any] = {"name": declared.name, "actor": self.actor, "params": params}
        query = wanted(period=page.period.text, **given).query(actor=self.actor, at=page.as_of)
        shown = [(table, _cells(table, declared.drill, query)) for table in page.tables]
        if against is None:
            return shown
        other = selectors.page(period=against.text, at=self.at, **given)
        former = {table.key: table for table in other.tables}
        return [
            (
                table,
                beside(
                    table, rows, other=former.get(table.key), key=declared.key,
                    kinds=_kinds(table),
                ),
            )
            for table, rows in shown
        ]  # fmt: skip

    def _confirmed(self, declared: Declared, page: ReportPage | None) -> dict[str, Any] | None:
        """Return who confirmed the final figures shown, and whether this person did."""
        if page is None or page.edition is None:
            return None
        readers = selectors.readers(edition_id=page.edition.id, at=self.at)
        said = [one for one in readers if one.at is not None]
        return {
            "said": said,
            "missing": [one for one in readers if one.at is None],
            "told": len(readers),
            "by_me": self.actor.person_id in {one.person_id for one in said},
        }


class CompareScreen(Screen):
    """`/reports/<name>/compare/`: two versions of the same figures, and where they differ."""

    policy = SIGNED_IN
    nav = "reports"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the rows that came, went or changed."""
        declared = report_named(name)
        period = request.GET.get("period", "")
        numbers = [request.GET.get(key, "") for key in ("before", "after")]
        older, newer = (int(n) if n.isascii() and n.isdigit() else 0 for n in numbers)
        found = selectors.compare(
            name=name, period=period, before=older, after=newer, actor=self.actor
        )
        causes = self._causes(name, period, older, newer)
        context = {
            "screen": self,
            "title": _("Compare versions"),
            "declared": declared,
            "period": period,
            "older": older,
            "newer": newer,
            "rows": [
                (
                    " / ".join(str(part) for part in each.key),
                    " | ".join("" if v is None else str(v) for v in each.before or ()),
                    " | ".join("" if v is None else str(v) for v in each.after or ()),
                    causes.get((each.section, *map(str, each.key)), ()),
                )
                for each in found
            ],
            "has_causes": any(causes.values()),
        }
        return render(request, "desk/report_compare.html", context)

    def _causes(
        self, name: str, period: str, older: int, newer: int
    ) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """Return the documents behind each row, where the newer version was kept with them."""
        if newer != older + 1:
            return {}
        every = selectors.editions(name=name, period=period, actor=self.actor)
        edition = next(one for one in every if one.version == newer)
        return {
            (row.section, *map(str, row.key)): row.documents
            for row in selectors.stored(edition_id=edition.id)
        }


class RunScreen(Screen):
    """`/reports/runs/<id>/`: the making of one file, until it can be fetched."""

    policy = SIGNED_IN
    nav = "reports"

    def get(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Show the run; a fragment while it is polled."""
        run = selectors.run(run_id=run_id, actor=self.actor)
        declared = report_named(run.name)
        is_open = run.state in (RunState.QUEUED, RunState.RUNNING)
        context = {
            "screen": self,
            "title": f"{declared.title} {run.period}",
            "run": run,
            "declared": declared,
            "state": RunState(run.state),
            "standing": Standing(run.standing) if run.standing else None,
            "is_open": is_open,
            "left": _minutes(run.left(self.at)),
            "may_resume": run.state in (RunState.FAILED, RunState.STOPPED),
        }
        part = request.headers.get("HX-Target", "").endswith("#run")
        response = render(
            request, "desk/_report_run.html" if part else "desk/report_run.html", context
        )
        response["Vary"] = "HX-Request, HX-Target, Cookie, Accept-Language"
        return response

    def post(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Stop the run at a safe point, or take it up again."""
        deed = {"stop": services.cancel, "resume": services.resume}.get(
            request.POST.get("step", "")
        )
        if deed is None:
            raise BadInput("reports.step", _("A run is stopped or taken up again."))
        try:
            run_id = deed(run_id=run_id, actor=self.actor, at=self.at).id
        except (Conflict, Forbidden) as refusal:
            self.say(request, "error", str(refusal))
        return HttpResponseRedirect(reverse("desk:report-run", args=[run_id]))


class RunFile(Screen):
    """`/reports/runs/<id>/file/`: the finished file, its bytes compared with the seal."""

    policy = SIGNED_IN

    def get(self, request: HttpRequest, run_id: int) -> HttpResponse | FileResponse:
        """Hand the file out."""
        file = services.download(run_id=run_id, actor=self.actor, at=self.at)
        return FileResponse(
            EntitledFile(file.path.open("rb"), request),
            as_attachment=True,
            filename=file.file_name,
            content_type=MEDIA_TYPES[Format(file.format)],
        )


def _may_follow(
    kind: str, given: Collection[str], mine: Collection[str], edition: EditionInfo
) -> bool:
    """Say whether a signature may stand under these figures now, as the service would."""
    if edition.standing == Standing.PROVISIONAL:
        return False
    if kind == SignatureKind.RELEASED:
        return edition.standing == Standing.RESTATED and bool(edition.differences_digest)
    if kind == SignatureKind.APPROVED:
        return SignatureKind.PREPARED in given and SignatureKind.PREPARED not in mine
    return True


def _minutes(left: dt.timedelta | None) -> int | None:
    """Return whole minutes, at least one while there is anything left."""
    return None if left is None else max(1, round(left.total_seconds() / 60))


def _cells(table: Table, drill: Mapping[str, Any], query: ReportQuery) -> list[list[Cell]]:
    keys = [column.key for column in table.columns]
    kinds = _kinds(table)
    return [
        [
            Cell(
                text=show(value, kind),
                kind=kind,
                label=column.title,
                href=_opened(drill, column.key, keys, row, query),
            )
            for column, kind, value in zip(table.columns, kinds, row, strict=True)
        ]
        for row in table.rows
    ]


def _kinds(table: Table) -> list[str]:
    return [CELL_KINDS.get(column.kind, "text") for column in table.columns]


def _opened(
    drill: Mapping[str, Any], key: str, keys: list[str], row: tuple[Any, ...], query: ReportQuery
) -> str:
    if key not in drill:
        return ""
    try:
        return str(drill[key](dict(zip(keys, row, strict=True)), query))
    except Forbidden:
        return ""

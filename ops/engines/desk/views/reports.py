"""The report centre: what there is for me, a report on the screen, its files."""

from __future__ import annotations

from collections.abc import Mapping
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
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.reports import periods, selectors, services
from ops.engines.reports.asking import wanted
from ops.engines.reports.choices import MEDIA_TYPES, Format, PeriodKind, RunState, Standing
from ops.engines.reports.declarations import Declared, Report, report_named
from ops.engines.reports.types import ReportPage, ReportQuery, Table

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


class ReportScreen(Screen):
    """`/reports/<name>/`: one report for one period; parameters live in the address."""

    policy = SIGNED_IN
    nav = "reports"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the figures: sealed ones as they were kept, open ones as they are now."""
        declared = report_named(name)
        declared.policy.require(self.actor)
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
        if version := request.POST.get("confirm", ""):
            services.confirm(
                name=name,
                period=request.POST.get("period", ""),
                version=int(version) if version.isascii() and version.isdigit() else 0,
                actor=self.actor,
                at=self.at,
                params=params,
            )
            self.say(request, "success", _("You confirmed these figures."))
            return HttpResponseRedirect(request.get_full_path())
        run = services.start(
            name=name,
            period=request.POST.get("period", ""),
            fmt=request.POST.get("format", ""),
            actor=self.actor,
            at=self.at,
            params=params,
        )
        return HttpResponseRedirect(reverse("desk:report-run", args=[run.id]))

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
        said = selectors.confirmations(edition_id=page.edition.id)
        return {"said": said, "by_me": self.actor.person_id in {person for person, *_ in said}}


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
                )
                for each in found
            ],
        }
        return render(request, "desk/report_compare.html", context)


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
        }
        part = request.headers.get("HX-Target", "").endswith("#run")
        response = render(
            request, "desk/_report_run.html" if part else "desk/report_run.html", context
        )
        response["Vary"] = "HX-Request, HX-Target, Cookie, Accept-Language"
        return response


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

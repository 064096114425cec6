"""Jobs: what runs by itself, how it went, and running one period by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ops.engines.desk.base import Screen
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.filters import loose_day
from ops.engines.desk.formats import number
from ops.engines.desk.records import Fact, FactGroup, Record, RecordScreen, Related
from ops.engines.jobs import declarations, selectors, services
from ops.engines.jobs.choices import RunState
from ops.engines.jobs.errors import JobMissing
from ops.engines.jobs.models import JobRun
from ops.engines.jobs.policies import CHANGE_CADENCE
from ops.engines.jobs.timetables import Calendar, Every
from ops.engines.jobs.types import JobRunInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN, may
from ops.engines.notices import selectors as notices
from ops.engines.notices.choices import NoticeKind

FAMILIES: Final = {
    "open": gettext_lazy("opens work"),
    "watch": gettext_lazy("watches"),
    "scan": gettext_lazy("scans"),
    "run": gettext_lazy("runs"),
    "report": gettext_lazy("reports"),
    "sync": gettext_lazy("synchronises"),
}


class JobList(Screen):
    """`/jobs/`: every declared job with its last and next run."""

    policy = may("ops", "V")
    title = gettext_lazy("Jobs")
    nav = "jobs"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the catalogue; `state=failed` shows those that failed last."""
        typed = request.GET.get("q", "").strip()[:60]
        state = request.GET.get("state", "")
        rows = selectors.catalogue(at=self.at)
        if typed:
            words = typed.casefold()
            clauses = typed.upper()
            rows = [
                row
                for row in rows
                if words in f"{row.title} {row.name}".casefold() or clauses in row.clauses
            ]
        if state in RunState.values:
            rows = [row for row in rows if row.last_run and row.last_run.state == state]
        context = {
            "screen": self,
            "title": self.title,
            "rows": [
                (
                    row,
                    FAMILIES.get(row.family, row.family),
                    RunState(row.last_run.state) if row.last_run else None,
                )
                for row in rows
            ],
            "typed": typed,
            "state": state,
            "states": RunState.choices,
        }
        return render(request, "desk/jobs.html", context)


class JobScreen(Screen):
    """`/jobs/<name>/`: one job, its runs, and running a period by hand."""

    policy = may("ops", "V")
    nav = "jobs"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the job."""
        row = next((each for each in selectors.catalogue(at=self.at) if each.name == name), None)
        if row is None:
            raise Http404
        job = declarations.jobs()[name]
        allowed = job.policy.allows(self.actor)
        context = {
            "screen": self,
            "title": row.title,
            "row": row,
            "family": FAMILIES.get(row.family, row.family),
            "runs": [(run, RunState(run.state)) for run in selectors.runs(job=name, limit=30)],
            "why_not": "" if allowed else self.lacking(job.policy),
            "changes": selectors.changes_of(job=name),
            "why_no_change": ""
            if CHANGE_CADENCE.allows(self.actor)
            else self.lacking(CHANGE_CADENCE),
            "change": self._change(job),
            "today": business_day(self.at).isoformat(),
        }
        return render(request, "desk/job.html", context)

    def _change(self, job: declarations.JobDeclaration) -> str:
        """Return what may be changed about this job: its time, its minutes, or only whether."""
        if isinstance(job.cadence, Calendar):
            return "time"
        return "minutes" if isinstance(job.cadence, Every) else ""

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Run one period by hand, or change when the job runs from a day on."""
        back = reverse("desk:job", args=[name])
        if request.POST.get("step") == "change":
            return self._change_cadence(request, name, back)
        try:
            run = services.run_now(
                name=name,
                period=request.POST.get("period", "").strip(),
                actor=self.actor,
                at=self.at,
            )
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return HttpResponseRedirect(back)
        words = _("%(period)s: %(state)s.") % {
            "period": run.period,
            "state": RunState(run.state).label,
        }
        self.say(request, "error" if run.state == RunState.FAILED else "success", words)
        return HttpResponseRedirect(back)

    def _change_cadence(self, request: HttpRequest, name: str, back: str) -> HttpResponse:
        typed = {key: text for key in request.POST if (text := request.POST[key].strip())}
        today = business_day(self.at)
        try:
            kind = typed.get("kind", "")
            services.change_cadence(
                name=name,
                first=loose_day(typed["first"], today=today) if "first" in typed else today,
                last=loose_day(typed["last"], today=today) if "last" in typed else None,
                is_off=kind == "off",
                time=_time(typed.get("time", "")) if kind == "moved" else None,
                minutes=parse.quantity(typed["minutes"], least=1)
                if kind == "moved" and "minutes" in typed
                else None,
                reason=parse.text(typed.get("reason", ""), most=500),
                actor=self.actor,
                at=self.at,
            )
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return HttpResponseRedirect(back)
        self.say(request, "success", _("The cadence is changed; the record keeps the reason."))
        return HttpResponseRedirect(back)


class RunScreen(RecordScreen):
    """`/jobs/<name>/runs/<id>/`: one run, its progress, and the shards it is cut into."""

    policy = may("ops", "V")
    nav = "jobs"
    list_url_name = "desk:jobs"
    list_title = gettext_lazy("Jobs")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the run; raises NotFound."""
        try:
            run = selectors.run(run_id=key["run_id"])
        except JobRun.DoesNotExist as error:
            raise JobMissing("jobs.run_missing", _("There is no such run.")) from error
        job = declarations.jobs().get(run.job)
        parts = [] if run.shard else selectors.shards(job=run.job, period=run.period)
        return Record(
            number=f"{run.period} {run.shard}".strip(),
            title=job.title if job is not None else run.job,
            state=RunState(run.state),
            notices=_lateness(run),
            facts=[FactGroup(title=gettext_lazy("Run"), facts=_run_facts(run))],
            lines=[*([_parts(parts)] if parts else []), _outcome(run)],
            related=[
                Related(
                    title=gettext_lazy("All runs of this job"),
                    href=reverse("desk:job", args=[run.job]),
                )
            ],
            subject=("jobs.run", run.run_id),
        )


def _lateness(run: JobRunInfo) -> list[tuple[str, str]]:
    found = []
    if run.late:
        found.append(("warning", _("Caught up: it started later than it was due.")))
    if run.skipped:
        words = ngettext(
            "%(count)s earlier period was passed over.",
            "%(count)s earlier periods were passed over.",
            run.skipped,
        )
        found.append(("warning", words % {"count": run.skipped}))
    return found


def _run_facts(run: JobRunInfo) -> list[Fact]:
    return [
        Fact(title=gettext_lazy("Due"), value=run.due_at, kind="moment"),
        Fact(title=gettext_lazy("Started"), value=run.started_at, kind="moment"),
        Fact(title=gettext_lazy("Ended"), value=run.finished_at, kind="moment"),
        Fact(title=gettext_lazy("Progress"), value=progress_of(run)),
        Fact(title=gettext_lazy("Tries"), value=run.attempts, kind="number"),
        Fact(title=gettext_lazy("Started by hand by"), value=run.requested_by),
    ]


def _outcome(run: JobRunInfo) -> Lines:
    said = [{"name": name, "value": str(value)} for name, value in run.result.items()]
    if run.error:
        said.append({"name": "error", "value": run.error})
    return Lines(
        gettext_lazy("Result"),
        (
            Column("name", gettext_lazy("Name"), "code"),
            Column("value", gettext_lazy("Value"), "code"),
        ),
        said,
        empty=gettext_lazy("It has said nothing yet."),
    )


def _parts(parts: list[JobRunInfo]) -> Lines:
    return Lines(
        gettext_lazy("Shards"),
        (
            Column(
                "run_id",
                gettext_lazy("Run"),
                value=lambda row: f"#{row.run_id:06}",
                href=lambda row: reverse("desk:job-run", args=[row.job, row.run_id]),
            ),
            Column("shard", gettext_lazy("Shard"), "code"),
            Column("state", gettext_lazy("State"), "badge", value=lambda row: RunState(row.state)),
            Column("progress", gettext_lazy("Progress"), value=progress_of),
            Column("attempts", gettext_lazy("Tries"), "number"),
            Column("finished_at", gettext_lazy("Ended"), "moment"),
            Column("error", gettext_lazy("Error"), "code"),
        ),
        parts,
    )


def progress_of(run: JobRunInfo) -> str:
    """Return how far a run is: steps done of all, and the stage."""
    total = f" / {number(run.progress_total)}" if run.progress_total else ""
    return f"{number(run.progress_done)}{total} {run.stage}".strip()


def _time(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError as error:
        raise BadInput("jobs.time", _("Not a time of day: write it as 08:30.")) from error


class Runs(Screen):
    """`/runs/`: what is running now, and which runs of mine ended."""

    policy = SIGNED_IN
    title = gettext_lazy("Runs")
    nav = "runs"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show running jobs (to those who may view operations) and my ended runs."""
        sees_jobs = self.actor.may("ops", "V")
        running = (
            selectors.runs(state=RunState.RUNNING, limit=20, with_shards=True) if sees_jobs else []
        )
        titles = {job.name: job.title for job in declarations.jobs().values()}
        context = {
            "screen": self,
            "title": self.title,
            "running": [(run, titles.get(run.job, run.job)) for run in running],
            "ended": notices.inbox(actor=self.actor, kinds=[NoticeKind.RUN], open_only=False),
        }
        return render(request, "desk/runs.html", context)

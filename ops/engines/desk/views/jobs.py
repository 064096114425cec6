"""Jobs: what runs by itself, how it went, and running one period by hand."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk.base import Screen
from ops.engines.jobs import declarations, selectors, services
from ops.engines.jobs.choices import RunState
from ops.engines.kernel.errors import OpsError
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
        }
        return render(request, "desk/job.html", context)

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Run one period by hand; a period that is done is not run again."""
        back = reverse("desk:job", args=[name])
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


class Runs(Screen):
    """`/runs/`: what is running now, and which runs of mine ended."""

    policy = SIGNED_IN
    title = gettext_lazy("Runs")
    nav = "runs"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show running jobs (to those who may view operations) and my ended runs."""
        sees_jobs = self.actor.may("ops", "V")
        running = selectors.runs(state=RunState.RUNNING, limit=20) if sees_jobs else []
        titles = {job.name: job.title for job in declarations.jobs().values()}
        context = {
            "screen": self,
            "title": self.title,
            "running": [(run, titles.get(run.job, run.job)) for run in running],
            "ended": notices.inbox(actor=self.actor, kinds=[NoticeKind.RUN], open_only=False),
        }
        return render(request, "desk/runs.html", context)

"""Stop the making of a file at a safe point, and take it up again."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.policy import may
from ops.engines.reports import nudging
from ops.engines.reports.choices import OPEN_STATES, RunState
from ops.engines.reports.describing import describe
from ops.engines.reports.errors import NotReady
from ops.engines.reports.models import ReportRun
from ops.engines.reports.selectors.runs import visible_run
from ops.engines.reports.types import RunInfo

STOPPED = gettext_lazy("Stopped by a person.")


def cancel(*, run_id: int, actor: Actor, at: dt.datetime) -> RunInfo:
    """Stop a run: at once while it waits, after the rows at hand while it runs.

    Nothing is handed out; a version whose figures were complete stays and is used when the run is
    taken up again. Raises RunMissing, Forbidden (somebody else's), NotReady when it has ended.
    """
    with transaction.atomic():
        run = _own(run_id, actor)
        if run.state not in OPEN_STATES:
            raise NotReady("reports.ended", _("This run has ended already."))
        run.cancel_asked_at = at
        if run.state == RunState.QUEUED:
            run.state, run.finished_at = RunState.STOPPED, at
            run.error_code, run.error = "reports.cancelled", str(STOPPED)
        run.save(update_fields=["cancel_asked_at", "state", "finished_at", "error_code", "error"])
        _record(run, "reports.cancelled", actor, at)
    return describe(run)


def resume(*, run_id: int, actor: Actor, at: dt.datetime) -> RunInfo:
    """Take a stopped or failed run up where it stopped; figures that were kept are not asked again.

    An open run of the same question is joined instead. Raises RunMissing, Forbidden, NotReady for
    a run that did not stop.
    """
    with transaction.atomic():
        run = _own(run_id, actor)
        if run.state not in (RunState.FAILED, RunState.STOPPED):
            raise NotReady("reports.not_stopped", _("This run has not stopped."))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"reportrun:{run.key}:{run.format}"],
            )
        same = ReportRun.objects.filter(
            key=run.key, format=run.format, language=run.language, state__in=OPEN_STATES
        ).first()
        if same is not None:
            return describe(same)
        run.state, run.attempts, run.done, run.total = RunState.QUEUED, 0, 0, None
        run.cancel_asked_at = run.finished_at = run.lease_until = None
        run.error_code, run.error, run.requested_at = "", "", at
        run.save()
        _record(run, "reports.resumed", actor, at)
        transaction.on_commit(lambda: nudging.ask(run.pk), robust=True)
    return describe(run)


def _own(run_id: int, actor: Actor) -> ReportRun:
    """Lock a run that the actor asked for, or may manage. Raises RunMissing, Forbidden."""
    visible_run(run_id=run_id, actor=actor)
    run = ReportRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run_id)
    is_mine = run.requested_by_id is not None and run.requested_by_id == actor.person_id
    if not is_mine and not may("ops", "M").allows(actor):
        raise Forbidden("reports.not_yours", _("Somebody else asked for this file."))
    return run


def _record(run: ReportRun, action: str, actor: Actor, at: dt.datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=("reports.reportrun", run.pk),
        body={"report": run.name, "period": run.period, "done": run.done, "stage": run.stage},
    )

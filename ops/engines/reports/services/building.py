"""Make the file of a run: claim, find figures, render, seal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from ops.engines.identity.models import User
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden, OpsError
from ops.engines.reports import declarations, periods
from ops.engines.reports.asking import (
    Wanted,
    as_report,
    check_format,
    covers,
    require,
    scopes_of,
    stored_scopes,
    wanted,
)
from ops.engines.reports.choices import RunState
from ops.engines.reports.describing import file_of
from ops.engines.reports.errors import NotReady
from ops.engines.reports.models import ReportRun
from ops.engines.reports.services import archives, sealing, telling
from ops.engines.reports.services.editions import find_figures, rows_before
from ops.engines.reports.services.starting import enter
from ops.engines.reports.types import ReportFile

LEASE = dt.timedelta(minutes=30)
MOST_ATTEMPTS = 3
GAVE_UP = gettext_noop("The worker died three times.")


def build(
    *,
    name: str,
    period: str,
    fmt: str,
    actor: Actor,
    at: dt.datetime,
    params: Mapping[str, str] | None = None,
) -> ReportFile:
    """Make one file now and return it sealed: path, sha256, rows, digest, version, standing.

    `at` is the cut-off. Raises ReportUnknown, Forbidden, BadInput, WrongQuestion, ReportTooLong,
    TooManyRuns; what the query raises is kept on the run and raised again.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    check_format(asked.declared, fmt)
    with transaction.atomic():
        run = enter(asked, fmt, actor, at)
        if run.state == RunState.RUNNING and not _is_due(run, at):
            raise NotReady("reports.running", _("This file is being made right now."))
        _take(run, at)
    _make(run, asked, actor, at)
    return file_of(run)


def perform(*, run_id: int, at: dt.datetime) -> bool:
    """Make the file of a queued run and say whether this call did it; safe to call twice.

    A run whose worker died is taken over when its lease is over, at most three times.
    """
    with transaction.atomic():
        run = (
            ReportRun.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .filter(pk=run_id)
            .first()
        )
        if run is None or not _is_due(run, at):
            return False
        if run.attempts >= MOST_ATTEMPTS:
            sealing.fail(run, "reports.gave_up", GAVE_UP, at)
            return True
        _take(run, at)
    try:
        actor = _asker(run, at)
        _make(run, _asked(run), actor, at)
    except OpsError as error:
        sealing.fail(run, error.code, str(error), at)  # another try would say the same
    with translation.override(run.language):
        telling.tell(run_id=run_id, at=at)
    return True


def _is_due(run: ReportRun, at: dt.datetime) -> bool:
    if run.state == RunState.RUNNING:
        return run.lease_until is not None and run.lease_until <= at
    return run.state == RunState.QUEUED


def _take(run: ReportRun, at: dt.datetime) -> None:
    run.state, run.stage, run.done, run.total = RunState.RUNNING, "figures", 0, None
    run.attempts, run.lease_until, run.stage_at = run.attempts + 1, at + LEASE, at
    run.save(
        update_fields=["state", "stage", "done", "total", "attempts", "lease_until", "stage_at"]
    )


def _make(run: ReportRun, asked: Wanted, actor: Actor, at: dt.datetime) -> None:
    try:
        with translation.override(run.language):
            if isinstance(asked.declared, declarations.Pack):
                archives.make(run, asked, asked.declared, actor, at)
            else:
                edition = run.edition or find_figures(
                    wanted=asked,
                    report=as_report(asked.declared),
                    actor=actor,
                    at=at,
                    progress=sealing.progress(run, "figures", rows_before(asked.key)),
                )
                sealing.render_and_seal(run, asked.declared, edition, actor, at)
    except BaseException as error:
        code = error.code if isinstance(error, OpsError) else "reports.crashed"
        said = str(error) if isinstance(error, OpsError) else type(error).__name__
        sealing.fail(run, code, said, at)
        raise


def _asked(run: ReportRun) -> Wanted:
    return Wanted(
        declared=declarations.report_named(run.name),
        period=periods.parse(run.period),
        params=run.params,
        scopes=stored_scopes(run.scopes),
    )


def _asker(run: ReportRun, at: dt.datetime) -> Actor:
    """Return who asked, with the rights held now.

    Raises Forbidden when they no longer may see what they asked for.
    """
    if run.requested_user_id is None:
        return Actor.system(run.requested_name)
    user = User.objects.select_related("person").get(pk=run.requested_user_id)
    actor = actor_for(user, at=at)
    declared = declarations.report_named(run.name)
    require(declared, actor)
    if not covers(scopes_of(declared, actor), run.scopes):
        raise Forbidden("reports.scope_narrowed", _("Your right no longer covers what was asked."))
    return actor

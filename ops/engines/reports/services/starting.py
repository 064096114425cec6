"""Ask for a file: the same question that is already being answered is joined, not doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.reports import nudging
from ops.engines.reports.asking import Wanted, check_format, plain_scopes, wanted
from ops.engines.reports.choices import OPEN_STATES
from ops.engines.reports.describing import describe
from ops.engines.reports.errors import TooManyRuns
from ops.engines.reports.models import ReportRun
from ops.engines.reports.types import RunInfo

OPEN_PER_PERSON = 20


def start(
    *,
    name: str,
    period: str,
    fmt: str,
    actor: Actor,
    at: dt.datetime,
    params: Mapping[str, str] | None = None,
) -> RunInfo:
    """Queue the making of one file and wake a worker; an open run of the same question is joined.

    When the broker is away the job `report_runner` finds the run within a minute.
    Raises ReportUnknown, Forbidden, BadInput, WrongQuestion, TooManyRuns.
    """
    asked = wanted(name=name, period=period, actor=actor, params=params)
    check_format(asked.declared, fmt)
    with transaction.atomic():
        run = enter(asked, fmt, actor, at)
        transaction.on_commit(lambda: nudging.ask(run.pk), robust=True)
    return describe(run)


def enter(asked: Wanted, fmt: str, actor: Actor, at: dt.datetime) -> ReportRun:
    """Return the open run of a question, entering it when there is none; locked until commit."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    key = asked.key
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"reportrun:{key}:{fmt}"]
        )
    running = ReportRun.objects.filter(
        key=key, format=fmt, language=language, state__in=OPEN_STATES
    ).first()
    if running is not None:
        return running
    _check_queue(actor)
    run = ReportRun.objects.create(
        name=asked.declared.name,
        period=asked.period.text,
        params=dict(asked.params),
        scopes=plain_scopes(asked.scopes),
        scope_key=asked.scope_key,
        key=key,
        format=fmt,
        language=language,
        requested_by_id=actor.person_id,
        requested_user_id=actor.user_id,
        requested_name=actor.name,
        requested_at=at,
    )
    audit.record(
        actor=actor,
        at=at,
        action="reports.run_asked",
        obj=("reports.reportrun", run.pk),
        body={"name": run.name, "period": run.period, "format": fmt, "params": run.params},
    )
    return run


def _check_queue(actor: Actor) -> None:
    if actor.person_id is None:
        return
    waiting = ReportRun.objects.filter(
        requested_by_id=actor.person_id, state__in=OPEN_STATES
    ).count()
    if waiting >= OPEN_PER_PERSON:
        raise TooManyRuns(
            "reports.too_many",
            _("You have %(count)s reports in the making; wait for one to finish.")
            % {"count": waiting},
        )

"""Tell people that a file is there, or why it is not; ask its readers to confirm final figures."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.reports.choices import RunState, Standing
from ops.engines.reports.declarations import catalogue, report_named
from ops.engines.reports.models import ReportConfirmation, ReportEdition, ReportRun
from ops.engines.reports.selectors.readers import audience_ids, reader_ids

READY = gettext_noop("Report ready: %(title)s %(period)s")
CONFIRM = gettext_noop("Read and confirm: %(title)s %(period)s")
REMIND = gettext_noop("Still to confirm: %(title)s %(period)s")
FAILED = gettext_noop("Report not made: %(title)s %(period)s. %(why)s")
REMIND_AFTER = dt.timedelta(days=3)
MOST_AGE = dt.timedelta(days=90)
_MACHINE = Actor.system("reports")


def tell(*, run_id: int, at: dt.datetime) -> None:
    """Send one notice: to who asked, or to the report's readers when the schedule asked.

    Readers are those the report is addressed to and who subscribed, without those who
    unsubscribed. Final figures ask their audience for confirmation, once a version.
    """
    run = ReportRun.objects.select_related("edition").get(pk=run_id)
    is_done = run.state == RunState.DONE
    if run.requested_by_id is not None:
        _send(run, READY if is_done else FAILED, [run.requested_by_id], at)
        return
    if not is_done:
        return
    declared = report_named(run.name)
    readers = reader_ids(declared, at=at)
    if run.edition is None or run.edition.standing == Standing.PROVISIONAL:
        _send(run, READY, readers, at)
        return
    said = set(run.edition.confirmations.values_list("person_id", flat=True))
    addressed = readers & audience_ids(declared, at=at)
    with transaction.atomic():
        ask(run.edition, CONFIRM, addressed - said, key="confirm", at=at)
        _send(run, READY, readers - addressed, at)


def ask(
    edition: ReportEdition, title: str, persons: Collection[int], *, key: str, at: dt.datetime
) -> int:
    """Ask persons to confirm a version; a key asks each of them once. Returns how many were."""
    declared = report_named(edition.name)
    return notices.notify(
        kind=NoticeKind.ACT,
        title=title,
        params={"title": str(declared.title), "period": edition.period},
        link=f"/reports/{edition.name}/?period={edition.period}",
        subject=subject_of(edition),
        effect_key=f"{subject_of(edition)}:{key}",
        person_ids=persons,
        actor=_MACHINE,
        at=at,
    )


def remind(*, at: dt.datetime) -> int:
    """Ask again who has not confirmed whole-company figures three days after their cut-off.

    Once a week for each person and version, until they confirm or a newer version follows.
    Returns how many were asked.
    """
    week = "{:04}-W{:02}".format(*business_day(at).isocalendar())
    newest = ReportEdition.objects.order_by("key", "-version").distinct("key")
    waiting = ReportEdition.objects.filter(
        pk__in=newest.values("pk"),
        cut_off_at__lte=at - REMIND_AFTER,
        cut_off_at__gt=at - MOST_AGE,
        runs__requested_by__isnull=True,
        runs__state=RunState.DONE,
    ).exclude(standing=Standing.PROVISIONAL)
    with transaction.atomic():
        editions = [row for row in waiting.distinct() if row.name in catalogue()]
        said: dict[int, set[int]] = defaultdict(set)
        rows = ReportConfirmation.objects.filter(edition__in=[row.pk for row in editions])
        for edition_id, person_id in rows.values_list("edition_id", "person_id"):
            said[edition_id].add(person_id)
        addressed = {
            name: audience_ids(report_named(name), at=at) for name in {row.name for row in editions}
        }
        missing = [(row, addressed[row.name] - said[row.pk]) for row in editions]
        return sum(
            ask(row, REMIND, persons, key=f"remind:{week}", at=at)
            for row, persons in missing
            if persons
        )


def subject_of(edition: ReportEdition) -> str:
    """Return what the notices about confirming a version are about."""
    return f"reports.reportedition:{edition.pk}"


def _send(run: ReportRun, title: str, persons: Collection[int], at: dt.datetime) -> None:
    params: dict[str, Any] = {
        "title": str(report_named(run.name).title),
        "period": run.period,
        "why": run.error,
    }
    notices.notify(
        kind=NoticeKind.FYI,
        title=title,
        params=params,
        link=f"/reports/{run.name}/?period={run.period}",
        subject=f"reports.reportrun:{run.pk}",
        person_ids=persons,
        actor=_MACHINE,
        at=at,
    )

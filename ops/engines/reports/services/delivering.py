"""Hand a sealed file out: rights again, hash again, and a fact that says who took it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.reports import disk
from ops.engines.reports.describing import file_of
from ops.engines.reports.errors import FileDamaged, FileLost
from ops.engines.reports.selectors.runs import visible_run
from ops.engines.reports.types import ReportFile


def download(*, run_id: int, actor: Actor, at: dt.datetime, name: str = "") -> ReportFile:
    """Return a finished file whose bytes were just compared with the sealed hash.

    With `name` only if it is a file of that report. GET calls this: the fact is its only write.

    Raises RunMissing, Forbidden, NotReady, FileLost, FileDamaged.
    """
    run = visible_run(run_id=run_id, actor=actor, name=name)
    file = file_of(run)
    if not file.path.is_file():
        raise FileLost("reports.file_lost", _("The stored file cannot be found."))
    is_whole = disk.sha256_of(file.path) == file.sha256
    with transaction.atomic():
        audit.record(
            actor=actor,
            at=at,
            action="reports.downloaded" if is_whole else "reports.damaged",
            obj=("reports.reportrun", run.pk),
            body={
                "report": run.name,
                "period": run.period,
                "format": run.format,
                "sha256": file.sha256,
            },
        )
    if not is_whole:
        raise FileDamaged(
            "reports.file_damaged",
            _("The stored file no longer matches its seal and is not handed out."),
        )
    return file

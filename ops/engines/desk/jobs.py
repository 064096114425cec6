"""What the shell does by the clock: send the mail of notices.

Notices lie below the jobs engine, so their clock is declared here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.jobs.cadences import every
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may
from ops.engines.notices import services as notices


@job(
    "mail_send",
    family="run",
    cadence=every(minutes=1),
    clauses=[],
    policy=may("ops", "M"),
    title=_("Send the mail of notices"),
    catch_up=1,
    atomic=False,
)
def send_mail(run: Run) -> Mapping[str, Any]:
    """Send what is due, digests and retries among it."""
    return asdict(notices.send_due(at=run.at))

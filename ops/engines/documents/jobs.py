"""Jobs of the engine: versions change places on their days, reviews open, readers are reminded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.documents import services
from ops.engines.jobs.cadences import daily
from ops.engines.jobs.declarations import Run, job
from ops.engines.kernel.policy import may


@job(
    "document_review_watch",
    family="watch",
    cadence=daily("00:05"),
    clauses=["GEN-1.3-05", "SYS-6.3-05", "ANX-8.2-02"],
    policy=may("compliance", "C"),
    title=_("Switch rule versions on their dates and open reviews"),
    catch_up=1,
)
def watch_documents(run: Run) -> Mapping[str, Any]:
    """Switch what is due, open reviews, warn before trials end, remind readers."""
    done = services.switch_due(actor=run.actor, at=run.at)
    return {**asdict(done), "reminded": services.remind(actor=run.actor, at=run.at)}

"""Keep what controls answered: a new piece of evidence is one row, the same one none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ops.engines.controls.models import ControlResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Evidence of a control as it was found: of when, until when it holds, where it lies."""

    clause: str
    kind: str
    name: str
    owner: str
    reference: str
    effective_from: datetime
    effective_until: datetime | None


def keep(results: Iterable[Result], *, at: datetime) -> int:
    """Store results that are new and return how many were; one statement a thousand."""
    rows = [
        ControlResult(
            clause=each.clause,
            kind=each.kind,
            name=each.name,
            owner=each.owner[:80],
            reference=each.reference[:200],
            effective_from=each.effective_from,
            effective_until=each.effective_until,
            received_at=at,
        )
        for each in results
    ]
    with transaction.atomic():
        before = ControlResult.objects.count()
        ControlResult.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        return ControlResult.objects.count() - before

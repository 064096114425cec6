"""Manual entries: vouchers to be."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from finance.models import ManualEntry
from finance.types import LineDraft, ManualInfo


def info(row: ManualEntry) -> ManualInfo:
    """Return a manual entry as plain data."""
    return ManualInfo(
        id=row.pk,
        number=row.number,
        state=row.state,
        business_day=row.business_day,
        currency=row.currency,
        memo=row.memo,
        lines=tuple(
            LineDraft(line["account"], Decimal(line["debit"]), Decimal(line["credit"]))
            for line in row.lines
        ),
        reverses_id=row.reverses_id,
        approval_id=row.approval_id,
        entry_id=row.entry_id,
    )


def drafts() -> QuerySet[ManualEntry]:
    """Return all manual entries, with the voucher each became."""
    return ManualEntry.objects.select_related("entry", "reverses")


def waiting_count(*, person_id: int | None) -> tuple[int, int]:
    """Return how many drafts a person has to hand in, and how many came back to them."""
    found = ManualEntry.objects.filter(drafted_by=person_id).aggregate(
        drafted=Count("pk", filter=Q(state="draft")),
        returned=Count("pk", filter=Q(state="returned")),
    )
    return found["drafted"], found["returned"]

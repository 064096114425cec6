"""Vouchers by what they stand on: a document, or the approval that let them be posted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q

from finance.models import JournalEntry

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class VoucherInfo:
    """One voucher: its number, its day, and when it was posted."""

    id: int
    voucher: str
    business_day: dt.date
    posted_at: dt.datetime
    memo: str


def standing_on(
    *, documents: Collection[tuple[str, str]], approval_ids: Collection[int] = ()
) -> list[VoucherInfo]:
    """Return the vouchers of documents (type and id) or approvals, oldest first, at most 50."""
    asked: Q = Q(approval_id__in=list(approval_ids))
    asked = reduce(or_, (Q(source_type=kind, source_id=key) for kind, key in documents), asked)
    rows = JournalEntry.objects.filter(asked).order_by("pk")[:MOST]
    return [
        VoucherInfo(row.pk, row.voucher, row.business_day, row.posted_at, row.memo) for row in rows
    ]

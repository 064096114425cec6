"""Display plans for lists and pages: slots that are replaced, and the evidence (CAT-4.1-03)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, QuerySet

from catalog.models import SlotReplacement


def replacements(*, page_id: int, most: int) -> list[SlotReplacement]:
    """Return which goods stood in the place of others on a page, those of now first."""
    rows = SlotReplacement.objects.filter(slot__page_id=page_id)
    return list(rows.select_related("slot", "wanted", "shown", "revision").order_by("-pk")[:most])


def replaced_now(*, page_ids: Collection[int]) -> dict[int, int]:
    """Return how many slots of pages show another good now; those without are absent."""
    rows = SlotReplacement.objects.filter(slot__page_id__in=page_ids, until__isnull=True)
    return dict(rows.order_by().values_list("slot__page_id").annotate(count=Count("pk")))


def newest_replacement() -> datetime | None:
    """Return when a good last took the place of another."""
    rows: QuerySet[SlotReplacement] = SlotReplacement.objects.order_by("-pk")
    return rows.values_list("since", flat=True).first()

"""Goods that may not be sold any more: everything in the bins goes into quarantine (CAT-4.3-05)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from inventory.choices import LocationKind, MoveReason
from inventory.models import Balance, Location
from inventory.services import moves
from inventory.types import MoveDraft, Source
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day


def block(*, sku_ids: Collection[int], source: Source, actor: Actor, at: datetime) -> int:
    """Move all pieces of SKUs in every warehouse from their bins into quarantine; return how many.

    What was held for orders is broken and announced. The calling document records the audit fact.
    Raises DayClosed, StockShort when goods left meanwhile.
    """
    with transaction.atomic():
        lying = Balance.objects.filter(
            sku_id__in=sku_ids, on_hand__gt=0, location__kind=LocationKind.BIN
        ).order_by("pk")
        rows = list(
            lying.values_list(
                "sku_id", "lot_id", "location_id", "location__warehouse_id", "on_hand"
            )
        )
        quarantines = Location.objects.filter(
            kind=LocationKind.QUARANTINE, warehouse_id__in={row[3] for row in rows}
        ).order_by("-pk")
        # The oldest place of a warehouse, which is made with it, comes last and counts.
        places = dict(quarantines.values_list("warehouse_id", "pk"))
        drafts = [
            MoveDraft(
                sku_id=sku,
                lot_id=lot,
                from_location_id=bin_id,
                to_location_id=places[warehouse],
                quantity=pieces,
                reason=MoveReason.RELOCATION,
                source=source,
                effect_key=f"block:{source.type}:{source.id}:{sku}:{lot or 0}:{bin_id}",
            )
            for sku, lot, bin_id, warehouse, pieces in rows
        ]
        moves.post(drafts, actor=actor, at=at, business_day=business_day(at))
        return sum(draft.quantity for draft in drafts)

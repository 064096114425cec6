"""Disposals of what is left of goods, in the actor's warehouses (CAT-4.1-05)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from inventory.errors import UnknownDocument
from inventory.models import Stock, StockDisposal
from inventory.selectors.stock import scopes_of
from ops.engines.kernel.actor import Actor


def disposals(*, actor: Actor) -> QuerySet[StockDisposal]:
    """Return the disposals of the actor's warehouses; each carries `left`, the pieces of now."""
    here = Stock.objects.filter(sku_id=OuterRef("sku_id"), warehouse_id=OuterRef("warehouse_id"))
    every = StockDisposal.objects.select_related("sku", "warehouse").annotate(
        left=Coalesce(Subquery(here.values("owned")[:1]), 0)
    )
    ids = scopes_of(actor)
    return every if ids is None else every.filter(warehouse_id__in=ids)


def disposal(*, disposal_id: int, actor: Actor) -> StockDisposal:
    """Return one disposal; raises UnknownDocument."""
    found = disposals(actor=actor).filter(pk=disposal_id).first()
    if found is None:
        raise UnknownDocument("inventory.disposal_unknown", _("There is no such disposal."))
    return found


def newest() -> datetime | None:
    """Return when a disposal was opened last, None when never."""
    return StockDisposal.objects.order_by("-id").values_list("opened_at", flat=True).first()

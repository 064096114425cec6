"""Query sets of the catalogue as far as an actor may see them: lists filter them further."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from catalog.models import PriceChange, Sku
from ops.engines.kernel.actor import Actor


def price_changes(*, actor: Actor) -> QuerySet[PriceChange]:
    """Return the price changes in the actor's channels, each with its number of lines."""
    found = PriceChange.objects.select_related("channel").annotate(line_count=Count("lines"))
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def skus(*, actor: Actor) -> QuerySet[Sku]:
    """Return the SKUs in the actor's categories; people without categories see all of them."""
    found = Sku.objects.select_related("product__category")
    mine = actor.scope_ids("category", "catalog")
    # A right limited to channels, not to categories, does not hide goods: prices are what differs.
    return found.filter(product__category_id__in=mine) if mine else found

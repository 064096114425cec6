"""What may stand struck out beside a price, and what proves it (CAT-4.2-02)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from catalog.choices.patrol import ReferenceProfile
from catalog.models import Channel, PriceChangeLine, ReferencePrice
from catalog.selectors.price_sql import NOT_SUSPENDED
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array

DAYS: Final[Mapping[str, int]] = MappingProxyType({ReferenceProfile.CN: 7, ReferenceProfile.EU: 30})
MOST_SHOWN = 50
MOST_OF_CHANGE = 200
_STRUCK = f"""
SELECT r.sku_id, l.struck_price, p.id, p.kind, p.name, p.price, p.since_at, p.until_at
FROM unnest(%(skus)s::bigint[]) AS asked(sku_id)
CROSS JOIN LATERAL (
    SELECT * FROM catalog_pricerange r
    WHERE r.sku_id = asked.sku_id AND r.channel_id = %(channel)s AND r.tier IN ('', %(tier)s)
      AND r.valid @> %(at)s::timestamptz
      AND {NOT_SUSPENDED.format(channel="r.channel_id", sku="r.sku_id")}
    ORDER BY r.tier DESC LIMIT 1
) r
JOIN catalog_pricechangeline l ON l.change_id = r.change_id AND l.sku_id = r.sku_id
JOIN catalog_referenceprice p ON p.id = l.reference_id
WHERE r.kind = 'change' AND l.struck_price IS NOT NULL
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class StruckPrice:
    """A price shown struck out, and the proof it rests on.

    `kind` is deal (the lowest real deal price of the window) or suggested (named as `name`);
    `reference` is the highest price the proof allows.
    """

    struck: Decimal
    reference_id: int
    kind: str
    name: str
    reference: Decimal
    since: datetime | None
    until: datetime | None


def window_of(channel_id: int, starts_at: datetime) -> tuple[datetime, datetime]:
    """Return from when until when a deal counts for something that starts at a moment."""
    profile = Channel.objects.values_list("reference_profile", flat=True).get(pk=channel_id)
    return starts_at - timedelta(days=DAYS[profile]), starts_at


def struck_prices(
    *, sku_ids: Collection[int], channel_id: int, tier: str = "", at: datetime
) -> dict[int, StruckPrice]:
    """Return what stands struck out beside the prices in force, by SKU; the rest is absent.

    A limited price carries its own; when it ends, the price that returns has none. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _STRUCK, {"skus": array(sku_ids), "channel": channel_id, "tier": tier, "at": at}
        )
        return {
            sku: StruckPrice(
                struck=struck,
                reference_id=pk,
                kind=kind,
                name=name,
                reference=price,
                since=since,
                until=until,
            )
            for sku, struck, pk, kind, name, price, since, until in cursor.fetchall()
        }


def visible(*, actor: Actor) -> QuerySet[ReferencePrice]:
    """Return the proofs of the actor's channels."""
    found = ReferencePrice.objects.select_related("sku", "channel", "file")
    allowed = actor.scope_ids("channel", "catalog", "V")
    return found if allowed is None else found.filter(channel_id__in=allowed)


def of_sku(*, sku_id: int, actor: Actor) -> list[ReferencePrice]:
    """Return the newest proofs of a SKU in the actor's channels, at most 50."""
    return list(visible(actor=actor).filter(sku_id=sku_id).order_by("-pk")[:MOST_SHOWN])


def of_change(*, change_id: int) -> list[ReferencePrice]:
    """Return the proofs of a change's struck-out prices, at most 200."""
    lines = PriceChangeLine.objects.filter(change_id=change_id, reference__isnull=False)
    found = ReferencePrice.objects.filter(pk__in=lines.values("reference_id"))
    return list(found.select_related("sku", "file").order_by("pk")[:MOST_OF_CHANGE])


def newest() -> datetime | None:
    """Return when a reference price was last kept."""
    return ReferencePrice.objects.order_by("-pk").values_list("made_at", flat=True).first()

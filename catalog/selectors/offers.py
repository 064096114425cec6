"""What a channel may sell now, and at which price: one statement for a whole basket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from catalog.selectors.price_sql import NOT_SUSPENDED, on_shelf

EVERYBODY: Final = ""
# Lateral on purpose: a few index entries a code, never a scan of the catalogue for one basket.
_OFFERS = f"""
SELECT c.id, c.currency, c.is_active, v.version, w.code,
       s.id, s.code, s.kind, s.state, s.tax_rate, p.tiers, p.prices
  FROM catalog_channel c
  LEFT JOIN catalog_promotionversion v ON v.channel_id = c.id
 CROSS JOIN unnest(%(codes)s::text[]) AS w(code)
  LEFT JOIN catalog_externalcode x ON x.channel_id = c.id AND x.code = w.code
  LEFT JOIN LATERAL (
       SELECT * FROM catalog_sku named WHERE named.id = x.sku_id
        UNION ALL
       SELECT * FROM catalog_sku own WHERE own.code = w.code AND x.id IS NULL) s ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(r.tier) AS tiers, array_agg(r.price) AS prices
         FROM catalog_pricerange r
        WHERE r.sku_id = s.id AND r.channel_id = c.id
          AND (%(tiers)s::text[] IS NULL OR r.tier = ANY(%(tiers)s::text[]))
          AND r.valid @> %(at)s::timestamptz
          AND {NOT_SUSPENDED.format(channel="c.id", sku="s.id")}
          AND {on_shelf(channel="c.id", sku="s")}) p ON true
 WHERE c.code = %(channel)s
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Offer:
    """A SKU as one channel names and sells it; `price` is None where none is in force.

    `tier_prices` are what single tiers pay instead, as far as they were asked for.
    """

    asked: str
    sku_id: int
    sku_code: str
    kind: str
    state: str
    tax_rate: Decimal
    price: Decimal | None
    tier_prices: Mapping[str, Decimal] = field(default_factory=dict)

    def price_of(self, tier: str) -> Decimal | None:
        """Return the price for a buyer of a tier: its own, else everybody's."""
        return self.tier_prices.get(tier, self.price)


@dataclass(frozen=True, slots=True)
class Offers:
    """The channel and, by the code that was asked for, what it offers.

    `version` counts the changes of its live promotions; None: it never had one.
    """

    channel_id: int
    currency: str
    is_active: bool
    by_code: dict[str, Offer]
    version: int | None = None


def offers(
    *, channel: str, codes: Collection[str], at: dt.datetime, with_tiers: bool = False
) -> Offers | None:
    """Return what the channel (by code) offers under the codes at a moment; None: no such channel.

    With the prices of all tiers for whoever knows the buyers only later. A suspended offer has no
    price, and neither have goods that are not on the channel's shelf (CAT-4.3-07, CAT-4.3-08). A
    code is first the channel's own name for a SKU, else our SKU code; unknown codes are absent.
    """
    values: dict[str, Any] = {
        "channel": channel,
        "codes": sorted(set(codes)),
        "at": at,
        "tiers": None if with_tiers else [EVERYBODY],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, values)
        rows = cursor.fetchall()
    if not rows:
        return None
    channel_id, currency, is_active, version = rows[0][:4]
    found = [_offer(row[4:]) for row in rows if row[5] is not None]
    return Offers(channel_id, currency, is_active, {offer.asked: offer for offer in found}, version)


def _offer(row: tuple[Any, ...]) -> Offer:
    asked, sku_id, code, kind, state, tax_rate, tiers, prices = row
    by_tier = dict(zip(tiers or (), prices or (), strict=True))
    price = by_tier.pop(EVERYBODY, None)
    return Offer(asked, sku_id, code, kind, state, tax_rate, price, by_tier)

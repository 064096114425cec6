"""What a channel may sell now, and at which price: one statement for a whole basket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from catalog.selectors.price_sql import NOT_SUSPENDED, on_shelf

# Lateral on purpose: a few index entries a code, never a scan of the catalogue for one basket.
_OFFERS = f"""
SELECT c.id, c.currency, c.is_active, v.version, w.code,
       s.id, s.code, s.kind, s.state, s.tax_rate, p.price
  FROM catalog_channel c
  LEFT JOIN catalog_promotionversion v ON v.channel_id = c.id
 CROSS JOIN unnest(%(codes)s::text[]) AS w(code)
  LEFT JOIN catalog_externalcode x ON x.channel_id = c.id AND x.code = w.code
  LEFT JOIN LATERAL (
       SELECT * FROM catalog_sku named WHERE named.id = x.sku_id
        UNION ALL
       SELECT * FROM catalog_sku own WHERE own.code = w.code AND x.id IS NULL) s ON true
  LEFT JOIN LATERAL (
       SELECT r.price FROM catalog_pricerange r
        WHERE r.sku_id = s.id AND r.channel_id = c.id AND r.tier IN ('', %(tier)s)
          AND r.valid @> %(at)s::timestamptz
          AND {NOT_SUSPENDED.format(channel="c.id", sku="s.id")}
          AND {on_shelf(channel="c.id", sku="s")}
        ORDER BY r.tier DESC LIMIT 1) p ON true
 WHERE c.code = %(channel)s
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Offer:
    """A SKU as one channel names and sells it; `price` is None where none is in force."""

    asked: str
    sku_id: int
    sku_code: str
    kind: str
    state: str
    tax_rate: Decimal
    price: Decimal | None


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
    *, channel: str, codes: Collection[str], at: dt.datetime, tier: str = ""
) -> Offers | None:
    """Return what the channel (by code) offers under the codes at a moment; None: no such channel.

    A tier's own price goes before everybody's; a suspended offer has no price, and neither have
    goods that are not on the channel's shelf (CAT-4.3-07, CAT-4.3-08). A code is first the
    channel's own name for a SKU, else our SKU code; unknown codes are absent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _OFFERS, {"channel": channel, "codes": sorted(set(codes)), "at": at, "tier": tier}
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    channel_id, currency, is_active, version = rows[0][:4]
    found = [Offer(*row[4:]) for row in rows if row[5] is not None]
    return Offers(channel_id, currency, is_active, {offer.asked: offer for offer in found}, version)

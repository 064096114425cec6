"""Which tiers of customers a channel knows: those its prices and its promotions name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

_KNOWN: Final = """
SELECT tier, bool_or(is_priced), bool_or(is_promoted)
  FROM (SELECT tier, true AS is_priced, false AS is_promoted
          FROM catalog_pricechange
         WHERE channel_id = %(channel)s AND tier <> '' AND state <> 'withdrawn'
         UNION ALL
        SELECT named.tier, false, true
          FROM catalog_promotion p
         CROSS JOIN LATERAL jsonb_array_elements_text(p.rule #> '{condition,tiers}') AS named(tier)
         WHERE p.channel_id = %(channel)s AND p.state <> 'withdrawn') said
 GROUP BY tier ORDER BY tier
"""


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of a channel's customers, and whether prices or promotions name it."""

    code: str
    is_priced: bool
    is_promoted: bool


def known(*, channel_id: int) -> list[Tier]:
    """Return the tiers a channel knows, by code; proposals that were withdrawn name none."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"channel": channel_id})
        return [Tier(*row) for row in cursor.fetchall()]

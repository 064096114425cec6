"""Price changes by rule: a category, a percentage, an ending; up to 100,000 SKUs in one draft."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from catalog.errors import prices as errors
from catalog.errors.goods import ThingMissing
from catalog.models import Category
from catalog.rules.endings import ENDINGS
from catalog.selectors import prices as selectors
from catalog.services.pricing import drafting
from catalog.types.prices import PriceChangeInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

MOST_LINES: Final = 100_000
_HUNDRED: Final = Decimal(100)

# The same arithmetic as `rules.endings.priced`: half up to the cent, then the nearest price with
# the ending, of two equally near the lower one. Rivals are the cheapest of the last 30 days.
_WRITE: Final = """
WITH priced AS (
    SELECT DISTINCT ON (r.sku_id) r.sku_id, r.price,
           round(r.price * (100 + %(percent)s::numeric) / 100, 2) AS moved
    FROM catalog_pricerange r
    JOIN catalog_sku s ON s.id = r.sku_id AND s.state <> 'retired'
    JOIN catalog_product d ON d.id = s.product_id
    JOIN catalog_category c ON c.id = d.category_id
    WHERE r.channel_id = %(channel)s AND r.tier IN ('', %(tier)s)
      AND r.valid @> %(at)s::timestamptz
      AND (%(path)s = '' OR starts_with(c.path || '.', %(path)s || '.'))
    ORDER BY r.sku_id, r.tier DESC
), ended AS (
    SELECT sku_id, price, CASE WHEN %(step)s::numeric IS NULL THEN moved ELSE
           round(greatest(ceil((moved - %(lowest)s::numeric) / %(step)s::numeric - 0.5), 0)
                 * %(step)s::numeric + %(lowest)s::numeric, 2) END AS new_price
    FROM priced
), rivals AS (
    SELECT p.sku_id, min(p.price) AS price FROM catalog_competitorprice p
    WHERE p.seen_on > %(day)s::date - 30 AND p.seen_on <= %(day)s::date GROUP BY p.sku_id
)
INSERT INTO catalog_pricechangeline (change_id, sku_id, new_price, rival_price)
SELECT %(change)s, e.sku_id, e.new_price, v.price
FROM ended e LEFT JOIN rivals v ON v.sku_id = e.sku_id
WHERE e.new_price <> e.price AND e.new_price > 0
ORDER BY e.sku_id
LIMIT %(most)s
"""


def draft_by_rule(
    *,
    channel_id: int,
    category_id: int | None,
    percent: Decimal,
    ending: str,
    reason: str,
    starts_at: datetime,
    ends_at: datetime | None = None,
    rival_note: str = "",
    tier: str = "",
    actor: Actor,
    at: datetime,
) -> PriceChangeInfo:
    """Draft other prices for every priced SKU of a category and below it (None: of all).

    `percent` has at most two decimals and lies above -100; `ending` is one of `ENDINGS` or empty.
    SKUs whose price would stay are left out. One statement whatever the number. Raises
    ThingMissing, RuleMatchesNothing, BadInput and what `pricing.draft_price_change` raises.
    """
    read = parse.money(percent, negative=True)
    if not -_HUNDRED < read <= 10 * _HUNDRED:
        words = _("A percentage lies above -100 and is at most 1000.")
        raise BadInput("catalog.percent_range", words, field="percent")
    if ending and ending not in ENDINGS:
        words = _("No such ending: %(ending)s.") % {"ending": ending[:8]}
        raise BadInput("catalog.ending_unknown", words, field="ending")
    step, lowest = ENDINGS.get(ending, (None, None))
    try:
        with (
            drafting(
                channel_id=channel_id,
                reason=reason,
                starts_at=starts_at,
                ends_at=ends_at,
                rival_note=rival_note,
                tier=tier,
                actor=actor,
                at=at,
            ) as change,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                _WRITE,
                {
                    "change": change.pk,
                    "channel": channel_id,
                    "tier": tier,
                    "at": at,
                    "path": _path(category_id),
                    "percent": read,
                    "step": step,
                    "lowest": lowest,
                    "day": parse.business_day(at),
                    "most": MOST_LINES + 1,
                },
            )
            count = int(cursor.rowcount)
            if count > MOST_LINES:
                words = _("At most %(most)s SKUs at once: choose a narrower category.")
                raise BadInput(
                    "catalog.too_many_lines", words % {"most": MOST_LINES}, field="category"
                )
    except errors.PriceChangeEmpty:
        raise errors.RuleMatchesNothing from None
    return selectors.info(change, lines=count)


def _path(category_id: int | None) -> str:
    if category_id is None:
        return ""
    path = Category.objects.filter(pk=category_id).values_list("path", flat=True).first()
    if path is None:
        raise ThingMissing("category", category_id)
    return path

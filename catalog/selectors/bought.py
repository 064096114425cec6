"""What comes back of a document that used promotions, by the rules it was bought under."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection

from catalog.rules.promotions.baskets import Basket, BasketLine, Buyer, Usage
from catalog.rules.promotions.cents import cents, money
from catalog.rules.promotions.quotes import Quote, QuotedGift, QuotedLine
from catalog.rules.promotions.quoting import compile_rules
from catalog.rules.promotions.refunds import refund
from catalog.rules.promotions.rules import Rule
from catalog.selectors.promotion_rules import rule_of
from catalog.types.selling import Back, BoughtGift, BoughtLine

# The rule as it ran when the document used it, whatever became of the promotion since.
_USED: Final = """
SELECT u.promotion_id, p.number, p.title, r.rule, coalesce(c.code, ''), u.buyer_key, u.at
  FROM catalog_promotionuse u
  JOIN catalog_promotion p ON p.id = u.promotion_id
  LEFT JOIN catalog_coupon c ON c.id = u.coupon_id
  JOIN LATERAL (
       SELECT r.rule FROM catalog_promotionrun r
        WHERE r.promotion_id = u.promotion_id AND lower(r.valid) <= u.at
        ORDER BY lower(r.valid) DESC LIMIT 1) r ON true
 WHERE u.source_type = %s AND u.source_id = %s AND u.reverses_id IS NULL
 ORDER BY u.id
"""
_PATHS: Final = """
SELECT s.id, c.path FROM catalog_sku s
  JOIN catalog_product d ON d.id = s.product_id
  JOIN catalog_category c ON c.id = d.category_id
 WHERE s.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class _Used:
    rule: Rule
    coupon: str
    buyer: str
    at: datetime


def refund_of(
    *,
    source: tuple[str, int],
    channel: str,
    lines: Sequence[BoughtLine],
    gifts: Sequence[BoughtGift],
    returned: Mapping[str, int],
    tier: str = "",
    shipping: Decimal = Decimal(0),
) -> Back:
    """Return what goes back for all pieces that came back so far, by line key (CAT-4.4-06).

    `tier` and `shipping` are those it was sold with; the fee itself is not for this to pay back.
    Gifts that what is kept no longer earns are due (CAT-4.4-07). The categories are those of now.
    Two statements. Raises ReturnTooMany.
    """
    used = _used(source)
    moment = min((one.at for one in used), default=None)
    if moment is None:
        raise LookupError("the document used no promotion")
    basket = Basket(
        lines=_basket_lines(lines),
        channel=channel,
        at=moment,
        buyer=Buyer(
            key=used[0].buyer,
            tier=tier,
            is_first_order=any(one.rule.condition.first_order for one in used),
        ),
        coupons=tuple(one.coupon for one in used if one.coupon),
        shipping=shipping,
    )
    usage = {one.rule.id: Usage(coupons=(one.coupon,)) for one in used if one.coupon}
    rules = compile_rules([one.rule for one in used])
    found = refund(_quote(lines, gifts), basket, rules, returned, usage=usage)
    return Back(
        lines=found.lines,
        gifts_due=[
            BoughtGift(
                promotion_id=gift.rule_id,
                sku_id=gift.sku_id,
                quantity=gift.quantity,
                value=gift.value,
            )
            for gift in found.gifts_due
        ],
    )


def _used(source: tuple[str, int]) -> list[_Used]:
    with connection.cursor() as cursor:
        cursor.execute(_USED, source)
        return [
            _Used(
                rule_of(json.loads(content), promotion_id=pk, number=number, title=title),
                coupon,
                buyer,
                at,
            )
            for pk, number, title, content, coupon, buyer, at in cursor.fetchall()
        ]


def _basket_lines(lines: Sequence[BoughtLine]) -> tuple[BasketLine, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_PATHS, [[line.sku_id for line in lines]])
        paths = dict(cursor.fetchall())
    return tuple(
        BasketLine(
            key=line.key,
            sku_id=line.sku_id,
            category=paths[line.sku_id],
            quantity=line.quantity,
            unit_price=line.unit_price,
        )
        for line in lines
    )


def _quote(lines: Sequence[BoughtLine], gifts: Sequence[BoughtGift]) -> Quote:
    """Return the sale as the engine answered it, as far as a return asks."""
    listed = {line.key: cents(line.unit_price * line.quantity) for line in lines}
    goods = money(sum(listed.values()))
    total = sum((line.net_amount for line in lines), Decimal("0.00"))
    return Quote(
        lines=tuple(
            QuotedLine(
                key=line.key,
                quantity=line.quantity,
                list_amount=money(listed[line.key]),
                discounts=(),
                net_amount=line.net_amount,
            )
            for line in lines
        ),
        discounts=(),
        gifts=tuple(
            QuotedGift(
                rule_id=gift.promotion_id,
                sku_id=gift.sku_id,
                quantity=gift.quantity,
                value=gift.value,
            )
            for gift in gifts
        ),
        skipped=(),
        shipping_before=Decimal("0.00"),
        shipping_after=Decimal("0.00"),
        goods_total=goods,
        discount_total=goods - total,
        total=total,
        points=0,
        points_factor=Decimal(1),
    )

"""What the sale of baskets must know, read by one statement: goods, floors, what is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from catalog import ports
from catalog.rules.promotions.remaining import Left, Remaining, Ticket
from catalog.rules.promotions.rules import Gift, Rule
from catalog.selectors import price_sql
from ops.engines.kernel.arrays import array

_FACTS: Final = f"""
SELECT 'goods' AS kind, s.id, c.path AS word, s.code, s.kind AS sort, s.tax_rate AS a,
       NULL::numeric AS b, NULL::numeric AS c, NULL::numeric AS d
  FROM catalog_sku s
  JOIN catalog_product d ON d.id = s.product_id
  JOIN catalog_category c ON c.id = d.category_id
 WHERE s.id = ANY(%(skus)s::bigint[])
 UNION ALL
SELECT 'floor', f.id, '', '', '', f.floor, NULL, NULL, NULL
  FROM ({price_sql.FLOORS}) AS f(id, floor)
 UNION ALL
SELECT 'left', promotion_id, '', '', '', uses_limit - uses, pieces_limit - pieces,
       gift_limit - gift_pieces, budget - amount
  FROM catalog_promotioncounter WHERE promotion_id = ANY(%(promotions)s::bigint[])
 UNION ALL
SELECT 'buyer', promotion_id, buyer_key, '', '', uses_limit - uses, pieces_limit - pieces,
       NULL, NULL
  FROM catalog_promotionbuyer
 WHERE promotion_id = ANY(%(promotions)s::bigint[]) AND buyer_key = ANY(%(buyers)s::text[])
 UNION ALL
SELECT 'coupon', id, buyer_key, code, '', promotion_id, uses_limit - uses, NULL, NULL
  FROM catalog_coupon WHERE code = ANY(%(codes)s::text[])
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class SoldGoods:
    """A SKU as far as its sale asks: category path, our code, kind, VAT rate, floor."""

    sku_id: int
    category: str
    code: str
    kind: str
    tax_rate: Decimal
    floor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """Goods by SKU, and what the rules in force have left."""

    goods: Mapping[int, SoldGoods]
    remaining: Remaining


def gift_skus(rules: Collection[Rule]) -> frozenset[int]:
    """Return the SKUs rules may give away."""
    return frozenset(
        gift.sku_id
        for rule in rules
        if isinstance(rule.benefit, Gift)
        for gift in rule.benefit.gifts
    )


def facts(
    *,
    rules: Mapping[int, Rule],
    sku_ids: Collection[int],
    buyers: Collection[str],
    codes: Collection[str],
    gift_stock: Mapping[int, int],
    at: datetime,
) -> SaleFacts:
    """Return what baskets of these goods, buyers and coupons must know. Two statements."""
    given = gift_skus(rules.values())
    values: dict[str, Any] = {
        **price_sql.policy_values(at=at),
        **price_sql.cost_values(ports.unit_cost(sku_ids=sku_ids, at=at)),
        "skus": array({*sku_ids, *given}),
        "promotions": array(rules),
        "buyers": array(buyers),
        "codes": array(codes),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        rows = cursor.fetchall()
    floors = {row[1]: row[5] for row in rows if row[0] == "floor"}
    return SaleFacts(
        goods={
            pk: SoldGoods(pk, path, code, sort, rate, floors.get(pk))
            for kind, pk, path, code, sort, rate, *_rest in rows
            if kind == "goods"
        },
        remaining=Remaining(
            rules=rules,
            everybody={row[1]: _left(row) for row in rows if row[0] == "left"},
            buyers={(row[1], row[2]): _left(row) for row in rows if row[0] == "buyer"},
            coupons={
                code: Ticket(pk, int(promotion), buyer, _count(left))
                for kind, pk, buyer, code, _sort, promotion, left, *_rest in rows
                if kind == "coupon"
            },
            gift_stock=dict(gift_stock),
        ),
    )


def _left(row: tuple[Any, ...]) -> Left:
    uses, pieces, gifts, budget = row[5:]
    return Left(uses=_count(uses), pieces=_count(pieces), gifts=_count(gifts), budget=budget)


def _count(value: Decimal | None) -> int | None:
    return None if value is None else int(value)

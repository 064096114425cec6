"""What the slots of a page show at a moment, and why (CAT-4.1-03).

Everything is asked at the moment itself: what is off the shelf, without a price, out of stock or
under restriction gives way to the next good of its slot's rule, and is back once it is on sale.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from catalog import ports
from catalog.choices.display import SlotLack, SlotRule
from catalog.models import Channel, ShopPage
from catalog.rules.pages.displays import filled_at
from catalog.rules.pages.filling import fill
from catalog.rules.promotions.entries import reach
from catalog.rules.promotions.goods import selects
from catalog.rules.promotions.rules import Goods, Rule
from catalog.selectors import codes, live_promotions, pages, restrictions
from catalog.selectors.price_sql import NOT_SUSPENDED, on_shelf
from catalog.types.display import Candidate, FilledPage, FilledSlot
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day
from ops.engines.revisions import selectors as revisions

# So many goods of a rule stay in hand for those that turn out to be under restriction.
_SPARE: Final = 40
_PINS: Final = "pins"
# What sold in the window, and what is on sale: the best of each rule, those on sale and the others
# apart, so that a row of goods off sale hides none behind it.
_CANDIDATES: Final = f"""
WITH sold AS MATERIALIZED (
    SELECT sku_id, sum(quantity)::bigint AS pieces FROM ({{orders}}) o GROUP BY sku_id
), free AS MATERIALIZED (
    SELECT * FROM ({{free}}) AS f(sku_id, pieces)
), buffers AS MATERIALIZED (
    SELECT DISTINCT ON (sku_id) sku_id, pieces FROM catalog_channelbuffer
    WHERE channel_id = %(channel)s ORDER BY sku_id, id DESC
), goods AS MATERIALIZED (
    SELECT k.id, k.code, k.name, c.path, coalesce(s.pieces, 0) AS sold, v.price,
           CASE WHEN k.state <> 'active' OR p.state <> 'active' THEN 'retired'
                WHEN NOT {on_shelf(sku="k", channel="%(channel)s::bigint")} THEN 'off_shelf'
                WHEN NOT {NOT_SUSPENDED.format(channel="%(channel)s", sku="k.id")} THEN 'suspended'
                WHEN v.price IS NULL THEN 'no_price'
                WHEN coalesce(f.pieces, 0) <= coalesce(own.pieces, every.pieces, 0)
                    THEN 'out_of_stock' END AS lack
    FROM catalog_sku k
    JOIN catalog_product p ON p.id = k.product_id
    JOIN catalog_category c ON c.id = p.category_id
    LEFT JOIN sold s ON s.sku_id = k.id
    LEFT JOIN free f ON f.sku_id = k.id
    LEFT JOIN buffers own ON own.sku_id = k.id
    LEFT JOIN buffers every ON every.sku_id IS NULL
    LEFT JOIN catalog_pricerange v ON v.sku_id = k.id AND v.channel_id = %(channel)s
         AND v.tier = '' AND v.valid @> %(at)s::timestamptz
    WHERE k.kind = 'goods'
      AND (s.pieces IS NOT NULL OR k.code = ANY(%(pins)s::text[])
           OR {on_shelf(sku="k", channel="%(channel)s::bigint")})
), picks AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(picks)s::jsonb)
        AS j(name text, "all" boolean, skus bigint[], paths text[], no_skus bigint[],
             no_paths text[])
), matched AS (
    SELECT DISTINCT j.name AS rule, g.*
    FROM picks j JOIN goods g
      ON (j."all" OR g.id = ANY(j.skus)
          OR EXISTS (SELECT FROM unnest(j.paths) t WHERE starts_with(g.path || '.', t || '.')))
     AND NOT g.id = ANY(j.no_skus)
     AND NOT EXISTS (SELECT FROM unnest(j.no_paths) t WHERE starts_with(g.path || '.', t || '.'))
    WHERE g.sold > 0 OR g.lack IS NULL
    UNION ALL
    SELECT '{_PINS}', g.* FROM goods g WHERE g.code = ANY(%(pins)s::text[])
), ranked AS (
    SELECT m.*, row_number() OVER (PARTITION BY rule, lack IS NULL ORDER BY sold DESC, id) AS place
    FROM matched m
)
SELECT rule, id, code, name, path, sold, price, lack FROM ranked
WHERE rule = '{_PINS}' OR place <= %(most)s ORDER BY rule, sold DESC, id
"""  # noqa: S608 - constants only


def shown(*, page_id: int, at: datetime) -> FilledPage | None:
    """Return what the slots of a page show at a moment; None while no display plan is live."""
    live = revisions.live(kind=pages.DISPLAY, subject_ids=[page_id], at=at).get(page_id)
    if live is None:
        return None
    channel_id = ShopPage.objects.values_list("channel_id", flat=True).get(pk=page_id)
    return FilledPage(
        page_id=page_id,
        channel_id=channel_id,
        revision_id=live.revision_id,
        version=live.no,
        title=live.content["title"],
        at=at,
        slots=filled(live.content, channel_id=channel_id, at=at),
    )


def filled(content: Mapping[str, Any], *, channel_id: int, at: datetime) -> list[FilledSlot]:
    """Return what the slots of a plan, live or not, would show at a moment. One large query."""
    slots = filled_at(content, at)
    promotions = live_promotions.live(channel_id=channel_id, at=at).rules.values()
    pins = {slot["pinned"] for slot in slots} - {""}
    found = _candidates(
        list(_picks(slots, promotions)),
        pins=pins,
        channel_id=channel_id,
        days=content["window_days"],
        most=len(slots) + _SPARE,
        at=at,
    )
    made = fill(
        slots,
        pins={each.code: each for each in found.get(_PINS, ())},
        rankings={slot["key"]: found.get(_rule_of(slot), ()) for slot in slots},
    )
    return [replace(each, promotions=_singled_out(each.shown, promotions)) for each in made]


def _rule_of(slot: Mapping[str, Any]) -> str:
    """Name a rule; slots of the same rule share its ranking."""
    return f"{slot['rule']}:{slot['category']}{slot['promotion']}"


def _picks(
    slots: Sequence[Mapping[str, Any]], promotions: Collection[Rule]
) -> Iterator[dict[str, Any]]:
    paths = codes.category_paths(codes={slot["category"] for slot in slots} - {""})
    for slot in {_rule_of(slot): slot for slot in slots}.values():
        match slot["rule"]:
            case SlotRule.POPULARITY:
                yield _pick(slot, Goods())
            case SlotRule.CATEGORY if slot["category"] in paths:
                yield _pick(slot, Goods(categories=(paths[slot["category"]],)))
            case SlotRule.PROMOTION:
                for rule in promotions:
                    if slot["promotion"] in ("", rule.number) and _singles_out(rule):
                        yield _pick(slot, reach(rule))


def _pick(slot: Mapping[str, Any], goods: Goods) -> dict[str, Any]:
    return {
        "name": _rule_of(slot),
        "all": goods.is_everything,
        "skus": sorted(goods.skus),
        "paths": list(goods.categories),
        "no_skus": sorted(goods.except_skus),
        "no_paths": list(goods.except_categories),
    }


def _singles_out(rule: Rule) -> bool:
    """Say whether a promotion is about some goods: one on everything sets nothing apart."""
    return not reach(rule).is_everything and not rule.coupon


def _singled_out(good: Candidate | None, promotions: Collection[Rule]) -> tuple[str, ...]:
    if good is None:
        return ()
    return tuple(
        sorted(
            rule.number
            for rule in promotions
            if _singles_out(rule) and selects(reach(rule), good.sku_id, good.path)
        )
    )


def _candidates(
    picks: Sequence[Mapping[str, Any]],
    *,
    pins: Collection[str],
    channel_id: int,
    days: int,
    most: int,
    at: datetime,
) -> dict[str, list[Candidate]]:
    """Return the best goods of each rule by its name, and the pinned ones."""
    today = business_day(at)
    orders = ports.recent_orders(
        channel_id=channel_id,
        currency=Channel.objects.values_list("currency", flat=True).get(pk=channel_id),
        first=today - timedelta(days=days),
        last=today - timedelta(days=1),
        with_first=False,
    )
    free = ports.channel_free(channel_id=channel_id)
    values = {
        **orders.values,
        **free.values,
        "channel": channel_id,
        "at": at,
        "pins": array(pins),
        "picks": json.dumps(picks),
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES.format(orders=orders.sql, free=free.sql), values)
        rows = cursor.fetchall()
    barred = restrictions.restricted(sku_ids={row[1] for row in rows}, at=at)
    found: dict[str, list[Candidate]] = {}
    for rule, sku_id, code, name, path, sold, price, lack in rows:
        why = SlotLack.RESTRICTED if sku_id in barred else SlotLack(lack) if lack else None
        found.setdefault(rule, []).append(
            Candidate(
                sku_id=sku_id, code=code, name=name, path=path, sold=sold, price=price, lack=why
            )
        )
    return found

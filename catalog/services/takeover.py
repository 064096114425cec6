"""Taking over what another system sold before us: channels and SKUs under their exact codes.

The codes stay as they are, also where two differ only in case; our own codes stay unique by
NFKC-casefold, so the later twin gets a key with a mark and is reported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from catalog.choices.goods import SkuKind
from catalog.models import Category, Channel, ExternalCode, Sku
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import code_key

CATEGORY = "TAKEOVER"

_ADD = """
WITH given AS (
    SELECT * FROM unnest(%(codes)s::text[], %(keys)s::text[], %(names)s::text[],
                         %(kinds)s::text[], %(taxes)s::numeric[])
        AS given(code, code_key, name, kind, tax_rate)),
product AS (
    INSERT INTO catalog_product (code, name, name_en, category_id, brand, state)
    SELECT code, name, '', %(category)s, '', 'active' FROM given
    ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING id, code),
sku AS (
    INSERT INTO catalog_sku (code, code_key, product_id, name, kind, unit, barcode, tax_rate, state)
    SELECT g.code, g.code_key, p.id, g.name, g.kind, 'piece', '', g.tax_rate, 'active'
      FROM given g JOIN product p USING (code)
    RETURNING id, code)
INSERT INTO catalog_externalcode (channel_id, code, sku_id)
SELECT %(channel)s, code, id FROM sku RETURNING code, sku_id
"""


@dataclass(frozen=True, slots=True)
class SkuHistory:
    """A SKU as the former system names it."""

    code: str
    name: str
    kind: SkuKind
    tax_rate: str = "0.0000"


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Ids by exact code, those kept in stock, VAT rates, new codes with a twin in other case."""

    ids: dict[str, int]
    goods: frozenset[int]
    rates: dict[int, Decimal]
    added: int = 0
    twins: tuple[str, ...] = ()


def take_over_channel(
    *, code: str, name: str, platform: str, currency: str, actor: Actor, at: dt.datetime
) -> int:
    """Return the id of the channel, making it when it is new."""
    with transaction.atomic():
        channel, is_new = Channel.objects.get_or_create(
            code=code, defaults={"name": name, "platform": platform, "currency": currency}
        )
        if is_new:
            audit.record(
                actor=actor,
                at=at,
                action="catalog.channel_taken_over",
                obj=("catalog.channel", channel.pk),
                body={"code": code, "platform": platform},
            )
    return channel.pk


def take_over_skus(
    *, channel_id: int, skus: Sequence[SkuHistory], actor: Actor, at: dt.datetime
) -> TakenOver:
    """Return the SKUs of a channel by its exact codes, adding the unknown ones set-based.

    A code the channel does not name yet but that is one of our own SKU codes is linked to it.
    """
    with transaction.atomic():
        wanted = {sku.code: sku for sku in skus}
        ids = _named(channel_id, list(wanted))
        _link_own(channel_id, [code for code in wanted if code not in ids])
        ids |= _named(channel_id, [code for code in wanted if code not in ids])
        fresh = [wanted[code] for code in sorted(wanted) if code not in ids]
        if not fresh:
            return _taken(ids)
        keys, twins = _keys(fresh)
        with connection.cursor() as cursor:
            cursor.execute(
                _ADD,
                {
                    "codes": [sku.code for sku in fresh],
                    "keys": keys,
                    "names": [sku.name[:200] or sku.code for sku in fresh],
                    "kinds": [sku.kind.value for sku in fresh],
                    "taxes": [sku.tax_rate for sku in fresh],
                    "category": _category().pk,
                    "channel": channel_id,
                },
            )
            ids |= dict(cursor.fetchall())
        audit.record(
            actor=actor,
            at=at,
            action="catalog.skus_taken_over",
            obj=("catalog.channel", channel_id),
            body={"count": len(fresh), "twins": twins},
        )
    return _taken(ids, added=len(fresh), twins=tuple(twins))


def _named(channel_id: int, codes: list[str]) -> dict[str, int]:
    rows = ExternalCode.objects.filter(channel_id=channel_id, code__in=codes)
    return dict(rows.values_list("code", "sku_id"))


def _link_own(channel_id: int, codes: list[str]) -> None:
    own = Sku.objects.filter(code__in=codes).values_list("code", "pk")
    ExternalCode.objects.bulk_create(
        ExternalCode(channel_id=channel_id, code=code, sku_id=pk) for code, pk in own
    )


def _taken(ids: dict[str, int], *, added: int = 0, twins: tuple[str, ...] = ()) -> TakenOver:
    rows = list(Sku.objects.filter(pk__in=ids.values()).values_list("pk", "kind", "tax_rate"))
    goods = frozenset(pk for pk, kind, _rate in rows if kind == SkuKind.GOODS)
    return TakenOver(ids, goods, {pk: rate for pk, _kind, rate in rows}, added, twins)


def _keys(fresh: Sequence[SkuHistory]) -> tuple[list[str], list[str]]:
    folded = [code_key(sku.code) for sku in fresh]
    taken = set(Sku.objects.filter(code_key__in=folded).values_list("code_key", flat=True))
    keys: list[str] = []
    twins: list[str] = []
    for sku, key in zip(fresh, folded, strict=True):
        unique, number = key, 1
        while unique in taken:
            number += 1
            unique = f"{key}~{number}"
        if number > 1:
            twins.append(sku.code)
        taken.add(unique)
        keys.append(unique)
    return keys, twins


def _category() -> Category:
    category, _is_new = Category.objects.get_or_create(
        code=CATEGORY,
        defaults={"name": "接收的历史商品", "name_en": "Taken over", "path": CATEGORY},
    )
    return category

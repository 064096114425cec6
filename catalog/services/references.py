"""Former prices that may be struck out, and what proves each (CAT-4.2-02).

The reference of a SKU is its lowest real deal price in the days before a price or promotion starts;
the cheapest of the deals are kept with it. A suggested price is named as such and rests on a file.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from django.db import connection, transaction

from catalog import ports
from catalog.choices.patrol import ReferenceKind
from catalog.errors import prices as errors
from catalog.errors.goods import ThingMissing
from catalog.models import Channel, PriceChange, PriceChangeLine, ReferencePrice, Sku
from catalog.rules.prices import CENT
from catalog.selectors.references import window_of
from ops.engines.audit import services as audit
from ops.engines.files import services as files
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.policy import may

HOLDER: Final = "catalog.sku"
_KEEP: Final = """
INSERT INTO catalog_referenceprice
    (sku_id, channel_id, kind, name, price, since_at, until_at, deals, evidence, made_by, made_at)
SELECT g.sku_id, %(channel)s, 'deal', '', g.price, %(since)s, %(until)s, g.deals,
       g.evidence::jsonb, %(person)s, %(at)s
FROM unnest(%(skus)s::bigint[], %(prices)s::numeric[], %(deals)s::int[], %(evidence)s::text[])
    AS g(sku_id, price, deals, evidence)
ORDER BY g.sku_id
RETURNING sku_id, id, price
"""
_LINK: Final = """
UPDATE catalog_pricechangeline l SET reference_id = g.reference
FROM unnest(%(skus)s::bigint[], %(references)s::bigint[]) AS g(sku_id, reference)
WHERE l.change_id = %(change)s AND l.sku_id = g.sku_id
"""


def prove(
    *, sku_ids: Collection[int], channel_id: int, starts_at: datetime, actor: Actor, at: datetime
) -> dict[int, tuple[int, Decimal]]:
    """Keep the lowest real deal price of each SKU before a start, with its proof.

    Returns the id of the proof and the price by SKU; those nobody bought in the window are absent.
    Set-based: one question to the order book, one statement here.
    """
    since, until = window_of(channel_id, starts_at)
    found = ports.lowest_deals(sku_ids=sku_ids, channel_id=channel_id, since=since, until=until)
    kept = {sku: deals for sku, deals in found.items() if _floor(deals.lowest[0].price) > 0}
    if not kept:
        return {}
    values: dict[str, Any] = {
        "channel": channel_id,
        "since": since,
        "until": until,
        "person": actor.person_id or 0,
        "at": at,
        "skus": array(kept),
        "prices": array(_floor(deals.lowest[0].price) for deals in kept.values()),
        "deals": array(deals.count for deals in kept.values()),
        "evidence": [_evidence(deals) for deals in kept.values()],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
        return {sku: (pk, price) for sku, pk, price in cursor.fetchall()}


def prove_lines(change: PriceChange, *, actor: Actor, at: datetime) -> None:
    """Give every struck-out price of a change its proof; raises StruckUnproved with the figures."""
    lines = PriceChangeLine.objects.filter(change=change, struck_price__isnull=False)
    named = lines.filter(reference__kind=ReferenceKind.SUGGESTED)
    struck = dict(lines.exclude(pk__in=named.values("pk")).values_list("sku_id", "struck_price"))
    too_high: dict[int, Decimal | None] = {
        sku: price
        for sku, price, asked, proved, where in named.values_list(
            "sku_id", "reference__price", "struck_price", "reference__sku_id",
            "reference__channel_id",
        )
        if asked is None or asked > price or proved != sku or where != change.channel_id
    }  # fmt: skip
    proofs: dict[int, tuple[int, Decimal]] = {}
    if struck:
        proofs = prove(
            sku_ids=struck,
            channel_id=change.channel_id,
            starts_at=change.starts_at,
            actor=actor,
            at=at,
        )
    for sku, asked in struck.items():
        proved = proofs[sku][1] if sku in proofs else None
        if proved is None or asked is None or asked > proved:
            too_high[sku] = proved
    if too_high:
        since, until = window_of(change.channel_id, change.starts_at)
        raise errors.StruckUnproved(proofs=too_high, days=(until - since).days)
    with connection.cursor() as cursor:
        cursor.execute(
            _LINK,
            {
                "change": change.pk,
                "skus": array(proofs),
                "references": array(pk for pk, _price in proofs.values()),
            },
        )


def record_suggested(
    *,
    sku_id: int,
    channel_id: int,
    name: str,
    price: Decimal,
    file_name: str,
    data: bytes,
    actor: Actor,
    at: datetime,
) -> int:
    """Keep a suggested price under its name with its evidence; return its id.

    Raises Forbidden, ThingMissing, BadInput and what the files engine refuses.
    """
    may("catalog", "C").require(actor)
    allowed = actor.scope_ids("channel", "catalog", "C")
    if allowed is not None and channel_id not in allowed:
        raise ThingMissing("channel", channel_id)
    with transaction.atomic():
        if not Sku.objects.filter(pk=sku_id).exists():
            raise ThingMissing("sku", sku_id)
        if not Channel.objects.filter(pk=channel_id).exists():
            raise ThingMissing("channel", channel_id)
        kept = files.store(
            object_type=HOLDER, object_id=sku_id, name=file_name, data=data, actor=actor, at=at
        )
        made = ReferencePrice.objects.create(
            sku_id=sku_id,
            channel_id=channel_id,
            kind=ReferenceKind.SUGGESTED,
            name=parse.text(name.strip(), most=80, least=1),
            price=parse.money(price).quantize(CENT),
            file_id=kept.id,
            made_by=actor.person_id or 0,
            made_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.suggested_price_recorded",
            obj=("catalog.referenceprice", made.pk),
            body={"sku": sku_id, "channel": channel_id, "price": made.price, "file": kept.sha256},
        )
        return made.pk


def _floor(price: Decimal) -> Decimal:
    return price.quantize(CENT, rounding=ROUND_FLOOR)


def _evidence(deals: ports.Deals) -> str:
    rows: list[dict[str, Any]] = [
        {
            "order": deal.order,
            "line": deal.line_no,
            "price": str(deal.price),
            "quantity": deal.quantity,
            "at": deal.at.isoformat(),
        }
        for deal in deals.lowest
    ]
    return json.dumps(rows)

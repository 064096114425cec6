"""Competitor prices, offers as shown, and what is decided about outliers (CAT-4.2-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.choices.patrol import OutlierState
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import CompetitorPrice, PriceOutlier, Sku
from catalog.services import pricing
from catalog.types.patrol import RivalRow, ShownRow
from catalog.types.prices import PriceChangeInfo, PriceLine
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

RECORD: Final = may("catalog", "C")
DECIDE: Final = may("catalog", "C")
_RECORD: Final = """
INSERT INTO catalog_competitorprice
    (sku_id, rival, price, seen_on, source, note, recorded_by, recorded_at)
SELECT g.sku_id, g.rival, g.price, g.seen_on, g.source, g.note, %(person)s, %(at)s
FROM unnest(%(skus)s::bigint[], %(rivals)s::text[], %(prices)s::numeric[], %(days)s::date[],
            %(sources)s::text[], %(notes)s::text[])
    AS g(sku_id, rival, price, seen_on, source, note)
ORDER BY g.sku_id
ON CONFLICT (sku_id, rival, seen_on, source) DO NOTHING
"""
_SHOW: Final = """
INSERT INTO catalog_shownoffer (channel_id, sku_id, price, struck_price, seen_at, source)
SELECT %(channel)s, g.sku_id, g.price, g.struck, g.seen_at, %(source)s
FROM unnest(%(skus)s::bigint[], %(prices)s::numeric[], %(struck)s::numeric[],
            %(seen)s::timestamptz[]) AS g(sku_id, price, struck, seen_at)
ORDER BY g.sku_id
ON CONFLICT (channel_id, sku_id) DO UPDATE
   SET price = excluded.price, struck_price = excluded.struck_price,
       seen_at = excluded.seen_at, source = excluded.source
 WHERE catalog_shownoffer.seen_at < excluded.seen_at
"""


def record_prices(*, rows: Sequence[RivalRow], actor: Actor, at: dt.datetime) -> int:
    """Keep what rivals asked; the same word of the same source is kept once. Returns the new ones.

    Raises Forbidden, BadInput, IntegrityError for unknown SKUs.
    """
    RECORD.require(actor)
    if any(not 0 < row.price < pricing.BELOW for row in rows):
        words = _("A price is above zero and below a trillion.")
        raise BadInput("catalog.price_positive", words, field="prices")
    values: dict[str, Any] = {
        "skus": array(row.sku_id for row in rows),
        "rivals": [parse.text(row.rival, most=80, least=1) for row in rows],
        "prices": array(row.price for row in rows),
        "days": array(row.seen_on for row in rows),
        "sources": [parse.text(row.source, most=400, least=1) for row in rows],
        "notes": [parse.text(row.note, most=200) for row in rows],
        "person": actor.person_id or 0,
        "at": at,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        new = int(cursor.rowcount)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.rival_prices_recorded",
            body={"rows": len(rows), "new": new},
        )
        return new


def take_shown(
    *, channel_id: int, rows: Sequence[ShownRow], source: str, actor: Actor, at: dt.datetime
) -> int:
    """Take over what a channel shows; an older look never replaces a newer one. Returns changes."""
    values: dict[str, Any] = {
        "channel": channel_id,
        "source": source[:200],
        "skus": array(row.sku_id for row in rows),
        "prices": array(row.price for row in rows),
        "struck": array(row.struck for row in rows),
        "seen": array(row.seen_at for row in rows),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SHOW, values)
        changed = int(cursor.rowcount)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.offers_seen",
            obj=("catalog.channel", channel_id),
            body={"source": source, "rows": len(rows), "changed": changed},
        )
        return changed


def draft_from_outlier(
    *, outlier_id: int, starts_at: dt.datetime, actor: Actor, at: dt.datetime
) -> PriceChangeInfo:
    """Draft the suggested price of an outlier; the draft takes the usual way to its decision.

    Raises Forbidden, CaseMissing, CaseClosed and what drafting a price change refuses.
    """
    DECIDE.require(actor)
    with transaction.atomic():
        outlier = _locked(outlier_id, actor)
        sku = Sku.objects.get(pk=outlier.sku_id)
        rival = (
            CompetitorPrice.objects.filter(
                sku_id=outlier.sku_id, seen_on__gt=parse.business_day(at) - dt.timedelta(days=30)
            )
            .order_by("price")
            .values_list("price", flat=True)
            .first()
        )
        change = pricing.draft_price_change(
            channel_id=outlier.channel_id,
            reason=f"{sku.code}: {outlier.get_kind_display()} ({outlier.percent} %)",
            starts_at=starts_at,
            lines=[PriceLine(sku_id=sku.pk, price=outlier.suggested, rival=rival)],
            actor=actor,
            at=at,
        )
        outlier.change_id = change.id
        _decide(outlier, OutlierState.DRAFTED, "", actor=actor, at=at)
        return change


def keep_price(*, outlier_id: int, reason: str, actor: Actor, at: dt.datetime) -> PriceOutlier:
    """Record why a price stays as it is.

    Raises Forbidden, CaseMissing, CaseClosed, ReasonNeeded.
    """
    DECIDE.require(actor)
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        outlier = _locked(outlier_id, actor)
        words = parse.text(reason.strip(), most=200)
        return _decide(outlier, OutlierState.KEPT, words, actor=actor, at=at)


def sku_ids_of(codes: Sequence[str]) -> dict[str, int]:
    """Return the SKU ids of our codes; raises ThingMissing for the first unknown one."""
    known = dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))
    for code in codes:
        if code not in known:
            raise ThingMissing("sku", code)
    return known


def _decide(
    outlier: PriceOutlier, state: OutlierState, reason: str, *, actor: Actor, at: dt.datetime
) -> PriceOutlier:
    outlier.state, outlier.reason = state, reason
    outlier.decided_by, outlier.decided_at = actor.person_id or 0, at
    outlier.save(update_fields=["state", "reason", "decided_by", "decided_at", "change"])
    body: dict[str, Any] = {"sku": outlier.sku_id, "state": state.value, "reason": reason}
    audit.record(
        actor=actor,
        at=at,
        action="catalog.price_outlier_decided",
        obj=("catalog.priceoutlier", outlier.pk),
        body=body,
    )
    return outlier


def _locked(outlier_id: int, actor: Actor) -> PriceOutlier:
    rows = PriceOutlier.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=outlier_id).first()
    allowed = actor.scope_ids("channel", "catalog", "C")
    if found is None or (allowed is not None and found.channel_id not in allowed):
        raise errors.CaseMissing(outlier_id)
    if found.state != OutlierState.OPEN:
        raise errors.CaseClosed
    return found

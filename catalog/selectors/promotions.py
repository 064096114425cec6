"""Promotions as an actor may see them: the plan, its runs, what was used of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from catalog import ports
from catalog.choices.promotions import PromotionState
from catalog.errors import promotions as errors
from catalog.models import (
    Coupon,
    CouponBatch,
    Promotion,
    PromotionCheck,
    PromotionCounter,
    PromotionRun,
    PromotionUse,
)
from catalog.rules import coupon_codes
from catalog.types.promotions import CouponBatchInfo, PromotionInfo, RunInfo, Standing, UseInfo
from ops.engines.kernel.actor import Actor

_NOTHING = Standing(
    uses=0, pieces=0, gift_pieces=0, amount=Decimal(0),
    uses_limit=None, pieces_limit=None, gift_limit=None, budget=None,
)  # fmt: skip
_DIFFERENCES = """
WITH ledger AS (
    SELECT promotion_id, sum(times) AS uses, sum(pieces) AS pieces,
           sum(gift_pieces) AS gift_pieces, sum(amount) AS amount
      FROM catalog_promotionuse GROUP BY 1
), buyers AS (
    SELECT promotion_id, buyer_key, sum(times) AS uses, sum(pieces) AS pieces
      FROM catalog_promotionuse WHERE buyer_key <> '' GROUP BY 1, 2
), codes AS (
    SELECT coupon_id, sum(sign(times)) AS uses FROM catalog_promotionuse
     WHERE coupon_id IS NOT NULL GROUP BY 1
)
SELECT 'promotion ' || coalesce(c.promotion_id, l.promotion_id)
  FROM catalog_promotioncounter c FULL JOIN ledger l USING (promotion_id)
 WHERE (coalesce(c.uses, 0), coalesce(c.pieces, 0), coalesce(c.gift_pieces, 0),
        coalesce(c.amount, 0))
    <> (coalesce(l.uses, 0), coalesce(l.pieces, 0), coalesce(l.gift_pieces, 0),
        coalesce(l.amount, 0))
UNION ALL
SELECT 'buyer of promotion ' || coalesce(b.promotion_id, l.promotion_id)
  FROM catalog_promotionbuyer b FULL JOIN buyers l USING (promotion_id, buyer_key)
 WHERE (coalesce(b.uses, 0), coalesce(b.pieces, 0)) <> (coalesce(l.uses, 0), coalesce(l.pieces, 0))
UNION ALL
SELECT 'coupon ' || c.id
  FROM catalog_coupon c LEFT JOIN codes l ON l.coupon_id = c.id
 WHERE c.uses <> coalesce(l.uses, 0)
"""


def promotions(*, actor: Actor) -> QuerySet[Promotion]:
    """Return the promotions in the actor's channels, each with its channel and counter."""
    found = Promotion.objects.select_related("channel", "counter")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def numbers_of(*, channel_id: int) -> set[str]:
    """Return the numbers of all promotions of a channel."""
    return set(Promotion.objects.filter(channel_id=channel_id).values_list("number", flat=True))


def promotion(*, promotion_id: int, actor: Actor) -> PromotionInfo:
    """Return one promotion in the actor's channels; raises PromotionMissing."""
    return info(row(promotion_id=promotion_id, actor=actor))


def row(*, promotion_id: int, actor: Actor) -> Promotion:
    """Return the row of one promotion in the actor's channels, with the request behind it.

    Raises PromotionMissing.
    """
    found = Promotion.objects.select_related("approval").filter(pk=promotion_id).first()
    allowed = actor.scope_ids("channel", "catalog")
    if found is None or (allowed is not None and found.channel_id not in allowed):
        raise errors.PromotionMissing(promotion_id)
    return found


def info(found: Promotion) -> PromotionInfo:
    """Return the plain form of a promotion."""
    return PromotionInfo(
        id=found.pk,
        number=found.number,
        channel_id=found.channel_id,
        title=found.title,
        aim=found.aim,
        type=found.type,
        rule=found.rule,
        budget=found.budget,
        gift_stock=found.gift_stock,
        stock_note=found.stock_note,
        risk=found.risk,
        coupon_mode=found.coupon_mode,
        materials=tuple(found.materials),
        no_material=found.no_material,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        held_at=found.held_at,
        state=found.state,
        drafted_by=found.drafted_by,
        drafted_at=found.drafted_at,
        approval_id=found.approval_id,
        paused_why=found.paused_why,
        ended_at=found.ended_at,
        outcome=found.outcome,
    )


def runs(*, promotion_id: int) -> list[RunInfo]:
    """Return when a promotion was in force, or is to be, oldest first."""
    rows = PromotionRun.objects.filter(promotion_id=promotion_id).order_by("pk")
    return [
        RunInfo(since=row.valid.lower, until=row.valid.upper, cut_why=row.cut_why) for row in rows
    ]


def standings(*, promotion_ids: Collection[int]) -> dict[int, Standing]:
    """Return what was used of promotions beside their caps, by promotion. One query."""
    names = Standing.__slots__
    rows = PromotionCounter.objects.filter(pk__in=promotion_ids)
    return {
        row[0]: Standing(**dict(zip(names, row[1:], strict=True)))
        for row in rows.values_list("pk", *names)
    }


def standing(*, promotion_id: int) -> Standing:
    """Return what was used of one promotion beside its caps."""
    return standings(promotion_ids=[promotion_id]).get(promotion_id, _NOTHING)


def coupon_batches(*, promotion_id: int) -> list[CouponBatchInfo]:
    """Return the batches of codes of a promotion, newest first."""
    names = ("id", "promotion_id", "count", "made_by", "made_at")
    rows = CouponBatch.objects.filter(promotion_id=promotion_id).order_by("-pk")
    return [
        CouponBatchInfo(**dict(zip(names, row, strict=True))) for row in rows.values_list(*names)
    ]


def coupons(*, actor: Actor) -> QuerySet[Coupon]:
    """Return the coupons of the promotions in the actor's channels."""
    found = Coupon.objects.select_related("promotion")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(promotion__channel_id__in=mine)


def masked(code: str) -> str:
    """Return a code as it is shown: nobody can use what they read."""
    return coupon_codes.masked(code)


def masked_codes(*, promotion_id: int, limit: int = 50) -> list[tuple[str, int, int | None]]:
    """Return the newest codes of a promotion, masked, with uses and limit."""
    rows = Coupon.objects.filter(promotion_id=promotion_id).order_by("-pk")[:limit]
    return [(coupon_codes.masked(row.code), row.uses, row.uses_limit) for row in rows]


def running_channels() -> set[int]:
    """Return the channels in which a promotion runs."""
    rows = Promotion.objects.filter(state=PromotionState.RUNNING)
    return set(rows.values_list("channel_id", flat=True))


def newest_start() -> datetime | None:
    """Return when a promotion last came into force."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lower(valid) FROM catalog_promotionrun WHERE NOT isempty(valid)"
            " ORDER BY id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def newest_draft(*, of_type: str = "") -> datetime | None:
    """Return when a promotion (of a type) was last drafted."""
    rows = Promotion.objects.filter(type=of_type) if of_type else Promotion.objects.all()
    return rows.order_by("-pk").values_list("drafted_at", flat=True).first()


def newest_uses(*, promotion_id: int, most: int) -> list[UseInfo]:
    """Return the newest uses of a promotion, with the orders that used it. Two queries."""
    uses = PromotionUse.objects.filter(promotion_id=promotion_id, reverses=None)
    rows = list(
        uses.annotate(
            is_back=Exists(PromotionUse.objects.filter(reverses=OuterRef("pk")))
        ).order_by("-pk")[:most]
    )
    by = ports.used_by(ids={row.source_id for row in rows})
    found = []
    for row in rows:
        number, href = by.get(row.source_id, (f"{row.source_type} {row.source_id}", ""))
        found.append(
            UseInfo(
                document=number,
                href=href,
                times=row.times,
                pieces=row.pieces,
                gift_pieces=row.gift_pieces,
                amount=row.amount,
                at=row.at,
                is_back=row.is_back,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Query:
    """A question the database answers: a SELECT that a larger statement reads from."""

    sql: str
    values: Mapping[str, Any]


def standing_uses(*, source_type: str) -> Query:
    """Return the query over what documents of a kind use, as it stands after what came back.

    Columns: source_id, promotion_id, amount, gift_pieces.
    """
    return Query(
        """SELECT source_id, promotion_id, sum(amount) AS amount, sum(gift_pieces) AS gift_pieces
             FROM catalog_promotionuse WHERE source_type = %(standing_source)s
            GROUP BY 1, 2 HAVING sum(times) > 0""",
        {"standing_source": source_type},
    )


def differences() -> list[str]:
    """Return every counter that is not the sum of the ledger of uses; none is right."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [str(name) for (name,) in cursor.fetchall()]


def checks(*, promotion_id: int, most: int) -> list[PromotionCheck]:
    """Return the newest checks of a promotion: the check log (CAT-4.4-04)."""
    return list(PromotionCheck.objects.filter(promotion_id=promotion_id).order_by("-pk")[:most])


def all_checks(*, actor: Actor) -> QuerySet[PromotionCheck]:
    """Return the checks of the promotions in the actor's channels."""
    mine = actor.scope_ids("channel", "catalog")
    rows = PromotionCheck.objects.all()
    return rows if mine is None else rows.filter(promotion__channel_id__in=mine)


def newest_check() -> datetime | None:
    """Return when a promotion was last checked."""
    return PromotionCheck.objects.order_by("-pk").values_list("checked_at", flat=True).first()

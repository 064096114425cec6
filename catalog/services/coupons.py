"""Coupon codes of a promotion: one for everybody, a batch, or one for each customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices.promotions import CouponMode, PromotionState
from catalog.errors import promotions as errors
from catalog.errors.goods import CodeTaken
from catalog.models import Coupon, CouponBatch, Promotion
from catalog.rules import coupon_codes
from catalog.services.promotion_course import SUBJECT, locked, require_mine
from catalog.types.promotions import CouponBatchInfo
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

MOST_AT_ONCE: Final = 100_000
_CLOSED: Final = frozenset(
    {PromotionState.ENDED, PromotionState.REVIEWED, PromotionState.WITHDRAWN}
)


def name_code(
    *, promotion_id: int, code: str, most: int | None = None, actor: Actor, at: datetime
) -> CouponBatchInfo:
    """Give a promotion the one code everybody may use, `most` times in all (None: no limit).

    Case and width do not matter: the code is kept in its normal form. Raises PromotionMissing,
    PromotionClosed, CouponsNotAsked, CodeUnfit, CodeTaken.
    """
    with transaction.atomic():
        promotion = _open(promotion_id, CouponMode.SINGLE, actor)
        normal = coupon_codes.normal(code)
        if normal is None:
            raise errors.CodeUnfit(code)
        if most is not None and not 0 < most < 2**31:
            words = _("A code may be used once or more.")
            raise BadInput("catalog.coupon_uses", words, field="most")
        # Whoever comes second sees the row of the first only once that has committed.
        batch = _batch(promotion, 1, actor=actor, at=at)
        made = Coupon.objects.bulk_create(
            [Coupon(batch=batch, promotion=promotion, code=normal, uses_limit=most)],
            ignore_conflicts=True,
        )
        if not Coupon.objects.filter(batch=batch, code=normal).exists():
            raise CodeTaken(made[0].code)
        return _info(batch)


def make_batch(*, promotion_id: int, count: int, actor: Actor, at: datetime) -> CouponBatchInfo:
    """Draw `count` codes that each work once, from a source nobody can guess.

    Raises PromotionMissing, PromotionClosed, CouponsNotAsked, BadInput.
    """
    if not 0 < count <= MOST_AT_ONCE:
        words = _("Between 1 and %(most)s codes at once.") % {"most": MOST_AT_ONCE}
        raise BadInput("catalog.coupon_count", words, field="count")
    with transaction.atomic():
        promotion = _open(promotion_id, CouponMode.BATCH, actor)
        batch = _batch(promotion, count, actor=actor, at=at)
        _draw(batch, [""] * count)
        return _info(batch)


def make_for_buyers(
    *, promotion_id: int, buyer_keys: Sequence[str], actor: Actor, at: datetime
) -> CouponBatchInfo:
    """Draw a code for each buyer, which works once and for nobody else.

    Raises PromotionMissing, PromotionClosed, CouponsNotAsked, BadInput.
    """
    keys = list(dict.fromkeys(key.strip() for key in buyer_keys))
    if not 0 < len(keys) <= MOST_AT_ONCE or not all(0 < len(key) <= 64 for key in keys):
        words = _("Name between 1 and %(most)s buyers.") % {"most": MOST_AT_ONCE}
        raise BadInput("catalog.coupon_buyers", words, field="buyers")
    with transaction.atomic():
        promotion = _open(promotion_id, CouponMode.PER_CUSTOMER, actor)
        batch = _batch(promotion, len(keys), actor=actor, at=at)
        _draw(batch, keys)
        return _info(batch)


def hand_out(*, batch_id: int, actor: Actor, at: datetime) -> Iterator[tuple[str, str]]:
    """Return the codes of a batch in full, each with the buyer it is for, and record who took them.

    Raises Forbidden, PromotionMissing.
    """
    may("catalog", "E").require(actor)
    with transaction.atomic():
        batch = CouponBatch.objects.select_related("promotion").filter(pk=batch_id).first()
        if batch is None:
            raise errors.PromotionMissing(batch_id)
        require_mine(batch.promotion, actor, "E")
        audit.record(
            actor=actor,
            at=at,
            action="catalog.coupons_handed_out",
            obj=(SUBJECT, batch.promotion_id),
            body={"batch": batch.pk, "codes": batch.count},
        )
    rows = Coupon.objects.filter(batch=batch).order_by("pk")
    return rows.values_list("code", "buyer_key").iterator(chunk_size=2000)


def _open(promotion_id: int, mode: CouponMode, actor: Actor) -> Promotion:
    promotion = locked(promotion_id)
    require_mine(promotion, actor, "C")
    if promotion.state in _CLOSED:
        raise errors.PromotionClosed(promotion.state)
    if promotion.coupon_mode != mode:
        raise errors.CouponsNotAsked
    return promotion


def _batch(promotion: Promotion, count: int, *, actor: Actor, at: datetime) -> CouponBatch:
    batch = CouponBatch.objects.create(
        promotion=promotion, count=count, made_by=actor.person_id or 0, made_at=at
    )
    audit.record(
        actor=actor,
        at=at,
        action="catalog.coupons_made",
        obj=(SUBJECT, promotion.pk),
        body={"batch": batch.pk, "codes": count},
    )
    return batch


def _draw(batch: CouponBatch, buyers: Sequence[str]) -> None:
    """Write codes for the buyers; one that exists already (it never happens) is drawn again."""
    left = list(buyers)
    while left:
        codes = dict.fromkeys(coupon_codes.make() for _buyer in left)
        rows = [
            Coupon(
                batch=batch, promotion_id=batch.promotion_id, code=code, buyer_key=buyer,
                uses_limit=1,
            )
            for code, buyer in zip(codes, left, strict=False)
        ]  # fmt: skip
        Coupon.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)
        kept = set(
            Coupon.objects.filter(batch=batch, code__in=codes).values_list("code", flat=True)
        )
        left = [row.buyer_key for row in rows if row.code not in kept] + left[len(rows) :]


def _info(batch: CouponBatch) -> CouponBatchInfo:
    return CouponBatchInfo(
        id=batch.pk,
        promotion_id=batch.promotion_id,
        count=batch.count,
        made_by=batch.made_by,
        made_at=batch.made_at,
    )

"""Promotions on their way to a decision: draft, edit, hand in, take back (CAT-4.4-01).

What happens after the decision is in `promotion_course`; both are reached from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices.content_tasks import Material
from catalog.choices.promotions import CouponMode, PromotionState, PromotionType
from catalog.errors import promotions as errors
from catalog.errors.goods import ThingMissing
from catalog.errors.prices import WindowWrong
from catalog.models import Channel, Promotion, Sku
from catalog.models.promotions import EDITABLE, LIVE
from catalog.rules.impact import headline
from catalog.rules.promotions.rules import Gift, Rule
from catalog.selectors import promotion_figures, promotion_rules
from catalog.selectors import promotions as selectors
from catalog.services import impact, promotion_checks
from catalog.services.promotion_course import (
    SUBJECT,
    check_running,
    cut,
    end,
    give_way,
    lock_channel,
    locked,
    pause,
    require_mine,
    resume,
    review,
    run_clock,
    schedule,
    take_back,
)
from catalog.types.promotions import PromotionFigures, PromotionInfo, PromotionPlan
from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.numbering import services as numbering

__all__ = [
    "check_running",
    "draft",
    "edit",
    "end",
    "give_way",
    "pause",
    "reopen",
    "resume",
    "review",
    "run_clock",
    "schedule",
    "submit",
    "take_back",
    "withdraw",
]

MOST_SHOWN = 200


def draft(*, channel_id: int, plan: PromotionPlan, actor: Actor, at: datetime) -> PromotionInfo:
    """Write a promotion down as a draft (CAT-4.4-01).

    Raises ThingMissing (channel unknown or not the actor's, SKU unknown), WindowWrong,
    PlanIncomplete, PromotionsConflict, BadInput naming the field of the rule.
    """
    with transaction.atomic():
        channel = Channel.objects.filter(pk=channel_id).first()
        allowed = actor.scope_ids("channel", "catalog", "C")
        if channel is None or (allowed is not None and channel_id not in allowed):
            raise ThingMissing("channel", channel_id)
        promotion = Promotion(
            channel=channel, drafted_by=actor.person_id or 0, drafted_at=at, **_read(plan)
        )
        promotion_figures.refuse_conflicts(promotion_rules.plan_of(promotion))
        promotion.number = numbering.take_one("PR", at=at)
        promotion.save(force_insert=True)
        _record("catalog.promotion_drafted", promotion, actor=actor, at=at)
        return selectors.info(promotion)


def edit(*, promotion_id: int, plan: PromotionPlan, actor: Actor, at: datetime) -> PromotionInfo:
    """Replace the plan of a draft or a returned promotion.

    Raises PromotionMissing, PromotionClosed and what `draft` raises.
    """
    with transaction.atomic():
        promotion = _mine(promotion_id, actor)
        if promotion.state not in EDITABLE:
            raise errors.PromotionClosed(promotion.state)
        read = _read(plan)
        for name, value in read.items():
            setattr(promotion, name, value)
        promotion_figures.refuse_conflicts(promotion_rules.plan_of(promotion))
        promotion.save(update_fields=list(read))
        _record("catalog.promotion_edited", promotion, actor=actor, at=at)
        return selectors.info(promotion)


def submit(*, promotion_id: int, actor: Actor, at: datetime) -> PromotionInfo:
    """Hand a promotion in, with the figures of this moment (CAT-4.4-01, CAT-4.4-02).

    Refused is what could end below a floor with all approved rules that may combine, and what
    claims a saving that buyers had already: a deal known by now, in the days before its start, that
    was cheaper (CAT-4.4-04). A promotion that was approved before and reopened repeats its approval
    under a new request. Raises PromotionMissing, PromotionClosed, WindowWrong, NothingOnSale,
    PromotionsConflict, PromotionBelowFloor, PromotionAboveReference and what the approvals engine
    refuses.
    """
    with approvals.handing_in("promotion", actor=actor, at=at):
        promotion = _mine(promotion_id, actor)
        if promotion.state not in EDITABLE:
            raise errors.PromotionClosed(promotion.state)
        if promotion.ends_at <= at:
            raise WindowWrong
        lock_channel(promotion.channel_id)
        plan = promotion_rules.plan_of(promotion)
        promotion_figures.refuse_conflicts(plan)
        figures = promotion_figures.figures(plan, at=at)
        _refuse(figures)
        promotion_checks.refuse_crossed(promotion, at=at)
        forecast = impact.assess_promotion(promotion, at=at)
        request = _request(promotion, figures, forecast.figures, actor=actor, at=at)
        impact.keep(forecast, approval_id=request.id, actor=actor, at=at)
        promotion.approval_id, promotion.state = request.id, PromotionState.SUBMITTED
        promotion.save(update_fields=["approval", "state"])
        return selectors.info(promotion)


def withdraw(*, promotion_id: int, actor: Actor, at: datetime) -> PromotionInfo:
    """Take a promotion back: a draft at once, a submitted one until the first decision.

    Raises PromotionMissing, PromotionClosed and what the approvals engine refuses.
    """
    with transaction.atomic():
        # The request is locked before its document, as everywhere.
        found = Promotion.objects.filter(pk=promotion_id).first()
        if found is None:
            raise errors.PromotionMissing(promotion_id)
        require_mine(found, actor, "C")
        if found.state == PromotionState.SUBMITTED and found.approval_id is not None:
            approvals.withdraw(request_id=found.approval_id, actor=actor, at=at)
            found.refresh_from_db(fields=["state"])
            return selectors.info(found)
        promotion = _mine(promotion_id, actor)
        if promotion.state not in EDITABLE:
            raise errors.PromotionClosed(promotion.state)
        promotion.state = PromotionState.WITHDRAWN
        promotion.save(update_fields=["state"])
        _record("catalog.promotion_withdrawn", promotion, actor=actor, at=at)
        return selectors.info(promotion)


def reopen(*, promotion_id: int, reason: str, actor: Actor, at: datetime) -> PromotionInfo:
    """Take an approved promotion out of force to change it; the change is approved anew.

    Raises PromotionMissing, PromotionClosed, PlanIncomplete (no reason).
    """
    with transaction.atomic():
        promotion = _mine(promotion_id, actor)
        if promotion.state not in LIVE:
            raise errors.PromotionClosed(promotion.state)
        if not reason.strip():
            raise errors.PlanIncomplete("reason")
        cut([promotion], reason.strip()[:200], at=at)
        promotion.state, promotion.paused_why = PromotionState.RETURNED, ""
        promotion.held_at = None
        promotion.save(update_fields=["state", "paused_why", "held_at"])
        _record(
            "catalog.promotion_reopened", promotion, actor=actor, at=at, reason=reason.strip()[:200]
        )
        return selectors.info(promotion)


def _mine(promotion_id: int, actor: Actor) -> Promotion:
    promotion = locked(promotion_id)
    require_mine(promotion, actor, "C")
    return promotion


def _read(plan: PromotionPlan) -> dict[str, Any]:
    """Return the columns of a plan, each read strictly; raises as `draft` says."""
    if plan.ends_at <= plan.starts_at:
        raise WindowWrong
    if plan.coupon_mode not in CouponMode.values:
        raise errors.PlanIncomplete("coupon_mode")
    content = {name: value for name, value in plan.rule.items() if name != "coupon"}
    if plan.coupon_mode != CouponMode.NONE:
        content["coupon"] = True
    rule = promotion_rules.rule_of(content)
    _refuse_unlimited(rule)
    _refuse_unknown(rule)
    return {
        "title": _text(plan.title, "title", most=120),
        "aim": _text(plan.aim, "aim"),
        "stock_note": _text(plan.stock_note, "stock_note"),
        "risk": _text(plan.risk, "risk"),
        "type": PromotionType(rule.type.value),
        "rule": plain(content),
        "budget": _budget(rule),
        "gift_stock": _gift_stock(plan, rule),
        "coupon_mode": plan.coupon_mode,
        **_material(plan),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
    }


def _material(plan: PromotionPlan) -> dict[str, Any]:
    """Return the publicity a plan needs, or why it needs none (CAT-4.4-05)."""
    named = [one.value for one in Material if one.value in plan.materials]
    if set(plan.materials) - set(Material.values):
        raise errors.PlanIncomplete("materials", _("There is no such material."))
    why = parse.text(plan.no_material, most=200).strip()
    if not named and not why:
        words = _("Name the material this promotion needs, or say why it needs none.")
        raise errors.PlanIncomplete("no_material", words)
    if named and why:
        words = _("Material is named: there is no reason for none.")
        raise errors.PlanIncomplete("no_material", words)
    return {"materials": named, "no_material": why}


def _text(value: str, field: str, *, most: int = 400) -> str:
    read = parse.text(value.strip(), most=most)
    if not read:
        raise errors.PlanIncomplete(field)
    return read


def _budget(rule: Rule) -> Any:
    budget = rule.caps.budget
    if not budget or budget >= 10**12:
        words = _("A promotion states its budget: above zero and below a trillion.")
        raise errors.PlanIncomplete("caps.budget", words)
    return budget


def _gift_stock(plan: PromotionPlan, rule: Rule) -> int | None:
    if not isinstance(rule.benefit, Gift):
        if plan.gift_stock is not None:
            words = _("Only a gift promotion sets gift pieces aside.")
            raise errors.PlanIncomplete("gift_stock", words)
        return None
    if plan.gift_stock is None or not 0 < plan.gift_stock < 2**31:
        words = _("A gift promotion says how many pieces it may give away.")
        raise errors.PlanIncomplete("gift_stock", words)
    return plan.gift_stock


def _refuse_unlimited(rule: Rule) -> None:
    """Refuse a flash sale without its cap and its limit per buyer (CAT-4.4-08)."""
    if rule.type.value != PromotionType.FLASH_SALE:
        return
    words = _("A flash sale has a cap on pieces and a limit for each buyer.")
    if not rule.caps.pieces:
        raise errors.PlanIncomplete("caps.pieces", words)
    if not rule.caps.pieces_per_buyer:
        raise errors.PlanIncomplete("caps.pieces_per_buyer", words)


def _refuse_unknown(rule: Rule) -> None:
    """Refuse a rule that names SKUs we do not have; raises ThingMissing."""
    wanted = set(rule.goods.skus) | set(rule.goods.except_skus)
    if isinstance(rule.benefit, Gift):
        wanted |= {gift.sku_id for gift in rule.benefit.gifts}
    wanted |= set(getattr(rule.benefit, "prices", ()))
    found = set(Sku.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if absent := sorted(wanted - found):
        raise ThingMissing("sku", absent[0])


def _refuse(figures: PromotionFigures) -> None:
    if not figures.exposures:
        raise errors.NothingOnSale
    low = [one.code for one in figures.exposures if one.is_below_floor]
    if low:
        raise errors.PromotionBelowFloor(low)


def _request(
    promotion: Promotion,
    figures: PromotionFigures,
    replayed: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> RequestInfo:
    content = _content(promotion, figures)
    shown = {**_shown(promotion, figures, actor=actor, at=at), **headline(replayed)}
    before = promotion.approval
    if before is not None and before.state == RequestState.APPROVED:
        return approvals.amend(
            request_id=before.pk, content=content, figures=shown, actor=actor, at=at
        )
    return approvals.submit(
        flow="promotion",
        subject=(SUBJECT, promotion.pk),
        number=promotion.number,
        title=promotion.title,
        content=content,
        figures=shown,
        scope_ids={"channel": promotion.channel_id},
        actor=actor,
        at=at,
    )


def _content(promotion: Promotion, figures: PromotionFigures) -> dict[str, Any]:
    """Return what is asked for: the guard compares every run with it."""
    return {
        "channel": promotion.channel_id,
        "title": promotion.title,
        "aim": promotion.aim,
        "type": promotion.type,
        "rule": promotion.rule,
        "coupon_mode": promotion.coupon_mode,
        "gift_stock": promotion.gift_stock,
        "materials": promotion.materials,
        "no_material": promotion.no_material,
        "stock_note": promotion.stock_note,
        "risk": promotion.risk,
        "starts_at": promotion.starts_at,
        "ends_at": promotion.ends_at,
        "lines": [
            {
                "sku": one.sku_id,
                "code": one.code,
                "price": one.price,
                "lowest": one.lowest,
                "floor": one.floor,
                "margin_old": one.margin_old,
                "margin": one.margin_new,
                "cover": one.cover_days,
                "together": list(one.together),
            }
            for one in figures.exposures[:MOST_SHOWN]
        ],
        "overlaps": [
            {"promotion": one.promotion_id, "number": one.number, "skus": one.skus}
            for one in figures.overlaps
        ],
    }


def _shown(
    promotion: Promotion, figures: PromotionFigures, *, actor: Actor, at: datetime
) -> Mapping[str, Any]:
    person = actor.person_id or 0
    return {
        "budget": promotion.budget,
        "skus": figures.skus,
        "margin_old": figures.margin_old,
        "margin_new": figures.margin_new,
        "below_floor": figures.below_floor,
        "overlapping": len(figures.overlaps),
        "short_of_stock": figures.short_of_stock,
        "without_cost": figures.without_cost,
        "examined": figures.examined,
        "by_supervisor": identity.holds_itself(
            person_id=person, role=Role.OPERATIONS_SUPERVISOR, at=at
        )
        or identity.holds_itself(
            person_id=promotion.drafted_by, role=Role.OPERATIONS_SUPERVISOR, at=at
        ),
    }


def _record(
    action: str, promotion: Promotion, *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=action,
        obj=(SUBJECT, promotion.pk),
        body={
            "number": promotion.number,
            "channel": promotion.channel_id,
            "title": promotion.title,
            "rule": promotion.rule,
            "budget": promotion.budget,
            "starts_at": promotion.starts_at,
            "ends_at": promotion.ends_at,
            **({"reason": reason} if reason else {}),
        },
    )

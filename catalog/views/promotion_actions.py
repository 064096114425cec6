"""What may be done on the page of a promotion, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.promotions import CouponMode, PromotionState
from catalog.models.promotions import EDITABLE, LIVE
from catalog.services import coupons
from catalog.services import promotions as services
from catalog.types.promotions import PromotionFigures, PromotionInfo
from ops.engines.desk.screens import (
    Action,
    Done,
    Field,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_DRAFT, _DECIDE = may("catalog", "C"), may("catalog", "A")
_HAND_IN = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
_WHY = (Field("reason", _("Reason"), most=200, least=2),)


def actions_of(plan: PromotionInfo, found: PromotionFigures | None) -> tuple[Action, ...]:
    """Return the actions of a promotion's page, by the state of its plan."""
    if plan.state in EDITABLE and found is not None:
        return _draft_actions(plan, found)
    actions: list[Action] = []
    if plan.approval_id is not None:
        actions.append(
            Action(
                key="approval",
                label=_("Who decided, with which figures"),
                href=reverse("desk:approval", args=[plan.approval_id]),
            )
        )
    if plan.state in LIVE:
        actions += _live_actions(plan)
    if plan.state == PromotionState.ENDED:
        actions.append(
            Action(
                key="review",
                label=_("Say what came of it"),
                run=_deed(services.review, plan.id, gettext("%(number)s is reviewed.")),
                policy=_DRAFT,
                fields=(Field("outcome", _("What came of it"), "lines", most=1000, least=2),),
                is_primary=True,
            )
        )
    if plan.coupon_mode != CouponMode.NONE and plan.state not in {
        PromotionState.ENDED, PromotionState.REVIEWED, PromotionState.WITHDRAWN,
    }:  # fmt: skip
        actions.append(_codes_action(plan))
    return tuple(actions)


def _draft_actions(plan: PromotionInfo, found: PromotionFigures) -> tuple[Action, ...]:
    blocked = ""
    if found.below_floor:
        blocked = gettext("Some goods could end below their floor.")
    elif found.conflicts:
        blocked = gettext("Another exclusive promotion has some of these goods.")
    return (
        Action(
            key="submit",
            label=_("Hand in"),
            run=_deed(services.submit, plan.id, gettext("%(number)s waits for a decision.")),
            policy=_HAND_IN,
            why_not=blocked,
            confirm=_("The plan and its figures are fixed and a second person decides."),
            is_primary=True,
        ),
        Action(
            key="try",
            label=_("Try a basket"),
            href=reverse("catalog:promotion_try", args=[plan.id]),
        ),
        Action(
            key="edit",
            label=_("Edit"),
            href=reverse("catalog:promotion_edit", args=[plan.id]),
            policy=_DRAFT,
        ),
        *((_codes_action(plan),) if plan.coupon_mode != CouponMode.NONE else ()),
        Action(
            key="withdraw",
            label=_("Give up"),
            run=_deed(services.withdraw, plan.id, gettext("%(number)s was given up.")),
            policy=_DRAFT,
            confirm=_("The draft ends here; nothing was changed."),
        ),
    )


def _live_actions(plan: PromotionInfo) -> list[Action]:
    is_paused = plan.state == PromotionState.PAUSED
    stop = (
        Action(
            key="resume",
            label=_("Let it go on"),
            run=_deed(services.resume, plan.id, gettext("%(number)s goes on.")),
            policy=_DECIDE,
            confirm=_("It goes on under its approval until its planned end."),
            is_primary=True,
        )
        if is_paused
        else Action(
            key="pause",
            label=_("Pause"),
            run=_deed(services.pause, plan.id, gettext("%(number)s is paused.")),
            policy=_DECIDE,
            fields=_WHY,
        )
    )
    return [
        stop,
        Action(
            key="reopen",
            label=_("Change the plan"),
            run=_deed(services.reopen, plan.id, gettext("%(number)s is a draft again.")),
            policy=_HAND_IN,
            fields=_WHY,
            confirm=_("It stops now and is approved anew."),
        ),
        Action(
            key="end",
            label=_("End it now"),
            run=_deed(services.end, plan.id, gettext("%(number)s has ended.")),
            policy=_DECIDE,
            fields=_WHY,
            is_danger=True,
        ),
    ]


def _codes_action(plan: PromotionInfo) -> Action:
    if plan.coupon_mode == CouponMode.SINGLE:
        fields: tuple[Field, ...] = (
            Field("code", _("Code"), most=32, least=4, hint=_("4 to 32 Latin letters and digits.")),
            Field("most", _("May be used in all"), "quantity", least=1, required=False),
        )
        service: Any = coupons.name_code
    elif plan.coupon_mode == CouponMode.BATCH:
        fields = (Field("count", _("How many codes"), "quantity", least=1),)
        service = coupons.make_batch
    else:
        fields = (Field("buyers", _("Buyers, one key a line"), "lines", most=20_000),)
        service = _for_buyers

    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        batch = service(promotion_id=plan.id, **values, actor=actor, at=at)
        return Done(message=gettext("%(count)s codes were made.") % {"count": batch.count})

    return Action(key="codes", label=_("Make codes"), run=run, policy=_DRAFT, fields=fields)


def _for_buyers(*, promotion_id: int, buyers: str, actor: Actor, at: dt.datetime) -> Any:
    keys = [line.strip() for line in buyers.split("\n") if line.strip()]
    return coupons.make_for_buyers(promotion_id=promotion_id, buyer_keys=keys, actor=actor, at=at)


def _deed(
    service: Any, promotion_id: int, words: str
) -> Callable[[Mapping[str, Any], Actor, dt.datetime], Done]:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        row = service(promotion_id=promotion_id, **values, actor=actor, at=at)
        return Done(message=words % {"number": row.number})

    return run

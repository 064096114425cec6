"""What promotions put on the desk, and how one is decided (CAT-4.4-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.choices.festivals import PlanStatus
from catalog.choices.impact import ImpactKind
from catalog.choices.promotions import CouponMode, PromotionState
from catalog.desk import impact_tables
from catalog.desk import promotion_tables as tables
from catalog.rules import promotion_plans
from catalog.selectors import codes, impact, promotion_rules
from catalog.selectors import promotions as selectors
from catalog.services import publicity
from catalog.types.promotions import Exposure
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    Chart,
    Command,
    DecisionKind,
    Hit,
    Lines,
    NavEntry,
    Place,
    SearchKind,
    Tone,
    card,
    command,
    decision,
    nav,
    register_states,
    search_kind,
    word_actions,
    word_figures,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_WRITERS = (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
_MINE = (
    PromotionState.DRAFT,
    PromotionState.RETURNED,
    PromotionState.SUBMITTED,
    PromotionState.PAUSED,
    PromotionState.ENDED,
)

nav(
    NavEntry(
        key="promotions", title=_("Promotions"), url_name="catalog:promotions", policy=_VIEW,
        roles=_WRITERS, order=45, icon="tag", group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="promotion_calendar", title=_("Promotion calendar"),
        url_name="catalog:promotion_calendar", policy=_VIEW,
        roles=(Role.OPERATIONS_SUPERVISOR,), order=46, icon="calendar",
        group=_("Goods and prices"),
    )
)  # fmt: skip
command(
    Command(
        key="promotion", title=_("Draft a promotion"), url_name="catalog:promotion_types",
        policy=may("catalog", "C"),
    )
)  # fmt: skip


register_states(
    {
        PlanStatus.NONE: Tone.STOPPED,
        PlanStatus.DRAFTED: Tone.NEUTRAL,
        PlanStatus.SUBMITTED: Tone.WAITING,
        PlanStatus.APPROVED: Tone.DONE,
        PlanStatus.OVER: Tone.NEUTRAL,
    }
)
register_states(
    {
        PromotionState.PAUSED: Tone.STOPPED,
        PromotionState.SCHEDULED: Tone.WAITING,
        PromotionState.ENDED: Tone.DONE,
        PromotionState.REVIEWED: Tone.DONE,
    }
)


def _open_promotions(actor: Actor, _at: datetime) -> CardData:
    found = selectors.promotions(actor=actor).filter(
        state__in=_MINE, drafted_by=actor.person_id or 0
    )
    return CardData(
        lines=[
            CardLine(
                title=row.title,
                number=row.number,
                href=reverse("catalog:promotion", args=[row.pk]),
                detail=row.paused_why or row.channel.name,
                state=PromotionState(row.state),
            )
            for row in found.order_by("-pk")[:6]
        ],
        href=reverse("catalog:promotions"),
    )


card(
    Card(
        key="my_promotions", title=_("My promotions"), query=_open_promotions, policy=_VIEW,
        roles=(Role.OPERATIONS_SPECIALIST,), place=Place.MINE,
    )
)  # fmt: skip


def _find(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    found = selectors.promotions(actor=actor).filter(
        Q(number__istartswith=text) | Q(title__icontains=text)
    )
    return [
        Hit(
            title=f"{row.number} {row.title}",
            href=reverse("catalog:promotion", args=[row.pk]),
            note=row.channel.name,
            is_exact=row.number.casefold() == text.casefold(),
        )
        for row in found.order_by("-pk")[:most]
    ]


search_kind(SearchKind(key="promotion", title=_("Promotions"), find=_find, policy=_VIEW, order=25))
word_actions(
    {
        "catalog.festival_written": _("wrote the festival down"),
        "catalog.promotion_drafted": _("drafted the promotion"),
        "catalog.promotion_edited": _("changed the draft"),
        "catalog.promotion_withdrawn": _("gave the promotion up"),
        "catalog.promotion_reopened": _("took it out of force to change it"),
        "catalog.promotion_started": _("let the promotion start"),
        "catalog.promotion_paused": _("paused the promotion"),
        "catalog.promotion_resumed": _("let the promotion go on"),
        "catalog.promotion_ended": _("ended the promotion"),
        "catalog.promotion_missed": _("let the promotion pass: its time was over"),
        "catalog.promotion_reviewed": _("wrote down what came of it"),
        "catalog.coupons_made": _("made coupon codes"),
        "catalog.coupons_handed_out": _("took the coupon codes in full"),
    }
)
word_figures(
    {
        "budget": (_("Budget"), "money"),
        "skus": (_("SKUs"), "number"),
        "overlapping": (_("Overlaps"), "number"),
        "short_of_stock": (_("May sell out"), "number"),
        "examined": (_("SKUs examined"), "number"),
        "by_supervisor": ("", "hidden"),
        "title": (_("Title"), "text"),
        "aim": (_("Aim"), "text"),
        "type": ("", "hidden"),
        "rule": ("", "hidden"),
        "coupon_mode": ("", "hidden"),
        "gift_stock": (_("Gift pieces set aside"), "number"),
        "stock_note": (_("On stock"), "text"),
        "risk": (_("Risk"), "text"),
        "materials": ("", "hidden"),
        "no_material": (_("Why no material"), "text"),
        "overlaps": ("", "hidden"),
    }
)


def _asked(request: RequestInfo) -> list[Exposure]:
    lines = request.content.get("lines") or []
    names = codes.sku_names(sku_ids=tables.sku_ids(lines))
    return tables.kept_exposures(lines, names)


def _tables(request: RequestInfo) -> Sequence[Lines]:
    if not request.content.get("lines"):
        return ()
    return (tables.exposures(_asked(request)),)


def _charts(request: RequestInfo) -> Sequence[Chart]:
    kept = impact.of_approval(approval_id=request.id, kind=ImpactKind.FORECAST)
    replayed = () if kept is None else impact_tables.charts(kept)
    return (*tables.charts(_asked(request))[:1], *replayed)


def _policy(request: RequestInfo) -> Sequence[str | Promise]:
    """Say the rule as a sentence, what it goes with, and why it is this person who decides."""
    content, shown = request.content, request.figures
    words: list[str | Promise] = []
    if "rule" in content:
        words.append(promotion_rules.words(content["rule"]))
    if content.get("coupon_mode", CouponMode.NONE) != CouponMode.NONE:
        words.append(CouponMode(content["coupon_mode"]).label)
    if materials := content.get("materials"):
        words.append(_("Before it starts: %(names)s") % {"names": publicity.words(materials)})
    if others := [one["number"] for one in content.get("overlaps", ())]:
        words.append(_("Same goods, same time: %(numbers)s") % {"numbers": ", ".join(others)})
    if "budget" in shown and promotion_plans.above_budget(Decimal(str(shown["budget"]))):
        words.append(_("The budget is above what the supervisor may decide."))
    if shown.get("by_supervisor"):
        words.append(_("The supervisor wrote it: the operations manager decides."))
    warned = tables.warnings(
        below_floor=int(shown.get("below_floor", 0)),
        conflicts=0,
        short_of_stock=int(shown.get("short_of_stock", 0)),
        without_cost=int(shown.get("without_cost", 0)),
    )
    kept = impact.of_approval(approval_id=request.id, kind=ImpactKind.FORECAST)
    replayed = [] if kept is None else impact_tables.policy_words(kept)
    return [*words, *(text for _tone, text in warned), *replayed]


decision(
    DecisionKind(
        flow="promotion",
        lines=_tables,
        charts=_charts,
        behind=impact_tables.behind,
        policy=_policy,
        says=("rule", "coupon_mode", "overlaps"),
        subject_href=lambda request: reverse("catalog:promotion", args=[request.subject_id]),
    )
)

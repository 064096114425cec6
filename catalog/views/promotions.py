"""Promotions: the list, and the page with facts before buttons (CAT-4.4-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.promotions import CouponMode, PromotionState, PromotionType
from catalog.desk import promotion_tables as tables
from catalog.models.promotions import EDITABLE, Promotion
from catalog.selectors import (
    channels,
    codes,
    content_tasks,
    promotion_figures,
    promotion_rules,
    promotions,
)
from catalog.services import publicity
from catalog.services.promotion_course import SUBJECT
from catalog.types.promotions import Exposure, PromotionFigures, PromotionInfo, Standing
from catalog.views import impact_panel, promotion_actions
from catalog.views.promotion_form import steps
from ops.engines.desk.screens import (
    Action,
    Column,
    Fact,
    FactGroup,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    StateStep,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW, _DRAFT = may("catalog", "V"), may("catalog", "C")
# The page of a draft examines the thinnest goods; handing in examines many more.
MOST_ON_PAGE = 60
MOST_CHECKS = 24  # a day of hours
MOST_USES = 20


def _spent(row: Any) -> Any:
    counter = getattr(row, "counter", None)
    return None if counter is None else counter.amount


class PromotionList(ListScreen):
    """`/promotions/`: what is drafted, waiting, coming, running and over."""

    policy = _VIEW
    title = _("Promotions")
    nav = "promotions"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("title", _("Title"), sub=lambda row: row.channel.name),
        Column("type", _("Type"), value=lambda row: PromotionType(row.type).label),
        Column("starts_at", _("From"), "moment"),
        Column("ends_at", _("Until"), "moment"),
        Column("spent", _("Spent"), "money", value=_spent),
        Column("budget", _("Budget"), "money"),
        Column(
            "state",
            _("State"),
            "badge",
            value=lambda row: PromotionState(row.state),
        ),
    )
    filters = (
        Filter("channel", _("Channel"), choices=channels.choices),
        Filter("type", _("Type"), choices=PromotionType.choices),
        Filter("state", _("State"), choices=PromotionState.choices),
    )
    order = "-id"
    export_policy = may("catalog", "E")
    empty = _("No promotion yet. Write the first plan; a second person decides.")
    empty_label = _("Draft a promotion")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the promotions in the actor's channels."""
        found = promotions.promotions(actor=actor)
        for name, column in (("state", "state"), ("channel", "channel_id"), ("type", "type")):
            if value := query.get(name):
                found = found.filter(**{column: value})
        return query.page(found, orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the promotion."""
        return reverse("catalog:promotion", args=[row.pk])

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer the draft."""
        return (
            Action(
                key="draft",
                label=_("Draft a promotion"),
                href=reverse("catalog:promotion_types"),
                policy=_DRAFT,
                is_primary=True,
            ),
        )


class PromotionScreen(RecordScreen):
    """`/promotions/<id>/`: step five of a draft, then the running log, the budget, the review."""

    policy = _VIEW
    title = _("Promotion")
    nav = "promotions"
    list_url_name = "catalog:promotions"
    list_title = _("Promotions")
    template_name = "catalog/promotion.html"
    above: Mapping[str, Any]

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the promotion: figures of now while it is a draft, those decided on after."""
        row = promotions.row(promotion_id=key["promotion_id"], actor=actor)
        plan = promotions.info(row)
        standing = promotions.standing(promotion_id=plan.id)
        is_open = plan.state in EDITABLE
        found = (
            promotion_figures.figures(promotion_figures.plan_of(row), at=at, most=MOST_ON_PAGE)
            if is_open
            else None
        )
        shown = _kept(row) if found is None else list(found.exposures)
        replay = impact_panel.of_promotion(row, actor=actor, at=at)
        self.above = {
            "sentence": promotion_rules.words(plan.rule),
            "spent": standing.amount,
            "budget": plan.budget,
            "has_bar": not is_open,
        }
        return Record(
            number=plan.number,
            title=plan.title,
            state=PromotionState(plan.state),
            states=_states(plan),
            actions=(*promotion_actions.actions_of(plan, found), *replay.actions),
            facts=(_facts(plan), _course(plan), *replay.facts),
            lines=[*_lines(plan, found, shown, standing), *replay.lines],
            charts=(*tables.charts(shown)[:1], *replay.charts),
            clauses=("CAT-4.4-01", "CAT-4.4-02", "CAT-4.4-04", "CAT-4.4-05"),
            subject=(SUBJECT, plan.id),
            notices=[*_notices(plan, found), *replay.notices],
            under_way=replay.under_way,
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Return the sentence of the rule and the bar of the budget."""
        return self.above


def _kept(row: Promotion) -> list[Exposure]:
    """Return the exposures that were handed in."""
    if row.approval is None:
        return []
    lines = row.approval.content.get("lines") or []
    return tables.kept_exposures(lines, codes.sku_names(sku_ids=tables.sku_ids(lines)))


def _states(plan: PromotionInfo) -> list[StateStep]:
    if plan.state in EDITABLE:
        return steps(4)
    if plan.state == PromotionState.WITHDRAWN:
        return []
    order = [
        PromotionState.SUBMITTED, PromotionState.SCHEDULED, PromotionState.RUNNING,
        PromotionState.ENDED, PromotionState.REVIEWED,
    ]  # fmt: skip
    is_paused = plan.state == PromotionState.PAUSED
    now = order.index(PromotionState.RUNNING if is_paused else PromotionState(plan.state))
    return [
        StateStep(
            title=PromotionState.PAUSED.label if is_paused and place == now else state.label,
            when="past" if place < now else "next" if place > now else _when(plan.state),
            note=gettext(plan.paused_why) if is_paused and place == now else "",
        )
        for place, state in enumerate(order)
    ]


def _when(state: str) -> str:
    if state == PromotionState.REVIEWED:
        return "past"
    return "stopped" if state == PromotionState.PAUSED else "now"


def _facts(plan: PromotionInfo) -> FactGroup:
    return FactGroup(
        title=_("Plan"),
        facts=(
            Fact(title=_("Type"), value=PromotionType(plan.type).label),
            Fact(title=_("Channel"), value=channels.channel(plan.channel_id).name),
            Fact(title=_("From"), value=plan.starts_at, kind="moment"),
            Fact(title=_("Until"), value=plan.ends_at, kind="moment"),
            Fact(title=_("Budget"), value=plan.budget, kind="money"),
            Fact(title=_("Coupon"), value=CouponMode(plan.coupon_mode).label),
            Fact(
                title=_("Publicity material"),
                value=publicity.words(plan.materials) or plan.no_material,
                is_wide=True,
            ),
            Fact(title=_("Aim"), value=plan.aim, is_wide=True),
            Fact(title=_("On stock"), value=plan.stock_note, is_wide=True),
            Fact(title=_("Risk"), value=plan.risk, is_wide=True),
        ),
    )


def _course(plan: PromotionInfo) -> FactGroup:
    facts = [
        Fact(title=_("Drafted by"), value=people.person_name(plan.drafted_by)),
        Fact(title=_("Drafted at"), value=plan.drafted_at, kind="moment"),
    ]
    if plan.ended_at is not None:
        facts.append(Fact(title=_("Ended at"), value=plan.ended_at, kind="moment"))
    if plan.outcome:
        facts.append(Fact(title=_("What came of it"), value=plan.outcome, is_wide=True))
    return FactGroup(title=_("Course"), facts=facts)


def _lines(
    plan: PromotionInfo,
    found: PromotionFigures | None,
    shown: Sequence[Exposure],
    standing: Standing,
) -> list[Any]:
    has_coupons = plan.coupon_mode != CouponMode.NONE
    lines = [tables.exposures(shown)]
    if plan.materials:
        lines.insert(0, tables.publicity(content_tasks.checklist(plan.id, plan.materials)))
    if found is not None:
        lines.append(tables.overlaps(found.overlaps))
    else:
        using = promotions.newest_uses(promotion_id=plan.id, most=MOST_USES)
        lines = [
            tables.used(standing),
            tables.uses(using, count=standing.uses),
            tables.runs(promotions.runs(promotion_id=plan.id)),
            tables.checks(promotions.checks(promotion_id=plan.id, most=MOST_CHECKS)),
            *lines,
        ]
    if has_coupons:
        lines.append(tables.batches(promotions.coupon_batches(promotion_id=plan.id)))
        if newest := promotions.masked_codes(promotion_id=plan.id, limit=10):
            lines.append(tables.codes(newest))
    return lines


def _notices(plan: PromotionInfo, found: PromotionFigures | None) -> list[tuple[str, Any]]:
    if found is not None:
        return list(tables.warnings_of(found))
    if plan.state == PromotionState.SCHEDULED and plan.materials:
        return _held(plan)
    if plan.state == PromotionState.PAUSED:
        why = gettext(plan.paused_why)
        return [("warning", gettext("It is paused: %(why)s") % {"why": why})]
    return []


def _held(plan: PromotionInfo) -> list[tuple[str, Any]]:
    """Say what material a scheduled promotion waits for."""
    lacking = content_tasks.lacking(promotion_ids=[plan.id]).get(plan.id)
    if not lacking:
        return []
    missing = {"lacking": publicity.words(lacking)}
    if plan.held_at is None:
        return [("info", gettext("It starts once these are approved: %(lacking)s.") % missing)]
    return [("error", gettext("It is held: not approved yet are %(lacking)s.") % missing)]

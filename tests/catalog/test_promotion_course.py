"""A promotion from draft to review: nothing runs that nobody approved (CAT-4.4-01)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog import ports
from catalog.errors import promotions as errors
from catalog.errors.goods import ThingMissing
from catalog.errors.prices import WindowWrong
from catalog.models import Promotion, PromotionRun, PromotionVersion
from catalog.selectors import promotion_figures
from catalog.selectors import promotions as selectors
from catalog.services import channels, promotions, redemption
from ops.engines.approvals import errors as approval_errors
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.audit.selectors import timeline
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.notices.models import Notice
from tests.catalog.promos import (
    DURING,
    PERCENT,
    approve,
    approved,
    draft,
    plan,
    running,
    state,
    submitted,
    wish,
)
from tests.catalog.shop import END, START, Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account

MINUTE = timedelta(minutes=1)
BIG = {**PERCENT, "caps": {"budget": "50000.01"}}
EXCLUSIVE = {**PERCENT, "stacking": {"exclusive": True}}


def asked() -> Request:
    return Request.objects.filter(flow="promotion").latest("pk")


def runs(made_id: int) -> list[tuple[object, object, str]]:
    return [(run.since, run.until, run.cut_why) for run in selectors.runs(promotion_id=made_id)]


@pytest.mark.clause("CAT-4.4-01", "CAT-4.4-08")
def test_an_approved_promotion_starts_and_ends_on_its_second(shop: Shop) -> None:
    made = approved(shop)
    assert state(made) == "scheduled"

    assert promotions.run_clock(actor=SYSTEM, at=START - 2 * MINUTE).started == 0
    report = promotions.run_clock(actor=SYSTEM, at=START - MINUTE)

    assert (report.started, report.late, report.missed) == (1, 0, 0)
    assert state(made) == "running"
    assert runs(made.id) == [(START, END, "")]
    assert promotions.run_clock(actor=SYSTEM, at=END - MINUTE).ended == 0
    assert promotions.run_clock(actor=SYSTEM, at=END).ended == 1
    assert state(made) == "ended"
    done = promotions.review(
        promotion_id=made.id, outcome="Sold 280 of 300", actor=actor(shop.specialist), at=END
    )
    assert (done.state, done.outcome) == ("reviewed", "Sold 280 of 300")
    actions = [
        entry.action for entry in timeline(object_type="catalog.promotion", object_id=made.id)
    ]
    assert [action for action in actions if action.startswith(("catalog", "approvals"))] == [
        "catalog.promotion_reviewed",
        "catalog.promotion_ended",
        "catalog.promotion_started",
        "approvals.step_approve",
        "catalog.impact_forecast",
        "approvals.submitted",
        "catalog.promotion_drafted",
    ]


@pytest.mark.clause("CAT-4.4-01")
def test_nothing_runs_without_a_second_persons_approval(shop: Shop) -> None:
    made = submitted(shop)

    with pytest.raises(approval_errors.OwnRequest):
        approve(shop, made, shop.specialist)
    promotions.run_clock(actor=SYSTEM, at=START)
    assert state(made) == "submitted"
    assert runs(made.id) == []

    request = asked()
    approvals.send_back(
        request_id=request.pk, content_hash=request.content_hash, reason="Too deep",
        actor=actor(shop.supervisor), at=AT,
    )  # fmt: skip
    promotions.run_clock(actor=SYSTEM, at=START)
    assert state(made) == "returned"
    assert runs(made.id) == []


@pytest.mark.clause("CAT-4.4-01")
@pytest.mark.parametrize("part", ["title", "aim", "stock_note", "risk"])
def test_a_plan_says_everything(shop: Shop, part: str) -> None:
    blank: dict[str, Any] = {part: " "}

    with pytest.raises(BadInput) as refused:
        promotions.draft(
            channel_id=shop.channel_id,
            plan=replace(plan(), **blank),
            actor=actor(shop.specialist),
            at=AT,
        )

    assert refused.value.context["field"] == part
    assert not Promotion.objects.exists()


@pytest.mark.clause("CAT-4.4-01")
def test_a_plan_has_a_budget_and_a_window(shop: Shop) -> None:
    with pytest.raises(errors.PlanIncomplete):
        draft(shop, {"type": "percentage", "value": "10"})
    with pytest.raises(WindowWrong):
        draft(shop, ends_at=START)
    with pytest.raises(BadInput):
        draft(shop, {**PERCENT, "value": "110"})
    with pytest.raises(ThingMissing):
        draft(shop, {**PERCENT, "goods": {"skus": [10**9]}})
    assert not Promotion.objects.exists()


@pytest.mark.clause("CAT-4.4-01")
def test_what_was_shown_is_fixed_with_the_request(shop: Shop) -> None:
    submitted(shop)

    request = asked()
    assert request.content["aim"] == "Clear the winter stock"
    assert request.content["rule"] == PERCENT
    assert request.content["stock_note"] == "300 pieces at hand"
    assert request.content["risk"] == "Returns after the festival"
    assert request.figures["budget"] == "1000.00"
    assert [(line["price"], line["lowest"]) for line in request.content["lines"]] == [
        ("199.00", "179.10"),
        ("199.00", "179.10"),
    ]


@pytest.mark.clause("CAT-4.4-01")
def test_above_the_budget_the_manager_decides_too(shop: Shop) -> None:
    made = submitted(shop, BIG)

    steps = [step["role"] for step in asked().steps]
    assert steps == [Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER]
    approve(shop, made)
    assert state(made) == "submitted"
    approve(shop, made, shop.manager)
    assert state(made) == "scheduled"


@pytest.mark.clause("CAT-4.4-01")
def test_what_the_supervisor_wrote_the_manager_decides(shop: Shop) -> None:
    colleague = account("colleague", Role.OPERATIONS_SUPERVISOR)
    made = submitted(shop, by=shop.supervisor)

    assert [step["role"] for step in asked().steps] == [Role.OPERATIONS_MANAGER]
    with pytest.raises(approval_errors.OwnRequest):
        approve(shop, made, shop.supervisor)
    with pytest.raises(Forbidden):
        approve(shop, made, colleague)
    assert state(made) == "submitted"
    approve(shop, made, shop.manager)
    assert state(made) == "scheduled"


@pytest.mark.clause("CAT-4.4-01")
def test_a_change_after_approval_repeats_the_approval(shop: Shop) -> None:
    made = running(shop)
    first = Promotion.objects.get(pk=made.id).approval_id

    with pytest.raises(errors.PromotionClosed):
        promotions.edit(promotion_id=made.id, plan=plan(), actor=actor(shop.specialist), at=DURING)
    promotions.reopen(
        promotion_id=made.id, reason="Deeper", actor=actor(shop.specialist), at=DURING
    )
    assert state(made) == "returned"
    assert runs(made.id) == [(START, DURING, "Deeper")]
    promotions.edit(
        promotion_id=made.id,
        plan=plan({**PERCENT, "value": "20"}),
        actor=actor(shop.specialist),
        at=DURING,
    )
    promotions.submit(promotion_id=made.id, actor=actor(shop.specialist), at=DURING)
    promotions.run_clock(actor=SYSTEM, at=DURING)
    assert runs(made.id) == [(START, DURING, "Deeper")]

    approve(shop, made, at=DURING)
    promotions.run_clock(actor=SYSTEM, at=DURING + MINUTE)
    assert runs(made.id)[1] == (DURING + MINUTE, END, "")
    assert Request.objects.get(pk=first or 0).state == "voided"


def test_a_specialist_drafts_promotions_in_assigned_channels_only(shop: Shop) -> None:
    other = channels.create_channel(code="jd", name="京东", actor=SYSTEM, at=AT)
    made = draft(shop)
    stranger = actor(account("stranger", Role.OPERATIONS_SPECIALIST))

    with pytest.raises(ThingMissing):
        promotions.draft(channel_id=other.id, plan=plan(), actor=actor(shop.specialist), at=AT)
    for act in (promotions.submit, promotions.withdraw):
        with pytest.raises(errors.PromotionMissing):
            act(promotion_id=made.id, actor=stranger, at=AT)
    with pytest.raises(errors.PromotionMissing):
        promotions.edit(promotion_id=made.id, plan=plan(title="Mine"), actor=stranger, at=AT)
    with pytest.raises(errors.PromotionMissing):
        selectors.promotion(promotion_id=made.id, actor=stranger)
    assert state(made) == "draft"
    assert Promotion.objects.get(pk=made.id).title == "Winter sale"


def test_a_rule_that_could_pass_the_floor_is_refused(
    shop: Shop, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of({shop.sku_ids[0]: "165.000000"})
    made = draft(shop)

    with pytest.raises(errors.PromotionBelowFloor) as refused:
        promotions.submit(promotion_id=made.id, actor=actor(shop.specialist), at=AT)

    assert refused.value.context["codes"] == ["A-1001-S"]
    assert state(made) == "draft"
    assert not Request.objects.filter(flow="promotion").exists()


@pytest.mark.clause("CAT-4.4-02")
def test_the_floor_counts_everything_that_may_combine(
    shop: Shop, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of({shop.sku_ids[0]: "150.000000"})
    combining = {**PERCENT, "stacking": {"group": "a", "combines_with": ["b"]}}
    approved(shop, combining)
    made = draft(shop, {**PERCENT, "stacking": {"group": "b", "combines_with": ["a"]}})
    alone = draft(shop, {**PERCENT, "stacking": {"group": "c"}})

    with pytest.raises(errors.PromotionBelowFloor):
        promotions.submit(promotion_id=made.id, actor=actor(shop.specialist), at=AT)
    promotions.submit(promotion_id=alone.id, actor=actor(shop.specialist), at=AT)

    assert (state(made), state(alone)) == ("draft", "submitted")


@pytest.mark.clause("CAT-4.4-02")
def test_two_exclusive_rules_for_the_same_goods_are_refused_at_save(shop: Shop) -> None:
    first = submitted(shop, EXCLUSIVE)

    with pytest.raises(errors.PromotionsConflict) as refused:
        draft(shop, EXCLUSIVE)
    assert refused.value.context["other"] == first.number
    draft(shop, EXCLUSIVE, starts_at=END, ends_at=END + timedelta(days=1))
    apart = draft(
        shop,
        {**EXCLUSIVE, "goods": {"skus": shop.sku_ids[1:]}},
        starts_at=END,
        ends_at=END + timedelta(days=1),
    )
    with pytest.raises(errors.PromotionsConflict):
        promotions.edit(
            promotion_id=apart.id, plan=plan(EXCLUSIVE), actor=actor(shop.specialist), at=AT
        )
    draft(shop)
    assert Promotion.objects.count() == 4


@pytest.mark.clause("CAT-4.4-06")
def test_steps_of_spend_and_save_rise(shop: Shop) -> None:
    def rule(*steps: tuple[str, str]) -> dict[str, object]:
        return {
            "type": "spend_and_save",
            "steps": [{"amount": amount, "save": save} for amount, save in steps],
            "caps": {"budget": "1000"},
        }

    for steps in (
        [("300", "40"), ("200", "60")],
        [("200", "40"), ("300", "40")],
        [("200", "40"), ("200", "60")],
    ):
        with pytest.raises(BadInput) as refused:
            draft(shop, rule(*steps))
        assert refused.value.context["field"] == "steps.1"
    made = draft(shop, rule(("200", "20"), ("300", "40")))
    assert Promotion.objects.get() == Promotion.objects.get(pk=made.id)


@pytest.mark.clause("CAT-4.4-08")
def test_a_flash_sale_has_a_cap_and_a_limit_per_buyer(shop: Shop) -> None:
    rule = {"type": "flash_sale", "price": "150.00"}

    for caps in (
        {"budget": "1"},
        {"budget": "1", "pieces": 5},
        {"budget": "1", "pieces_per_buyer": 2},
    ):
        with pytest.raises(errors.PlanIncomplete):
            draft(shop, {**rule, "caps": caps})
    assert not Promotion.objects.exists()
    draft(shop, {**rule, "caps": {"budget": "1", "pieces": 5, "pieces_per_buyer": 2}})


def test_a_gift_needs_stock_of_its_own(shop: Shop) -> None:
    rule = {
        "type": "gift",
        "gifts": [{"sku_id": shop.sku_ids[1]}],
        "caps": {"budget": "100"},
    }

    with pytest.raises(errors.PlanIncomplete):
        draft(shop, rule)
    with pytest.raises(errors.PlanIncomplete):
        draft(shop, gift_stock=5)
    assert not Promotion.objects.exists()
    assert draft(shop, rule, gift_stock=5).gift_stock == 5


def test_with_the_gifts_gone_the_rule_pauses_and_owner_and_approver_are_told(shop: Shop) -> None:
    made = running(
        shop,
        {"type": "gift", "gifts": [{"sku_id": shop.sku_ids[1]}], "caps": {"budget": "100"}},
        gift_stock=2,
    )
    uses = [wish(made, order, amount="0", gift_pieces=1) for order in (1, 2)]
    redemption.consume(wanted=uses, actor=SYSTEM, at=DURING)

    report = promotions.run_clock(actor=SYSTEM, at=DURING + MINUTE)

    assert report.paused == 1
    row = Promotion.objects.get(pk=made.id)
    assert (row.state, row.paused_why) == ("paused", "The gifts are used up.")
    told = Notice.objects.filter(
        subject=f"catalog.promotion:{made.id}", title__startswith="A promotion paused"
    )
    assert set(told.values_list("person_id", flat=True)) == {
        shop.specialist.person_id,
        shop.supervisor.person_id,
    }
    with pytest.raises(errors.UsedUp):
        promotions.resume(
            promotion_id=made.id, actor=actor(shop.supervisor), at=DURING + 2 * MINUTE
        )


def test_at_the_budget_a_promotion_pauses(shop: Shop) -> None:
    made = running(shop)
    redemption.consume(wanted=[wish(made, 1, amount="1000.00")], actor=SYSTEM, at=DURING)

    assert promotions.run_clock(actor=SYSTEM, at=DURING + MINUTE).paused == 1

    assert Promotion.objects.get(pk=made.id).paused_why == "The budget is used up."
    assert runs(made.id) == [(START, DURING + MINUTE, "The budget is used up.")]


def test_costs_that_rose_pause_what_would_pass_the_floor(
    shop: Shop, cost_of: Callable[[dict[int, str]], None]
) -> None:
    made, coming = running(shop), approved(shop, starts_at=START + timedelta(days=2))
    assert promotions.check_running(actor=SYSTEM, at=DURING) == 0
    cost_of({shop.sku_ids[0]: "165.000000"})

    assert promotions.check_running(actor=SYSTEM, at=DURING) == 1
    report = promotions.run_clock(actor=SYSTEM, at=START + timedelta(days=2))

    assert report.paused == 1
    assert (state(made), state(coming)) == ("paused", "paused")
    assert runs(coming.id) == []


def test_a_pause_is_a_gap_and_going_on_a_second_run(shop: Shop) -> None:
    made = running(shop)
    supervisor = actor(shop.supervisor)
    version = PromotionVersion.objects.get(pk=shop.channel_id).version

    promotions.pause(promotion_id=made.id, reason="Typo", actor=supervisor, at=DURING)
    promotions.resume(promotion_id=made.id, actor=supervisor, at=DURING + MINUTE)

    assert runs(made.id) == [(START, DURING, "Typo"), (DURING + MINUTE, END, "")]
    assert PromotionVersion.objects.get(pk=shop.channel_id).version == version + 2
    promotions.end(promotion_id=made.id, reason="Enough", actor=supervisor, at=DURING + 2 * MINUTE)
    assert state(made) == "ended"
    assert PromotionRun.objects.filter(valid__contains=DURING + 2 * MINUTE).count() == 0


def test_who_may_not_decide_may_not_stop_a_promotion(shop: Shop) -> None:
    made = running(shop)
    specialist = actor(shop.specialist)

    for act in (promotions.pause, promotions.end):
        with pytest.raises(Forbidden):
            act(promotion_id=made.id, reason="x", actor=specialist, at=DURING)

    assert (state(made), runs(made.id)) == ("running", [(START, END, "")])


def test_a_machine_that_slept_starts_late_and_says_so(shop: Shop) -> None:
    made, missed = approved(shop), approved(shop, ends_at=START + timedelta(minutes=30))

    report = promotions.run_clock(actor=SYSTEM, at=DURING)

    assert (report.started, report.late, report.missed) == (1, 1, 1)
    assert runs(made.id) == [(DURING, END, "")]
    assert (state(missed), runs(missed.id)) == ("ended", [])


def test_figures_name_overlaps_and_thin_stock(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(shop)
    second = Promotion.objects.get(pk=draft(shop, {**PERCENT, "value": "5"}).id)
    monkeypatch.setattr(
        ports.stock_cover, "_answer", lambda **_asked: {shop.sku_ids[0]: Decimal(2)}
    )

    found = promotion_figures.figures(promotion_figures.plan_of(second), at=AT)

    assert [(one.skus, one.is_conflict) for one in found.overlaps] == [(2, False)]
    assert (found.skus, found.short_of_stock, found.without_cost) == (2, 1, 2)

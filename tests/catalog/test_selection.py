"""Proposals for new products: research, score, two deciders, sourcing, and what may be bought."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from catalog.choices.selection import ProposalState, SelectionBasis, SourcingState
from catalog.errors import selection as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import Category, Channel, Product, SelectionProposal, Sku, SourcingTask
from catalog.rules import selection as rules
from catalog.selectors import selection
from catalog.services import loading, products, selecting
from catalog.types.goods import ProductRow
from catalog.types.selection import ProposalDraft, ProposalInfo, RivalOffer
from inventory.choices import PurchaseState
from inventory.errors import NotReady
from inventory.models import PurchaseLine, PurchaseOrder
from inventory.services import places, purchasing, suppliers
from inventory.types import PurchaseWant
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.clocks.models import Clock
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.kernel.parse import business_day
from tests.catalog.shop import Shop, actor
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM, account

RIVALS = (
    RivalOffer(rival="甲", goods="羽绒背心", price=Decimal("199.00"), source="甲旗舰店"),
    RivalOffer(rival="乙", goods="轻羽绒", price=Decimal("219.00"), source="乙专柜"),
)


def draft(shop: Shop, **changes: Any) -> ProposalDraft:
    return replace(
        ProposalDraft(
            name="轻量羽绒背心",
            category_id=shop.category_id,
            demand="近三个月搜索无结果 214 次",
            trend="通勤轻量化",
            target_group="25 至 35 岁通勤女性",
            brand_fit="与羊绒线同客群",
            price=Decimal("189.00"),
            unit_cost=Decimal("82.00"),
            monthly_sales=300,
            demand_mark=80,
            trend_mark=60,
            fit_mark=90,
            rivals=RIVALS,
        ),
        **changes,
    )


def drafted(shop: Shop, **changes: Any) -> ProposalInfo:
    return selecting.draft_proposal(
        draft=draft(shop, **changes), actor=actor(shop.specialist), at=AT
    )


def decide(shop: Shop, made: ProposalInfo, *users: Any, at: datetime = AT) -> None:
    asked = Request.objects.get(subject_type=selecting.SUBJECT, subject_id=made.id)
    for user in users:
        approvals.approve(
            request_id=asked.pk, content_hash=asked.content_hash, actor=actor(user, at=at), at=at
        )


def approved(shop: Shop, **changes: Any) -> ProposalInfo:
    made = drafted(shop, **changes)
    selecting.submit_proposal(proposal_id=made.id, actor=actor(shop.specialist), at=AT)
    decide(shop, made, shop.supervisor, shop.manager)
    return made


@pytest.fixture
def live(shop: Shop) -> Shop:
    """The shop after its go-live."""
    Channel.objects.filter(pk=shop.channel_id).update(go_live_on=business_day(AT))
    return shop


@pytest.fixture
def fresh(live: Shop) -> int:
    """A SKU entered after go-live."""
    product = products.create_product(
        name="轻量羽绒背心", category_id=live.category_id, actor=SYSTEM, at=AT
    )
    return products.create_sku(product_id=product.id, name="背心 M", actor=SYSTEM, at=AT).id


@pytest.fixture
def house(db: None) -> Any:
    """A supplier, a warehouse and a buyer."""
    supplier = suppliers.create_supplier(code="S1", name="宏达", actor=SYSTEM, at=AT)
    warehouse = places.create_warehouse(code="WH1", name="一号仓", actor=SYSTEM, at=AT)
    buyer = account("buyer", Role.PURCHASING_OFFICER)

    def order(sku_id: int) -> Any:
        return purchasing.draft_purchase(
            supplier_id=supplier,
            warehouse_id=warehouse.id,
            lines=[PurchaseWant(sku_id=sku_id, quantity=10, unit_cost=Decimal(82), reason="首单")],
            actor=actor(buyer),
            at=AT,
        )

    return order


def test_the_score_is_the_weighted_sum_of_marks_and_figures() -> None:
    found = rules.score(
        demand=80,
        trend=60,
        fit=90,
        price=Decimal("189.00"),
        cost=Decimal("132.30"),
        rivals=[Decimal("199.00"), Decimal("219.00")],
        floor=Decimal(10),
        target=Decimal(30),
    )

    points = {part.key: part.points for part in found.parts}
    assert rules.margin(Decimal("189.00"), Decimal("132.30")) == Decimal("30.0")
    assert points["margin"] == 100
    assert points["rivals"] == Decimal("98.9"), "189 beside 209, the middle of the two"
    assert found.total == Decimal("87.3")
    assert sum(rules.WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("price", "rivals", "points"),
    [
        ("100", [], "50"),
        ("100", ["100"], "75.0"),
        ("130", ["100"], "0.0"),
        ("500", ["100"], "0.0"),
        ("110", ["90", "100", "400"], "50.0"),
    ],
)
def test_a_price_is_worth_what_it_is_beside_the_middle_rival(
    price: str, rivals: list[str], points: str
) -> None:
    found = rules.rival_points(Decimal(price), [Decimal(each) for each in rivals])

    assert found == Decimal(points)


@pytest.mark.parametrize(
    "changes",
    [
        {"demand": " "},
        {"trend": ""},
        {"target_group": ""},
        {"brand_fit": ""},
        {"rivals": ()},
        {"price": Decimal(0)},
        {"unit_cost": Decimal(-1)},
        {"demand_mark": 101},
        {"monthly_sales": 0},
        {"monthly_sales": 10**10},
        {"rivals": (RivalOffer(rival="甲", goods="", price=Decimal(1), source="店"),)},
        {"rivals": RIVALS * 11},
    ],
)
def test_a_proposal_without_its_research_is_refused(shop: Shop, changes: dict[str, Any]) -> None:
    with pytest.raises((errors.ProposalWrong, BadInput)):
        drafted(shop, **changes)

    assert SelectionProposal.objects.count() == 0


@pytest.mark.clause("SCM-2.4-02")
def test_two_persons_decide_and_a_sourcing_task_opens(shop: Shop) -> None:
    made = drafted(shop)
    selecting.submit_proposal(proposal_id=made.id, actor=actor(shop.specialist), at=AT)

    decide(shop, made, shop.supervisor)
    assert SelectionProposal.objects.get().state == ProposalState.SUBMITTED
    assert SourcingTask.objects.count() == 0
    decide(shop, made, shop.manager)

    row = SelectionProposal.objects.get()
    assert (row.state, row.score, row.margin) == ("approved", made.score, Decimal("56.6"))
    task = SourcingTask.objects.get()
    assert (task.state, task.approval_id) == (SourcingState.OPEN, row.approval_id)
    clock = Clock.objects.get(kind=selecting.SOURCING)
    assert (clock.subject_type, clock.subject_id) == (selecting.TASK, task.pk)


@pytest.mark.clause("SCM-2.4-02")
def test_a_first_order_without_an_approved_proposal_is_refused(
    live: Shop, fresh: int, house: Any
) -> None:
    taken_over = live.sku_ids[0]
    assert house(taken_over).state == PurchaseState.DRAFT

    with pytest.raises(NotReady) as refused:
        house(fresh)
    assert refused.value.code == "inventory.sku_unselected"
    made = approved(live)
    with pytest.raises(NotReady):
        house(fresh)
    assert PurchaseOrder.objects.count() == 1
    selecting.name_product(
        proposal_id=made.id,
        product_id=Sku.objects.get(pk=fresh).product_id,
        actor=actor(live.specialist),
        at=AT,
    )

    assert house(fresh).state == PurchaseState.DRAFT


@pytest.mark.clause("SCM-2.4-02")
def test_the_database_refuses_such_a_line_too(live: Shop, fresh: int, house: Any) -> None:
    order = house(live.sku_ids[0])

    for change in (
        lambda: PurchaseLine.objects.create(
            purchase_id=order.id, line_no=2, sku_id=fresh, quantity=1, unit_cost=1, reason="x"
        ),
        lambda: PurchaseLine.objects.update(sku_id=fresh),
        lambda: Sku.objects.filter(pk=fresh).update(selection=SelectionBasis.TAKEN_OVER),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    assert list(PurchaseLine.objects.values_list("sku_id", flat=True)) == [live.sku_ids[0]]
    assert Sku.objects.get(pk=fresh).selection == SelectionBasis.NEEDED


def test_what_is_retired_after_the_draft_does_not_go_out(shop: Shop, house: Any) -> None:
    order = house(shop.sku_ids[0])
    products.retire_sku(sku_id=shop.sku_ids[0], reason="淘汰", actor=SYSTEM, at=AT)
    buyer = actor(account("buyer2", Role.PURCHASING_OFFICER))

    with pytest.raises(NotReady) as refused:
        purchasing.submit_purchase(purchase_id=order.id, actor=buyer, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PurchaseOrder.objects.filter(pk=order.id).update(state=PurchaseState.SUBMITTED)

    assert refused.value.code == "inventory.sku_retired"
    assert PurchaseOrder.objects.get().state == PurchaseState.DRAFT


@pytest.mark.clause("SCM-2.4-02")
def test_goods_from_before_the_go_live_are_taken_over_and_later_ones_are_not(shop: Shop) -> None:
    Channel.objects.filter(pk=shop.channel_id).update(go_live_on=business_day(AT))
    rows = [ProductRow(code="N-1", name="背心", category=("女装",))]

    loading.load_products(rows=rows, source="before", actor=SYSTEM, at=AT - timedelta(days=1))
    loading.load_products(
        rows=[*rows, ProductRow(code="N-2", name="背心", category=("女装",))],
        source="after",
        actor=SYSTEM,
        at=AT,
    )

    found = dict(Sku.objects.values_list("code", "selection"))
    assert (found["N-1"], found["N-2"], found["A-1001-S"]) == ("taken_over", "needed", "taken_over")
    barred = selection.barred_from_purchase(sku_ids=Sku.objects.values_list("pk", flat=True))
    assert [(each.code, each.why) for each in barred] == [("N-2", "unselected")]


def test_services_need_no_proposal(live: Shop) -> None:
    product = products.create_product(
        name="运费", category_id=live.category_id, actor=SYSTEM, at=AT
    )
    sku = products.create_sku(
        product_id=product.id, name="运费", kind="service", actor=SYSTEM, at=AT
    )

    assert selection.barred_from_purchase(sku_ids=[sku.id]) == []


def test_only_the_approved_category_and_one_product_are_named(live: Shop, fresh: int) -> None:
    made = drafted(live)
    who = actor(live.specialist)
    product_id = Sku.objects.get(pk=fresh).product_id
    with pytest.raises(errors.ProposalClosed):
        selecting.name_product(proposal_id=made.id, product_id=product_id, actor=who, at=AT)
    selecting.submit_proposal(proposal_id=made.id, actor=who, at=AT)
    decide(live, made, live.supervisor, live.manager)
    elsewhere = products.create_category(name="箱包", actor=SYSTEM, at=AT)
    other = products.create_product(name="包", category_id=elsewhere.id, actor=SYSTEM, at=AT)

    with pytest.raises(errors.ProductElsewhere):
        selecting.name_product(proposal_id=made.id, product_id=other.id, actor=who, at=AT)
    with pytest.raises(ThingMissing):
        selecting.name_product(proposal_id=made.id, product_id=0, actor=who, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        SelectionProposal.objects.update(product_id=other.id)
    selecting.name_product(proposal_id=made.id, product_id=product_id, actor=who, at=AT)
    with pytest.raises(errors.ProposalClosed):
        selecting.name_product(proposal_id=made.id, product_id=product_id, actor=who, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        SelectionProposal.objects.update(product=None)

    assert SelectionProposal.objects.get().product_id == product_id


@pytest.mark.parametrize(
    "change",
    [
        {"state": "approved"},
        {"price": Decimal("1.00")},
        {"state": "draft"},
        {"demand": "别的"},
        {"drafted_by": 1},
    ],
)
def test_what_was_handed_in_is_fixed_in_the_database(shop: Shop, change: dict[str, Any]) -> None:
    made = drafted(shop)
    selecting.submit_proposal(proposal_id=made.id, actor=actor(shop.specialist), at=AT)

    with pytest.raises(DatabaseError), transaction.atomic():
        SelectionProposal.objects.filter(pk=made.id).update(**change)

    row = SelectionProposal.objects.get()
    assert (row.state, row.price, row.demand) == (
        "submitted",
        Decimal("189.00"),
        "近三个月搜索无结果 214 次",
    )


def test_no_task_opens_without_an_approval(shop: Shop) -> None:
    made = drafted(shop)
    selecting.submit_proposal(proposal_id=made.id, actor=actor(shop.specialist), at=AT)
    row = SelectionProposal.objects.get()

    with pytest.raises(DatabaseError), transaction.atomic():
        SourcingTask.objects.create(proposal=row, approval_id=row.approval_id or 0, opened_at=AT)

    assert SourcingTask.objects.count() == 0


def test_a_returned_proposal_is_edited_and_scored_anew(shop: Shop) -> None:
    made = drafted(shop)
    who = actor(shop.specialist)
    selecting.submit_proposal(proposal_id=made.id, actor=who, at=AT)
    asked = Request.objects.get(subject_id=made.id, flow="product_selection")
    approvals.send_back(
        request_id=asked.pk,
        reason="价格太高",
        content_hash=asked.content_hash,
        actor=actor(shop.supervisor),
        at=AT,
    )

    edited = selecting.edit_proposal(
        proposal_id=made.id, draft=draft(shop, price=Decimal("239.00")), actor=who, at=AT
    )

    assert edited.score < made.score
    assert SelectionProposal.objects.get().points["rivals"] == "39.1"
    with pytest.raises(Forbidden):
        selecting.edit_proposal(
            proposal_id=made.id, draft=draft(shop), actor=actor(shop.manager), at=AT
        )
    selecting.withdraw_proposal(proposal_id=made.id, actor=who, at=AT)
    with pytest.raises(errors.ProposalClosed):
        selecting.submit_proposal(proposal_id=made.id, actor=who, at=AT)


def test_the_buyer_ends_the_sourcing_once(shop: Shop) -> None:
    approved(shop)
    task = SourcingTask.objects.get()
    buyer = actor(account("buyer", Role.PURCHASING_OFFICER))
    end: dict[str, Any] = {"task_id": task.pk, "at": AT + timedelta(days=1)}

    with pytest.raises(Forbidden):
        selecting.end_sourcing(
            **end, state=SourcingState.GIVEN_UP, note="x", actor=actor(shop.specialist)
        )
    with pytest.raises(ReasonNeeded):
        selecting.end_sourcing(**end, state=SourcingState.GIVEN_UP, actor=buyer)
    with pytest.raises(errors.ProposalWrong):
        selecting.end_sourcing(**end, state=SourcingState.FOUND, source="宏达", actor=buyer)
    assert SourcingTask.objects.get().state == SourcingState.OPEN
    selecting.end_sourcing(
        **end, state=SourcingState.FOUND, source="宏达", unit_cost=Decimal("79.50"), actor=buyer
    )
    with pytest.raises(errors.SourcingOver):
        selecting.end_sourcing(**end, state=SourcingState.GIVEN_UP, note="晚了", actor=buyer)
    with pytest.raises(DatabaseError), transaction.atomic():
        SourcingTask.objects.update(unit_cost=1)

    assert SourcingTask.objects.get().unit_cost == Decimal("79.50")
    assert Clock.objects.get(kind=selecting.SOURCING).state == "met"


def test_a_proposal_goes_through_its_screens(live: Shop, fresh: int) -> None:
    desk = enter(live.specialist)
    form = {
        "name": "轻量羽绒背心",
        "category_id": str(live.category_id),
        "target_group": "通勤女性",
        "brand_fit": "同客群",
        "demand": "搜索无结果 214 次",
        "trend": "轻量化",
        "demand_mark": "80",
        "trend_mark": "60",
        "fit_mark": "90",
        "rivals-0-rival": "甲",
        "rivals-0-goods": "背心",
        "rivals-0-price": "199.00",
        "rivals-0-source": "甲旗舰店",
        "price": "189.00",
        "unit_cost": "82.00",
        "monthly_sales": "300",
    }

    desk.post(reverse("catalog:selection_draft"), form)
    row = SelectionProposal.objects.get()
    assert row.rivals == [{"rival": "甲", "goods": "背心", "price": "199.00", "source": "甲旗舰店"}]
    page = reverse("catalog:selection_proposal", args=[row.pk])
    desk.post(reverse("catalog:selection_edit", args=[row.pk]), form | {"price": "179.00"})
    desk.post(page, {"action": "submit"})
    row.refresh_from_db()
    assert (row.state, row.price) == ("submitted", Decimal("179.00"))
    decide(live, selecting.info(row), live.supervisor, live.manager, at=timezone.now())
    product = Sku.objects.get(pk=fresh).product
    desk.post(page, {"action": "name", "product": product.code})

    row.refresh_from_db()
    assert row.product_id == product.pk
    text = desk.get(page).content.decode()
    for words in ("甲旗舰店", product.name, "搜索无结果 214 次"):
        assert words in text
    assert row.number in desk.get("/selection-proposals/?state=approved").content.decode()


def test_a_proposal_of_another_category_is_not_seen(shop: Shop) -> None:
    made = drafted(shop)
    shelf = products.create_category(name="箱包", actor=SYSTEM, at=AT)
    other = account("other", Role.OPERATIONS_SPECIALIST)
    identity.grant_scope(user_id=other.pk, kind="category", object_id=shelf.id, actor=SYSTEM, at=AT)

    with pytest.raises(errors.ProposalMissing):
        selection.proposal(proposal_id=made.id, actor=actor(other))
    with pytest.raises(errors.ProposalMissing):
        selecting.submit_proposal(proposal_id=made.id, actor=actor(other), at=AT)

    assert Category.objects.count() == 2
    assert Product.objects.count() == 2
    assert SelectionProposal.objects.get().state == ProposalState.DRAFT

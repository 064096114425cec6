"""Price policies: two persons, dated versions, floors for any number of SKUs (CAT-4.2-04)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.choices.policies import PolicyState
from catalog.errors import prices as errors
from catalog.models import Category, PriceChangeLine, PricePolicy, Product, Sku
from catalog.rules import prices as rules
from catalog.selectors import policies as selected
from catalog.selectors import prices
from catalog.services import policies, pricing
from catalog.types.patrol import PolicyFigures
from ops.engines.approvals import errors as approval_errors
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.clocks import selectors as clocks
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.errors import Forbidden
from ops.engines.kernel.parse import business_day
from tests.catalog.shop import Shop, actor
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

TODAY = business_day(AT)
FIGURES = PolicyFigures(
    category_id=None,
    starts_on=TODAY,
    target_margin=Decimal(30),
    floor_margin=Decimal(20),
    ceiling_margin=None,
    band=Decimal(5),
    window_days=30,
    above_rival=None,
    under_rival=None,
    reason="Yearly review",
)


def put_in_force(shop: Shop, figures: PolicyFigures, finance: User) -> PricePolicy:
    """Draft, hand in and confirm a version."""
    row = policies.draft_policy(figures=figures, actor=actor(shop.manager), at=AT)
    row = policies.submit_policy(policy_id=row.pk, actor=actor(shop.manager), at=AT)
    request = Request.objects.get(pk=row.approval_id or 0)
    approvals.approve(
        request_id=request.pk, content_hash=request.content_hash, actor=actor(finance), at=AT
    )
    row.refresh_from_db()
    return row


@pytest.fixture
def finance(db: None) -> User:
    return account("finance", Role.FINANCE_MANAGER)


def test_a_policy_counts_once_the_finance_manager_confirmed_it(shop: Shop, finance: User) -> None:
    row = put_in_force(shop, FIGURES, finance)

    assert row.state == PolicyState.APPROVED
    assert row.review_on == TODAY + timedelta(days=365)
    assert selected.in_force(day=TODAY) == {row.pk}
    (clock,) = clocks.of_subject(
        subject_type=policies.SUBJECT, subject_id=row.pk, actor=actor(shop.manager)
    )
    assert clock.kind == policies.REVIEW


def test_who_drafted_a_policy_does_not_confirm_it(shop: Shop) -> None:
    row = policies.draft_policy(figures=FIGURES, actor=actor(shop.manager), at=AT)
    policies.submit_policy(policy_id=row.pk, actor=actor(shop.manager), at=AT)
    request = Request.objects.latest("pk")

    with pytest.raises(approval_errors.OwnRequest):
        approvals.approve(
            request_id=request.pk,
            content_hash=request.content_hash,
            actor=actor(shop.manager),
            at=AT,
        )
    with refused_by("catalog_pricepolicy_needs_price_policy"):
        PricePolicy.objects.filter(pk=row.pk).update(state="approved")
    row.refresh_from_db()
    assert row.state == PolicyState.SUBMITTED


def test_nobody_else_drafts_a_policy(shop: Shop) -> None:
    for user in (shop.specialist, shop.supervisor, shop.director):
        with pytest.raises(Forbidden):
            policies.draft_policy(figures=FIGURES, actor=actor(user), at=AT)
    assert not PricePolicy.objects.exists()


def test_a_confirmed_version_is_never_changed(shop: Shop, finance: User) -> None:
    row = put_in_force(shop, FIGURES, finance)

    with pytest.raises(errors.PolicyClosed):
        policies.edit_policy(policy_id=row.pk, figures=FIGURES, actor=actor(shop.manager), at=AT)
    with refused_by("pricepolicy_fixed_once_submitted"):
        PricePolicy.objects.filter(pk=row.pk).update(floor_margin=1)
    with refused_by("pricepolicy_moves_as_declared"):
        PricePolicy.objects.filter(pk=row.pk).update(state="draft")
    row.refresh_from_db()
    assert row.floor_margin == 20


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"floor_margin": Decimal(31)}, "floor_margin"),
        ({"target_margin": Decimal(100)}, "floor_margin"),
        ({"ceiling_margin": Decimal(29)}, "ceiling_margin"),
        ({"band": Decimal(0)}, "band"),
        ({"window_days": 0}, "window_days"),
        ({"under_rival": Decimal(101)}, "under_rival"),
    ],
)
def test_figures_that_contradict_each_other_are_refused(
    shop: Shop, changes: dict[str, Decimal], field: str
) -> None:
    with pytest.raises(errors.PolicyWrong) as refusal:
        policies.draft_policy(
            figures=replace(FIGURES, **changes),  # type: ignore[arg-type]
            actor=actor(shop.manager),
            at=AT,
        )

    assert refusal.value.context["field"] == field
    assert not PricePolicy.objects.exists()


def test_a_policy_does_not_start_in_the_past(shop: Shop) -> None:
    late = replace(FIGURES, starts_on=TODAY - timedelta(days=1))
    row = policies.draft_policy(figures=late, actor=actor(shop.manager), at=AT)

    with pytest.raises(errors.PolicyWrong):
        policies.submit_policy(policy_id=row.pk, actor=actor(shop.manager), at=AT)
    assert not Request.objects.filter(flow="price_policy").exists()


def test_the_nearest_category_upwards_decides_the_floor(
    shop: Shop, finance: User, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of(dict.fromkeys(shop.sku_ids, "80.00"))
    assert set(_floors(shop).values()) == {Decimal("88.89")}  # the register's ten per cent

    put_in_force(shop, FIGURES, finance)
    assert set(_floors(shop).values()) == {Decimal("100.00")}
    category = Sku.objects.get(pk=shop.sku_ids[0]).product.category_id
    put_in_force(
        shop,
        replace(FIGURES, category_id=category, floor_margin=Decimal(30)),
        finance,
    )
    assert set(_floors(shop).values()) == {Decimal("114.29")}
    later = replace(FIGURES, category_id=category, starts_on=TODAY + timedelta(days=2))
    put_in_force(shop, later, finance)
    assert set(_floors(shop).values()) == {Decimal("114.29")}
    assert set(prices.floors(sku_ids=shop.sku_ids, at=AT + timedelta(days=2)).values()) == {
        Decimal("100.00")
    }


def _floors(shop: Shop) -> dict[int, Decimal]:
    return prices.floors(sku_ids=shop.sku_ids, at=AT)


def test_a_code_is_never_taken_for_the_beginning_of_another(
    shop: Shop, finance: User, cost_of: Callable[[dict[int, str]], None]
) -> None:
    category = Category.objects.create(code="CAT1", name="一", path="CAT1")
    other = Category.objects.create(code="CAT10", name="十", path="CAT10")
    product = Product.objects.create(code="P", name="p", category=other)
    sku = Sku.objects.create(code="P-1", code_key="p-1", product=product, name="p").pk
    cost_of({sku: "80.00"})
    put_in_force(shop, replace(FIGURES, category_id=category.pk), finance)

    assert prices.floors(sku_ids=[sku], at=AT) == {sku: Decimal("88.89")}


def test_the_floor_in_the_database_is_the_floor_of_the_rules(
    shop: Shop, finance: User, cost_of: Callable[[dict[int, str]], None]
) -> None:
    put_in_force(shop, replace(FIGURES, floor_margin=Decimal("12.5")), finance)
    policy = rules.PricePolicy(floor_margin=Decimal("12.5"))

    for cents in range(1, 4000, 37):
        cost = Decimal(cents) / 1000
        cost_of({shop.sku_ids[0]: str(cost)})
        assert prices.floors(sku_ids=shop.sku_ids, at=AT) == {shop.sku_ids[0]: policy.floor(cost)}


def test_floors_of_many_skus_take_one_statement(
    shop: Shop, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of(dict.fromkeys(shop.sku_ids, "80.00"))

    with CaptureQueriesContext(connection) as asked:
        prices.floors(sku_ids=shop.sku_ids, at=AT)

    assert len(asked) == 1


@pytest.mark.clause("CAT-4.2-04")
def test_a_policys_band_picks_the_level_and_the_page_says_how_many_keep_to_it(
    shop: Shop, finance: User, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of({shop.sku_ids[0]: "100.00", shop.sku_ids[1]: "190.00"})
    put_in_force(shop, FIGURES, finance)

    shop.submit(shop.draft("188.00", skus=shop.sku_ids[:1], ends_at=None))  # 5.5 per cent

    roles = [step["role"] for step in Request.objects.latest("pk").steps]
    assert roles == [Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER]
    (share,) = selected.shares(actor=actor(shop.supervisor), at=AT)
    assert (share.within, share.offers, share.without_cost) == (1, 2, 0)


@pytest.mark.clause("CAT-4.2-04")
def test_small_steps_do_not_dodge_the_level(shop: Shop) -> None:
    """Nine per cent and nine again: the second one is measured from the window's start."""
    first = shop.approved("181.09", skus=shop.sku_ids[:1], ends_at=None)
    assert [s["role"] for s in Request.objects.latest("pk").steps] == [Role.OPERATIONS_SUPERVISOR]
    later = AT + timedelta(days=2)
    pricing.activate_due(actor=SYSTEM, at=later)
    assert shop.state(first) == "active"

    change = shop.draft(
        "166.00",
        skus=shop.sku_ids[:1],
        ends_at=None,
        starts_at=later + timedelta(days=1),
        at=later,
    )
    shop.submit(change, at=later)

    request = Request.objects.latest("pk")
    assert [s["role"] for s in request.steps] == [
        Role.OPERATIONS_SUPERVISOR,
        Role.OPERATIONS_MANAGER,
    ]
    assert request.figures["deepest_percent"] == "-8.3"
    assert request.figures["window_deepest"] == "-16.6"
    line = PriceChangeLine.objects.get(change_id=change.id)
    assert (line.base_price, line.is_outside_band) == (Decimal("199.00"), True)


@pytest.mark.parametrize("days", [2, 45], ids=["it just began", "it began before the window"])
def test_a_limited_price_is_none_to_start_from(shop: Shop, days: int) -> None:
    """A cut proposed while a limited price runs is measured from the lasting price."""
    shop.approved("180.00", skus=shop.sku_ids[:1], ends_at=AT + timedelta(days=60))
    pricing.activate_due(actor=SYSTEM, at=AT + timedelta(days=1))
    now = AT + timedelta(days=days)
    change = shop.draft(
        "165.00",
        skus=shop.sku_ids[:1],
        ends_at=None,
        starts_at=AT + timedelta(days=61),
        at=now,
    )

    shop.submit(change, at=now)

    figures = Request.objects.latest("pk").figures
    assert (figures["deepest_percent"], figures["window_deepest"]) == ("-8.3", "-17.1")
    assert figures["outside_band"] == 1


def test_the_review_is_due_a_year_later() -> None:
    assert policies.YEAR.days == 365
    assert date(2027, 11, 26) == date(2026, 11, 26) + policies.YEAR

"""The services bypassed: what raw SQL by the app role may not do to promotions (CAT-4.4-01)."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from catalog.models import (
    Coupon,
    Promotion,
    PromotionBuyer,
    PromotionCounter,
    PromotionRun,
    PromotionUse,
)
from catalog.services import coupons, redemption
from tests.catalog.promos import (
    DURING,
    PERCENT,
    approved,
    draft,
    running,
    submitted,
    wish,
)
from tests.catalog.shop import END, START, Shop, actor
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def put(table: str, **values: object) -> None:
    """Insert a row as an attacker would."""
    run(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})",
        *values.values(),
    )


def run_of(row: Promotion, **changes: object) -> None:
    """Insert a run as an attacker would."""
    values = {
        "promotion_id": row.pk,
        "channel_id": row.channel_id,
        "approval_id": row.approval_id,
        "rule": json.dumps(row.rule),
        "valid": f"[{START.isoformat()},{END.isoformat()})",
        "cut_why": "",
        **changes,
    }
    put("catalog_promotionrun", **values)


def use_of(row: Promotion, **changes: object) -> None:
    """Insert a use as an attacker would."""
    values = {
        "promotion_id": row.pk, "source_type": "customers.order", "source_id": 1, "buyer_key": "b",
        "times": 1, "pieces": 1, "gift_pieces": 0, "amount": "10.00", "effect_key": "x",
        "at": DURING, **changes,
    }  # fmt: skip
    put("catalog_promotionuse", **values)


@pytest.mark.clause("CAT-4.4-01")
def test_the_honest_run_passes(shop: Shop) -> None:
    run_of(Promotion.objects.get(pk=approved(shop).id))


@pytest.mark.clause("CAT-4.4-01")
def test_no_run_without_an_approved_request(shop: Shop) -> None:
    waiting = Promotion.objects.get(pk=submitted(shop).id)
    other = Promotion.objects.get(pk=approved(shop).id)

    with refused_by("catalog_promotionrun_needs_promotion"):
        run_of(waiting)
    with refused_by("promotionrun_as_approved"):
        run_of(waiting, approval_id=other.approval_id)
    assert not PromotionRun.objects.exists()


@pytest.mark.clause("CAT-4.4-01")
@pytest.mark.parametrize(
    "changed",
    [
        {"rule": json.dumps({**PERCENT, "value": "90"})},
        {"rule": json.dumps({"type": "percentage", "value": "10"})},
        {"valid": f"[{(START - timedelta(1)).isoformat()},{END.isoformat()})"},
        {"valid": f"[{START.isoformat()},{(END + timedelta(1)).isoformat()})"},
        {"cut_why": "x"},
    ],
)
def test_no_run_other_than_approved(shop: Shop, changed: dict[str, object]) -> None:
    row = Promotion.objects.get(pk=approved(shop).id)

    with refused_by("promotionrun_as_approved"):
        run_of(row, **changed)
    assert not PromotionRun.objects.exists()


@pytest.mark.clause("CAT-4.4-01")
def test_a_run_is_only_cut(shop: Shop) -> None:
    made = running(shop)

    for statement in (
        "UPDATE catalog_promotionrun SET rule = rule || '{\"value\": \"90\"}', cut_why = 'x'",
        "UPDATE catalog_promotionrun SET valid = tstzrange(lower(valid), '2099-1-1'), cut_why='x'",
        "UPDATE catalog_promotionrun SET valid = 'empty'",
    ):
        with refused_by("promotionrun_only_cut"):
            run(statement)
    for table in ("catalog_promotionrun", "catalog_promotion", "catalog_promotioncounter"):
        with pytest.raises(ProgrammingError), transaction.atomic():
            run(f"DELETE FROM {table}")
    assert PromotionRun.objects.get(promotion_id=made.id).valid.upper == END


@pytest.mark.clause("CAT-4.4-01")
def test_a_promotion_is_scheduled_by_its_approval_alone(shop: Shop) -> None:
    made = submitted(shop)

    with refused_by("catalog_promotion_needs_promotion"):
        run("UPDATE catalog_promotion SET state = 'scheduled' WHERE id = %s", made.id)
    for state in ("running", "ended", "reviewed"):
        with refused_by("promotion_moves_as_declared"):
            run("UPDATE catalog_promotion SET state = %s WHERE id = %s", state, made.id)
    for column, value in (
        ("title", "x"),
        ("budget", "9"),
        ("ends_at", AT),
        ("coupon_mode", "batch"),
    ):
        with refused_by("promotion_fixed_once_submitted"):
            run(f"UPDATE catalog_promotion SET {column} = %s WHERE id = %s", value, made.id)
    assert Promotion.objects.get(pk=made.id).state == "submitted"


@pytest.mark.clause("CAT-4.4-01", "CAT-4.4-06", "CAT-4.4-08")
@pytest.mark.parametrize(
    ("rule", "changed", "refusal"),
    [
        (PERCENT, {"aim": ""}, "promotion_plan_is_written"),
        (PERCENT, {"budget": "999"}, "promotion_budget_is_the_cap"),
        (PERCENT, {"ends_at": START}, "promotion_ends_after_start"),
        (PERCENT, {"type": "amount"}, "promotion_rule_is_of_its_type"),
        (PERCENT, {"coupon_mode": "batch"}, "promotion_coupon_flag_is_its_mode"),
        (PERCENT, {"gift_stock": 3}, "promotion_gift_has_own_stock"),
        (
            {"type": "gift", "caps": {"budget": "1000"}},
            {"type": "gift"},
            "promotion_gift_has_own_stock",
        ),
        (
            {"type": "flash_sale", "caps": {"budget": "1000", "pieces": 5}},
            {"type": "flash_sale"},
            "promotion_flash_sale_is_capped",
        ),
        (
            {
                "type": "spend_and_save",
                "caps": {"budget": "1000"},
                "steps": [{"amount": "300", "save": "40"}, {"amount": "200", "save": "60"}],
            },
            {"type": "spend_and_save"},
            "promotion_steps_rise",
        ),
    ],
)
def test_a_broken_plan_is_no_row(
    shop: Shop, rule: dict[str, Any], changed: dict[str, object], refusal: str
) -> None:
    values = {
        "number": "PR-X", "channel_id": shop.channel_id, "title": "t", "aim": "a",
        "type": "percentage", "rule": json.dumps(rule), "budget": "1000.00", "stock_note": "s",
        "risk": "r", "coupon_mode": "none", "starts_at": START, "ends_at": END, "state": "draft",
        "drafted_by": 1, "drafted_at": AT, "paused_why": "", "outcome": "", "materials": "[]",
        "no_material": "n", **changed,
    }  # fmt: skip

    with refused_by(refusal):
        put("catalog_promotion", **values)
    assert not Promotion.objects.exists()


def test_counters_follow_the_ledger_alone(shop: Shop) -> None:
    made = running(shop)
    redemption.consume(
        wanted=[wish(made, 1, amount="900.00", buyer_key="anna")], actor=SYSTEM, at=DURING
    )

    for statement in (
        "UPDATE catalog_promotioncounter SET amount = 0",
        "UPDATE catalog_promotioncounter SET uses = uses - 1",
    ):
        with refused_by("promotioncounter_only_counted"):
            run(statement)
    with refused_by("promotionbuyer_only_counted"):
        run("UPDATE catalog_promotionbuyer SET uses = 0")
    run("UPDATE catalog_promotioncounter SET budget = 10000")

    counter = PromotionCounter.objects.get()
    assert (counter.amount, counter.budget) == (Decimal(900), Decimal(1000))
    assert PromotionBuyer.objects.get().uses == 1


def test_no_use_passes_a_cap_whoever_writes_it(shop: Shop) -> None:
    caps = {"budget": "1000", "pieces": 5, "pieces_per_buyer": 2, "uses": 4, "buyer_uses": 2}
    made = running(shop, {"type": "flash_sale", "price": "150.00", "caps": caps})
    row = Promotion.objects.get(pk=made.id)

    for changed, refusal in (
        ({"amount": "1000.01"}, "promotioncounter_within_budget"),
        ({"pieces": 6}, "promotioncounter_pieces_within_cap"),
        ({"times": 5}, "promotioncounter_uses_within_cap"),
        ({"pieces": 3}, "promotionbuyer_pieces_within_cap"),
        ({"times": 3}, "promotionbuyer_uses_within_cap"),
        ({"buyer_key": ""}, "promotionuse_by_whom_it_is_for"),
        ({"at": AT}, "promotionuse_while_live"),
        ({"at": END}, "promotionuse_while_live"),
        ({"times": -1, "pieces": -1, "amount": "-1"}, "promotionuse_signs_agree"),
    ):
        with refused_by(refusal):
            use_of(row, **changed)
    assert not PromotionUse.objects.exists()
    assert PromotionCounter.objects.get().uses == 0


def test_a_use_is_taken_back_exactly_and_never_edited(shop: Shop) -> None:
    made = running(shop)
    row = Promotion.objects.get(pk=made.id)
    use_of(row)
    use = PromotionUse.objects.get()
    back = {"times": -1, "pieces": -1, "effect_key": "y", "reverses_id": use.pk}

    with refused_by("promotionuse_reverses_exactly"):
        use_of(row, **back, amount="-9.00")
    for statement in (
        "UPDATE catalog_promotionuse SET amount = 0",
        "DELETE FROM catalog_promotionuse",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            run(statement)
    use_of(row, **back, amount="-10.00")

    assert PromotionCounter.objects.get().amount == 0


def test_coupons_change_by_their_uses_alone(shop: Shop) -> None:
    made = running(shop, coupon_mode="batch")
    coupons.make_batch(promotion_id=made.id, count=1, actor=actor(shop.specialist), at=AT)
    plain = running(shop)
    code = Coupon.objects.get()
    given = {"batch_id": code.batch_id, "promotion_id": made.id, "buyer_key": "", "uses": 0}

    for statement in (
        "UPDATE catalog_coupon SET uses_limit = 100",
        "UPDATE catalog_coupon SET code = 'AAAA'",
        "UPDATE catalog_coupon SET uses = 1",
    ):
        with refused_by("coupon_only_counted"):
            run(statement)
    for changed, refusal in (
        ({"code": "lower1", "uses_limit": 1}, "coupon_code_in_normal_form"),
        ({"code": "ＦＵＬＬ", "uses_limit": 1}, "coupon_code_in_normal_form"),
        ({"code": "MANY1", "uses_limit": 9}, "coupon_of_its_mode"),
        ({"code": "USED1", "uses_limit": 1, "uses": 1}, "coupon_of_its_mode"),
        ({"code": "OTHER1", "uses_limit": 1, "promotion_id": plain.id}, "coupon_of_its_mode"),
    ):
        with refused_by(refusal):
            put("catalog_coupon", **{**given, **changed})
    with refused_by("promotionuse_by_whom_it_is_for"):
        use_of(Promotion.objects.get(pk=made.id))
    with refused_by("promotionuse_by_whom_it_is_for"):
        use_of(Promotion.objects.get(pk=plain.id), coupon_id=code.pk)
    assert Coupon.objects.get().uses == 0


def test_two_runs_of_a_promotion_never_overlap(shop: Shop) -> None:
    row = Promotion.objects.get(pk=approved(shop).id)
    run_of(row)

    with refused_by("promotionrun_never_twice_at_once"):
        run_of(row)
    assert PromotionRun.objects.count() == 1


def test_a_promotion_begins_as_a_draft(shop: Shop) -> None:
    made = draft(shop)

    with refused_by("promotion_moves_as_declared"):
        run("UPDATE catalog_promotion SET state = 'scheduled' WHERE id = %s", made.id)
    assert Promotion.objects.get().state == "draft"

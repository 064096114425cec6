"""The services bypassed: what raw SQL by the app role may not do to prices (CAT-4.2-01)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from catalog.models import PriceChange, PriceRange, Sku
from catalog.services import pricing
from ops.engines.approvals.models import Request
from tests.catalog.shop import END, START, Shop
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import SYSTEM


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def put(shop: Shop, **changes: object) -> None:
    """Insert a price range as an attacker would."""
    values = {
        "sku_id": shop.sku_ids[0],
        "channel_id": shop.channel_id,
        "price": "189.00",
        "valid": f"[{START.isoformat()},{END.isoformat()})",
        "kind": "change",
        "approval_id": None,
        "change_id": None,
        **changes,
    }
    run(
        f"INSERT INTO catalog_pricerange ({', '.join(values)})"
        f" VALUES ({', '.join(['%s'] * len(values))})",
        *values.values(),
    )


def approved(shop: Shop) -> dict[str, object]:
    """Return the pair of an approved, scheduled change."""
    change = PriceChange.objects.get(pk=shop.approved("189.00").id)
    run(
        "UPDATE catalog_pricerange SET cut_by_id = %s, valid = tstzrange(lower(valid), %s)",
        change.pk,
        START,
    )
    return {"approval_id": change.approval_id, "change_id": change.pk}


@pytest.mark.clause("CAT-4.2-01")
def test_the_honest_way_passes(shop: Shop) -> None:
    put(shop, **approved(shop))


def unpriced(shop: Shop) -> int:
    """Return a SKU that has no price yet."""
    product = Sku.objects.get(pk=shop.sku_ids[0]).product
    return Sku.objects.create(code="X", code_key="x", product=product, name="x").pk


@pytest.mark.clause("CAT-4.2-01")
def test_a_price_without_an_approved_request_is_refused(shop: Shop) -> None:
    opening = Request.objects.get(kind="opening", flow="price_change").pk
    sku = unpriced(shop)
    change = shop.submit(shop.draft(skus=[sku]))
    waiting = PriceChange.objects.get(pk=change.id)

    for approval, rule in (
        (waiting.approval_id, "catalog_pricerange_needs_price_change"),
        (opening, "pricerange_in_window"),
    ):
        with refused_by(rule):
            put(shop, sku_id=sku, approval_id=approval, change_id=change.id)


@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"price": "188.00"}, "catalog_pricerange_needs_price_change_lines"),
        (
            {"valid": f"[{(START - timedelta(seconds=1)).isoformat()},{END.isoformat()})"},
            "pricerange_never_two_at_once",
        ),
        (
            {"valid": f"[{START.isoformat()},{(END + timedelta(days=1)).isoformat()})"},
            "pricerange_in_window",
        ),
        ({"valid": f"[{START.isoformat()},)"}, "pricerange_in_window"),
        ({"kind": "revert", "valid": f"[{END.isoformat()},)"}, "pricerange_reverts_to_former"),
        (
            {"kind": "opening", "change_id": None, "valid": f"[{START.isoformat()},)"},
            "pricerange_opening_by_import",
        ),
        ({"cut_by_id": 1}, "pricerange_in_window"),
    ],
)
def test_only_what_was_approved_becomes_a_price(
    shop: Shop, changes: dict[str, object], rule: str
) -> None:
    with refused_by(rule):
        put(shop, **{**approved(shop), **changes})


def test_a_sku_that_was_not_asked_for_gets_no_price(shop: Shop) -> None:
    with refused_by("catalog_pricerange_needs_price_change_lines"):
        put(shop, sku_id=unpriced(shop), **approved(shop))


@pytest.mark.clause("CAT-4.2-05")
def test_prices_never_overlap(shop: Shop) -> None:
    shop.approved("189.00")
    pricing.activate_due(actor=SYSTEM, at=START)
    row = PriceRange.objects.get(kind="change", sku_id=shop.sku_ids[0])

    with refused_by("pricerange_never_two_at_once"):
        put(shop, approval_id=row.approval_id, change_id=row.change_id)


@pytest.mark.clause("CAT-4.2-05")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("price = 1.00", "pricerange_only_cut"),
        ("approval_id = approval_id + 1", "pricerange_only_cut"),
        ("kind = 'revert'", "pricerange_only_cut"),
        (
            "valid = tstzrange(lower(valid) - interval '1 day', upper(valid))",
            "pricerange_never_two_at_once",
        ),
        ("valid = tstzrange(lower(valid) + interval '1 day', upper(valid))", "pricerange_only_cut"),
        (
            "valid = tstzrange(lower(valid), upper(valid) + interval '1 day')",
            "pricerange_never_two_at_once",
        ),
        ("valid = tstzrange(lower(valid), NULL)", "pricerange_never_two_at_once"),
        ("valid = 'empty', cut_by_id = change_id", "pricerange_not_empty"),
        (
            "valid = tstzrange(lower(valid), upper(valid) - interval '1 day')",
            "pricerange_cut_by_approved",
        ),
        (
            "cut_by_id = change_id, valid = tstzrange(lower(valid), '2026-11-25Z')",
            "pricerange_cut_by_approved",
        ),
    ],
)
def test_a_price_in_force_stays_as_it_was(shop: Shop, change: str, rule: str) -> None:
    shop.approved("189.00")
    pricing.activate_due(actor=SYSTEM, at=START)
    connection.check_constraints()

    with refused_by(rule):
        run(f"UPDATE catalog_pricerange SET {change} WHERE kind = 'change'")


def test_the_past_is_not_widened_where_nothing_stands_beside_it(shop: Shop) -> None:
    for valid in (
        "tstzrange(lower(valid) - interval '1 day', upper(valid))",
        "tstzrange(NULL, upper(valid))",
        "tstzrange(lower(valid) + interval '1 day', upper(valid))",
    ):
        with refused_by("pricerange_only_cut"):
            run(f"UPDATE catalog_pricerange SET valid = {valid}")


def test_a_price_is_not_cut_before_its_successor_starts(shop: Shop) -> None:
    change = shop.approved("189.00")

    with refused_by("pricerange_cut_by_approved"):
        run(
            "UPDATE catalog_pricerange SET cut_by_id = %s, valid = tstzrange(lower(valid), %s)",
            change.id,
            START - timedelta(seconds=1),
        )
    draft = shop.draft("180.00", starts_at=END, ends_at=None)
    with refused_by("pricerange_cut_by_approved"):
        run(
            "UPDATE catalog_pricerange SET cut_by_id = %s, valid = tstzrange(lower(valid), %s)",
            draft.id,
            END,
        )


def test_prices_and_changes_are_never_deleted(shop: Shop) -> None:
    shop.draft()

    for table in ("catalog_pricerange", "catalog_pricechange"):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
            ):
                run(statement)


@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("state = 'scheduled'", "catalog_pricechange_needs_price_change"),
        ("state = 'active'", "pricechange_moves_as_declared"),
        ("starts_at = starts_at - interval '1 day'", "pricechange_fixed_once_submitted"),
        ("ends_at = NULL", "pricechange_fixed_once_submitted"),
        ("reason = 'better'", "pricechange_fixed_once_submitted"),
        ("approval_id = NULL", "pricechange_fixed_once_submitted"),
        ("number = 'PC-1'", "pricechange_fixed_once_submitted"),
    ],
)
def test_a_submitted_change_moves_by_its_decision_only(shop: Shop, change: str, rule: str) -> None:
    shop.submit(shop.draft())

    with refused_by(rule):
        run(f"UPDATE catalog_pricechange SET {change}")


def test_another_changes_approval_does_not_schedule(shop: Shop) -> None:
    first = PriceChange.objects.get(pk=shop.approved("189.00").id)
    other = shop.draft("150.00", starts_at=END, ends_at=None)

    with refused_by("pricechange_as_approved"):
        run(
            "UPDATE catalog_pricechange SET state = 'submitted', approval_id = %s WHERE id = %s",
            first.approval_id,
            other.id,
        )
        run("UPDATE catalog_pricechange SET state = 'scheduled' WHERE id = %s", other.id)


def test_a_change_starts_as_draft(shop: Shop) -> None:
    with refused_by("pricechange_starts_as_draft"):
        run(
            "INSERT INTO catalog_pricechange (number, channel_id, reason, rival_note, starts_at,"
            " state, drafted_by, drafted_at, suspended_why)"
            " VALUES ('PC-9', %s, 'x', '', now(), 'active', 1, now(), '')",
            shop.channel_id,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalog_pricechangeline SET new_price = 1",
        "DELETE FROM catalog_pricechangeline",
        """INSERT INTO catalog_pricechangeline (change_id, sku_id, new_price)
        SELECT change_id, (SELECT max(id) FROM catalog_sku s WHERE s.id <> sku_id), 1
        FROM catalog_pricechangeline LIMIT 1""",
    ],
)
def test_lines_handed_in_are_fixed(shop: Shop, statement: str) -> None:
    shop.submit(shop.draft(skus=shop.sku_ids[:1]))

    with refused_by("pricechangeline_fixed_once_submitted"):
        run(statement)


@pytest.mark.parametrize("price", ["0", "-1", "'NaN'", "1000000000000"])
def test_only_sane_prices_are_drafted(shop: Shop, price: str) -> None:
    shop.draft()

    with refused_by("pricechangeline_price_sane"):
        run(f"UPDATE catalog_pricechangeline SET new_price = {price}")


def test_a_suspension_says_why(shop: Shop) -> None:
    shop.approved()

    with refused_by("pricechange_suspended_says_why"):
        run("UPDATE catalog_pricechange SET state = 'suspended'")


def test_codes_barcodes_and_channel_codes_name_one_thing(shop: Shop) -> None:
    product = Sku.objects.get(pk=shop.sku_ids[0]).product
    with refused_by("catalog_sku_code_key_key"):
        Sku.objects.create(code="a-1001-s", code_key="a-1001-s", product=product, name="x")
    Sku.objects.filter(pk=shop.sku_ids[0]).update(barcode="6901234567892")
    with refused_by("sku_barcode_once"):
        Sku.objects.filter(pk=shop.sku_ids[1]).update(barcode="6901234567892")

"""What a person does on the screens of categories, codes, policies, rivals and the patrol."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.models import (
    CategoryMove,
    CategoryRule,
    CodeRule,
    CompetitorPrice,
    PriceChange,
    PriceOutlier,
    PricePolicy,
    PriceViolation,
    Sku,
)
from catalog.services import patrol, policies, products
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from ops.engines.tables.models import ImportBatch
from tests.catalog.shop import Shop, actor
from tests.catalog.test_patrol import seen, show
from tests.catalog.test_policies import FIGURES
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM, account

TODAY = business_day(timezone.now())


def test_a_category_is_moved_and_told_what_to_ask(shop: Shop) -> None:
    shelf = products.create_category(name="厨具", parent_id=None, actor=SYSTEM, at=AT)
    under = products.create_category(name="锅", parent_id=None, actor=SYSTEM, at=AT)
    desk = enter(shop.supervisor)

    desk.post(
        f"/categories/{under.id}/",
        {"action": "move", "parent": str(shelf.id), "reason": "归入厨具"},
    )
    desk.post(
        f"/categories/{under.id}/rule/",
        {
            "starts_on": f"{TODAY:%Y-%m-%d}",
            "reason": "锅要写明材质",
            "attributes-0-key": "material",
            "attributes-0-title": "材质",
            "attributes-0-kind": "text",
            "attributes-0-is_mandatory": "yes",
        },
    )

    assert CategoryMove.objects.filter(category_id=under.id, reason="归入厨具").exists()
    assert CategoryRule.objects.get(category_id=under.id).reason == "锅要写明材质"


def test_a_coding_rule_is_decided(shop: Shop) -> None:
    enter(shop.supervisor).post(
        "/code-rules/new/", {"pattern": "WJ-{sequence:5}{check}", "starts_on": f"{TODAY:%Y-%m-%d}"}
    )

    assert CodeRule.objects.get().pattern == "WJ-{sequence:5}{check}"


def test_prices_of_a_rival_are_recorded(shop: Shop) -> None:
    enter(shop.specialist).post(
        "/competitor-prices/new/",
        {
            "rival": "甲",
            "seen_on": f"{TODAY:%Y-%m-%d}",
            "source": "南京东路门店货架",
            "lines-0-sku": Sku.objects.get(pk=shop.sku_ids[0]).code,
            "lines-0-price": "186.00",
        },
    )

    assert CompetitorPrice.objects.get().rival == "甲"


def test_an_outlier_is_kept_and_a_case_is_closed(shop: Shop) -> None:
    now = timezone.now()
    seen(shop, ("甲", "150.00", 3))
    show(shop, "150.00")
    patrol.check_rivals(actor=SYSTEM, at=AT)
    patrol.patrol(actor=SYSTEM, at=AT)
    outlier, case = PriceOutlier.objects.get(), PriceViolation.objects.get()

    enter(shop.specialist).post(
        f"/price-outliers/{outlier.pk}/", {"action": "keep", "reason": "季末不跟价"}
    )
    enter(shop.supervisor).post(
        f"/price-violations/{case.pk}/", {"action": "handle", "handling": "渠道已改正"}
    )

    outlier.refresh_from_db()
    case.refresh_from_db()
    assert (outlier.state, case.handling) == ("kept", "渠道已改正")
    assert case.handled_at is not None
    assert case.handled_at >= now


@pytest.mark.clause("CAT-4.2-04")
def test_a_policy_is_edited_and_handed_in(shop: Shop) -> None:
    account("finance", Role.FINANCE_MANAGER)
    row = policies.draft_policy(figures=FIGURES, actor=actor(shop.manager), at=AT)
    desk = enter(shop.manager)

    desk.post(
        f"/price-policies/{row.pk}/edit/",
        {
            "starts_on": f"{TODAY + timedelta(days=1):%Y-%m-%d}",
            "reason": "年度复核",
            "target_margin": "30.0",
            "floor_margin": "18.0",
            "band": "5.0",
            "window_days": "30",
        },
    )
    desk.post(f"/price-policies/{row.pk}/", {"action": "submit"})

    kept = PricePolicy.objects.get(pk=row.pk)
    assert (str(kept.floor_margin), kept.state) == ("18.0", "submitted")


def test_a_draft_is_given_up_on_its_page(shop: Shop) -> None:
    change = shop.draft()

    enter(shop.specialist).post(f"/price-changes/{change.id}/", {"action": "withdraw"})

    assert PriceChange.objects.get(pk=change.id).state == "withdrawn"


def test_a_file_of_prices_is_looked_at_first(shop: Shop) -> None:
    code = Sku.objects.get(pk=shop.sku_ids[0]).code
    file = SimpleUploadedFile("调价.csv", f"sku,price\n{code},189.00\n".encode())

    enter(shop.specialist).post(
        "/price-changes/from-file/",
        {
            "file": file,
            "channel": "tmall",
            "starts_at": f"{TODAY + timedelta(days=2):%Y-%m-%d} 00:00",
            "reason": "竞品降价",
            "rival_note": "查过三家，未见同款",
        },
    )

    assert ImportBatch.objects.get().profile == "price_change"
    assert not PriceChange.objects.exists()

"""A struck-out price is proved by real deals of the days before, or refused (CAT-4.2-02)."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from catalog.choices.patrol import ReferenceKind
from catalog.errors import prices as errors
from catalog.models import Channel, PriceChange, PriceChangeLine, ReferencePrice
from catalog.services import pricing, references
from catalog.types.prices import PriceChangeInfo, PriceLine
from ops.engines.approvals.models import Request
from ops.engines.kernel.errors import BadInput
from tests.catalog.conftest import Sell
from tests.catalog.shop import START, Shop, actor
from tests.catalog.test_constraints import run
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def draft(
    shop: Shop, struck: str, *, reference_id: int | None = None, ends_at: datetime | None = None
) -> PriceChangeInfo:
    return pricing.draft_price_change(
        channel_id=shop.channel_id,
        reason="Winter",
        rival_note="none",
        starts_at=START,
        ends_at=ends_at,
        lines=[
            PriceLine(
                sku_id=shop.sku_ids[0],
                price=Decimal("189.00"),
                struck=Decimal(struck),
                reference_id=reference_id,
            )
        ],
        actor=actor(shop.specialist),
        at=AT,
    )


def test_the_lowest_real_deal_of_the_days_before_is_the_most_that_is_struck_out(
    shop: Shop, sell: Sell
) -> None:
    sku = shop.sku_ids[0]
    sell((sku, "199.00", 1.5), (sku, "195.009999", 3), (sku, "150.00", 7.5))
    change = draft(shop, "195.00")

    shop.submit(change)

    proof = ReferencePrice.objects.get()
    assert (proof.price, proof.kind, proof.deals) == (Decimal("195.00"), ReferenceKind.DEAL, 2)
    assert (proof.since_at, proof.until_at) == (START - timedelta(days=7), START)
    assert [deal["order"] for deal in proof.evidence] == ["SO-1", "SO-0"]
    (line,) = Request.objects.latest("pk").content["lines"]
    assert (line["struck"], line["reference"]) == ("195.00", proof.pk)


def test_a_struck_out_price_above_the_lowest_deal_is_refused_with_the_figures(
    shop: Shop, sell: Sell
) -> None:
    sku = shop.sku_ids[0]
    sell((sku, "199.00", 1), (sku, "195.00", 2))
    change = draft(shop, "195.01")

    with pytest.raises(errors.StruckUnproved) as refusal:
        shop.submit(change)

    assert refusal.value.context["lowest"] == {str(sku): "195.00"}
    assert "195.00" in str(refusal.value)
    assert shop.state(change) == "draft"
    assert not ReferencePrice.objects.exists()
    assert not Request.objects.filter(kind="ordinary").exists()


def test_without_a_deal_nothing_is_struck_out(shop: Shop, sell: Sell) -> None:
    sell()
    change = draft(shop, "199.00")

    with pytest.raises(errors.StruckUnproved):
        shop.submit(change)
    assert shop.state(change) == "draft"


def test_a_channel_of_the_european_rule_looks_back_thirty_days(shop: Shop, sell: Sell) -> None:
    sku = shop.sku_ids[0]
    Channel.objects.filter(pk=shop.channel_id).update(reference_profile="eu")
    sell((sku, "199.00", 1), (sku, "190.00", 29.9), (sku, "180.00", 30.1))

    with pytest.raises(errors.StruckUnproved) as refusal:
        shop.submit(draft(shop, "199.00"))
    shop.submit(draft(shop, "190.00"))

    assert refusal.value.context["lowest"] == {str(sku): "190.00"}


def test_a_suggested_price_is_named_and_rests_on_a_file(shop: Shop, sell: Sell) -> None:
    sell()
    who = actor(shop.specialist)
    made = references.record_suggested(
        sku_id=shop.sku_ids[0],
        channel_id=shop.channel_id,
        name="厂家建议零售价",
        price=Decimal("299.00"),
        file_name="price.pdf",
        data=PDF,
        actor=who,
        at=AT,
    )

    with pytest.raises(errors.StruckUnproved):
        shop.submit(draft(shop, "299.01", reference_id=made))
    shop.submit(draft(shop, "299.00", reference_id=made))

    assert PriceChangeLine.objects.filter(reference_id=made).count() == 2
    with pytest.raises(BadInput):
        references.record_suggested(
            sku_id=shop.sku_ids[0],
            channel_id=shop.channel_id,
            name=" ",
            price=Decimal("299.00"),
            file_name="price.pdf",
            data=PDF,
            actor=who,
            at=AT,
        )
    assert ReferencePrice.objects.count() == 1


def test_a_struck_out_price_stands_above_the_price(shop: Shop) -> None:
    with pytest.raises(BadInput):
        draft(shop, "189.00")
    assert not PriceChange.objects.exists()


def test_the_database_asks_for_the_proof_itself(shop: Shop) -> None:
    change = draft(shop, "199.00")

    with refused_by("pricechangeline_struck_is_proved"):
        PriceChange.objects.filter(pk=change.id).update(state="submitted")
    with refused_by("pricechangeline_struck_above_price"):
        PriceChangeLine.objects.filter(change_id=change.id).update(struck_price="189.00")
    assert shop.state(change) == "draft"


@pytest.mark.parametrize(
    ("price", "evidence", "days", "rule"),
    [
        ("199.00", '[{"order": "SO-1", "price": "198.00", "at": "%s"}]', 7, "proved_by_deals"),
        ("198.00", '[{"order": "", "price": "198.00", "at": "%s"}]', 7, "proved_by_deals"),
        ("198.00", '[{"order": "SO-1", "price": "198.00", "at": "%s"}]', 6, "proved_by_deals"),
        ("198.00", "[]", 7, "proved_by_deals"),
    ],
)
def test_a_proof_that_proves_nothing_is_refused(
    shop: Shop, price: str, evidence: str, days: int, rule: str
) -> None:
    if "%s" in evidence:
        evidence %= (START - timedelta(days=1)).isoformat()

    with refused_by(f"referenceprice_{rule}"):
        run(
            "INSERT INTO catalog_referenceprice (sku_id, channel_id, kind, name, price, since_at,"
            " until_at, deals, evidence, made_by, made_at)"
            " VALUES (%s, %s, 'deal', '', %s, %s, %s, 1, %s, 1, %s)",
            shop.sku_ids[0],
            shop.channel_id,
            price,
            START - timedelta(days=days),
            START,
            evidence,
            AT,
        )


def test_a_proof_is_never_changed(shop: Shop, sell: Sell) -> None:
    sell((shop.sku_ids[0], "195.00", 2))
    shop.submit(draft(shop, "195.00"))

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run("UPDATE catalog_referenceprice SET price = 1")

"""What stands beside a price: unit, tax, and a struck-out price with its printable proof."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.choices.goods import SkuKind
from catalog.errors import prices as errors
from catalog.models import ReferencePrice
from catalog.prints import reference_price
from catalog.selectors import references
from catalog.services import loading, opening, price_course
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from ops.engines.audit.models import Fact
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound
from tests.catalog.conftest import Sell
from tests.catalog.listed import Stall
from tests.catalog.shop import END, IMPORTER, LONG_AGO, START, Shop, actor
from tests.catalog.test_references import PDF, draft
from tests.engines.http.conftest import BACKEND
from tests.engines.identity.factories import AT

SYSTEM = Actor.system("tests")


def started(shop: Shop, sell: Sell) -> int:
    """Let a price of 189.00 with 195.00 struck out begin; return its SKU."""
    sku = shop.sku_ids[0]
    sell((sku, "199.00", 1), (sku, "195.00", 2))
    shop.approve(shop.submit(draft(shop, "195.00")))
    price_course.activate_due(actor=SYSTEM, at=START)
    return sku


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    session = client.session
    session["opened_at"] = session["seen_at"] = timezone.now().timestamp()
    session.save()
    return client


@pytest.mark.clause("CAT-4.2-02")
def test_a_price_in_force_carries_what_stands_struck_out_and_its_proof(
    shop: Shop, sell: Sell
) -> None:
    sku = started(shop, sell)

    before = references.struck_prices(sku_ids=[sku], channel_id=shop.channel_id, at=AT)
    found = references.struck_prices(sku_ids=shop.sku_ids, channel_id=shop.channel_id, at=START)

    proof = ReferencePrice.objects.get()
    assert before == {}
    assert list(found) == [sku]
    assert found[sku].struck == Decimal("195.00")
    assert (found[sku].reference_id, found[sku].kind, found[sku].reference) == (
        proof.pk,
        "deal",
        Decimal("195.00"),
    )


@pytest.mark.clause("CAT-4.2-02")
def test_the_price_over_the_api_is_marked(shop: Shop, sell: Sell) -> None:
    sku = started(shop, sell)
    client = client_of(shop.specialist)

    def ask(at: str) -> dict[str, Any]:
        found: dict[str, Any] = client.get(
            "/api/v1/prices", {"sku": str(sku), "channel": str(shop.channel_id), "at": at}
        ).json()
        return found

    now, then = ask(START.isoformat()), ask(AT.isoformat())

    assert (now["price"], now["unit"], now["tax_rate"]) == ("189.00", "piece", "0.1300")
    assert now["struck_out"]["struck"] == "195.00"
    assert then["struck_out"] is None


@pytest.mark.clause("CAT-4.2-02")
def test_a_price_is_marked_with_what_is_charged_besides(shop: Shop) -> None:
    client = client_of(shop.specialist)
    asked = {"sku": "A-1001-S", "channel": "tmall", "at": AT.isoformat()}
    assert client.get("/api/v1/prices", asked).json()["charges"] == []
    postage(shop)

    marked = client.get("/api/v1/prices", asked).json()

    assert marked["charges"] == [
        {"sku": "POST-1", "name": "快递费", "unit": "parcel", "price": "12.00"}
    ]
    page = client.get(f"/skus/{shop.sku_ids[0]}/").content.decode()
    assert "快递费" in page
    assert "12.00" in page


def postage(shop: Shop) -> None:
    """Let the channel charge 12.00 a parcel."""
    row = ProductRow(
        code="POST-1", name="快递费", category=("女装",), kind=SkuKind.SERVICE, unit="parcel"
    )
    made = loading.load_products(rows=[row], source="postage", actor=SYSTEM, at=AT)
    price = OpeningPrice(sku_id=made.sku_ids["POST-1"], price=Decimal("12.00"), since=LONG_AGO)
    opening.open_prices(
        channel_id=shop.channel_id, prices=[price], source="postage", actor=IMPORTER, at=AT
    )


def test_an_approved_price_off_the_shelf_says_so(shop: Shop, stall: Stall) -> None:
    client = client_of(shop.specialist)
    asked = {"channel": "tmall", "at": AT.isoformat()}

    listed = client.get("/api/v1/prices", {**asked, "sku": "A-1001-S"}).json()
    unlisted = client.get("/api/v1/prices", {**asked, "sku": str(stall.sku_id)}).json()

    assert (listed["price"], listed["on_shelf"]) == ("199.00", True)
    assert (unlisted["price"], unlisted["on_shelf"]) == ("299.00", False)


@pytest.mark.clause("CAT-4.2-02")
def test_a_refused_struck_out_price_leaves_a_fact_of_who_tried(shop: Shop, sell: Sell) -> None:
    sell((shop.sku_ids[0], "195.00", 2))
    change = draft(shop, "195.01")

    with pytest.raises(errors.StruckUnproved):
        shop.submit(change)

    fact = Fact.objects.get(action="catalog.struck_price_refused")
    assert (fact.object_id, fact.person_id) == (str(change.id), shop.specialist.person_id)
    assert "catalog.struck_unproved" in fact.body


@pytest.mark.clause("CAT-4.2-02")
def test_the_proof_prints_the_deals_it_rests_on(shop: Shop, sell: Sell) -> None:
    started(shop, sell)
    proof = ReferencePrice.objects.get()

    paper = reference_price(proof.pk, actor(shop.specialist), AT)

    (table,) = paper.tables
    assert [row[2] for row in table.rows] == ["195.00", "199.00"]
    assert table.rows[0][0] == "SO-1"
    with pytest.raises(NotFound):
        reference_price(proof.pk + 1, actor(shop.specialist), AT)


@pytest.mark.clause("CAT-4.2-02")
def test_a_suggested_price_is_recorded_on_its_screen_with_its_file(shop: Shop) -> None:
    client = client_of(shop.specialist)
    sku = shop.sku_ids[0]
    sent = {
        "channel": str(shop.channel_id),
        "name": "厂家建议零售价",
        "price": "299.00",
        "file": SimpleUploadedFile("price.pdf", PDF, "application/pdf"),
    }

    lacking = client.post(f"/skus/{sku}/suggested-price/", {**sent, "file": ""})
    assert not ReferencePrice.objects.exists()
    answer = client.post(f"/skus/{sku}/suggested-price/", sent, follow=True)

    row = ReferencePrice.objects.get()
    assert lacking.status_code == 422
    assert answer.redirect_chain == [(f"/reference-prices/{row.pk}/", 302)]
    assert (row.name, row.price, row.file is not None) == (
        "厂家建议零售价",
        Decimal("299.00"),
        True,
    )
    assert "厂家建议零售价" in client.get(f"/skus/{sku}/").content.decode()


@pytest.mark.clause("CAT-4.2-02")
def test_when_a_limited_price_ends_nothing_stands_struck_out(shop: Shop, sell: Sell) -> None:
    sku = shop.sku_ids[0]
    sell((sku, "195.00", 2))
    shop.approve(shop.submit(draft(shop, "195.00", ends_at=END)))
    price_course.activate_due(actor=SYSTEM, at=START)
    during = references.struck_prices(sku_ids=[sku], channel_id=shop.channel_id, at=START)
    price_course.end_due(actor=SYSTEM, at=END)

    after = references.struck_prices(sku_ids=[sku], channel_id=shop.channel_id, at=END)

    assert list(during) == [sku]
    assert after == {}

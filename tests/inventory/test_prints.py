"""Papers of the warehouse: what stands on them, what must not, and that printing leaves a fact."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest
from django.test import Client
from django.utils import translation

from inventory.errors import NotReady, UnknownDocument
from inventory.models import ReceiptDiscrepancy
from inventory.services import discrepancies
from ops.engines.audit.models import Fact
from ops.engines.documents import code128, services
from ops.engines.documents.errors import FormUnknown
from ops.engines.documents.types import PrintedFile
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, Shop

Enter = Callable[[User], Client]


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return house(shop)


def printed(form: str, pk: int, actor: Actor) -> PrintedFile:
    with translation.override("zh-hans"):
        return services.print_document(
            form=form, pk=pk, origin="https://guifan.example", actor=actor, at=AT
        )


def words(made: PrintedFile) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.data)).pages)


def test_an_approved_order_is_printed_with_number_sum_page_and_digest(house: House) -> None:
    order = house.ordered((house.shop.skus[0], 12, "1.50"), (house.shop.skus[1], 3, "20"))

    made = printed("purchase_order", order.id, house.who("buyer"))

    text = words(made)
    for expected in ("采购单", order.number, "恒源", "78.00", "1 / 1", f"sha256 {made.digest}"):
        assert expected in text, expected
    fact = Fact.objects.get(action="documents.printed")
    assert made.digest in fact.body
    assert order.number in fact.body


def test_the_digest_is_of_what_is_said_not_of_the_print(house: House) -> None:
    order = house.ordered((house.shop.skus[0], 12, "1.50"))

    first = printed("purchase_order", order.id, house.who("buyer"))
    again = printed("purchase_order", order.id, house.who("supervisor"))

    assert first.digest == again.digest
    assert first.data != again.data  # the footer names who printed it


def test_an_order_nobody_approved_is_not_printed(house: House) -> None:
    order = house.draft((house.shop.skus[0], 12, "1.50"))

    with pytest.raises(NotReady):
        printed("purchase_order", order.id, house.who("buyer"))

    assert not Fact.objects.filter(action="documents.printed").exists()


def test_a_count_sheet_is_blind(house: House) -> None:
    sku = house.shop.skus[0]
    house.shop.receive(sku, 4711, "2.00")
    count = house.started()

    text = words(printed("count_sheet", count.id, house.who("keeper")))

    assert count.number in text
    assert "4711" not in text.replace(",", "")


def test_a_delivery_note_shows_pieces_and_no_price(house: House) -> None:
    sku = house.shop.skus[0]
    house.shop.receive(sku, 10, "7.77")
    made = house.shop.packed(7, (sku, 4))

    note = words(printed("delivery_note", made.id, house.who("keeper")))
    picks = words(printed("pick_list", made.id, house.who("keeper")))

    assert made.number in note
    assert "SF7" in note
    assert "7.77" not in note
    assert "货位" in picks or "库位" in picks or "取货" in picks


def test_a_discrepancy_is_printed_as_it_was_reported(house: House) -> None:
    sku = house.shop.skus[0]
    receipt = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 8, 6))
    discrepancies.report_discrepancy(
        receipt_id=receipt.id,
        choice="hold",
        treatment="accept",
        reason="少两件",
        actor=house.who("keeper"),
        at=AT,
    )
    report = ReceiptDiscrepancy.objects.get(receipt_id=receipt.id)

    text = words(printed("receipt_discrepancy", report.pk, house.who("keeper")))

    assert report.number in text
    assert "少两件" in text


def test_who_may_not_see_a_record_does_not_print_it(house: House) -> None:
    order = house.ordered((house.shop.skus[0], 12, "1.50"))
    outsider = Actor(kind=ActorKind.PERSON, name="外人", person_id=1)

    with pytest.raises(Forbidden):
        printed("purchase_order", order.id, outsider)
    with pytest.raises(UnknownDocument):
        printed("purchase_order", order.id + 999, house.who("buyer"))
    with pytest.raises(FormUnknown):
        printed("no_such_form", order.id, house.who("buyer"))

    assert not Fact.objects.filter(action="documents.printed").exists()


def test_every_number_of_the_house_is_carried_by_its_barcode(house: House) -> None:
    order = house.ordered((house.shop.skus[0], 1, "1"))

    assert sum(code128.bars(order.number)) * 0.28 < 90  # millimetres: it fits the head of the page


def test_the_record_offers_its_papers(house: House, enter: Enter) -> None:
    order = house.ordered((house.shop.skus[0], 12, "1.50"))
    client = enter(house.users["buyer"])

    page = client.get(f"/inventory/purchases/{order.id}/").content.decode()
    answer = client.get(f"/print/purchase_order/{order.id}/")

    assert f"/print/purchase_order/{order.id}/" in page
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"%PDF")

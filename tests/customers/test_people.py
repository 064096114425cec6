"""Personal texts are ciphertext bound to their row (CRM-3.1-03)."""

from __future__ import annotations

import pytest
from django.db import connection

from customers.models import Customer, Order, PersonKey
from customers.services import texts
from customers.types import BuyerDraft
from ops.engines.kernel import crypto
from ops.engines.kernel.errors import RuleViolation
from tests.customers.house import AT, BUYER, House, order

OTHER = BuyerDraft(code="buyer-2", name="王小明", phone="13900001111", address="上海市")


@pytest.mark.clause("CRM-3.1-03")
def test_nothing_personal_can_be_read_in_the_tables(shop: House) -> None:
    shop.place("T1", ("A-1", 1), buyer=BUYER)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(c)::text || row_to_json(o)::text || row_to_json(k)::text"
            " FROM customers_customer c JOIN customers_order o ON o.customer_id = c.id"
            " JOIN customers_personkey k ON k.id = c.key_id"
        )
        (text,) = cursor.fetchone()
    for plain in (BUYER.name, BUYER.phone, BUYER.address):
        assert plain not in text
        assert plain.encode("unicode_escape").decode() not in text
    found = Customer.objects.get(phone_index=crypto.blind_index(BUYER.phone, purpose="phone"))
    assert found.code == BUYER.code


@pytest.mark.clause("CRM-3.1-03")
def test_a_ciphertext_of_another_row_or_column_does_not_open(shop: House) -> None:
    shop.place("T1", ("A-1", 1), buyer=BUYER)
    shop.place("T2", ("A-1", 1), buyer=OTHER)
    mine, other = Customer.objects.order_by("code")
    Customer.objects.filter(pk=mine.pk).update(
        name_enc=other.name_enc, phone_enc=mine.address_enc, key=mine.key
    )

    for column in ("name_enc", "phone_enc"):
        with pytest.raises(RuleViolation):
            texts.opened(customer_ids=[mine.pk], columns=(column,))
    PersonKey.objects.filter(pk=mine.key_id or 0).update(wrapped=_wrapped(other))
    with pytest.raises(RuleViolation):
        texts.opened(customer_ids=[mine.pk], columns=("address_enc",))


def test_personal_texts_open_for_those_who_ask_with_a_purpose(shop: House) -> None:
    placed = order(shop.place("T1", ("A-1", 1), buyer=BUYER))

    (found,) = texts.opened(customer_ids=[placed.customer_id or 0]).values()

    assert found == {
        "name_enc": BUYER.name,
        "phone_enc": BUYER.phone,
        "address_enc": BUYER.address,
    }
    assert texts.opened_recipient(order_id=placed.pk) == {
        "name": BUYER.name,
        "phone": BUYER.phone,
        "address": BUYER.address,
    }


@pytest.mark.parametrize("erased", [False, True])
def test_a_buyer_without_key_is_given_one_when_texts_come(shop: House, *, erased: bool) -> None:
    shop.place("T1", ("A-1", 1), buyer=BuyerDraft(code=BUYER.code))
    if erased:
        shop.place("T2", ("A-1", 1), buyer=BUYER)
        PersonKey.objects.update(wrapped="", erased_at=AT)

    placed = order(shop.place("T3", ("A-1", 1), buyer=BUYER))

    assert texts.opened_recipient(order_id=placed.pk)["address"] == BUYER.address
    assert Customer.objects.count() == 1
    assert texts.opened(customer_ids=[placed.customer_id or 0])[placed.customer_id or 0]["name_enc"]
    if erased:
        assert texts.opened_recipient(order_id=Order.objects.get(external_no="T2").pk) == {}


def _wrapped(customer: Customer) -> str:
    return PersonKey.objects.values_list("wrapped", flat=True).get(pk=customer.key_id or 0)

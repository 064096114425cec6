"""Personal texts are shown one at a time, with a purpose, so many a day (CRM-3.1-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from customers import errors, rules
from customers.choices import PersonalField, Purpose
from customers.models import Customer, Reveal
from customers.selectors import people as buyers
from customers.services import reveals
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from tests.customers.house import AT, BUYER, House, actor, house, order


def look(who: Actor, customer_id: int, *, days: int = 0, order_id: int | None = None) -> str:
    return reveals.reveal(
        customer_id=customer_id,
        order_id=order_id,
        field=PersonalField.PHONE,
        purpose=Purpose.SHIPPING,
        actor=who,
        at=AT + timedelta(days=days),
    )


@pytest.mark.clause("CRM-3.1-03")
def test_a_look_is_written_down_and_limited(shop: House) -> None:
    placed = order(shop.place("T1", ("A-1", 1), buyer=BUYER))
    who = actor(shop.worker("he", Role.CUSTOMER_SERVICE_AGENT))
    customer_id = placed.customer_id or 0

    assert look(who, customer_id) == BUYER.phone
    assert look(who, customer_id, order_id=placed.pk) == BUYER.phone
    for _ in range(rules.REVEALS_A_DAY - 2):
        look(who, customer_id)
    with pytest.raises(errors.RevealLimit):
        look(who, customer_id)

    assert buyers.reveals_today(actor=who, at=AT) == rules.REVEALS_A_DAY
    facts = Fact.objects.filter(action="customers.personal_text_revealed")
    assert facts.count() == rules.REVEALS_A_DAY
    assert BUYER.phone not in "".join(fact.body for fact in facts)
    assert look(who, customer_id, days=1) == BUYER.phone


def test_the_database_keeps_the_limit_and_the_log(shop: House) -> None:
    placed = order(shop.place("T1", ("A-1", 1), buyer=BUYER))
    values = {
        "person_id": 7, "day": AT.date(), "customer_id": placed.customer_id, "field": "name",
        "purpose": "other", "at": AT,
    }  # fmt: skip
    Reveal.objects.create(nr=1, **values)

    for number, name in ((1, "reveal_once"), (rules.REVEALS_A_DAY + 1, "reveal_within_limit")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Reveal.objects.create(nr=number, **values)
    with pytest.raises(Exception, match=r"append|permission|denied"), transaction.atomic():
        connection.cursor().execute("DELETE FROM customers_reveal")


def test_other_channels_buyers_are_not_there(shop: House) -> None:
    shop.place("T1", ("A-1", 1), buyer=BUYER)
    stranger = actor(house("other", stock=0).worker("li", Role.OPERATIONS_SPECIALIST))

    with pytest.raises(errors.CustomerMissing):
        look(stranger, Customer.objects.get().pk)

    assert not Reveal.objects.exists()
    assert not buyers.customers(actor=stranger).exists()


def test_a_buyer_is_found_by_code_or_whole_phone_number(shop: House) -> None:
    shop.place("T1", ("A-1", 1), buyer=BUYER)
    who = actor(shop.worker("he", Role.CUSTOMER_SERVICE_AGENT))

    found = [
        buyers.matching(buyers.customers(actor=who), text).count()
        for text in (BUYER.code, BUYER.phone, BUYER.phone[:7], BUYER.name)
    ]

    assert found == [1, 1, 0, 0]

"""Showing one personal text to one person for one purpose, written down (CRM-3.1-03)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from customers import errors, rules
from customers.choices import PersonalField, Purpose
from customers.models import Order, Reveal
from customers.selectors import people as buyers
from customers.services import texts
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day

_COLUMNS: Final = {
    PersonalField.NAME: "name_enc",
    PersonalField.PHONE: "phone_enc",
    PersonalField.ADDRESS: "address_enc",
}


def reveal(
    *,
    customer_id: int,
    field: PersonalField,
    purpose: Purpose,
    actor: Actor,
    at: dt.datetime,
    order_id: int | None = None,
) -> str:
    """Return one personal text of a buyer, or of the recipient of one of their orders.

    Every look is recorded with its purpose; a person has 30 a day. Raises CustomerMissing,
    RevealLimit.
    """
    found = buyers.customer(customer_id=customer_id, actor=actor)
    if order_id is not None and not _is_of(order_id, customer_id):
        raise buyers.missing()
    with transaction.atomic():
        number = _next_number(actor, at)
        Reveal.objects.create(
            person_id=actor.person_id or 0,
            day=business_day(at),
            nr=number,
            customer=found,
            order_id=order_id,
            field=field,
            purpose=purpose,
            at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="customers.personal_text_revealed",
            obj=("customers.customer", customer_id),
            body={
                "field": str(field),
                "purpose": str(purpose),
                "order": order_id,
                "number_of_day": number,
            },
        )
        if order_id is not None:
            return texts.opened_recipient(order_id=order_id).get(field.value, "")
        column = _COLUMNS[field]
        return texts.opened(customer_ids=[customer_id], columns=(column,))[customer_id][column]


def _is_of(order_id: int, customer_id: int) -> bool:
    return Order.objects.filter(pk=order_id, customer_id=customer_id).exists()


def _next_number(actor: Actor, at: dt.datetime) -> int:
    day, person = business_day(at), actor.person_id or 0
    with connection.cursor() as cursor:
        # One look after the other per person: two windows cannot both take the last one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers_reveal'), %s)", [person])
    taken = Reveal.objects.filter(person_id=person, day=day).count()
    if taken >= rules.REVEALS_A_DAY:
        raise errors.RevealLimit(
            "customers.reveal_limit",
            _("You have looked at %(count)s personal texts today; that is the limit.")
            % {"count": taken},
        )
    return taken + 1

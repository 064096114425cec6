"""Buyers as they are read: within scope, by code or by their whole phone number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from customers import errors
from customers.models import Customer, Reveal
from ops.engines.kernel import crypto
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day


def customers(*, actor: Actor) -> QuerySet[Customer]:
    """Return the buyers of the actor's channels."""
    every = Customer.objects.select_related("channel")
    mine = actor.scope_ids("channel", "customers")
    return every if mine is None else every.filter(channel_id__in=mine)


def customer(*, customer_id: int, actor: Actor) -> Customer:
    """Return one buyer; raises CustomerMissing."""
    found = customers(actor=actor).filter(pk=customer_id).first()
    if found is None:
        raise missing()
    return found


def missing() -> errors.CustomerMissing:
    """Return the refusal for a buyer that is not there or not the actor's."""
    return errors.CustomerMissing("customers.customer_missing", _("There is no such customer."))


def matching(rows: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Return the buyers with this code or this whole phone number; nothing is found by half."""
    return rows.filter(Q(code=text) | Q(phone_index=crypto.blind_index(text, purpose="phone")))


def with_phones(rows: QuerySet[Customer], phones: Collection[str]) -> QuerySet[Customer]:
    """Return the buyers with one of these whole phone numbers."""
    return rows.filter(
        phone_index__in=[crypto.blind_index(phone, purpose="phone") for phone in phones]
    )


def reveals_today(*, actor: Actor, at: dt.datetime) -> int:
    """Return how many personal texts the actor has looked at today."""
    return Reveal.objects.filter(person_id=actor.person_id or 0, day=business_day(at)).count()

"""Personal texts as they are read again: opened for a purpose, masked for everybody else."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from customers import rules
from customers.models import Customer, Order
from customers.services.people import field_place, key_place, recipient_place
from ops.engines.kernel import crypto
from ops.engines.kernel.errors import RuleViolation

_COLUMNS = ("name_enc", "phone_enc", "address_enc")


def opened(
    *, customer_ids: Collection[int], columns: Sequence[str] = _COLUMNS
) -> dict[int, dict[str, str]]:
    """Return the personal texts of customers; empty where nothing is stored or the key is erased.

    Callers mask what they show, or record who saw it and why. Raises RuleViolation for a
    ciphertext that was moved here from another row or column.
    """
    rows = Customer.objects.filter(pk__in=customer_ids).values_list(
        "id", "uuid", "key__wrapped", *_COLUMNS
    )
    found: dict[int, dict[str, str]] = {}
    for pk, uuid, wrapped, *texts in rows:
        key = crypto.unwrap(wrapped, aad=key_place(uuid)) if wrapped else None
        sealed = dict(zip(_COLUMNS, texts, strict=True))
        found[pk] = {
            column: crypto.unseal(sealed[column], key=key, aad=field_place(column, uuid))
            if key and sealed[column]
            else ""
            for column in columns
        }
    return found


def opened_recipient(*, order_id: int) -> dict[str, str]:
    """Return name, phone and address an order is delivered to; empty when none can be read."""
    return opened_recipients(order_ids=[order_id]).get(order_id, {})


def opened_recipients(*, order_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return name, phone and address of each order whose recipient can be read; one statement."""
    rows = (
        Order.objects.filter(pk__in=order_ids, customer__key__isnull=False)
        .exclude(recipient_enc="")
        .exclude(customer__key__wrapped="")
        .values_list(
            "pk",
            "recipient_enc",
            "channel_id",
            "external_no",
            "customer__uuid",
            "customer__key__wrapped",
        )
    )
    found: dict[int, dict[str, str]] = {}
    for pk, sealed, channel_id, external_no, uuid, wrapped in rows:
        key = crypto.unwrap(wrapped, aad=key_place(uuid))
        place = recipient_place(channel_id, external_no)
        # Sealed under a key that was erased since: the person asked to be forgotten.
        with suppress(RuleViolation):
            found[pk] = json.loads(crypto.unseal(sealed, key=key, aad=place))
    return found


@dataclass(frozen=True, slots=True)
class Mask:
    """A buyer or recipient as everybody may see them."""

    name: str = ""
    phone: str = ""
    address: str = ""


def masked(*, customer_ids: Collection[int]) -> dict[int, Mask]:
    """Return the masked texts of customers; one statement."""
    columns = ("name_enc", "phone_enc")
    found = opened(customer_ids=customer_ids, columns=columns)
    return {
        pk: Mask(rules.masked_name(texts["name_enc"]), rules.masked_phone(texts["phone_enc"]))
        for pk, texts in found.items()
    }


def masked_recipient(*, order_id: int) -> dict[str, str]:
    """Return the masked name, phone and address an order goes to; empty when none is stored."""
    texts = opened_recipient(order_id=order_id)
    if not texts:
        return {}
    return {
        "name": rules.masked_name(texts["name"]),
        "phone": rules.masked_phone(texts["phone"]),
        "address": rules.masked_address(texts["address"]),
    }

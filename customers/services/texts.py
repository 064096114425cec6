"""Personal texts as they are read again: opened for a purpose, masked for everybody else."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from customers import rules
from customers.models import Customer, Order
from customers.services.people import field_place, key_place, recipient_place
from ops.engines.kernel import crypto
from ops.engines.kernel.errors import RuleViolation

_COLUMNS = ("name_enc", "phone_enc", "address_enc")
_MASKED = ("name_enc", "phone_enc")


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
    return {
        pk: _unsealed(uuid, wrapped, dict(zip(_COLUMNS, texts, strict=True)), columns)
        for pk, uuid, wrapped, *texts in rows
    }


def _unsealed(
    uuid: UUID, wrapped: str | None, sealed: Mapping[str, str], columns: Sequence[str]
) -> dict[str, str]:
    key = crypto.unwrap(wrapped, aad=key_place(uuid)) if wrapped else None
    return {
        column: crypto.unseal(sealed[column], key=key, aad=field_place(column, uuid))
        if key and sealed[column]
        else ""
        for column in columns
    }


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
        place = (channel_id, external_no)
        if texts := _recipient(sealed, place=place, uuid=uuid, wrapped=wrapped):
            found[pk] = texts
    return found


def _recipient(sealed: str, *, place: tuple[int, str], uuid: UUID, wrapped: str) -> dict[str, str]:
    key = crypto.unwrap(wrapped, aad=key_place(uuid))
    # Sealed under a key that was erased since: the person asked to be forgotten.
    with suppress(RuleViolation):
        texts: dict[str, str] = json.loads(
            crypto.unseal(sealed, key=key, aad=recipient_place(*place))
        )
        return texts
    return {}


@dataclass(frozen=True, slots=True)
class Mask:
    """A buyer or recipient as everybody may see them."""

    name: str = ""
    phone: str = ""
    address: str = ""


def masked(*, customer_ids: Collection[int]) -> dict[int, Mask]:
    """Return the masked texts of customers; one statement."""
    found = opened(customer_ids=customer_ids, columns=_MASKED)
    return {pk: _mask(texts) for pk, texts in found.items()}


def masks_of(customers: Mapping[int, Customer]) -> dict[int, Mask]:
    """Return the masked texts of customers read together with their keys; asks nothing."""
    return {
        pk: _mask(
            _unsealed(
                row.uuid,
                row.key.wrapped if row.key else None,
                {column: getattr(row, column) for column in _MASKED},
                _MASKED,
            )
        )
        for pk, row in customers.items()
    }


def _mask(texts: Mapping[str, str]) -> Mask:
    return Mask(rules.masked_name(texts["name_enc"]), rules.masked_phone(texts["phone_enc"]))


def masked_recipient(*, order_id: int) -> dict[str, str]:
    """Return the masked name, phone and address an order goes to; empty when none is stored."""
    return _masked_recipient(opened_recipient(order_id=order_id))


def masked_recipient_of(order: Order) -> dict[str, str]:
    """Return the same for an order read together with its buyer's key; asks nothing."""
    buyer = order.customer
    if buyer is None or buyer.key is None or not buyer.key.wrapped or not order.recipient_enc:
        return {}
    return _masked_recipient(
        _recipient(
            order.recipient_enc,
            place=(order.channel_id, order.external_no),
            uuid=buyer.uuid,
            wrapped=buyer.key.wrapped,
        )
    )


def _masked_recipient(texts: Mapping[str, str]) -> dict[str, str]:
    if not texts:
        return {}
    return {
        "name": rules.masked_name(texts["name"]),
        "phone": rules.masked_phone(texts["phone"]),
        "address": rules.masked_address(texts["address"]),
    }

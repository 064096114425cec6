"""Buyers: found by code, written once, every personal text sealed with a key of their own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connection

from customers.types import BuyerDraft
from ops.engines.kernel import crypto
from ops.engines.kernel.rewrapping import Keyring

_KNOWN = """
SELECT c.code, c.id, c.uuid, k.wrapped, c.key_id
  FROM customers_customer c LEFT JOIN customers_personkey k ON k.id = c.key_id
 WHERE c.channel_id = %s AND c.code = ANY(%s)
"""

# One key row per new buyer who has anything to hide; rows meet by their place in the arrays.
_ADD = """
WITH given AS (
    SELECT * FROM unnest(%(codes)s::text[], %(uuids)s::uuid[], %(wrapped)s::text[],
                         %(names)s::text[], %(phones)s::text[], %(addresses)s::text[],
                         %(indexes)s::text[], %(countries)s::text[])
        AS given(code, uuid, wrapped, name, phone, address, phone_index, country)),
made AS (
    INSERT INTO customers_personkey (wrapped, created_at)
    SELECT wrapped, %(at)s FROM given WHERE wrapped <> '' RETURNING id, wrapped)
INSERT INTO customers_customer
    (uuid, channel_id, code, key_id, name_enc, phone_enc, address_enc, phone_index, country,
     created_at)
SELECT g.uuid, %(channel)s, g.code, m.id, g.name, g.phone, g.address, g.phone_index, g.country,
       %(at)s
  FROM given g LEFT JOIN made m ON g.wrapped <> '' AND m.wrapped = g.wrapped
ON CONFLICT (channel_id, code) DO NOTHING
RETURNING code, id
"""

# An erased key has no wrapped text left; who buys again afterwards gets another one.
_KEY = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(wrapped)s::text[], %(names)s::text[],
                         %(phones)s::text[], %(addresses)s::text[], %(indexes)s::text[],
                         %(former)s::bigint[])
        AS given(id, wrapped, name, phone, address, phone_index, former)),
chosen AS (
    SELECT c.id FROM customers_customer c JOIN given g USING (id)
     WHERE c.key_id IS NOT DISTINCT FROM g.former
     ORDER BY c.id FOR NO KEY UPDATE OF c),
made AS (
    INSERT INTO customers_personkey (wrapped, created_at)
    SELECT g.wrapped, %(at)s FROM given g JOIN chosen USING (id) RETURNING id, wrapped)
UPDATE customers_customer c
   SET key_id = m.id, name_enc = g.name, phone_enc = g.phone, address_enc = g.address,
       phone_index = g.phone_index
  FROM given g JOIN made m ON m.wrapped = g.wrapped
 WHERE c.id = g.id
"""


# The associated data is `key_place` of the person the key belongs to.
KEYRING = Keyring(
    name="customers_personkey.wrapped",
    read="""
SELECT k.id, k.wrapped, 'customers_personkey.wrapped.' || c.uuid
  FROM customers_personkey k JOIN customers_customer c ON c.key_id = k.id
 WHERE k.id > %(after)s AND k.wrapped <> '' AND split_part(k.wrapped, '.', 1) <> %(key)s
 ORDER BY k.id LIMIT %(most)s
""",
    write="""
UPDATE customers_personkey k SET wrapped = g.fresh
  FROM unnest(%(ids)s::bigint[], %(old)s::text[], %(fresh)s::text[]) AS g(id, old, fresh)
 WHERE k.id = g.id AND k.wrapped = g.old
""",
    left="""
SELECT count(*) FROM customers_personkey
 WHERE wrapped <> '' AND split_part(wrapped, '.', 1) <> %(key)s
""",
)


@dataclass(frozen=True, slots=True)
class Known:
    """A buyer in the table; `key` is None while nothing personal is stored."""

    id: int
    uuid: UUID
    key: bytes | None
    key_id: int | None = None


def buyers(
    drafts: Iterable[BuyerDraft],
    *,
    channel_id: int,
    countries: Mapping[str, str] | None = None,
    at: dt.datetime,
) -> dict[str, Known]:
    """Return the buyers by code, adding those the channel has not named before (CRM-3.1-03).

    A buyer known so far by code alone is given a key when personal texts come. Two statements for
    any number of new buyers, more only in a race; needs the caller's transaction.
    """
    wanted = {draft.code: draft for draft in sorted(drafts, key=lambda draft: draft.code)}
    found = _known(channel_id, list(wanted))
    fresh = [draft for code, draft in wanted.items() if code not in found]
    if fresh:
        found |= _add(fresh, channel_id=channel_id, countries=countries or {}, at=at)
        if lost := [draft.code for draft in fresh if draft.code not in found]:
            found |= _known(channel_id, lost)
    keyless = [d for code, d in wanted.items() if d.is_personal and found[code].key is None]
    if keyless:
        _give_keys(keyless, found, at=at)
        found |= _known(channel_id, [draft.code for draft in keyless])
    return found


def sealed_recipient(draft: BuyerDraft, *, buyer: Known, place: str) -> str:
    """Return whom and where to deliver, sealed under the buyer's key and bound to one order."""
    if not draft.is_personal or buyer.key is None:
        return ""
    plain = json.dumps(
        {"name": draft.name, "phone": draft.phone, "address": draft.address}, ensure_ascii=False
    )
    return crypto.seal(plain, key=buyer.key, aad=place)


def key_place(uuid: UUID) -> str:
    """Return what a wrapped key is bound to: the person it belongs to."""
    return f"customers_personkey.wrapped.{uuid}"


def field_place(column: str, uuid: UUID) -> str:
    """Return what a personal field is bound to: its column and the person's row."""
    return f"customers_customer.{column}.{uuid}"


def _known(channel_id: int, codes: list[str]) -> dict[str, Known]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [channel_id, codes])
        return {
            code: Known(
                pk, uuid, crypto.unwrap(wrapped, aad=key_place(uuid)) if wrapped else None, key_id
            )
            for code, pk, uuid, wrapped, key_id in cursor.fetchall()
        }


def _add(
    drafts: list[BuyerDraft], *, channel_id: int, countries: Mapping[str, str], at: dt.datetime
) -> dict[str, Known]:
    rows = [_sealed(draft, uuid4()) for draft in drafts]
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "codes": [draft.code for draft in drafts],
                "uuids": [str(row.uuid) for row in rows],
                "wrapped": [row.wrapped for row in rows],
                "names": [row.name for row in rows],
                "phones": [row.phone for row in rows],
                "addresses": [row.address for row in rows],
                "indexes": [row.phone_index for row in rows],
                "countries": [countries.get(draft.code, "") for draft in drafts],
                "channel": channel_id,
                "at": at,
            },
        )
        ids = dict(cursor.fetchall())
    return {
        draft.code: Known(ids[draft.code], row.uuid, row.key)
        for draft, row in zip(drafts, rows, strict=True)
        if draft.code in ids
    }


def _give_keys(drafts: list[BuyerDraft], known: Mapping[str, Known], *, at: dt.datetime) -> None:
    rows = [_sealed(draft, known[draft.code].uuid) for draft in drafts]
    with connection.cursor() as cursor:
        cursor.execute(
            _KEY,
            {
                "ids": [known[draft.code].id for draft in drafts],
                "wrapped": [row.wrapped for row in rows],
                "names": [row.name for row in rows],
                "phones": [row.phone for row in rows],
                "addresses": [row.address for row in rows],
                "indexes": [row.phone_index for row in rows],
                "former": [known[draft.code].key_id for draft in drafts],
                "at": at,
            },
        )


@dataclass(frozen=True, slots=True)
class _Sealed:
    uuid: UUID
    key: bytes | None = None
    wrapped: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    phone_index: str = ""


def _sealed(draft: BuyerDraft, uuid: UUID) -> _Sealed:
    if not draft.is_personal:
        return _Sealed(uuid)
    key = crypto.new_key()

    def seal(column: str, text: str) -> str:
        return crypto.seal(text, key=key, aad=field_place(column, uuid)) if text else ""

    return _Sealed(
        uuid,
        key,
        crypto.wrap(key, aad=key_place(uuid)),
        seal("name_enc", draft.name),
        seal("phone_enc", draft.phone),
        seal("address_enc", draft.address),
        crypto.blind_index(draft.phone, purpose="phone") if draft.phone else "",
    )


def recipient_place(channel_id: int, external_no: str) -> str:
    """Return what a recipient is bound to: the order as the channel numbers it."""
    return f"customers_order.recipient_enc.{channel_id}:{external_no}"

"""The leaf of one fact, rebuilt outside the database: what a sealer and a verifier hash.

The leaf is `sha256(0x00 || UTF-8(content))`. The content is the canonical JSON (sorted keys, no
spaces, unescaped UTF-8) of exactly these keys, all of them independent of the row's position:

    action, actor_kind, actor_name, at, body, object_id, object_type, person_id, recorded_at,
    request_id, session, txid, user_id, v

`at` and `recorded_at` are ISO 8601 in UTC with six decimals and `+00:00`; `txid` is text; `body` is
the canonical JSON text of the body, as a string; `person_id` and `user_id` are numbers or null; `v`
is 1. The SQL function `audit_content(audit_fact)` writes the same text; a test holds both equal.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from ops.engines.kernel.canonical import canonical_json

VERSION = 1
LEAF_PREFIX = b"\x00"  # RFC 6962: a leaf can never be passed off as an inner node


class FactRow(Protocol):
    """The columns a leaf is made of."""

    at: datetime
    recorded_at: datetime
    txid: int
    actor_kind: str
    person_id: int | None
    user_id: int | None
    actor_name: str
    session: str
    request_id: str
    action: str
    object_type: str
    object_id: str
    body: str


def content_of(fact: FactRow) -> str:
    """Return the canonical text of one fact."""
    return canonical_json(
        {
            "action": fact.action,
            "actor_kind": fact.actor_kind,
            "actor_name": fact.actor_name,
            "at": fact.at,
            "body": fact.body,
            "object_id": fact.object_id,
            "object_type": fact.object_type,
            "person_id": fact.person_id,
            "recorded_at": fact.recorded_at,
            "request_id": fact.request_id,
            "session": fact.session,
            "txid": str(fact.txid),
            "user_id": fact.user_id,
            "v": VERSION,
        }
    )


def leaf_of(fact: FactRow) -> bytes:
    """Return the 32-byte leaf hash of one fact."""
    return hashlib.sha256(LEAF_PREFIX + content_of(fact).encode()).digest()

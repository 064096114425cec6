"""The one door by which anything enters the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.canonical import canonical_json

_APPEND = "SELECT audit_append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_APPEND_EACH = """
SELECT count(audit_append(%s, %s, %s, %s, %s, %s, %s, %s, %s, g.id, g.body))
FROM unnest(%s::text[], %s::text[]) AS g(id, body)
"""


def record(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    obj: tuple[str, object] | None = None,
    body: Mapping[str, Any] | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Append one fact to the audit trail in the caller's transaction and return its number.

    `action` reads "app.what_happened"; `obj` is (object type, id); `body` holds before, after,
    reason, figures or `rows_sha256` and has one canonical form (no floats). One statement. What
    another role than the app's wrote is told on its connection, `using`, in its own transaction.
    Raises RuntimeError outside a transaction, ValueError when `at` has no offset.
    """
    link = connections[using]
    if not link.in_atomic_block:
        raise RuntimeError("record() needs the transaction that made the fact true")
    if at.tzinfo is None:
        raise ValueError("record() needs a moment with its offset")
    object_type, object_id = obj or ("", "")
    with link.cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                at,
                actor.kind.value,
                actor.person_id,
                actor.user_id,
                actor.name,
                actor.session,
                actor.request_id,
                action,
                object_type,
                str(object_id),
                canonical_json(body or {}),
            ],
        )
        return int(cursor.fetchone()[0])


def record_each(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    object_type: str,
    bodies: Mapping[int, Mapping[str, Any]],
) -> None:
    """Append the same fact about each of many objects, by their id, in one statement.

    For what a machine does to many documents at once and each timeline must tell. Raises as
    `record` does.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_each() needs the transaction that made the facts true")
    if at.tzinfo is None:
        raise ValueError("record_each() needs a moment with its offset")
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND_EACH,
            [
                at,
                actor.kind.value,
                actor.person_id,
                actor.user_id,
                actor.name,
                actor.session,
                actor.request_id,
                action,
                object_type,
                array(bodies),
                [canonical_json(body) for body in bodies.values()],
            ],
        )


def acting(actor: Actor) -> None:
    """Tell the field-history triggers who acts, until the caller's transaction ends.

    Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("acting() needs the transaction whose changes it names")
    who = canonical_json({"name": actor.name, "person_id": actor.person_id})
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('guifan.actor', %s, true)", [who])

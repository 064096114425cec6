"""Wrapped keys brought under a new master key, batch by batch, while everybody works.

A table that keeps wrapped keys says so once, with `Keyring`. A batch is one transaction: a process
killed in the middle leaves whole rows, and the next run goes on where it stopped, for what is under
the new key already is not looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from . import crypto
from .arrays import array

BATCH: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """One column of wrapped keys, by three statements of the table's owner.

    `read` gives (id, wrapped, associated data) of rows after %(after)s that are not under the key
    %(key)s, in order of id, at most %(most)s; `write` sets %(fresh)s where the row %(ids)s still
    holds %(old)s (arrays as texts); `left` counts the rows not under %(key)s.
    """

    name: str
    read: str
    write: str
    left: str


_keyrings: dict[str, Keyring] = {}


def register_keyring(keyring: Keyring) -> None:
    """Let rotation find a column of wrapped keys."""
    _keyrings[keyring.name] = keyring


def keyrings() -> Sequence[Keyring]:
    """Return every column of wrapped keys."""
    return tuple(_keyrings.values())


def rewrap_batch(keyring: Keyring, *, after: int, most: int = BATCH) -> tuple[int, int]:
    """Bring the next rows under the current key; return (rows changed, last id looked at).

    The last id is nought when nothing was left. A key that was erased or replaced meanwhile stays
    as it is. Raises RuleViolation for a value whose master key this installation does not hold.
    """
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            keyring.read, {"after": after, "key": crypto.current_master_id(), "most": most}
        )
        rows = cursor.fetchall()
        if not rows:
            return 0, 0
        cursor.execute(
            keyring.write,
            {
                "ids": array(row[0] for row in rows),
                "old": array(row[1] for row in rows),
                "fresh": array(crypto.rewrap(wrapped, aad=place) for _pk, wrapped, place in rows),
            },
        )
        return cursor.rowcount, int(rows[-1][0])


def waiting(keyring: Keyring) -> int:
    """Count the rows that are still under another key."""
    with connection.cursor() as cursor:
        cursor.execute(keyring.left, {"key": crypto.current_master_id()})
        return int(cursor.fetchone()[0])

"""Cutting the next ranges of tables that grow without end."""

from __future__ import annotations

from django.db import connection


def cut_ahead(*, table: str, ahead: int = 2) -> int:
    """Make the partitions of the current and the next `ahead` ranges of a million ids.

    Returns how many were made; idempotent. A range whose rows already lie in the default
    partition stays there. Gives up after two seconds when the table is busy, and may be repeated.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT guifan_cut_partitions(%s, %s)", [table, ahead])
        return int(cursor.fetchone()[0])

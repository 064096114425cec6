"""Ending days and months of the stock ledger without stopping work (SCM-2.3-02)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory.errors import DayClosed
from inventory.models import DayClose, MonthClose, Warehouse
from inventory.selectors import closing as totals
from inventory.services.moves import MODULE
from inventory.types import DayCloseInfo, MonthCloseInfo
from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day as business_day_of
from ops.engines.periods import services as periods
from ops.engines.periods.selectors import next_month

_DAY_LOCK = "SELECT pg_advisory_xact_lock(7031002, %s::date - DATE '2000-01-01')"
_BALANCES = """
INSERT INTO inventory_monthbalance (close_id, warehouse_id, sku_id, quantity, value)
SELECT %(close)s, warehouse_id, sku_id, quantity, value FROM ({closing}) c
"""


def close_day(*, warehouse_id: int, day: date, actor: Actor, at: datetime) -> DayCloseInfo:
    """Freeze one business day of one warehouse with its totals and their hash.

    Waits for postings of that day that are under way; afterwards the database refuses any. Work
    of other days goes on. Idempotent. Raises DayClosed for a day that is not over (or begins).
    """
    if day > business_day_of(at):
        raise DayClosed(
            "inventory.day_ahead",
            _("%(day)s lies ahead and cannot be closed.") % {"day": day.isoformat()},
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DAY_LOCK, [day])
        found = DayClose.objects.filter(warehouse_id=warehouse_id, day=day).first()
        if found is not None:
            return _day_info(found, is_new=False)
        figures = totals.day_totals(warehouse_id=warehouse_id, day=day)
        made = DayClose.objects.create(
            warehouse_id=warehouse_id,
            day=day,
            moves=figures.moves,
            quantity_in=figures.quantity_in,
            quantity_out=figures.quantity_out,
            value_in=figures.value_in,
            value_out=figures.value_out,
            late_moves=figures.late_moves,
            content_hash=figures.content_hash,
            closed_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="inventory.day_closed",
            obj=("inventory.dayclose", made.pk),
            body={
                "warehouse_id": warehouse_id,
                "day": day,
                "moves": figures.moves,
                "content_hash": figures.content_hash,
            },
        )
    return _day_info(made, is_new=True)


def close_past_days(*, until: date, actor: Actor, at: datetime) -> list[DayCloseInfo]:
    """Close every day of every warehouse since its last closed one, up to and with `until`.

    A warehouse that was never closed begins with `until`. What an earlier run missed is caught up.
    """
    closed = []
    for warehouse in Warehouse.objects.filter(is_active=True).order_by("pk"):
        last = (
            DayClose.objects.filter(warehouse=warehouse, day__lte=until)
            .order_by("-day")
            .values_list("day", flat=True)
            .first()
        )
        day = until if last is None else last + timedelta(days=1)
        while day <= until:
            closed.append(close_day(warehouse_id=warehouse.pk, day=day, actor=actor, at=at))
            day += timedelta(days=1)
    return closed


def close_month(*, month: date, actor: Actor, at: datetime) -> MonthCloseInfo:
    """Close a stock month: no posting afterwards; its balances and value are stored for ever.

    A month that was opened again and is closed again becomes the next revision. Closing a closed
    month changes nothing. Raises DayClosed before the month is over, and what the port
    `periods.closing` vetoes with (undelivered facts).
    """
    first = month.replace(day=1)
    last = next_month(first) - timedelta(days=1)
    if last >= business_day_of(at):
        raise DayClosed(
            "inventory.month_not_over",
            _("%(month)s is not over yet.") % {"month": f"{first:%Y-%m}"},
        )
    with transaction.atomic():
        periods.close(module=MODULE, first=first, last=last, actor=actor, at=at)
        figures = totals.month_totals(last=last)
        newest = MonthClose.objects.filter(month=first).order_by("-revision").first()
        if newest is not None and newest.content_hash == figures.content_hash:
            return _month_info(newest, is_new=False)
        made = MonthClose.objects.create(
            month=first,
            revision=1 if newest is None else newest.revision + 1,
            moves=figures.moves,
            quantity=figures.quantity,
            value=figures.value,
            content_hash=figures.content_hash,
            closed_at=at,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                _BALANCES.format(closing=totals.CLOSING), {"close": made.pk, "last": last}
            )
        audit.record(
            actor=actor,
            at=at,
            action="inventory.month_closed",
            obj=("inventory.monthclose", made.pk),
            body={
                "month": first,
                "revision": made.revision,
                "moves": figures.moves,
                "quantity": figures.quantity,
                "value": figures.value,
                "content_hash": figures.content_hash,
            },
        )
    return _month_info(made, is_new=True)


def _day_info(row: DayClose, *, is_new: bool) -> DayCloseInfo:
    return DayCloseInfo(row.warehouse_id, row.day, row.moves, row.content_hash, is_new)


def _month_info(row: MonthClose, *, is_new: bool) -> MonthCloseInfo:
    return MonthCloseInfo(
        row.month, row.revision, row.moves, row.quantity, row.value, row.content_hash, is_new
    )

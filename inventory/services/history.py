"""History from before go-live: a batch of signed lines, posted in the order it happened."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from inventory.errors import StockShort
from inventory.events import MovesImported
from inventory.services import refusals
from inventory.services.moves import MODULE
from inventory.types import HistoryPosted, HistoryRow
from ops.engines.audit import services as audit
from ops.engines.events.publishing import publish
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.errors import Forbidden, RuleViolation
from ops.engines.periods import services as periods

SOURCE_TYPE = "inventory.history"
CHUNK = 1 << 16
_COPY = """
COPY inventory_historyline
    (batch_id, line_no, sku_id, quantity, reason, business_day, at, effect_key, unit_cost)
FROM STDIN WITH (FORMAT csv)
"""


def import_history(
    *,
    batch_id: int,
    warehouse_id: int,
    actor: Actor,
    at: datetime,
    rows: Iterable[HistoryRow] | None = None,
) -> HistoryPosted:
    """Post a batch of history set-based: opening stock, sales, returns, write-offs, finds, gifts.

    `rows` are copied into the stage; None means that the caller filled `inventory_historyline`
    for the batch by SQL. Quantities are signed as the warehouse sees them. Lines are posted by
    moment and line number, opening stock first; the average comes from what was there and from the
    opening lines, and uncosted stock moves at zero, marked so. A key posted before is counted and
    left alone. Opens the months it needs; publishes MovesImported; records one audit fact.

    Raises Forbidden unless the import account or the system acts, StockShort when the history
    would take more than there was (first 20 lines with what is missing), RuleViolation for lines
    whose sign contradicts their reason, DayClosed for a closed day or month.
    """
    if actor.kind not in {ActorKind.IMPORT, ActorKind.SYSTEM}:
        raise Forbidden("inventory.history_by_import", _("Only an import brings in history."))
    try:
        with transaction.atomic():
            if rows is not None:
                stage(batch_id=batch_id, rows=rows)
            posted = _post(batch_id=batch_id, warehouse_id=warehouse_id, actor=actor, at=at)
            if posted.posted:
                publish(MovesImported(batch_id=batch_id, dated_on=posted.first_day))
                audit.record(
                    actor=actor,
                    at=at,
                    action="inventory.history_imported",
                    obj=(SOURCE_TYPE, batch_id),
                    body={
                        "warehouse_id": warehouse_id,
                        "posted": posted.posted,
                        "already": posted.already,
                        "first_day": posted.first_day,
                        "last_day": posted.last_day,
                    },
                )
    except IntegrityError as error:
        raise _refusal(error) from error
    return posted


def stage(*, batch_id: int, rows: Iterable[HistoryRow]) -> None:
    """Copy rows of a batch into the stage, at constant memory."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(_COPY, _Lines(_csv(batch_id, rows)))


def _post(*, batch_id: int, warehouse_id: int, actor: Actor, at: datetime) -> HistoryPosted:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', business_day)::date FROM inventory_historyline"
            " WHERE batch_id = %s ORDER BY 1",
            [batch_id],
        )
        for (month,) in cursor.fetchall():
            periods.ensure_month(module=MODULE, day=month, actor=actor, at=at)
        cursor.execute(
            "SELECT posted, already, first_day, last_day"
            " FROM inventory_post_history(%s, %s, %s, %s)",
            [batch_id, warehouse_id, SOURCE_TYPE, actor.person_id],
        )
        return HistoryPosted(batch_id, *cursor.fetchone())


def _refusal(error: IntegrityError) -> Exception:
    name = refusals.constraint_of(error)
    if name == "history_never_negative":
        lines = json.loads(refusals.detail_of(error))
        return StockShort(
            "inventory.history_negative",
            _("The history takes more than there was, first at line %(line)s: opening stock lacks.")
            % {"line": lines[0]["line"]},
            short=lines,
        )
    if name == "history_line_sane":
        lines = json.loads(refusals.detail_of(error))
        return RuleViolation(
            "inventory.history_line_sane",
            _("Lines whose sign contradicts their reason: %(lines)s.")
            % {"lines": ", ".join(map(str, lines))},
            lines=lines,
        )
    if name == "stock_never_oversold":
        return StockShort(
            "inventory.history_takes_reserved",
            _("The history takes goods that are held for orders."),
            short=[],
        )
    return error


def _csv(batch_id: int, rows: Iterable[HistoryRow]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(
            (
                batch_id,
                row.line_no,
                row.sku_id,
                row.quantity,
                str(row.reason),
                row.business_day,
                row.at.isoformat(),
                row.effect_key,
                "" if row.unit_cost is None else format(row.unit_cost, "f"),
            )
        )
        if buffer.tell() > CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


class _Lines(io.TextIOBase):
    """A file that COPY reads, fed by an iterator."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks, self._rest = chunks, ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        while not self._rest or (size is not None and 0 <= len(self._rest) < size):
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        if size is None or size < 0:
            taken, self._rest = self._rest + "".join(self._chunks), ""
        else:
            taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

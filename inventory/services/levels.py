"""Watching stock against its levels, all SKUs in one statement (SCM-2.3-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.errors import UnknownPlace, WrongState
from inventory.models import StockAlert
from inventory.selectors import places
from inventory.services.refusals import constraint_of
from inventory.types import LevelDraft
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.errors import RuleViolation
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

# The rules name no time: one working day to react, counted plainly.
TIME_TO_REACT = timedelta(hours=24)
OWNERS = (Role.OPERATIONS_SPECIALIST, Role.WAREHOUSE_KEEPER)
_TITLE = gettext_noop("Stock alerts in %(warehouse)s: %(count)s new")
_BODY = gettext_noop("Low %(low)s, out %(out)s, over %(over)s.")

_SET = """
INSERT INTO inventory_stocklevel AS l (sku_id, warehouse_id, least, most)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS u(s, w, a, b)
ORDER BY u.s, u.w
ON CONFLICT (sku_id, warehouse_id) DO UPDATE SET least = excluded.least, most = excluded.most
"""
_WATCH = """
WITH now AS (
    SELECT l.sku_id, l.warehouse_id, l.least, l.most,
           coalesce(s.on_hand - s.reserved, 0) AS available
    FROM inventory_stocklevel l
    LEFT JOIN inventory_stock s ON s.sku_id = l.sku_id AND s.warehouse_id = l.warehouse_id
), standing AS (
    SELECT sku_id, warehouse_id, available,
           CASE WHEN available <= 0 THEN 'out' WHEN available < least THEN 'low'
                WHEN available > most THEN 'over' END AS kind,
           CASE WHEN available > most THEN most ELSE least END AS "limit"
    FROM now
), ended AS (
    UPDATE inventory_stockalert a SET closed_at = %(at)s
    WHERE a.closed_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM standing s
        WHERE s.sku_id = a.sku_id AND s.warehouse_id = a.warehouse_id AND s.kind = a.kind)
    RETURNING 1
), begun AS (
    INSERT INTO inventory_stockalert
        (sku_id, warehouse_id, kind, available, "limit", opened_at, due_at)
    SELECT sku_id, warehouse_id, kind, available, "limit", %(at)s, %(due)s
    FROM standing WHERE kind IS NOT NULL
    ORDER BY sku_id, warehouse_id
    ON CONFLICT (sku_id, warehouse_id, kind) WHERE closed_at IS NULL DO NOTHING
    RETURNING warehouse_id, kind
)
SELECT w.id, w.code, count(b.kind) FILTER (WHERE b.kind = 'low'),
       count(b.kind) FILTER (WHERE b.kind = 'out'), count(b.kind) FILTER (WHERE b.kind = 'over'),
       (SELECT count(*) FROM ended)
FROM inventory_warehouse w LEFT JOIN begun b ON b.warehouse_id = w.id
GROUP BY w.id, w.code ORDER BY w.id
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What one round of watching found."""

    low: int
    out: int
    over: int
    ended: int


def set_levels(*, levels: Sequence[LevelDraft], actor: Actor, at: datetime) -> None:
    """Set the least and the most free pieces of SKUs in warehouses; one statement, one fact.

    Raises UnknownPlace outside the actor's warehouses, RuleViolation when the most is not above
    the least or a SKU and warehouse come twice.
    """
    for warehouse_id in {level.warehouse_id for level in levels}:
        places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="C")
    if len({(level.sku_id, level.warehouse_id) for level in levels}) != len(levels):
        raise RuleViolation("inventory.level_twice", _("Each SKU comes once per warehouse."))
    rows = [[one.sku_id, one.warehouse_id, one.least, one.most] for one in levels]
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_SET, [array(row[n] for row in rows) for n in range(4)])
            audit.record(
                actor=actor,
                at=at,
                action="inventory.levels_set",
                body={"count": len(rows), "rows": rows[:100], "rows_sha256": content_hash(rows)},
            )
    except IntegrityError as error:
        if constraint_of(error) == "stocklevel_least_below_most":
            raise RuleViolation(
                "inventory.level_order", _("The most must be more than the least.")
            ) from error
        raise


def watch(*, actor: Actor, at: datetime) -> Watched:
    """Open alerts for stock outside its levels, end those that are over, tell the owners.

    Idempotent: an alert that stands is not opened again. One notice per warehouse and owner.
    """
    low = out = over = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_WATCH, {"at": at, "due": at + TIME_TO_REACT})
            rows = cursor.fetchall()
        ended = rows[0][5] if rows else 0
        for warehouse_id, code, *counts, _ended in rows:
            low, out, over = (a + b for a, b in zip((low, out, over), counts, strict=True))
            if any(counts):
                _tell(warehouse_id, code, counts, actor=actor, at=at)
    return Watched(low, out, over, ended)


def take(*, alert_id: int, actor: Actor, at: datetime) -> None:
    """Say that somebody looks after an alert; the time until then is its reaction time.

    Raises UnknownPlace outside the actor's warehouses, WrongState when it is over or taken.
    """
    with transaction.atomic():
        alert = (
            StockAlert.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=alert_id)
            .first()
        )
        ids = actor.scope_ids("warehouse", "inventory", "C")
        if alert is None or (ids is not None and alert.warehouse_id not in ids):
            raise UnknownPlace("inventory.alert_unknown", _("There is no such alert."))
        if alert.closed_at is not None or alert.taken_at is not None:
            raise WrongState(
                "inventory.alert_taken", _("Somebody looks after this alert, or it is over.")
            )
        StockAlert.objects.filter(pk=alert_id).update(taken_by=actor.person_id or 0, taken_at=at)
        audit.record(
            actor=actor,
            at=at,
            action="inventory.alert_taken",
            obj=("inventory.stockalert", alert_id),
        )


def _tell(
    warehouse_id: int, code: str, counts: Sequence[int], *, actor: Actor, at: datetime
) -> None:
    low, out, over = counts
    for role in OWNERS:
        notices.notify(
            kind=NoticeKind.ACT,
            title=_TITLE,
            body=_BODY,
            params={"warehouse": code, "count": sum(counts), "low": low, "out": out, "over": over},
            subject=f"inventory.warehouse:{warehouse_id}:alerts",
            role=role,
            area="inventory",
            scope=("warehouse", warehouse_id),
            actor=actor,
            at=at,
        )

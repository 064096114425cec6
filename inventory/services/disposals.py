"""What is left of goods out of the range: opened, proposed, ended when nothing lies there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.selectors import ranges
from inventory.choices import DisposalState, Treatment
from inventory.errors import NotReady, UnknownDocument, WrongState
from inventory.models import Stock, StockDisposal
from inventory.selectors import places
from ops.engines.audit import services as audit
from ops.engines.clocks import services as clocks
from ops.engines.clocks.types import Subject
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SUBJECT: Final = "inventory.stockdisposal"
DROP: Final = "catalog.rangedrop"
FILING: Final = "stock_disposal_filing"
SERIES: Final = "SD"
FILE: Final = may("inventory", "C", Role.OPERATIONS_SPECIALIST, Role.WAREHOUSE_KEEPER)
_LEFT: Final = """
SELECT s.sku_id, s.warehouse_id, s.owned, s.value FROM inventory_stock s
WHERE s.sku_id = ANY(%(skus)s::bigint[]) AND s.owned > 0
  AND NOT EXISTS (SELECT FROM inventory_stockdisposal d
                  WHERE d.sku_id = s.sku_id AND d.warehouse_id = s.warehouse_id
                    AND (d.state <> 'ended'
                         OR (d.source_type = %(source)s AND d.source_id = %(id)s)))
ORDER BY s.sku_id, s.warehouse_id
"""


def open_for_drop(*, drop_id: int, actor: Actor, at: datetime) -> int:
    """Open a disposal for what every warehouse still has of the SKUs of an approved drop.

    Idempotent: what was opened for the drop, or runs already, is not opened again. Returns how
    many are new.
    """
    sku_ids = [each.sku_id for each in ranges.dropped(drop_ids=[drop_id])]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LEFT, {"skus": array(sku_ids), "source": DROP, "id": drop_id})
            left = cursor.fetchall()
        if not left:
            return 0
        numbers = numbering.take(SERIES, at=at, count=len(left))
        made = StockDisposal.objects.bulk_create(
            [
                StockDisposal(
                    number=number,
                    sku_id=sku_id,
                    warehouse_id=warehouse_id,
                    source_type=DROP,
                    source_id=drop_id,
                    pieces=pieces,
                    value=value,
                    opened_at=at,
                )
                for number, (sku_id, warehouse_id, pieces, value) in zip(numbers, left, strict=True)
            ],
            batch_size=5000,
        )
        _start_clocks(made, actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="inventory.disposals_opened",
            obj=(DROP, drop_id),
            body={"count": len(made), "first": numbers[0], "last": numbers[-1]},
        )
        return len(made)


def file_disposal(
    *, disposal_id: int, treatment: str, note: str, actor: Actor, at: datetime
) -> None:
    """Propose how the rest goes; a markdown still passes the approval of prices.

    Raises Forbidden, UnknownDocument, UnknownPlace, WrongState, BadInput.
    """
    FILE.require(actor)
    with transaction.atomic():
        row = _locked(disposal_id, actor)
        if row.state != DisposalState.OPEN:
            raise _moved_on()
        row.state = DisposalState.FILED
        row.treatment = Treatment(treatment)
        row.note = parse.text(note.strip(), most=400, least=2)
        row.filed_by, row.filed_at = actor.person_id or 0, at
        row.save(update_fields=["state", "treatment", "note", "filed_by", "filed_at"])
        clocks.meet(kind=FILING, subjects=[(SUBJECT, row.pk)], actor=actor, at=at)
        _record("filed", row, actor=actor, at=at)


def end_disposal(*, disposal_id: int, actor: Actor, at: datetime) -> None:
    """End a disposal of which nothing lies in the warehouse any more.

    Raises Forbidden, UnknownDocument, UnknownPlace, WrongState, NotReady while pieces are left.
    """
    FILE.require(actor)
    with transaction.atomic():
        row = _locked(disposal_id, actor)
        if row.state != DisposalState.FILED:
            raise _moved_on()
        left = Stock.objects.filter(sku_id=row.sku_id, warehouse_id=row.warehouse_id)
        pieces = left.values_list("owned", flat=True).first() or 0
        if pieces:
            words = _("%(count)s pieces are left: the disposal ends when nothing lies there.")
            raise NotReady("inventory.disposal_left", words % {"count": pieces})
        row.state, row.ended_by, row.ended_at = DisposalState.ENDED, actor.person_id or 0, at
        row.save(update_fields=["state", "ended_by", "ended_at"])
        _record("ended", row, actor=actor, at=at)


def _start_clocks(made: Sequence[StockDisposal], *, actor: Actor, at: datetime) -> None:
    clocks.start(
        kind=FILING,
        subjects=[
            Subject(
                type=SUBJECT,
                id=row.pk,
                label=row.number,
                link=f"/inventory/disposals/{row.pk}/",
                started_at=at,
            )
            for row in made
        ],
        actor=actor,
        at=at,
    )


def _locked(disposal_id: int, actor: Actor) -> StockDisposal:
    rows = StockDisposal.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=disposal_id).first()
    if found is None:
        raise UnknownDocument("inventory.disposal_unknown", _("There is no such disposal."))
    places.require_warehouse(warehouse_id=found.warehouse_id, actor=actor, right="C")
    return found


def _moved_on() -> WrongState:
    return WrongState(
        "inventory.disposal_moved_on", _("The disposal has moved on; reload the page.")
    )


def _record(what: str, row: StockDisposal, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"inventory.disposal_{what}",
        obj=(SUBJECT, row.pk),
        body={"number": row.number, "treatment": row.treatment, "note": row.note},
    )

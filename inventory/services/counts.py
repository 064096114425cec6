"""Stock counts: opened, book frozen, sheets signed by two, counting closed (SCM-2.3-05)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from inventory import rules
from inventory.choices import CountKind, CountState, LocationKind
from inventory.errors import NotReady, SamePerson, UnknownDocument, WrongState
from inventory.models import CountLine, CountSheet, Location, StockCount
from inventory.selectors import places
from inventory.services.refusals import constraint_of
from inventory.types import CountInfo
from ops.engines.audit import services as audit
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, Forbidden
from ops.engines.numbering import services as numbering

SUBJECT = "inventory.stockcount"
SERIES = "SC"
COUNTED_KINDS = (LocationKind.BIN, LocationKind.QUARANTINE, LocationKind.DAMAGE)

# Book quantity and number of every balance as one snapshot sees them: no posting is half in it.
_FREEZE = """
WITH book AS (
    UPDATE inventory_stockcount SET state = 'counting', book_at = %(at)s,
        book_move_id = coalesce((SELECT max(id) FROM inventory_move), 0)
    WHERE id = %(count)s
)
INSERT INTO inventory_countline (
    count_id, sheet_id, location_id, sku_id, lot_id, book_quantity, book_seq, needs_recount,
    variance, value, cause, responsible, treatment, note)
SELECT s.count_id, s.id, b.location_id, b.sku_id, b.lot_id, b.on_hand, b.seq, false, 0, 0, '', '',
       '', ''
FROM inventory_countsheet s JOIN inventory_balance b ON b.location_id = s.location_id
WHERE s.count_id = %(count)s AND b.on_hand <> 0
ORDER BY b.location_id, b.sku_id, b.lot_id
"""
_HASH = """
SELECT count(*), encode(sha256(coalesce(string_agg(
           concat_ws(':', location_id, sku_id, lot_id, book_quantity, book_seq), ','
           ORDER BY id), '')::bytea), 'hex')
FROM inventory_countline WHERE count_id = %s
"""
# Differences, and what was compared: the denominator of the variance rate is fixed with them.
# Lines and counters may both be minutes old, and a planner without statistics of either would read
# the whole warehouse once per line; the fence (OFFSET 0) keeps it to one index entry a line.
_DIFFER = """
WITH book AS MATERIALIZED (
    SELECT l.id, l.expected, l.counted - l.expected AS variance, coalesce(s.avg_cost, 0) AS cost
    FROM inventory_countline l
    LEFT JOIN LATERAL (
        SELECT avg_cost FROM inventory_stock
        WHERE warehouse_id = %(warehouse)s AND sku_id = l.sku_id OFFSET 0
    ) s ON true
    WHERE l.count_id = %(count)s
), compared AS (
    UPDATE inventory_stockcount c SET book_pieces = b.pieces, book_value = b.value
    FROM (SELECT coalesce(sum(expected), 0) AS pieces,
                 coalesce(sum(round(expected * cost, 2)), 0) AS value FROM book) b
    WHERE c.id = %(count)s
)
UPDATE inventory_countline l
SET variance = b.variance,
    value = round(b.variance * b.cost, 2),
    needs_recount = abs(b.variance) > %(pieces)s OR abs(b.variance * b.cost) > %(worth)s
FROM book b
WHERE l.id = b.id AND b.variance <> 0
"""


def open_count(
    *,
    warehouse_id: int,
    kind: CountKind | str,
    period: str = "",
    location_ids: Collection[int] | None = None,
    actor: Actor,
    at: datetime,
) -> CountInfo:
    """Open a count of a warehouse, or of some of its places: one blind sheet per place.

    Raises UnknownPlace, NotReady without places, Conflict when the period has its count already.
    """
    places.require_warehouse(warehouse_id=warehouse_id, actor=actor, right="C")
    chosen = Location.objects.filter(
        warehouse_id=warehouse_id, kind__in=COUNTED_KINDS, is_active=True
    ).order_by("code", "id")
    if location_ids is not None:
        chosen = chosen.filter(pk__in=location_ids)
    ids = list(chosen.values_list("pk", flat=True))
    if not ids or (location_ids is not None and len(ids) < len(set(location_ids))):
        raise NotReady("inventory.count_places", _("A count needs places of its warehouse."))
    try:
        with transaction.atomic():
            made = StockCount.objects.create(
                number=numbering.take_one(SERIES, at=at),
                warehouse_id=warehouse_id,
                kind=CountKind(kind),
                period=period,
                opened_at=at,
                opened_by=actor.person_id,
            )
            CountSheet.objects.bulk_create(
                CountSheet(count=made, sheet_no=sheet_no, location_id=location_id)
                for sheet_no, location_id in enumerate(ids, start=1)
            )
            record("opened", made, actor=actor, at=at, places=len(ids), period=period)
            return info(made)
    except IntegrityError as error:
        if constraint_of(error) == "stockcount_once_per_period":
            raise Conflict(
                "inventory.count_once", _("This warehouse has its count of the period already.")
            ) from error
        raise


def start_count(*, count_id: int, actor: Actor, at: datetime) -> CountInfo:
    """Freeze the book of every place in one statement; selling and receiving go on.

    Raises UnknownDocument, WrongState.
    """
    with transaction.atomic():
        count = lock(count_id, actor, CountState.OPEN)
        with connection.cursor() as cursor:
            cursor.execute(_FREEZE, {"count": count.pk, "at": at})
            cursor.execute(_HASH, [count.pk])
            rows, digest = cursor.fetchone()
        count.refresh_from_db()
        record(
            "started",
            count,
            actor=actor,
            at=at,
            rows=rows,
            rows_sha256=digest,
            book_move=count.book_move_id,
        )
        return info(count)


def sign_sheets(
    *, count_id: int, sheet_nos: Collection[int] | None = None, actor: Actor, at: datetime
) -> int:
    """Sign sheets (all of them unless named) as keeper or as finance; return how many.

    The keeper signs first, what is signed stays; finance signs after the keeper, as another
    person. Raises UnknownDocument, WrongState, NotReady (lines without a figure, the keeper has
    not signed), SamePerson, Forbidden for anybody else.
    """
    with transaction.atomic():
        count = lock(count_id, actor, CountState.COUNTING)
        sheets = CountSheet.objects.filter(count=count)
        if sheet_nos is not None:
            sheets = sheets.filter(sheet_no__in=sheet_nos)
        if actor.holds(Role.WAREHOUSE_KEEPER):
            uncounted = CountLine.objects.filter(
                count=count, sheet__in=sheets, counted=None
            ).count()
            if uncounted:
                raise NotReady(
                    "inventory.count_uncounted",
                    _("%(count)s lines are not counted yet.") % {"count": uncounted},
                    lines=uncounted,
                )
            signed = sheets.filter(keeper_id=None).exclude(finance_id=actor.person_id or 0)
            done = signed.update(keeper_id=actor.person_id, keeper_at=at)
        elif actor.holds(Role.FINANCE_OFFICER, Role.FINANCE_MANAGER):
            if sheets.filter(keeper_id=None).exists():
                raise NotReady(
                    "inventory.count_keeper_first", _("The keeper signs the sheets first.")
                )
            if sheets.filter(keeper_id=actor.person_id or 0).exists():
                raise SamePerson(
                    "inventory.count_two_signatures",
                    _("You signed as keeper; finance signs as another person."),
                )
            done = sheets.filter(finance_id=None).update(finance_id=actor.person_id, finance_at=at)
        else:
            raise Forbidden(
                "inventory.count_signer", _("Sheets are signed by the keeper and by finance.")
            )
        record("signed", count, actor=actor, at=at, sheets=done)
        return done


def close_counting(*, count_id: int, actor: Actor, at: datetime) -> CountInfo:
    """End the first count: differences are worked out, those over tolerance marked for a recount.

    Raises UnknownDocument, WrongState, NotReady (lines not counted, signatures missing).
    """
    with transaction.atomic():
        count = lock(count_id, actor, CountState.COUNTING)
        _require_whole(count)
        with connection.cursor() as cursor:
            cursor.execute(
                _DIFFER,
                {
                    "count": count.pk,
                    "warehouse": count.warehouse_id,
                    "pieces": rules.RECOUNT_PIECES,
                    "worth": rules.RECOUNT_VALUE,
                },
            )
            different = cursor.rowcount
        count.state, count.closed_at = CountState.REVIEW, at
        count.save(update_fields=["state", "closed_at"])
        record("closed", count, actor=actor, at=at, different=different)
        return info(count)


def cancel_count(*, count_id: int, reason: str, actor: Actor, at: datetime) -> CountInfo:
    """Give a count up before it is handed in. Raises UnknownDocument, WrongState, BadInput."""
    why = parse.text(reason, least=1)
    with transaction.atomic():
        count = lock(count_id, actor, CountState.OPEN, CountState.COUNTING, CountState.REVIEW)
        count.state = CountState.CANCELLED
        count.save(update_fields=["state"])
        record("cancelled", count, actor=actor, at=at, reason=why)
        return info(count)


def lock(count_id: int, actor: Actor, *states: CountState) -> StockCount:
    """Lock a count of the actor's warehouses in one of the states.

    Raises UnknownDocument, WrongState.
    """
    count = (
        StockCount.objects.select_for_update(of=("self",), no_key=True).filter(pk=count_id).first()
    )
    ids = actor.scope_ids("warehouse", "inventory", "C")
    if count is None or (ids is not None and count.warehouse_id not in ids):
        raise UnknownDocument("inventory.count_unknown", _("There is no such count."))
    if count.state not in states:
        raise WrongState(
            "inventory.count_state",
            _("%(number)s is %(state)s; this step does not follow.")
            % {"number": count.number, "state": count.get_state_display()},
            state=count.state,
        )
    return count


def info(count: StockCount) -> CountInfo:
    """Describe a count."""
    return CountInfo(
        id=count.pk,
        number=count.number,
        warehouse_id=count.warehouse_id,
        kind=count.kind,
        state=count.state,
        sheets=CountSheet.objects.filter(count=count).count(),
        lines=CountLine.objects.filter(count=count).count(),
    )


def record(action: str, count: StockCount, *, actor: Actor, at: datetime, **more: object) -> None:
    """Write one audit fact on a count."""
    audit.record(
        actor=actor,
        at=at,
        action=f"inventory.count_{action}",
        obj=(SUBJECT, count.pk),
        body={"number": count.number, "state": count.state, **more},
    )


def _require_whole(count: StockCount) -> None:
    uncounted = CountLine.objects.filter(count=count, counted=None).count()
    if uncounted:
        raise NotReady(
            "inventory.count_uncounted",
            _("%(count)s lines are not counted yet.") % {"count": uncounted},
            lines=uncounted,
        )
    sheets = CountSheet.objects.filter(count=count)
    unsigned = sheets.filter(keeper_id=None)
    if count.kind == CountKind.QUARTER:
        unsigned = unsigned | sheets.filter(finance_id=None)
    missing = list(unsigned.values_list("sheet_no", flat=True))
    if missing:
        raise NotReady(
            "inventory.count_unsigned",
            _("Signatures are missing on %(count)s sheets.") % {"count": len(missing)},
            sheets=missing[:100],
        )

"""Lots as goods say of themselves: made when first found, corrected until they move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.selectors import codes
from inventory.errors import ExpiredGoods, LotWanted, UnknownDocument
from inventory.models import Lot, Move, ReceiptLine, ShelfLife
from inventory.services.refusals import constraint_of
from inventory.types import FoundLot
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, RuleViolation

Key = tuple[int, str]


def take(
    *,
    wanted: Mapping[Key, FoundLot],
    receipt_id: int,
    received_on: date,
    actor: Actor,
    at: datetime,
) -> dict[Key, Lot]:
    """Return the lots named by (SKU, code), made where they are new; two statements for all.

    A day that was not said is left as it is known. A lot that this receipt alone knows takes the
    days it is found with; one that moved or that another receipt holds keeps them. Runs in the
    caller's transaction. Raises RuleViolation (made after it expires, made later than today),
    Conflict (known with other days).
    """
    for said in wanted.values():
        _require_sane(said, received_on)
    rows = Lot.objects.select_for_update(of=("self",), no_key=True).filter(
        sku_id__in={sku for sku, _code in wanted}, code__in={code for _sku, code in wanted}
    )
    known = {(lot.sku_id, lot.code): lot for lot in rows.order_by("pk")}
    fresh = [
        Lot(
            sku_id=sku,
            code=code,
            made_on=said.made_on,
            expires_on=said.expires_on,
            received_on=received_on,
        )
        for (sku, code), said in wanted.items()
        if (sku, code) not in known
    ]
    for lot in _made(fresh):
        known[lot.sku_id, lot.code] = lot
    for key in wanted:
        _correct(known[key], wanted[key], receipt_id=receipt_id, actor=actor, at=at)
    if fresh:
        audit.record(
            actor=actor,
            at=at,
            action="inventory.lots_found",
            body={"lots": [[one.pk, one.sku_id, one.code, one.expires_on] for one in fresh]},
        )
    return {key: known[key] for key in wanted}


def read(code: str, *, made_on: date | None = None, expires_on: date | None = None) -> FoundLot:
    """Read what goods say of their lot. Raises BadInput."""
    return FoundLot(code=parse.code(code), made_on=made_on, expires_on=expires_on)


def require_expiry(needing: Mapping[int, str], sku_id: int, lot: Lot | None) -> None:
    """Refuse goods that need an expiry date and have none. Raises LotWanted."""
    if sku_id in needing and (lot is None or lot.expires_on is None):
        raise LotWanted(
            "inventory.expiry_wanted",
            _("%(sku)s comes in with lot and expiry date only.") % {"sku": needing[sku_id]},
            sku=needing[sku_id],
            field="expires_on" if lot else "lot",
        )


def require_fresh(lot: Lot | None, day: date) -> None:
    """Refuse to call goods good that expired before a day. Raises ExpiredGoods."""
    if lot is not None and lot.expires_on is not None and lot.expires_on < day:
        raise ExpiredGoods(
            "inventory.lot_expired",
            _("Lot %(lot)s expired on %(day)s: its pieces are not good; count them as damaged.")
            % {"lot": lot.code, "day": lot.expires_on.isoformat()},
            lot=lot.code,
            field="expires_on",
        )


def set_shelf_life(*, category: str, needs_expiry: bool, actor: Actor, at: datetime) -> None:
    """Say whether goods of a category, and of those below it, need an expiry date.

    Raises UnknownDocument.
    """
    with transaction.atomic():
        found = codes.category_ids(codes=[parse.code(category)]).get(category)
        if found is None:
            raise UnknownDocument(
                "inventory.category_unknown", _("There is no such category."), field="category"
            )
        ShelfLife.objects.update_or_create(
            category_id=found,
            defaults={"needs_expiry": needs_expiry, "set_by": actor.person_id, "set_at": at},
        )
        audit.record(
            actor=actor,
            at=at,
            action="inventory.shelf_life_set",
            obj=("catalog.category", found),
            body={"category": category, "needs_expiry": needs_expiry},
        )


def _require_sane(lot: FoundLot, today: date) -> None:
    if lot.made_on and lot.expires_on and lot.expires_on < lot.made_on:
        raise RuleViolation(
            "inventory.lot_expires_before",
            _("A lot cannot expire before it was made."),
            field="made_on",
        )
    if lot.made_on and lot.made_on > today:
        raise RuleViolation(
            "inventory.lot_made_later",
            _("Lot %(lot)s cannot have been made after today.") % {"lot": lot.code},
            field="made_on",
        )


def _made(lots: list[Lot]) -> list[Lot]:
    """Insert lots; another keeper may have entered one of them a moment ago."""
    try:
        with transaction.atomic():
            return Lot.objects.bulk_create(lots)
    except IntegrityError as error:
        if constraint_of(error) == "lot_code_once_per_sku":
            raise Conflict(
                "inventory.lot_taken", _("Another person entered this lot just now; once more.")
            ) from error
        raise


def _correct(lot: Lot, said: FoundLot, *, receipt_id: int, actor: Actor, at: datetime) -> None:
    wanted = (said.made_on or lot.made_on, said.expires_on or lot.expires_on)
    before = (lot.made_on, lot.expires_on)
    if wanted == before:
        return
    elsewhere = ReceiptLine.objects.filter(lot_id=lot.pk).exclude(receipt_id=receipt_id)
    if elsewhere.exists() or Move.objects.filter(lot_id=lot.pk).exists():
        raise Conflict(
            "inventory.lot_differs",
            _("Lot %(lot)s is known with other dates: made %(made)s, expires %(expires)s.")
            % {"lot": lot.code, "made": lot.made_on or "-", "expires": lot.expires_on or "-"},
            field="expires_on",
        )
    lot.made_on, lot.expires_on = wanted
    _require_sane(FoundLot(code=lot.code, made_on=wanted[0], expires_on=wanted[1]), lot.received_on)
    lot.save(update_fields=["made_on", "expires_on"])
    audit.record(
        actor=actor,
        at=at,
        action="inventory.lot_corrected",
        obj=("inventory.lot", lot.pk),
        body={"code": lot.code, "was": list(before), "now": list(wanted)},
    )

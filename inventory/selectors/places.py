"""Warehouses, locations, lots: found by id or code, inside the actor's warehouses."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory.choices import VIRTUAL_KINDS, LocationKind
from inventory.errors import UnknownPlace
from inventory.models import Location, Lot, Warehouse
from inventory.selectors.stock import scopes_of
from inventory.types import VirtualPlaces, WarehouseInfo
from ops.engines.kernel.actor import Actor


def virtual_places() -> VirtualPlaces:
    """Return the ids of the four places that are not ours."""
    return VirtualPlaces(
        **dict(
            Location.objects.filter(
                kind__in=VIRTUAL_KINDS, warehouse__isnull=True, is_default=True
            ).values_list("kind", "id")
        )
    )


def warehouse(*, warehouse_id: int) -> WarehouseInfo:
    """Return a warehouse with its default places.

    Raises UnknownPlace.
    """
    found = Warehouse.objects.filter(pk=warehouse_id).first()
    if found is None:
        raise unknown_warehouse()
    return _described(found)


def warehouse_by_code(code: str) -> WarehouseInfo | None:
    """Return the warehouse of a code as written, or None."""
    found = Warehouse.objects.filter(code=code).first()
    return None if found is None else _described(found)


def warehouses(*, actor: Actor) -> QuerySet[Warehouse]:
    """Return the warehouses the actor may see."""
    ids = scopes_of(actor)
    every = Warehouse.objects.order_by("id")
    return every if ids is None else every.filter(pk__in=ids)


def active_ids() -> list[int]:
    """Return the ids of the warehouses in use: each gets its checks and inspections."""
    return list(
        Warehouse.objects.filter(is_active=True).order_by("id").values_list("id", flat=True)
    )


def names() -> dict[int, str]:
    """Return the names of all warehouses by id."""
    return dict(Warehouse.objects.values_list("id", "name"))


def locations(*, actor: Actor) -> QuerySet[Location]:
    """Return the places of the actor's warehouses; the virtual ones belong to everybody."""
    ids = scopes_of(actor)
    every = Location.objects.select_related("warehouse").order_by("id")
    if ids is None:
        return every
    return every.filter(warehouse_id__in=ids) | every.filter(warehouse__isnull=True)


def lots(*, actor: Actor) -> QuerySet[Lot]:
    """Return the lots known to the house; a lot says nothing about where it lies."""
    del actor
    return Lot.objects.select_related("sku").order_by("id")


def default_place(*, warehouse_id: int, kind: LocationKind) -> int:
    """Return the id of a warehouse's default place of a kind.

    Raises UnknownPlace.
    """
    found = (
        Location.objects.filter(warehouse_id=warehouse_id, kind=kind, is_default=True)
        .values_list("id", flat=True)
        .first()
    )
    if found is None:
        raise unknown_warehouse()
    return found


def require_warehouse(*, warehouse_id: int, actor: Actor, right: str = "V") -> None:
    """Raise UnknownPlace unless the warehouse lies within the actor's scopes for the right."""
    ids = actor.scope_ids("warehouse", "inventory", right)
    if ids is not None and warehouse_id not in ids:
        raise unknown_warehouse()


def unknown_warehouse() -> UnknownPlace:
    """Return the one answer for a warehouse that is not there or not yours."""
    return UnknownPlace("inventory.warehouse_unknown", _("There is no such warehouse."))


def unknown_document() -> UnknownPlace:
    """Return the one answer for a document that is not there or not yours."""
    return UnknownPlace("inventory.document_unknown", _("There is no such document."))


def unknown_sku() -> UnknownPlace:
    """Return the one answer for a SKU that is not there."""
    return UnknownPlace("inventory.sku_unknown", _("There is no such SKU."))


def _described(found: Warehouse) -> WarehouseInfo:
    places = dict(
        Location.objects.filter(warehouse=found, is_default=True).values_list("kind", "id")
    )
    return WarehouseInfo(
        id=found.pk,
        code=found.code,
        name=found.name,
        bin_id=places[LocationKind.BIN],
        quarantine_id=places[LocationKind.QUARANTINE],
        damage_id=places[LocationKind.DAMAGE],
        transit_id=places[LocationKind.TRANSIT],
    )

"""Words of the warehouse: kinds of places, reasons of moves, states of documents."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LocationKind(TextChoices):
    """What stands behind a place; goods in internal kinds are ours and never below zero."""

    SUPPLIER = "supplier", _("supplier")
    BIN = "bin", _("storage bin")
    TRANSIT = "transit", _("in transit")
    QUARANTINE = "quarantine", _("quarantine")
    DAMAGE = "damage", _("damaged goods")
    CUSTOMER = "customer", _("customer")
    GAIN_LOSS = "gain_loss", _("gain and loss")
    OPENING = "opening", _("opening stock")


INTERNAL_KINDS = (
    LocationKind.BIN,
    LocationKind.TRANSIT,
    LocationKind.QUARANTINE,
    LocationKind.DAMAGE,
)
VIRTUAL_KINDS = (
    LocationKind.SUPPLIER,
    LocationKind.CUSTOMER,
    LocationKind.GAIN_LOSS,
    LocationKind.OPENING,
)


class MoveReason(TextChoices):
    """Why goods moved."""

    OPENING = "opening", _("opening stock")
    RECEIPT = "receipt", _("purchase receipt")
    SALE = "sale", _("sale")
    RETURN = "return", _("customer return")
    SUPPLIER_RETURN = "supplier_return", _("return to supplier")
    WRITE_OFF = "write_off", _("write-off")
    FOUND = "found", _("found goods")
    GIVEAWAY = "giveaway", _("giveaway")
    COUNT = "count", _("stock count")
    TRANSFER = "transfer", _("transfer between warehouses")
    RELOCATION = "relocation", _("move within the warehouse")
    INTERNAL_USE = "internal_use", _("internal use")
    REVERSAL = "reversal", _("reversal")


class ReservationState(TextChoices):
    """Life of a reservation."""

    OPEN = "open", _("open")
    CONSUMED = "consumed", _("shipped")
    RELEASED = "released", _("released")
    BROKEN = "broken", _("broken by a loss of stock")


class ShipmentState(TextChoices):
    """Life of a shipment (SCM-2.4-03)."""

    OPEN = "open", _("to pick")
    PICKED = "picked", _("picked")
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("shipped")
    CANCELLED = "cancelled", _("cancelled")


# Which state may follow which; services and the database trigger read the same table.
SHIPMENT_STEPS: dict[ShipmentState, tuple[ShipmentState, ...]] = {
    ShipmentState.OPEN: (ShipmentState.PICKED, ShipmentState.CANCELLED),
    ShipmentState.PICKED: (ShipmentState.PACKED, ShipmentState.OPEN, ShipmentState.CANCELLED),
    ShipmentState.PACKED: (ShipmentState.SHIPPED, ShipmentState.OPEN, ShipmentState.CANCELLED),
    ShipmentState.SHIPPED: (),
    ShipmentState.CANCELLED: (),
}

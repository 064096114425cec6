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


# Which state may follow which; a test compares the database's trigger with it.
SHIPMENT_STEPS: dict[ShipmentState, tuple[ShipmentState, ...]] = {
    ShipmentState.OPEN: (ShipmentState.PICKED, ShipmentState.CANCELLED),
    ShipmentState.PICKED: (ShipmentState.PACKED, ShipmentState.OPEN, ShipmentState.CANCELLED),
    ShipmentState.PACKED: (ShipmentState.SHIPPED, ShipmentState.OPEN, ShipmentState.CANCELLED),
    ShipmentState.SHIPPED: (),
    ShipmentState.CANCELLED: (),
}


class AlertKind(TextChoices):
    """How stock left its levels (SCM-2.3-01)."""

    LOW = "low", _("low stock")
    OUT = "out", _("out of stock")
    OVER = "over", _("over-stock")


class SupplierState(TextChoices):
    """Whether goods may be ordered from a supplier."""

    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")


class PurchaseState(TextChoices):
    """Life of a purchase order (SCM-2.4-01)."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    APPROVED = "approved", _("approved")
    SENT = "sent", _("sent to the supplier")
    PARTLY_RECEIVED = "partly_received", _("partly received")
    RECEIVED = "received", _("received")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class ReceiptState(TextChoices):
    """Life of a receipt (SCM-2.2-02)."""

    COUNTING = "counting", _("being counted")
    CHECKED = "checked", _("checked")
    POSTED = "posted", _("posted")
    REFUSED = "refused", _("refused")


class Mismatch(TextChoices):
    """How what came differs from the note (SCM-2.2-03)."""

    NONE = "none", _("as noted")
    SHORT = "short", _("too few")
    OVER = "over", _("too many")
    DAMAGED = "damaged", _("damaged")
    WRONG = "wrong", _("other goods or specification")


class ReceiptLineState(TextChoices):
    """What became of one line of a receipt."""

    OPEN = "open", _("not posted")
    POSTED = "posted", _("posted")
    REFUSED = "refused", _("refused")


class RefusalChoice(TextChoices):
    """What the keeper does with goods that differ until somebody decides."""

    REFUSE_ALL = "refuse_all", _("refuse all")
    REFUSE_PART = "refuse_part", _("refuse the difference")
    HOLD = "hold", _("hold for a decision")


class MismatchTreatment(TextChoices):
    """What is proposed for goods that differ."""

    ACCEPT = "accept", _("accept with note")
    RETURN = "return", _("return to the supplier")
    CLAIM = "claim", _("claim against the supplier")


class DiscrepancyState(TextChoices):
    """Life of a discrepancy report."""

    SUBMITTED = "submitted", _("waiting for a decision")
    DECIDED = "decided", _("decided")
    RETURNED = "returned", _("sent back")


class CountKind(TextChoices):
    """Why stock is counted (SCM-2.3-05, SCM-2.3-07)."""

    QUARTER = "quarter", _("quarter-end count")
    CYCLE = "cycle", _("cycle count")


class CountState(TextChoices):
    """Life of a stock count."""

    OPEN = "open", _("open")
    COUNTING = "counting", _("counting")
    REVIEW = "review", _("under review")
    SUBMITTED = "submitted", _("submitted")
    APPROVED = "approved", _("approved")
    POSTED = "posted", _("posted")
    CANCELLED = "cancelled", _("cancelled")


class VarianceCause(TextChoices):
    """Why book and shelf differ (SCM-2.3-06)."""

    MIS_SHIPPED = "mis_shipped", _("wrong goods shipped")
    MIS_RECEIVED = "mis_received", _("wrongly received")
    NOT_BOOKED = "not_booked", _("document not booked")
    MISPLACED = "misplaced", _("in another place")
    DAMAGE = "damage", _("damage")
    LOSS = "loss", _("loss or theft")
    NOT_FOUND = "not_found", _("cause not found")


class VarianceTreatment(TextChoices):
    """What is proposed for a difference (SCM-2.3-06)."""

    ADJUST = "adjust", _("adjust the book")
    CHARGE = "charge", _("adjust and charge the responsible")
    CLAIM = "claim", _("adjust and claim from carrier or supplier")


# Which state of a document may follow which; services and database triggers read the same tables.
PURCHASE_STEPS: dict[PurchaseState, tuple[PurchaseState, ...]] = {
    PurchaseState.DRAFT: (PurchaseState.SUBMITTED, PurchaseState.CANCELLED),
    PurchaseState.SUBMITTED: (
        PurchaseState.APPROVED,
        PurchaseState.DRAFT,
        PurchaseState.CANCELLED,
    ),
    PurchaseState.APPROVED: (PurchaseState.SENT, PurchaseState.CANCELLED),
    PurchaseState.SENT: (
        PurchaseState.PARTLY_RECEIVED,
        PurchaseState.RECEIVED,
        PurchaseState.CLOSED,
    ),
    PurchaseState.PARTLY_RECEIVED: (PurchaseState.RECEIVED, PurchaseState.CLOSED),
    PurchaseState.RECEIVED: (PurchaseState.CLOSED,),
    PurchaseState.CLOSED: (),
    PurchaseState.CANCELLED: (),
}
RECEIPT_STEPS: dict[ReceiptState, tuple[ReceiptState, ...]] = {
    ReceiptState.COUNTING: (ReceiptState.CHECKED, ReceiptState.REFUSED),
    ReceiptState.CHECKED: (ReceiptState.POSTED, ReceiptState.REFUSED, ReceiptState.COUNTING),
    ReceiptState.POSTED: (),
    ReceiptState.REFUSED: (),
}
COUNT_STEPS: dict[CountState, tuple[CountState, ...]] = {
    CountState.OPEN: (CountState.COUNTING, CountState.CANCELLED),
    CountState.COUNTING: (CountState.REVIEW, CountState.CANCELLED),
    CountState.REVIEW: (CountState.SUBMITTED, CountState.CANCELLED),
    CountState.SUBMITTED: (CountState.APPROVED, CountState.REVIEW),
    CountState.APPROVED: (CountState.POSTED,),
    CountState.POSTED: (),
    CountState.CANCELLED: (),
}


class EquipmentKind(TextChoices):
    """What keeps a warehouse safe from fire and theft (SCM-2.2-10)."""

    EXTINGUISHER = "extinguisher", _("fire extinguisher")
    HYDRANT = "hydrant", _("hydrant")
    DETECTOR = "detector", _("smoke detector")
    FIRE_DOOR = "fire_door", _("fire door")
    LIGHT = "light", _("emergency light")
    ALARM = "alarm", _("burglar alarm")
    CAMERA = "camera", _("camera")
    LOCK = "lock", _("lock")


class DisposalState(TextChoices):
    """Life of the disposal of what is left of goods (CAT-4.1-05)."""

    OPEN = "open", _("to be proposed")
    FILED = "filed", _("under way")
    ENDED = "ended", _("nothing left")


class Treatment(TextChoices):
    """How the rest of goods goes."""

    MARKDOWN = "markdown", _("mark down")
    BUNDLE = "bundle", _("bundle with other goods")
    SUPPLIER_RETURN = "supplier_return", _("return to the supplier")
    DONATE = "donate", _("donate")
    SCRAP = "scrap", _("scrap")

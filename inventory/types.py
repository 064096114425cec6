"""What the doors of inventory take and give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from inventory.choices import MoveReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The document goods move or are held for: "customers.order", 12. Opaque to inventory."""

    type: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDraft:
    """Goods to be moved; `effect_key` names the effect for ever.

    Goods that enter a warehouse from outside are valued at `value` (exact), else at `unit_cost`,
    else at the warehouse's average. Goods that leave always go at the average.
    `document_day` is the day of a late document, `reverses_id` the move a correction undoes.
    """

    sku_id: int
    from_location_id: int
    to_location_id: int
    quantity: int
    reason: MoveReason | str
    source: Source
    effect_key: str
    lot_id: int | None = None
    unit_cost: Decimal | None = None
    value: Decimal | None = None
    approval_id: int | None = None
    reverses_id: int | None = None
    document_day: date | None = None


@dataclass(frozen=True, slots=True)
class PostedMove:
    """A move as it stands in the ledger; `is_new` is false when it had been posted before."""

    id: int
    unit_cost: Decimal
    value: Decimal
    is_costed: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Posting:
    """What a posting did: its moves in the order of the drafts, reservations it broke."""

    moves: tuple[PostedMove, ...]
    broken_reservation_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One line that wants goods held for it."""

    line: int
    sku_id: int
    warehouse_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkWant:
    """One line of one document among many; the documents come in order of arrival."""

    source_id: int
    line: int
    sku_id: int
    warehouse_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """A SKU of which there is too little: what is available and what was needed."""

    sku_id: int
    sku_code: str
    warehouse_id: int
    available: int
    needed: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """A line for which goods are now held."""

    reservation_id: int
    line: int


@dataclass(frozen=True, slots=True)
class BulkReserved:
    """Outcome for many documents: how many are held, and per refused document what lacks."""

    reserved_source_ids: frozenset[int]
    already_source_ids: frozenset[int]
    short: dict[int, tuple[Shortage, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentWant:
    """One line to ship; `source_line` is the line of the reservation it consumes."""

    source_line: int
    sku_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDraft:
    """What is to leave one warehouse for one document."""

    source_id: int
    warehouse_id: int
    lines: tuple[ShipmentWant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The carrier's label on a parcel."""

    carrier: str
    tracking_no: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentInfo:
    """A shipment as the desk and the API show it."""

    id: int
    number: str
    source: Source
    warehouse_id: int
    state: str
    opened_at: datetime
    shipped_on: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentShipment:
    """A shipment as its document sees it: state, joint parcel, the lines it carries."""

    id: int
    number: str
    source_id: int
    state: str
    parcel_id: int | None
    source_lines: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """Goods that came back."""

    line: int
    sku_id: int
    quantity: int
    lot_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnInfo:
    """A return that was taken in."""

    id: int
    key: str
    value: Decimal
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One line of history from before go-live; `quantity` is signed, as seen by the warehouse."""

    line_no: int
    sku_id: int
    quantity: int
    reason: MoveReason | str
    business_day: date
    at: datetime
    effect_key: str
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class HistoryPosted:
    """What an import of history did."""

    batch_id: int
    posted: int
    already: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class WarehouseInfo:
    """A warehouse with the places that were made with it."""

    id: int
    code: str
    name: str
    bin_id: int
    quarantine_id: int
    damage_id: int
    transit_id: int


@dataclass(frozen=True, slots=True)
class VirtualPlaces:
    """Ids of the four places that are not ours."""

    supplier: int
    customer: int
    gain_loss: int
    opening: int


@dataclass(frozen=True, slots=True)
class DayCloseInfo:
    """A closed day of a warehouse."""

    warehouse_id: int
    day: date
    moves: int
    content_hash: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class MonthCloseInfo:
    """A closed month of the stock ledger."""

    month: date
    revision: int
    moves: int
    quantity: int
    value: Decimal
    content_hash: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What went in and out of a warehouse on a day, with a hash over its moves."""

    moves: int
    quantity_in: int
    quantity_out: int
    value_in: Decimal
    value_out: Decimal
    late_moves: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """What the house owned at the end of a day, with a hash over every SKU and warehouse."""

    moves: int
    quantity: int
    value: Decimal
    content_hash: str


@dataclass(frozen=True, slots=True)
class UnpostedDocument:
    """A document of the day whose goods have not been posted yet."""

    kind: str
    id: int
    number: str
    state: str
    warehouse_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseWant:
    """One line to order; without a plan reference it needs a reason (SCM-2.4-01)."""

    sku_id: int
    quantity: int
    unit_cost: Decimal
    plan_ref: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseInfo:
    """A purchase order as the desk and the API show it."""

    id: int
    number: str
    supplier_id: int
    warehouse_id: int
    state: str
    total: Decimal
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedLine:
    """What the delivery note says of one SKU."""

    sku_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLot:
    """What goods or their carton say of their lot; a day left out is not known."""

    code: str
    made_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedCarton:
    """A carton that was scanned: its SKU, its lot and days, the pieces it holds (0: not said)."""

    sku_id: int
    lot: str
    made_on: date | None
    expires_on: date | None
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    """What the keeper found of one SKU: pieces, how many good, whether it is what was named.

    A lot is given by id when it is known, else by what the goods say of it; `line_id` names the
    line that is corrected.
    """

    sku_id: int
    counted: int
    good: int | None = None
    is_as_named: bool = True
    finding: str = ""
    lot_id: int | None = None
    location_id: int | None = None
    lot: FoundLot | None = None
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiptInfo:
    """A receipt as the desk and the API show it; `differing` counts lines that need a decision."""

    id: int
    number: str
    purchase_id: int
    warehouse_id: int
    state: str
    lines: int
    differing: int


@dataclass(frozen=True, slots=True)
class DiscrepancyInfo:
    """A report on goods that differ from their note."""

    id: int
    number: str
    receipt_id: int
    state: str
    value: Decimal
    approval_id: int | None


@dataclass(frozen=True, slots=True)
class CountInfo:
    """A stock count as the desk and the API show it."""

    id: int
    number: str
    warehouse_id: int
    kind: str
    state: str
    sheets: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntry:
    """Pieces found of one SKU (and lot) at the place of a sheet."""

    sku_id: int
    quantity: int
    lot_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a counted line differs, who answers for it and what is proposed (SCM-2.3-06)."""

    line_id: int
    cause: str
    responsible: str
    treatment: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """What an entry did: lines written, lines of another counter left alone."""

    written: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelDraft:
    """The least and the most free pieces of a SKU in a warehouse; no most means no limit."""

    sku_id: int
    warehouse_id: int
    least: int
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentInfo:
    """One piece of safety equipment; overdue when its next inspection lies behind us."""

    id: int
    warehouse_id: int
    code: str
    kind: str
    place: str
    inspected_on: date
    next_inspection_on: date

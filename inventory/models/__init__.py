"""Tables of the warehouse."""

from inventory.models.closing import DayClose, MonthBalance, MonthClose
from inventory.models.counts import CountLine, CountSheet, StockCount
from inventory.models.disposals import StockDisposal
from inventory.models.ledger import Balance, Effect, HistoryLine, Move, Stock
from inventory.models.levels import StockAlert, StockLevel
from inventory.models.places import Location, Lot, ShelfLife, Warehouse
from inventory.models.purchasing import PurchaseLine, PurchaseOrder, Supplier
from inventory.models.receiving import Receipt, ReceiptDiscrepancy, ReceiptLine
from inventory.models.refusals import RefusedIssue
from inventory.models.reservations import Reservation
from inventory.models.safety import SafetyEquipment
from inventory.models.shipments import GoodsReturn, Parcel, Pick, Shipment, ShipmentLine

__all__ = [
    "Balance",
    "CountLine",
    "CountSheet",
    "DayClose",
    "Effect",
    "GoodsReturn",
    "HistoryLine",
    "Location",
    "Lot",
    "MonthBalance",
    "MonthClose",
    "Move",
    "Parcel",
    "Pick",
    "PurchaseLine",
    "PurchaseOrder",
    "Receipt",
    "ReceiptDiscrepancy",
    "ReceiptLine",
    "RefusedIssue",
    "Reservation",
    "SafetyEquipment",
    "ShelfLife",
    "Shipment",
    "ShipmentLine",
    "Stock",
    "StockAlert",
    "StockCount",
    "StockDisposal",
    "StockLevel",
    "Supplier",
    "Warehouse",
]

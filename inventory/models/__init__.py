"""Tables of the warehouse."""

from inventory.models.closing import DayClose, MonthBalance, MonthClose
from inventory.models.ledger import Balance, Effect, HistoryLine, Move, Stock
from inventory.models.places import Location, Lot, Warehouse
from inventory.models.reservations import Reservation
from inventory.models.shipments import GoodsReturn, Pick, Shipment, ShipmentLine

__all__ = [
    "Balance",
    "DayClose",
    "Effect",
    "GoodsReturn",
    "HistoryLine",
    "Location",
    "Lot",
    "MonthBalance",
    "MonthClose",
    "Move",
    "Pick",
    "Reservation",
    "Shipment",
    "ShipmentLine",
    "Stock",
    "Warehouse",
]

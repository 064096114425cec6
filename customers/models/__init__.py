"""Tables of customers and the order book."""

from .customers import Customer, PersonKey
from .forbidden import ForbiddenSale, RecallLine, SalePenalty
from .orders import Order, OrderLine, OrderStep
from .parcels import OrderMerge, OrderNote, OrderPart, OrderRecipient
from .promotions import OrderDiscount, OrderGift
from .returns import Return, ReturnLine
from .reveals import Reveal
from .routes import ChannelRoute
from .tiers import CustomerTier

__all__ = [
    "ChannelRoute",
    "Customer",
    "CustomerTier",
    "ForbiddenSale",
    "Order",
    "OrderDiscount",
    "OrderGift",
    "OrderLine",
    "OrderMerge",
    "OrderNote",
    "OrderPart",
    "OrderRecipient",
    "OrderStep",
    "PersonKey",
    "RecallLine",
    "Return",
    "ReturnLine",
    "Reveal",
    "SalePenalty",
]

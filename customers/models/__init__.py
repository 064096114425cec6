"""Tables of customers and the order book."""

from .customers import Customer, PersonKey
from .orders import Order, OrderLine, OrderStep
from .returns import Return, ReturnLine
from .reveals import Reveal
from .routes import ChannelRoute

__all__ = [
    "ChannelRoute",
    "Customer",
    "Order",
    "OrderLine",
    "OrderStep",
    "PersonKey",
    "Return",
    "ReturnLine",
    "Reveal",
]

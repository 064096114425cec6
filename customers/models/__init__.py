"""Tables of customers and the order book."""

from .customers import Customer, PersonKey
from .orders import Order, OrderLine, OrderStep
from .returns import Return, ReturnLine
from .routes import ChannelRoute
from .stage import HistoryStage

__all__ = [
    "ChannelRoute",
    "Customer",
    "HistoryStage",
    "Order",
    "OrderLine",
    "OrderStep",
    "PersonKey",
    "Return",
    "ReturnLine",
]

"""Tables of customers and the order book."""

from .customers import Customer, PersonKey
from .orders import Order, OrderLine, OrderStep
from .returns import Return, ReturnLine

__all__ = ["Customer", "Order", "OrderLine", "OrderStep", "PersonKey", "Return", "ReturnLine"]

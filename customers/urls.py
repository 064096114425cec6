"""Addresses of customers and orders."""

from customers.api.after_sales import AfterSalesViewSet
from customers.api.customers import CustomerViewSet
from customers.api.orders import OrderViewSet
from ops.engines.http.routes import ApiRoute

api: list[ApiRoute] = [
    ("customers", CustomerViewSet, "customer"),
    ("orders", OrderViewSet, "order"),
    ("after-sales", AfterSalesViewSet, "after-sale"),
]

"""Addresses of customers and orders."""

from django.urls import path
from django.urls.resolvers import URLPattern

from customers.api.after_sales import AfterSalesViewSet
from customers.api.customers import CustomerViewSet
from customers.api.forbidden import ForbiddenSaleViewSet
from customers.api.orders import OrderViewSet
from customers.views import forbidden, order_forms, order_list, order_page, people, return_pages
from ops.engines.http.routes import ApiRoute

app_name = "customers"

urlpatterns: list[URLPattern] = [
    path("orders/", order_list.OrderList.as_view(), name="orders"),
    path("orders/<slug:number>/", order_page.OrderScreen.as_view(), name="order"),
    path("orders/<slug:number>/move/", order_forms.MoveForm.as_view(), name="order-move"),
    path("orders/<slug:number>/split/", order_forms.SplitForm.as_view(), name="order-split"),
    path("orders/<slug:number>/return/", order_forms.ReturnForm.as_view(), name="order-return"),
    path("returns/", return_pages.ReturnList.as_view(), name="returns"),
    path("returns/<int:return_id>/", return_pages.ReturnScreen.as_view(), name="return"),
    path("forbidden-sales/", forbidden.ForbiddenList.as_view(), name="forbidden_sales"),
    path("forbidden-sales/new/", forbidden.ForbiddenForm.as_view(), name="forbidden_sale_new"),
    path(
        "forbidden-sales/<int:case_id>/",
        forbidden.ForbiddenScreen.as_view(),
        name="forbidden_sale",
    ),
    path("customers/", people.CustomerList.as_view(), name="customers"),
    path("customers/<int:customer_id>/", people.CustomerScreen.as_view(), name="customer"),
    path("customers/<int:customer_id>/reveal/", people.RevealScreen.as_view(), name="reveal"),
]

api: list[ApiRoute] = [
    ("customers", CustomerViewSet, "customer"),
    ("orders", OrderViewSet, "order"),
    ("after-sales", AfterSalesViewSet, "after-sale"),
    ("forbidden-sales", ForbiddenSaleViewSet, "forbidden-sale"),
]

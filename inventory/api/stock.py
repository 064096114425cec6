"""Counters, balances, moves, reservations and traces over REST: read only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.answers import (
    BalanceAnswer,
    MoveAnswer,
    ReservationAnswer,
    StockAnswer,
    TraceAnswer,
)
from inventory.errors import UnknownPlace
from inventory.models import Balance, Lot, Move, Reservation, Stock
from inventory.ports import find_order
from inventory.selectors import movements, places, stock
from ops.engines.http import filters
from ops.engines.http.api import PolicyAPIView, ReadViewSet
from ops.engines.kernel import parse
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

_READ = {"list": may("inventory", "V"), "retrieve": may("inventory", "V")}
TRACED = ("lot", "order", "supplier")


class StockViewSet(ReadViewSet):
    """On hand, reserved, available and in transit, as the ledger has it at this moment."""

    classified = {"value": DataClass.COST}
    policies = _READ
    queryset = Stock.objects.none()
    serializer_class = StockAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "warehouse": filters.exact("warehouse__code"),
        "is_costed": filters.flag("is_costed"),
    }
    orderings = ("id", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the counters of the caller's warehouses."""
        return stock.counters(actor=self.actor)


class BalanceViewSet(ReadViewSet):
    """What lies where."""

    policies = _READ
    queryset = Balance.objects.none()
    serializer_class = BalanceAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "warehouse": filters.exact("location__warehouse__code"),
        "location": filters.number("location_id"),
        "lot": filters.number("lot_id"),
        "kind": filters.exact("location__kind"),
    }
    orderings = ("id", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the balances of the caller's warehouses."""
        return stock.stock_balances(actor=self.actor)


class MoveViewSet(ReadViewSet):
    """The stock ledger, newest first."""

    classified = {"value": DataClass.COST}
    policies = _READ
    queryset = Move.objects.none()
    serializer_class = MoveAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "lot": filters.number("lot_id"),
        "reason": filters.exact("reason"),
        "source_type": filters.exact("source_type"),
        "source_id": filters.number("source_id"),
        "day_from": filters.day("business_day__gte"),
        "day_to": filters.day("business_day__lte"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the moves that touch the caller's warehouses."""
        return movements.moves(actor=self.actor)


class ReservationViewSet(ReadViewSet):
    """What is held for whom."""

    policies = _READ
    queryset = Reservation.objects.none()
    serializer_class = ReservationAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "warehouse": filters.exact("warehouse__code"),
        "state": filters.exact("state"),
        "source_type": filters.exact("source_type"),
        "source_id": filters.number("source_id"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the reservations on the caller's warehouses."""
        return stock.reservations(actor=self.actor)


class TraceView(PolicyAPIView):
    """Where goods came from and where they went: by lot, by order or by supplier."""

    policies = {"get": may("inventory", "V")}
    query_params = {"get": frozenset(TRACED)}

    @extend_schema(
        operation_id="stock_trace",
        parameters=[OpenApiParameter(name, str, required=False) for name in TRACED],
        responses=TraceAnswer,
    )
    def get(self, request: Request) -> Response:
        """Follow one lot (id), one order (number) or one supplier (code); exactly one of them."""
        asked = {
            name: request.query_params[name] for name in TRACED if name in request.query_params
        }
        if len(asked) != 1:
            raise BadInput(
                "inventory.trace_one", _("Ask for exactly one of: lot, order, supplier.")
            )
        ((name, text),) = asked.items()
        return Response(TraceAnswer(self._trace(name, text)).data)

    def _trace(self, name: str, text: str) -> movements.Trace:
        if name == "supplier":
            return movements.trace_supplier(code=parse.code(text), actor=self.actor)
        if name == "lot":
            lot = Lot.objects.filter(pk=parse.quantity(text, least=1)).first()
            if lot is None:
                raise UnknownPlace("inventory.lot_unknown", _("There is no such lot."))
            return movements.trace_lot(lot=lot, actor=self.actor)
        source = find_order(number=parse.code(text), actor=self.actor)
        if source is None:
            raise places.unknown_document()
        return movements.trace_document(source=source, actor=self.actor)

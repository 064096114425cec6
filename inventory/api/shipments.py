"""Shipments over REST: read, and the keeper's steps."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.answers import (
    PickAnswer,
    ShipmentAnswer,
    ShipmentDetailAnswer,
    ShipmentLineAnswer,
    TrackAnswer,
)
from inventory.api.questions import NothingQuestion
from inventory.choices import ShipmentState
from inventory.models import Shipment
from inventory.selectors import shipments as selected
from inventory.services import shipments
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import CodeField, StrictCharField, StrictSerializer
from ops.engines.kernel.policy import may

_STEP = may("inventory", "P")


class LabelQuestion(StrictSerializer):
    """The carrier's label."""

    carrier = StrictCharField(max_length=80)
    tracking_no = CodeField(max_length=64, default="")


class ShipmentViewSet(ReadViewSet):
    """Shipments of the caller's warehouses."""

    policies = {
        "list": may("inventory", "V"),
        "retrieve": may("inventory", "V"),
        "track": may("inventory", "V"),
        "pick": _STEP,
        "pack": _STEP,
        "ship": _STEP,
        "reopen": _STEP,
        "cancel": _STEP,
    }
    queryset = Shipment.objects.none()
    serializer_class = ShipmentAnswer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "warehouse": filters.exact("warehouse__code"),
        "source_type": filters.exact("source_type"),
        "source_id": filters.number("source_id"),
        "shipped_from": filters.day("shipped_on__gte"),
        "shipped_to": filters.day("shipped_on__lte"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the shipments of the caller's warehouses."""
        return selected.shipments(actor=self.actor)

    @extend_schema(responses=ShipmentDetailAnswer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Show a shipment with its lines and picks."""
        return self._shown()

    @extend_schema(responses=TrackAnswer)
    @action(detail=True)
    def track(self, request: Request, pk: int) -> Response:
        """Show the way of the parcel as far as we know it."""
        row = self.get_object()
        moments = {
            ShipmentState.OPEN: row.opened_at,
            ShipmentState.PICKED: row.picked_at,
            ShipmentState.PACKED: row.packed_at,
            ShipmentState.SHIPPED: row.shipped_at,
            ShipmentState.CANCELLED: row.cancelled_at,
        }
        steps = [{"state": state.value, "at": at} for state, at in moments.items() if at]
        return Response(
            TrackAnswer(
                {
                    "number": row.number,
                    "carrier": row.carrier,
                    "tracking_no": row.tracking_no,
                    "steps": steps,
                }
            ).data
        )

    @extend_schema(request=NothingQuestion, responses=ShipmentDetailAnswer)
    @action(detail=True, methods=["post"])
    def pick(self, request: Request, pk: int) -> Response:
        """Choose bin and lot for every line."""
        _nothing(request)
        shipments.pick(shipment_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return self._shown()

    @extend_schema(request=LabelQuestion, responses=ShipmentDetailAnswer)
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: int) -> Response:
        """Pack under the carrier's label."""
        question = LabelQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        shipments.pack(
            shipment_id=self.get_object().pk,
            **question.validated_data,
            actor=self.actor,
            at=timezone.now(),
        )
        return self._shown()

    @extend_schema(request=NothingQuestion, responses=ShipmentDetailAnswer)
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: int) -> Response:
        """Hand over to the carrier: the goods leave the stock."""
        _nothing(request)
        shipments.ship(shipment_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return self._shown()

    @extend_schema(request=NothingQuestion, responses=ShipmentDetailAnswer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """Put picked goods back on their shelf."""
        _nothing(request)
        shipments.reopen(shipment_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return self._shown()

    @extend_schema(request=NothingQuestion, responses=ShipmentDetailAnswer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Give the shipment up."""
        _nothing(request)
        shipments.cancel(shipment_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return self._shown()

    def _shown(self) -> Response:
        row = self.get_object()
        return Response(
            {
                **ShipmentAnswer(row).data,
                "lines": ShipmentLineAnswer(selected.lines(shipment_id=row.pk), many=True).data,
                "picks": PickAnswer(selected.picks(shipment_id=row.pk), many=True).data,
            }
        )


def _nothing(request: Request) -> None:
    NothingQuestion(data=request.data).is_valid(raise_exception=True)

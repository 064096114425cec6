"""Stock levels and alerts over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import codes
from inventory.choices import AlertKind
from inventory.models import StockAlert, StockLevel
from inventory.selectors import levels as selected
from inventory.selectors import places
from inventory.services import levels
from inventory.types import LevelDraft
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import CodeField, MomentField, QuantityField, StrictSerializer
from ops.engines.kernel.policy import may


class AlertAnswer(serializers.Serializer[Any]):
    """Stock that left its levels."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    warehouse = serializers.CharField(source="warehouse.code")
    kind = serializers.ChoiceField(choices=AlertKind.choices)
    available = serializers.IntegerField()
    limit = serializers.IntegerField()
    opened_at = MomentField()
    due_at = MomentField()
    taken_by = serializers.IntegerField(allow_null=True)
    taken_at = MomentField(allow_null=True)
    closed_at = MomentField(allow_null=True)


class LevelAnswer(serializers.Serializer[Any]):
    """The least and the most free pieces of a SKU in a warehouse."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    warehouse = serializers.CharField(source="warehouse.code")
    least = serializers.IntegerField()
    most = serializers.IntegerField(allow_null=True)


class LevelQuestion(StrictSerializer):
    """A level to set; setting it again replaces it."""

    sku = CodeField()
    warehouse = CodeField(max_length=40)
    least = QuantityField()
    most = QuantityField(least=1, allow_null=True, default=None)


class LevelViewSet(ReadViewSet):
    """Levels set in the caller's warehouses."""

    policies = {
        "list": may("inventory", "V"),
        "retrieve": may("inventory", "V"),
        "create": may("inventory", "C"),
    }
    queryset = StockLevel.objects.none()
    serializer_class = LevelAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "warehouse": filters.exact("warehouse__code"),
    }
    orderings = ("id", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the levels of the caller's warehouses."""
        return selected.levels(actor=self.actor)

    @extend_schema(request=LevelQuestion, responses={201: LevelAnswer})
    def create(self, request: Request) -> Response:
        """Set the level of a SKU in a warehouse."""
        question = LevelQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        told = question.validated_data
        skus = codes.skus_by_code(codes=[told["sku"]])
        warehouse = places.warehouse_by_code(told["warehouse"])
        if warehouse is None or told["sku"] not in skus:
            raise places.unknown_sku() if warehouse else places.unknown_warehouse()
        draft = LevelDraft(
            sku_id=skus[told["sku"]],
            warehouse_id=warehouse.id,
            least=told["least"],
            most=told["most"],
        )
        levels.set_levels(levels=[draft], actor=self.actor, at=timezone.now())
        row = self.get_queryset().get(sku_id=draft.sku_id, warehouse_id=draft.warehouse_id)
        return Response(LevelAnswer(row).data, status=201)


class AlertViewSet(ReadViewSet):
    """Alerts of the caller's warehouses, newest first."""

    policies = {
        "list": may("inventory", "V"),
        "retrieve": may("inventory", "V"),
        "take": may("inventory", "C"),
    }
    queryset = StockAlert.objects.none()
    serializer_class = AlertAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "warehouse": filters.exact("warehouse__code"),
        "kind": filters.exact("kind"),
        "is_open": filters.flag("closed_at__isnull"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the alerts of the caller's warehouses."""
        return selected.alerts(actor=self.actor)

    @extend_schema(request=StrictSerializer, responses=AlertAnswer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: int) -> Response:
        """Say that one looks after an alert."""
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        levels.take(alert_id=self.get_object().pk, actor=self.actor, at=timezone.now())
        return Response(AlertAnswer(self.get_object()).data)

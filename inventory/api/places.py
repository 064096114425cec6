"""Warehouses, locations and lots over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.answers import LocationAnswer, LotAnswer, ShelfLifeAnswer, WarehouseAnswer
from inventory.choices import INTERNAL_KINDS, LocationKind
from inventory.models import Location, Lot, ShelfLife, Warehouse
from inventory.selectors import lots as lots_selected
from inventory.selectors import places as selected
from inventory.services import lots, places
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    FlagField,
    IdField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import may


class WarehouseQuestion(StrictSerializer):
    """A warehouse to make."""

    code = CodeField(max_length=40)
    name = StrictCharField(max_length=120)
    name_en = StrictCharField(max_length=120, allow_blank=True, default="")


class ShelfLifeQuestion(StrictSerializer):
    """What goods of a category demand."""

    category = CodeField(max_length=40)
    needs_expiry = FlagField()


class LocationQuestion(StrictSerializer):
    """A place to make."""

    warehouse = IdField()
    code = CodeField(max_length=40)
    name = StrictCharField(max_length=120, allow_blank=True, default="")
    kind = WordField(choices=[kind.value for kind in INTERNAL_KINDS])


class WarehouseViewSet(ReadViewSet):
    """Warehouses the caller may work in."""

    policies = {
        "list": may("inventory", "V"),
        "retrieve": may("inventory", "V"),
        "create": may("inventory", "M"),
    }
    queryset = Warehouse.objects.none()
    serializer_class = WarehouseAnswer
    filters = {"code": filters.exact("code"), "is_active": filters.flag("is_active")}
    orderings = ("id", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the caller's warehouses."""
        return selected.warehouses(actor=self.actor)

    @extend_schema(request=WarehouseQuestion, responses={201: WarehouseAnswer})
    def create(self, request: Request) -> Response:
        """Make a warehouse with its default places."""
        question = WarehouseQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        made = places.create_warehouse(
            **question.validated_data, actor=self.actor, at=timezone.now()
        )
        row = Warehouse.objects.get(pk=made.id)
        return Response(WarehouseAnswer(row).data, status=201)


class LocationViewSet(ReadViewSet):
    """Places in the caller's warehouses, and the virtual ones."""

    policies = {
        "list": may("inventory", "V"),
        "retrieve": may("inventory", "V"),
        "create": may("inventory", "C"),
    }
    queryset = Location.objects.none()
    serializer_class = LocationAnswer
    filters = {
        "warehouse": filters.number("warehouse_id"),
        "kind": filters.exact("kind"),
        "code": filters.exact("code"),
    }
    orderings = ("id", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the places of the caller's warehouses."""
        return selected.locations(actor=self.actor)

    @extend_schema(request=LocationQuestion, responses={201: LocationAnswer})
    def create(self, request: Request) -> Response:
        """Make a place of ours in a warehouse."""
        question = LocationQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        told = question.validated_data
        made = places.create_location(
            warehouse_id=told["warehouse"],
            code=told["code"],
            name=told["name"],
            kind=LocationKind(told["kind"]),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(LocationAnswer(Location.objects.get(pk=made)).data, status=201)


class ShelfLifeViewSet(ReadViewSet):
    """What categories demand of their goods when they come in."""

    policies = {
        "list": may("inventory", "V"),
        "retrieve": may("inventory", "V"),
        "create": may("inventory", "C", Role.WAREHOUSE_KEEPER),
    }
    queryset = ShelfLife.objects.none()
    serializer_class = ShelfLifeAnswer
    filters = {"category": filters.exact("category__code")}
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show every category that says something."""
        return lots_selected.shelf_lives()

    @extend_schema(request=ShelfLifeQuestion, responses={201: ShelfLifeAnswer})
    def create(self, request: Request) -> Response:
        """Say whether goods of a category need an expiry date."""
        question = ShelfLifeQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        told = question.validated_data
        lots.set_shelf_life(**told, actor=self.actor, at=timezone.now())
        row = self.get_queryset().get(category__code=told["category"])
        return Response(ShelfLifeAnswer(row).data, status=201)


class LotViewSet(ReadViewSet):
    """Lots."""

    policies = {"list": may("inventory", "V"), "retrieve": may("inventory", "V")}
    queryset = Lot.objects.none()
    serializer_class = LotAnswer
    filters = {
        "sku": filters.exact("sku__code"),
        "code": filters.exact("code"),
        "expires_until": filters.day("expires_on__lte"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show lots."""
        return selected.lots(actor=self.actor)

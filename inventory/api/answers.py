"""Answers of the warehouse's API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ops.engines.http.serializers import DayField, MomentField, MoneyField


class WarehouseAnswer(serializers.Serializer[Any]):
    """A warehouse."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    is_active = serializers.BooleanField()


class LocationAnswer(serializers.Serializer[Any]):
    """A place; virtual ones have no warehouse."""

    id = serializers.IntegerField()
    warehouse = serializers.IntegerField(source="warehouse_id", allow_null=True)
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    is_default = serializers.BooleanField()
    is_active = serializers.BooleanField()


class LotAnswer(serializers.Serializer[Any]):
    """A lot."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    code = serializers.CharField()
    made_on = DayField(allow_null=True)
    expires_on = DayField(allow_null=True)
    received_on = DayField()
    supplier = serializers.CharField(source="supplier_code")


class ShelfLifeAnswer(serializers.Serializer[Any]):
    """What a category demands of its goods."""

    id = serializers.IntegerField()
    category = serializers.CharField(source="category.code")
    needs_expiry = serializers.BooleanField()
    set_at = MomentField()


class StockAnswer(serializers.Serializer[Any]):
    """The counter of a SKU in a warehouse."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    warehouse = serializers.CharField(source="warehouse.code")
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()
    owned = serializers.IntegerField()
    in_transit = serializers.IntegerField()
    avg_cost = MoneyField(places=6)
    value = MoneyField()
    is_costed = serializers.BooleanField()


class BalanceAnswer(serializers.Serializer[Any]):
    """What lies at one place."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    lot = serializers.CharField(source="lot.code", default="")
    warehouse = serializers.CharField(source="location.warehouse.code")
    location = serializers.CharField(source="location.code")
    kind = serializers.CharField(source="location.kind")
    on_hand = serializers.IntegerField()
    seq = serializers.IntegerField()


class MoveAnswer(serializers.Serializer[Any]):
    """One move of the ledger."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    lot = serializers.CharField(source="lot.code", default="")
    from_location = serializers.CharField(source="from_location.code")
    to_location = serializers.CharField(source="to_location.code")
    quantity = serializers.IntegerField()
    unit_cost = MoneyField(places=6)
    value = MoneyField()
    is_costed = serializers.BooleanField()
    reason = serializers.CharField()
    source_type = serializers.CharField()
    source_id = serializers.IntegerField()
    business_day = DayField()
    document_day = DayField(allow_null=True)
    at = MomentField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)


class ReservationAnswer(serializers.Serializer[Any]):
    """Goods held for a document line."""

    id = serializers.IntegerField()
    source_type = serializers.CharField()
    source_id = serializers.IntegerField()
    source_line = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    warehouse = serializers.CharField(source="warehouse.code")
    quantity = serializers.IntegerField()
    state = serializers.CharField()
    reserved_at = MomentField()
    closed_at = MomentField(allow_null=True)


class ShipmentAnswer(serializers.Serializer[Any]):
    """A shipment."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    source_type = serializers.CharField()
    source_id = serializers.IntegerField()
    warehouse = serializers.CharField(source="warehouse.code")
    state = serializers.CharField()
    carrier = serializers.CharField()
    tracking_no = serializers.CharField()
    opened_at = MomentField()
    picked_at = MomentField(allow_null=True)
    packed_at = MomentField(allow_null=True)
    shipped_at = MomentField(allow_null=True)


class ShipmentLineAnswer(serializers.Serializer[Any]):
    """One line of a shipment."""

    line_no = serializers.IntegerField()
    source_line = serializers.IntegerField()
    sku = serializers.CharField(source="sku.code")
    quantity = serializers.IntegerField()


class PickAnswer(serializers.Serializer[Any]):
    """Where pieces of a line come from."""

    line_no = serializers.IntegerField(source="line.line_no")
    sku = serializers.CharField(source="sku.code")
    location = serializers.CharField(source="location.code")
    lot = serializers.CharField(source="lot.code", default="")
    quantity = serializers.IntegerField()


class ShipmentDetailAnswer(ShipmentAnswer):
    """A shipment with its lines and picks."""

    lines = ShipmentLineAnswer(many=True)
    picks = PickAnswer(many=True)


class StepAnswer(serializers.Serializer[Any]):
    """One thing that happened to a parcel."""

    state = serializers.CharField()
    at = MomentField()


class TrackAnswer(serializers.Serializer[Any]):
    """The way of a parcel as far as we know it."""

    number = serializers.CharField()
    carrier = serializers.CharField()
    tracking_no = serializers.CharField()
    steps = StepAnswer(many=True)


class TraceAnswer(serializers.Serializer[Any]):
    """Where goods came from and where they went."""

    moves = MoveAnswer(many=True)
    shipments = ShipmentAnswer(many=True)

"""Confirmed sales of forbidden goods: the case, its recall, its measures, its end (CAT-4.3-05)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from catalog.errors.bans import BanMissing
from catalog.selectors import bans as banned
from catalog.selectors import listings as shelves
from catalog.services import bans
from customers.choices import ForbiddenKind, PenaltyMeasure
from customers.models import ForbiddenSale
from customers.selectors import forbidden as selected
from customers.services import forbidden
from customers.views.forbidden import VIEW
from inventory.selectors import documents
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Sent, Step
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)

MOST_LINES = 1000


class ConfirmSerializer(StrictSerializer):
    """Any variant of the goods: the whole product is meant."""

    sku = CodeField()
    kind = WordField(choices=ForbiddenKind.choices)
    facts = StrictCharField(max_length=400)


class TellSerializer(StrictSerializer):
    """How buyers were told; all that were not yet, unless lines of the recall are named."""

    how = StrictCharField(max_length=200)
    lines = serializers.ListField(child=IdField(), required=False, max_length=MOST_LINES)


class MeasureSerializer(StrictSerializer):
    """A measure against a supplier (by code) or a seller (by name)."""

    measure = WordField(choices=PenaltyMeasure.choices)
    reason = StrictCharField(max_length=400)
    supplier = CodeField(required=False)
    seller = StrictCharField(max_length=120, required=False)
    amount = MoneyField(required=False)


class LiftSerializer(StrictSerializer):
    """Why the goods may be listed again."""

    reason = StrictCharField(max_length=400)


class CaseEndSerializer(StrictSerializer):
    """What came of the case."""

    outcome = StrictCharField(max_length=400)


class RecallLineSerializer(StrictSerializer):
    """An order by which goods of the case reached a buyer."""

    id = IdField()
    order = CodeField(source="order.number")
    channel = CodeField(source="order.channel.code")
    sku = CodeField(source="sku.code")
    quantity = QuantityField()
    told_at = MomentField(allow_null=True)
    how = StrictCharField()


class SalePenaltySerializer(StrictSerializer):
    """A measure that was decided."""

    id = IdField()
    supplier = CodeField(source="supplier.code", allow_null=True, default=None)
    seller = StrictCharField()
    measure = CodeField()
    amount = MoneyField()
    reason = StrictCharField()
    decided_at = MomentField()


class ForbiddenSaleSerializer(StrictSerializer):
    """A case in a list; `untold` are the lines of the recall that nobody was told of yet."""

    id = IdField()
    number = CodeField()
    product = IdField(source="product_id")
    product_code = CodeField(source="product.code")
    kind = CodeField()
    facts = StrictCharField()
    delisted = QuantityField()
    blocked = QuantityField()
    listed = QuantityField()
    untold = QuantityField()
    state = CodeField()
    confirmed_at = MomentField()
    outcome = StrictCharField()
    closed_at = MomentField(allow_null=True)


class ForbiddenSaleDetailSerializer(ForbiddenSaleSerializer):
    """A case with the first lines of its recall, those not yet told first, and its measures."""

    recall = serializers.SerializerMethodField()
    measures = serializers.SerializerMethodField()

    def get_recall(self, row: ForbiddenSale) -> list[dict[str, Any]]:
        """Return lines of the recall."""
        found = selected.recalls(case_id=row.pk, most=MOST_LINES)
        return list(RecallLineSerializer(found, many=True).data)

    def get_measures(self, row: ForbiddenSale) -> list[dict[str, Any]]:
        """Return the measures."""
        return list(SalePenaltySerializer(selected.penalties(case_id=row.pk), many=True).data)


def _confirmed(sent: Sent) -> Mapping[str, Any]:
    return {
        "product_id": shelves.product_named(text=sent["sku"]),
        "kind": sent["kind"],
        "facts": sent["facts"],
    }


def _told(sent: Sent) -> Mapping[str, Any]:
    return {"how": sent["how"], "line_ids": sent.get("lines")}


def _measured(sent: Sent) -> Mapping[str, Any]:
    supplier = sent.pop("supplier", None)
    found = None if supplier is None else documents.supplier_id(code=supplier)
    return {"amount": Decimal(0), **sent, "supplier_id": found}


def _banned(row: ForbiddenSale) -> Mapping[str, Any]:
    """Name the goods whose ban is this case's own; raises BanMissing."""
    ban = banned.newest(product_id=row.product_id, source=row.number)
    if ban is None or ban.lifted_at is not None:
        raise BanMissing
    return {"product_id": row.product_id}


class ForbiddenSaleViewSet(DoorViewSet):
    """Cases of forbidden goods; buyers of every channel stand in a recall, so few may read."""

    serializer_class = ForbiddenSaleSerializer
    detail_class = ForbiddenSaleDetailSerializer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "kind": filters.exact("kind"),
    }
    orderings = ("-id", "id")
    key = "case_id"
    read = VIEW
    make = Step(
        run=forbidden.confirm,
        policy=forbidden.HANDLE,
        body=ConfirmSerializer,
        given=_confirmed,
        title="Open a case: shelf, stock and recall follow at once.",
    )
    steps = {
        "tell": Step(
            run=forbidden.tell,
            policy=forbidden.HANDLE,
            body=TellSerializer,
            given=_told,
            title="Record that buyers were told, and how.",
        ),
        "penalise": Step(
            run=forbidden.penalise,
            policy=forbidden.HANDLE,
            body=MeasureSerializer,
            given=_measured,
            title="Record a measure against a supplier or a seller.",
        ),
        "lift": Step(
            run=bans.lift,
            policy=bans.HANDLE,
            body=LiftSerializer,
            of=_banned,
            title="Lift the ban the case put on the goods; another officer than who banned them.",
        ),
        "close": Step(
            run=forbidden.close,
            policy=forbidden.HANDLE,
            body=CaseEndSerializer,
            title="End a case whose buyers were all told and whose measures were decided.",
        ),
    }

    def get_queryset(self) -> QuerySet[ForbiddenSale]:
        """Return every case."""
        return selected.cases()

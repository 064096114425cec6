"""What a channel says of the places it shows goods in, told by who is connected to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import RefField, channel_of, read, sku_ids_of
from catalog.choices.pages import PageKind
from catalog.models import ShownFigure
from catalog.selectors import shown_figures as selected
from catalog.services import shown_figures
from catalog.types.shown_figures import Figure, Place, SetPlace, SlotPlace
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    IdField,
    MomentField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
)
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

MOST_FIGURES = 1000
_VIEW = may("catalog", "V")


class ShownFigureSerializer(StrictSerializer):
    """A figure as told last: a slot by page and name, else a version of the recommendations."""

    id = IdField()
    day = DayField()
    page = CodeField(source="slot.page.kind", allow_null=True)
    slot = CodeField(source="slot.key", allow_null=True)
    set = QuantityField(source="set.no", allow_null=True)
    sku = IdField(source="sku_id")
    sku_code = CodeField(source="sku.code")
    shown = QuantityField()
    clicks = QuantityField()
    orders = QuantityField(allow_null=True)
    told_at = MomentField()


class FigureSerializer(StrictSerializer):
    """How often a good was shown in a place on a business day, clicked and ordered from there.

    `page` and `slot` name a slot, `set` a version of the recommendations: one of both.
    """

    day = DayField()
    page = serializers.ChoiceField(choices=PageKind.choices, required=False)
    slot = StrictCharField(max_length=30, required=False)
    set = QuantityField(required=False)
    sku = RefField()
    shown = QuantityField()
    clicks = QuantityField()
    orders = QuantityField(required=False, allow_null=True)


class TellFiguresSerializer(StrictSerializer):
    """Figures of one channel."""

    channel = StrictCharField(max_length=64)
    figures = FigureSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MOST_FIGURES
    )


class ShownFigureViewSet(ReadViewSet):
    """The figures of the caller's channels."""

    serializer_class = ShownFigureSerializer
    filters = {
        "day": filters.day("day"),
        "page": filters.exact("slot__page__kind"),
        "slot": filters.exact("slot__key"),
        "set": filters.number("set__no"),
        "sku": filters.number("sku_id"),
    }
    orderings = ("-id", "id")
    policies = {"list": _VIEW, "retrieve": _VIEW, "create": shown_figures.TELL}

    def get_queryset(self) -> QuerySet[ShownFigure]:
        """Return the figures of the caller's channels."""
        return selected.figures(actor=self.actor)

    @extend_schema(request=TellFiguresSerializer, responses={201: dict[str, Any]})
    def create(self, request: Request) -> Response:
        """Take figures over; those told later for a day, place and good replace the former."""
        sent = read(TellFiguresSerializer, request.data)
        ids = sku_ids_of([row["sku"] for row in sent["figures"]])
        taken = shown_figures.take(
            channel_id=channel_of(sent["channel"], actor=self.actor).pk,
            figures=[
                Figure(
                    place=_place(row, number),
                    sku_id=ids[row["sku"]],
                    day=row["day"],
                    shown=row["shown"],
                    clicks=row["clicks"],
                    orders=row.get("orders"),
                )
                for number, row in enumerate(sent["figures"], 1)
            ],
            source="API",
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(
            {"new": taken.new, "changed": taken.changed, "same": taken.same}, status=201
        )


def _place(row: Mapping[str, Any], number: int) -> Place:
    named = {name for name in ("page", "slot", "set") if row.get(name) is not None}
    if named == {"set"}:
        return SetPlace(row["set"])
    if named == {"page", "slot"}:
        return SlotPlace(PageKind(row["page"]), row["slot"])
    raise BadInput(
        "catalog.no_place",
        _("Name a page with its slot, or a version of the recommendations."),
        field=f"figures.{number}.slot",
    )

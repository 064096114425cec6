"""Festivals and seasons of the promotion calendar (CAT-4.4-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from catalog.choices.festivals import FestivalKind
from catalog.models import Festival
from catalog.services import festivals
from catalog.types.festivals import FestivalContent
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Edit, Sent, Step
from ops.engines.http.serializers import (
    DayField,
    FlagField,
    IdField,
    MomentField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel.policy import may

_FIELDS = ("name", "name_en", "kind", "starts_on", "ends_on", "is_marked", "is_held")


class FestivalContentSerializer(StrictSerializer):
    """A festival of one year, both days included; a marked one wants a promotion."""

    name = StrictCharField(max_length=40)
    name_en = StrictCharField(max_length=60, required=False, allow_blank=True)
    kind = WordField(choices=FestivalKind.choices)
    starts_on = DayField()
    ends_on = DayField()
    is_marked = FlagField()
    is_held = FlagField(required=False)


class FestivalSerializer(FestivalContentSerializer):
    """A festival as it is kept."""

    id = IdField()
    written_at = MomentField(allow_null=True)


def _content(sent: Sent) -> Mapping[str, Any]:
    return {"content": FestivalContent(**sent)}


class FestivalViewSet(DoorViewSet):
    """The festivals of every year; they belong to the house."""

    serializer_class = FestivalSerializer
    filters = {
        "kind": filters.exact("kind"),
        "from": filters.day("ends_on__gte"),
        "to": filters.day("starts_on__lte"),
        "marked": filters.flag("is_marked"),
    }
    orderings = ("-id", "id")
    key = "festival_id"
    read = may("catalog", "V")
    make = Step(
        run=festivals.keep,
        policy=festivals.KEEP,
        body=FestivalContentSerializer,
        given=_content,
        title="Write a festival of one year down.",
    )
    edit = Edit(
        run=festivals.keep,
        policy=festivals.KEEP,
        body=FestivalContentSerializer,
        given=_content,
        before=lambda row: {name: getattr(row, name) for name in _FIELDS},
        title="Change a festival; one that is not held leaves the calendar.",
    )

    def get_queryset(self) -> QuerySet[Festival]:
        """Return every festival."""
        return Festival.objects.all()

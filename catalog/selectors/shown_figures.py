"""What channels said of their places: rows, and sums by slot, set and rule (CAT-4.1-04)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum

from catalog.choices.pages import PageKind
from catalog.errors.goods import ThingMissing
from catalog.models import DisplaySlot, RecommendationSet, ShownFigure
from catalog.types.shown_figures import Counted, Places, SetPlace, SlotPlace
from ops.engines.kernel.actor import Actor

_SUMS = {"n": Sum("shown"), "c": Sum("clicks"), "o": Sum("orders")}


def places(*, channel_id: int) -> Places:
    """Return the slots and sets of a channel that figures can be about. Two queries."""
    slots = DisplaySlot.objects.filter(page__channel_id=channel_id)
    sets = RecommendationSet.objects.filter(channel_id=channel_id)
    return Places(
        slots={
            SlotPlace(PageKind(kind), key): pk
            for pk, kind, key in slots.values_list("pk", "page__kind", "key")
        },
        sets={SetPlace(no): pk for pk, no in sets.values_list("pk", "no")},
    )


def figures(*, actor: Actor) -> QuerySet[ShownFigure]:
    """Return the figures of the actor's channels, as told last."""
    rows = ShownFigure.objects.select_related("sku", "slot__page__channel", "set__channel")
    mine = actor.scope_ids("channel", "catalog")
    return rows if mine is None else rows.filter(of_channels(mine))


def of_channels(ids: Collection[int]) -> Q:
    """Return the condition that a figure's place belongs to one of some channels."""
    return Q(slot__page__channel_id__in=ids) | Q(set__channel_id__in=ids)


def figure(*, figure_id: int, actor: Actor) -> ShownFigure:
    """Return one figure; raises ThingMissing, also outside the actor's channels."""
    found = figures(actor=actor).filter(pk=figure_id).first()
    if found is None:
        raise ThingMissing("shown_figure", figure_id)
    return found


def of_sets(*, set_ids: Collection[int], last: date | None = None) -> dict[int, Counted]:
    """Return the sums of recommendation sets, up to a day; absent where nobody counted."""
    rows = ShownFigure.objects.filter(set_id__in=set_ids)
    if last is not None:
        rows = rows.filter(day__lte=last)
    return _summed(rows, "set_id")


def of_rules(*, rule_ids: Collection[int]) -> dict[int, Counted]:
    """Return the sums of all sets of some rule versions; absent where nobody counted."""
    return _summed(ShownFigure.objects.filter(set__rule_id__in=rule_ids), "set__rule_id")


def of_slots(*, page_id: int, first: date, last: date) -> dict[str, Counted]:
    """Return the sums of a page's slots between two days, both included, by their names."""
    rows = ShownFigure.objects.filter(slot__page_id=page_id, day__range=(first, last))
    return _summed(rows, "slot__key")


def newest_figure() -> datetime | None:
    """Return when a channel last told its figures: evidence of CAT-4.1-03 and CAT-4.1-04."""
    rows = ShownFigure.objects.order_by("-told_at")
    return rows.values_list("told_at", flat=True).first()


def _summed(rows: QuerySet[ShownFigure], key: str) -> dict[Any, Counted]:
    found = rows.order_by().values(key).annotate(**_SUMS).values_list(key, "n", "c", "o")
    return {
        value: Counted(
            shown=int(shown), clicks=int(clicks), orders=None if orders is None else int(orders)
        )
        for value, shown, clicks, orders in found
    }

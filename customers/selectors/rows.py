"""What a page of orders shows beside the order itself: its goods, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, Q, Sum

from customers.models import Order, OrderLine, OrderNote, Return


@dataclass(frozen=True, slots=True)
class Goods:
    """The first SKU of an order, how many lines it has and how many pieces."""

    first: str = ""
    lines: int = 0
    pieces: int = 0


def goods_of(*, order_ids: Collection[int]) -> dict[int, Goods]:
    """Return what each order holds; one statement for any number of orders."""
    rows = (
        OrderLine.objects.filter(order_id__in=order_ids)
        .values("order_id")
        .annotate(
            first=Max("sku__name", filter=Q(line_no=1)),
            lines=Count("id"),
            pieces=Sum("quantity"),
        )
        .order_by()
    )
    return {row["order_id"]: Goods(row["first"] or "", row["lines"], row["pieces"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Marks:
    """How many notes an order has and in how many parts it leaves."""

    notes: int = 0
    parts: int = 0


def marks_of(*, order_ids: Collection[int]) -> dict[int, Marks]:
    """Return what was noted about orders and how they are divided; one statement."""
    rows = (
        Order.objects.filter(pk__in=order_ids)
        .order_by()
        .annotate(
            note_count=Count("notes", distinct=True),
            part_count=Count("parts__part_no", distinct=True),
        )
        .values_list("pk", "note_count", "part_count")
    )
    return {pk: Marks(noted, parted) for pk, noted, parted in rows}


def notes_of(*, order_id: int) -> list[OrderNote]:
    """Return what was noted about an order, newest first."""
    return list(OrderNote.objects.filter(order_id=order_id).order_by("-id"))


def returns_of(*, order_id: int) -> list[Return]:
    """Return the returns of an order, newest first."""
    return list(Return.objects.filter(order_id=order_id).order_by("-id"))

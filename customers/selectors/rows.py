"""What a page of orders shows beside the order: goods and marks, in the same statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, OuterRef, QuerySet, Subquery, Sum

from customers.models import Order, OrderLine, OrderNote, OrderPart, Return


def with_contents(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return orders that carry what `Goods.of` and `Marks.of` read, in the same statement."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by()
    return rows.annotate(
        first_goods=Subquery(lines.filter(line_no=1).values("sku__name")[:1]),
        line_count=_of_each(lines, Count("id")),
        piece_count=_of_each(lines, Sum("quantity")),
        note_count=_of_each(OrderNote.objects.filter(order=OuterRef("pk")), Count("id")),
        part_count=_of_each(
            OrderPart.objects.filter(order=OuterRef("pk")), Count("part_no", distinct=True)
        ),
    )


def _of_each(rows: QuerySet[Any], measure: Aggregate) -> Subquery:
    """Return one measure of the rows of each order; nothing where there are none."""
    return Subquery(rows.order_by().values("order").annotate(measured=measure).values("measured"))


@dataclass(frozen=True, slots=True)
class Goods:
    """The first SKU of an order, how many lines it has and how many pieces."""

    first: str = ""
    lines: int = 0
    pieces: int = 0

    @classmethod
    def of(cls, order: Any) -> Goods:
        """Read them off an order of `with_contents`."""
        return cls(order.first_goods or "", order.line_count or 0, order.piece_count or 0)


@dataclass(frozen=True, slots=True)
class Marks:
    """How many notes an order has and in how many parts it leaves."""

    notes: int = 0
    parts: int = 0

    @classmethod
    def of(cls, order: Any) -> Marks:
        """Read them off an order of `with_contents`."""
        return cls(order.note_count or 0, order.part_count or 0)


def notes_of(*, order_id: int) -> list[OrderNote]:
    """Return what was noted about an order, newest first."""
    return list(OrderNote.objects.filter(order_id=order_id).order_by("-id"))


def returns_of(*, order_id: int) -> list[Return]:
    """Return the returns of an order, newest first."""
    return list(Return.objects.filter(order_id=order_id).order_by("-id"))

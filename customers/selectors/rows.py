"""What a page of orders shows beside the order itself: its goods, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Min, Sum

from customers.models import OrderLine, Return


@dataclass(frozen=True, slots=True)
class Goods:
    """The first SKU of an order, how many lines it has and how many pieces."""

    first: str = ""
    lines: int = 0
    pieces: int = 0


def goods_of(*, order_ids: Collection[int]) -> dict[int, Goods]:
    """Return what each order holds; two statements for any number of orders."""
    sums = {
        row["order_id"]: row
        for row in OrderLine.objects.filter(order_id__in=order_ids)
        .values("order_id")
        .annotate(first=Min("line_no"), lines=Count("id"), pieces=Sum("quantity"))
        .order_by()
    }
    firsts = dict(
        OrderLine.objects.filter(order_id__in=order_ids, line_no=1).values_list(
            "order_id", "sku__name"
        )
    )
    return {pk: Goods(firsts.get(pk, ""), row["lines"], row["pieces"]) for pk, row in sums.items()}


def returns_of(*, order_id: int) -> list[Return]:
    """Return the returns of an order, newest first."""
    return list(Return.objects.filter(order_id=order_id).order_by("-id"))

"""Amounts that count together: under one lock per key, so that no race splits them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.flows import Flow, shown_of
from ops.engines.approvals.models import Request

_COUNTING: Final = (RequestState.SUBMITTED, RequestState.APPROVED)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Counted:
    """What a request counts for, and the sum of all that count together with it."""

    key: str
    amount: Decimal
    total: Decimal


def counted(
    flow: Flow,
    content: Mapping[str, Any],
    figures: Mapping[str, Any],
    *,
    at: datetime,
    without: int | None = None,
) -> Counted | None:
    """Return what counts together with a request about to be handed in, None when nothing does.

    Holds a lock on the key until the caller's transaction ends, so that two requests handed in at
    once see each other. `without` is the request this one replaces. Raises TypeError for a key or
    an amount the flow does not give.
    """
    rule = flow.cumulative
    if rule is None:
        return None
    shown = shown_of(content, figures)
    key, amount = str(rule.key(shown)), Decimal(str(shown[rule.amount])).quantize(_CENT)
    if not key or len(key) > 200:
        raise TypeError(f"flow {flow.key}: amounts need a key of 1 to 200 characters")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"approvals.counted {flow.key} {key}"],
        )
    before = (
        Request.objects.filter(
            flow=flow.key,
            counted_key=key,
            state__in=_COUNTING,
            submitted_at__gt=at - rule.window,
        )
        .exclude(pk=without or 0)
        .aggregate(total=Sum("counted_amount"))["total"]
    )
    return Counted(key, amount, amount + (before or Decimal(0)))


def together(
    flow: Flow, figures: Mapping[str, Any], found: Counted | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the figures deciders see and those the steps are chosen by.

    Deciders see the sum beside the amount; the steps are chosen as if the sum were the amount.
    """
    if flow.cumulative is None or found is None:
        return figures, figures
    seen = {**figures, flow.cumulative.shown_as: found.total}
    return seen, {**seen, flow.cumulative.amount: found.total}

"""What a price change or promotion would have done to real orders, as the API answers it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.types.impact import ReportInfo
from ops.engines.http.serializers import (
    CodeField,
    DayField,
    IdField,
    MomentField,
    QuantityField,
    StrictSerializer,
)
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.classified import known_to


class WindowSerializer(StrictSerializer):
    """How many days are replayed: 30, 90 (unless said) or 180."""

    window = QuantityField(required=False)


class ImpactSerializer(StrictSerializer):
    """One forecast: the window, the figures by name, the rows behind them."""

    id = IdField()
    kind = CodeField()
    content_hash = CodeField()
    window_days = QuantityField()
    first = DayField()
    last = DayField()
    figures = serializers.DictField()
    rows = serializers.DictField()
    approval = IdField(allow_null=True)
    made_at = MomentField()


def impact_of(report: ReportInfo, *, actor: Actor) -> dict[str, Any]:
    """Return a report as the API says it, without what the actor may not read."""
    return {
        "id": report.id,
        "kind": report.kind,
        "content_hash": report.content_hash,
        "window_days": report.window_days,
        "first": plain(report.first),
        "last": plain(report.last),
        "figures": known_to(report.figures, actor),
        "rows": known_to(report.rows, actor),
        "approval": report.approval_id,
        "made_at": plain(report.made_at),
    }

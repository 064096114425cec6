"""What buyers say when goods come back, passed on to who owns the product (HR-1.2-02)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from catalog.choices.feedback import FeedbackSource
from catalog.services import feedback
from catalog.types.feedback import FeedbackDraft
from customers import rules
from customers.models import ReturnLine
from ops.engines.kernel.actor import Actor


def note_returns(*, return_ids: Collection[int], actor: Actor, at: datetime) -> int:
    """Pass on why goods came back, a SKU of a return once; return how many items are new.

    Only reasons that speak of quality or description are passed on, without what reaches a person.
    """
    rows = ReturnLine.objects.filter(back_id__in=return_ids).select_related("back")
    drafts = [
        FeedbackDraft(
            channel_id=line.back.channel_id,
            sku_id=line.sku_id,
            source=FeedbackSource.RETURN,
            reference=line.back.number,
            text=line.back.reason,
            received_at=min(line.back.requested_at, at),
            effect_key=f"customers.return:{line.back_id}:{line.sku_id}",
        )
        for line in rows.order_by("back_id", "line_no")
        if rules.speaks_of_goods(line.back.reason)
    ]
    return len(feedback.record_many(drafts=drafts, actor=actor, at=at)) if drafts else 0

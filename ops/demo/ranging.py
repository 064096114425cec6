"""The range of last month: ranked, the best pushed, a few dropped, their rest to be disposed of."""

from __future__ import annotations

import datetime as dt
from typing import Final

from catalog.choices.ranges import Verdict
from catalog.models import RangeDrop, RangeReviewRow
from catalog.services import ranging
from inventory.services import disposals
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene

_PUSHED, _DROPPED, _ASKED = 8, 3, 2
_WHY_PUSHED: Final = "毛利与周转居前，双十二主推"
_WHY_DROPPED: Final = "连续滞销，清库存后不再经营"


def review(scene: Scene) -> int:
    """Review last month, decide a part of it, drop some; return how many SKUs were ranked."""
    last = scene.plan.today.replace(day=1) - dt.timedelta(days=1)
    at, specialist = scene.plan.at, scene.actor("specialist")
    made = ranging.build(first=last.replace(day=1), last=last, actor=SYSTEM, at=at)
    if made is None:
        return 0
    best = _rows(made.id, Verdict.PUSH)[:_PUSHED]
    if best:
        ranging.decide(
            row_ids=best, verdict=Verdict.PUSH, note=_WHY_PUSHED, actor=specialist, at=at
        )
    worst = _rows(made.id, Verdict.DROP)
    _drop(scene, worst[:_DROPPED], is_decided=True)
    _drop(scene, worst[_DROPPED : _DROPPED + _ASKED], is_decided=False)
    return made.rows


def _rows(review_id: int, proposal: Verdict) -> list[int]:
    found = RangeReviewRow.objects.filter(review_id=review_id, proposal=proposal)
    return list(found.order_by("-rank" if proposal == Verdict.DROP else "rank")
                .values_list("pk", flat=True))  # fmt: skip


def _drop(scene: Scene, row_ids: list[int], *, is_decided: bool) -> None:
    if not row_ids:
        return
    made = ranging.ask_drop(
        row_ids=row_ids, note=_WHY_DROPPED, actor=scene.actor("specialist"), at=scene.plan.at
    )
    if is_decided:
        scene.approve(RangeDrop.objects.get(pk=made.id).approval_id, "supervisor")
        disposals.open_for_drop(drop_id=made.id, actor=SYSTEM, at=scene.plan.at)

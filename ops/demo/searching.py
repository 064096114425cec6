"""What people searched for: words heard as one, words that found nothing, some of them decided."""

from __future__ import annotations

import datetime as dt
from typing import Final

from catalog.choices.search import MissDecision
from catalog.models import SearchMiss
from catalog.services import searching
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene

_SYNONYMS: Final = (
    (("打底衫", "内搭", "秋衣"), "顾客常说内搭、秋衣"),
    (("卫衣", "hoodie", "连帽衫"), "英文站与中文站用词不同"),
    (("龙井", "绿茶"), "顾客搜绿茶时要看到龙井"),
)
# Word, times last week, times this week.
_IN_VAIN: Final = (
    ("登山杖", 6, 9),
    ("宠物窝", 11, 8),
    ("电热毯", 5, 7),
    ("毛线衫", 4, 3),
    ("yoga mat", 2, 3),
    ("量子护膝", 1, 0),
)


def search(scene: Scene) -> int:
    """Enter synonyms, count searches in vain of two weeks and decide some; return the words."""
    supervisor, at = scene.actor("supervisor"), scene.plan.at
    for words, why in _SYNONYMS:
        searching.add_synonyms(words=words, why=why, actor=supervisor, at=at)
    week_ago = at - dt.timedelta(days=7)
    for word, before, now in _IN_VAIN:
        for moment, times in ((week_ago, before), (at, now)):
            for _ in range(times):
                searching.note_miss(text=word, at=moment)
    _decide(scene, "毛线衫", MissDecision.SYNONYM, words=("羊绒衫",))
    _decide(scene, "宠物窝", MissDecision.ASSORTMENT, note="连续两周居前，已提选品")
    _decide(scene, "量子护膝", MissDecision.DISMISSED, note="功效宣传不实，不经营")
    monday = week_ago.date() - dt.timedelta(days=week_ago.weekday())
    searching.tell_week(week_on=monday, actor=SYSTEM, at=at)
    return len(_IN_VAIN)


def _decide(
    scene: Scene,
    word: str,
    decision: MissDecision,
    *,
    note: str = "",
    words: tuple[str, ...] = (),
) -> None:
    row = SearchMiss.objects.filter(word=word).order_by("pk").first()
    if row is not None:
        searching.decide_miss(
            miss_id=row.pk,
            decision=decision,
            note=note,
            words=words,
            actor=scene.actor("editor"),
            at=scene.plan.at,
        )

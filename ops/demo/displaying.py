"""Slots of the home page: one whose good went off the shelf, and a week of clicks on each."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from catalog.choices.pages import PageKind
from catalog.models import ShopPage
from catalog.selectors import display_slots, pages
from catalog.services import displaying, shown_figures
from catalog.services import pages as page_services
from catalog.types.display import FilledSlot
from catalog.types.shown_figures import Figure, SlotPlace
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.revisions import services as revisions

_DAYS: Final = 7
_GONE: Final = 48  # this one compliance took off the shelf (`listing.list_goods`)
# Name, title, size, rule, times shown on the first day, clicks of a thousand.
_SLOTS: Final = (
    ("hero", "首屏主推", "key", "promotion", 5200, 46),
    ("star", "明星单品", "large", "popularity", 3100, 31),
    ("hot", "热销榜", "large", "popularity", 2900, 38),
    ("pick-1", "猜你喜欢", "normal", "popularity", 1800, 17),
    ("pick-2", "猜你喜欢", "normal", "popularity", 1700, 22),
)


def arrange(scene: Scene) -> int:
    """Let a plan of the home page live, look at its slots, tell a week; return the figures."""
    at, shop = scene.plan.at, scene.company.shop("tmall")
    home = ShopPage.objects.get(channel=shop.id, kind=PageKind.HOME)
    specialist = scene.actor("specialist")
    drafted = revisions.draft(
        kind=pages.DISPLAY,
        subject_id=home.pk,
        content={
            "title": "冬季陈列",
            "window_days": 30,
            "slots": [_slot(scene, place, row) for place, row in enumerate(_SLOTS, 1)],
        },
        why="换季：主推羊绒，热销榜按销量",
        actor=specialist,
        at=at,
    )
    page_services.render_previews(revision_id=drafted.id, actor=specialist, at=at)
    handed = revisions.submit(revision_id=drafted.id, actor=specialist, at=at)
    scene.approve(handed.approval_id, "web_supervisor", "supervisor")
    displaying.watch(actor=SYSTEM, at=at)
    found = display_slots.shown(page_id=home.pk, at=at)
    shown = {each.key: each for each in found.slots} if found else {}
    return shown_figures.take(
        channel_id=shop.id,
        figures=_week(scene, shown),
        source="demo",
        actor=SYSTEM,
        at=at,
    ).new


def _slot(scene: Scene, place: int, row: tuple[Any, ...]) -> dict[str, Any]:
    key, title, size, rule, *_figures = row
    return {
        "key": key,
        "title": title,
        "place": place,
        "size": size,
        "rule": rule,
        "pinned": scene.items[_GONE].code if key == "star" else "",
    }


def _week(scene: Scene, shown: dict[str, FilledSlot]) -> list[Figure]:
    """Return believable figures of the days before today, of the goods that stand there now."""
    draws = scene.plan.draws("display")
    made = []
    for key, _title, _size, _rule, first, permille in _SLOTS:
        good = shown[key].shown if key in shown else None
        if good is None:
            continue
        for days in range(1, _DAYS + 1):
            times = round(first * draws.uniform(0.85, 1.2))
            clicks = round(times * permille * draws.uniform(0.8, 1.25) / 1000)
            made.append(
                Figure(
                    place=SlotPlace(PageKind.HOME, key),
                    sku_id=good.sku_id,
                    day=scene.plan.today - dt.timedelta(days=days),
                    shown=times,
                    clicks=clicks,
                    orders=round(clicks * draws.uniform(0.03, 0.09)),
                )
            )
    return made

"""Shop pages: what was there is taken over, a plan is decided, a new home page waits for review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from catalog.models import ShopPage, TradeStep
from catalog.selectors import pages
from catalog.services import pages as services
from ops.demo import producing
from ops.demo.scene import Scene
from ops.engines.kernel.actor import Actor
from ops.engines.revisions import services as revisions

_IMPORTER: Final = Actor.importer("taken over")
_SINCE: Final = dt.timedelta(days=30)
_WHY: Final = "上线前已在使用"
_PLAN: Final = {
    "position": "都市女性的日常羊绒",
    "audience": "一二线城市 25 至 40 岁女性",
    "price_low": "59.00",
    "price_high": "499.00",
    "style": "暖灰为主，一处点缀色，大量留白；标题不超过 14 字。",
    "demand": [
        {"finding": "“羊绒开衫”搜索量同比上升 18%", "source": "行业趋势周报"},
        {"finding": "客单价集中在 150 至 260 元", "source": "订单分析"},
    ],
}
_HEADLINE: Final = {
    "key": "headline", "title": "标题", "kind": "text", "required": True, "most": 30,
}  # fmt: skip
_MODULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "banner": {
        "title": "横幅",
        "owner": "designer",
        "fields": [
            _HEADLINE,
            {"key": "words", "title": "说明", "kind": "lines", "most": 200},
            {"key": "more", "title": "去看看", "kind": "link"},
        ],
    },
    "goods-grid": {
        "title": "商品格",
        "owner": "operations_specialist",
        "fields": [_HEADLINE, {"key": "goods", "title": "商品", "kind": "goods", "most": 8}],
    },
}
_CHECKLIST: Final = {
    "navigation": "yes",
    "steps": "4",
    "load": "1.8",
    "layout": "yes",
    "type": "yes",
    "targets": "yes",
    "words": "yes",
    "search": "no",
}
_STEPS: Final = {
    "register": "注册",
    "choose": "选购",
    "order": "下单",
    "pay": "付款",
    "deliver": "发货",
    "confirm": "确认收货",
}


def lay_out(scene: Scene) -> int:
    """Take over pages, module types and guidance; return how many contents there are then."""
    before, shop = scene.plan.at - _SINCE, scene.company.shop("tmall")
    specialist = scene.actor("specialist")
    modules = {
        services.name_module(code=code, actor=specialist, at=before): content
        for code, content in _MODULES.items()
    }
    codes = [item.code for item in scene.items[:8]]
    taken: dict[str, Mapping[int, Mapping[str, Any]]] = {
        pages.MODULE: modules,
        pages.DESIGN: {
            page.pk: _design(page.kind, "秋日暖意", codes[:4])
            for page in ShopPage.objects.filter(channel=shop.id)
        },
        pages.STEP: {
            step.pk: _guidance(step)
            for step in TradeStep.objects.select_related("channel").order_by("pk")
        },
    }
    made = sum(
        revisions.open_as_history(
            kind=kind, contents=contents, why=_WHY, actor=_IMPORTER, at=before
        )
        for kind, contents in taken.items()
    )
    _decide_plan(scene, shop.id)
    _redesign_home(scene, shop.id, codes)
    return made + 2


def _decide_plan(scene: Scene, channel_id: int) -> None:
    at, supervisor = scene.plan.at, scene.actor("supervisor")
    drafted = revisions.draft(
        kind=pages.PLAN,
        subject_id=channel_id,
        content=_PLAN,
        why="年度店铺定位",
        actor=supervisor,
        at=at,
    )
    handed = revisions.submit(revision_id=drafted.id, actor=supervisor, at=at)
    scene.approve(handed.approval_id, "manager")


def _redesign_home(scene: Scene, channel_id: int, codes: list[str]) -> None:
    at, designer = scene.plan.at, scene.actor("designer")
    home = ShopPage.objects.get(channel=channel_id, kind="home")
    producing.brief_home(scene, home.pk)
    drafted = revisions.draft(
        kind=pages.DESIGN,
        subject_id=home.pk,
        content=_design("home", "冬日暖意，第二件半价", codes),
        why="换季：首页换冬季主题",
        actor=designer,
        at=at,
    )
    services.render_previews(revision_id=drafted.id, actor=designer, at=at)
    revisions.submit(revision_id=drafted.id, actor=designer, at=at)


def _design(kind: str, headline: str, codes: list[str]) -> dict[str, Any]:
    values = {
        "banner": {"headline": headline, "words": "全场 7 天退换，运费险已含。", "more": "/new"},
        "goods-grid": {"headline": "本周上新", "goods": codes},
    }
    return {
        "title": {"home": "首页", "detail": "详情页", "category": "分类页"}[kind],
        "plan": 1,
        "modules": [
            {"key": code, "module": code, "version": 1, "values": values[code]} for code in _MODULES
        ],
        "checklist": _CHECKLIST,
    }


def _guidance(step: TradeStep) -> dict[str, str]:
    title = _STEPS[step.step]
    link = f"https://help.{step.channel.platform}.example/{step.step}"
    return {"title": title, "text": f"{title}请按平台页面提示操作。", "link": link}

"""What buyers say about goods: product operations owns them and answers, two of it too late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from catalog.choices.content_tasks import About, ContentKind
from catalog.models import Listing
from catalog.services import content_tasks, feedback, owners
from catalog.types.content_tasks import Brief
from catalog.types.feedback import Answer, FeedbackDraft, FeedbackInfo
from ops.demo.scene import Scene

_OWNED_DAYS: Final = 20


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said about the goods of a rank, how many days ago, and what was found."""

    rank: int
    shop: str
    days: int
    source: str
    stars: int | None
    text: str
    finding: str = ""
    reply: str = ""


_SAID: Final = (
    _Said(3, "tmall", 9, "review", 2, "洗了两次就起球，和详情页说的不一样。"),
    _Said(8, "jd", 8, "service", 1, "收到时拉链卡住，换货等了一周。"),
    _Said(44, "tmall", 4, "review", 3, "颜色比图片深，尺码表没有写肩宽。", "content",
          "已请网编补充肩宽并重拍主图，本周上线。"),
    _Said(12, "pdd", 4, "review", 2, "面料比想象的薄。", "quality", "已转质检抽检同批次，可换货。"),
    _Said(12, "douyin", 3, "review", 1, "线头多，袖口开线。", "quality",
          "同批次已停发复检，换新寄出。"),
    _Said(15, "tmall", 3, "service", None, "同款别家便宜二十元。", "price",
          "价格在政策范围内，已回复买家。"),
    _Said(17, "jd", 2, "review", 5, "很暖和，包装也好。", "none", "感谢支持。"),
    _Said(19, "tmall", 2, "review", 4, "希望出更大的尺码。", "other", "已记入下季选品。"),
    _Said(21, "tmall", 1, "service", None, "吊牌成分与详情页写的不一致。"),
    _Said(23, "pdd", 1, "review", 2, "有异味，晾了三天。"),
    _Said(3, "jd", 0, "review", 2, "起球。"),
    _Said(25, "douyin", 0, "service", 3, "直播间说有赠品，没有收到。"),
)  # fmt: skip


def voice(scene: Scene) -> int:
    """Name the owner of all goods, record what was said and answer some; return how many."""
    owners.give_category(
        category_id=None,
        department_id=scene.company.departments["CP"],
        why="商品生命周期归产品运营部",
        actor=scene.actor("director"),
        at=scene.plan.at - dt.timedelta(days=_OWNED_DAYS),
    )
    agent = scene.actor("agent")
    for said in _SAID:
        at = scene.plan.at - dt.timedelta(days=said.days)
        made = feedback.record(
            draft=FeedbackDraft(
                channel_id=scene.company.shop(said.shop).id,
                sku_id=scene.items[said.rank].sku_id,
                source=said.source,
                text=said.text,
                rating=said.stars,
            ),
            actor=agent,
            at=at,
        )
        if said.finding:
            _answer(scene, made, said, at + dt.timedelta(hours=3))
    return len(_SAID)


def _answer(scene: Scene, made: FeedbackInfo, said: _Said, at: dt.datetime) -> None:
    """Let the specialist look into it and reply; what is wrong with the words becomes a task."""
    specialist = scene.actor("specialist")
    number = _task(scene, said, at) if said.finding == "content" else ""
    feedback.take(feedback_id=made.id, actor=specialist, at=at)
    feedback.answer(
        feedback_id=made.id,
        answer=Answer(
            reply=said.reply,
            finding=said.finding,
            led_to="content_task" if number else "",
            led_number=number,
        ),
        actor=specialist,
        at=at,
    )
    if said.finding == "none":
        feedback.close(feedback_id=made.id, actor=specialist, at=at)


def _task(scene: Scene, said: _Said, at: dt.datetime) -> str:
    """Ask the editor to mend the words of the listing; return the number of the task."""
    listed = Listing.objects.filter(product__skus=scene.items[said.rank].sku_id)
    made = content_tasks.plan(
        kind=ContentKind.COPY,
        about=About.LISTING,
        about_id=listed.values_list("pk", flat=True).get(
            channel_id=scene.company.shop(said.shop).id
        ),
        brief=Brief(
            title="补充肩宽尺码",
            purpose="买家反馈：尺码表没有写肩宽",
            due_at=scene.plan.at + dt.timedelta(days=2),
        ),
        person_id=scene.actor("editor").person_id,
        actor=scene.actor("web_supervisor"),
        at=at,
    )
    return made.number

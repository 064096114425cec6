"""New products in every stage: drafted, waiting for a decision, to be sourced, entered."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from catalog.choices.selection import SourcingState
from catalog.models import Category, SelectionProposal
from catalog.services import products, selecting
from catalog.types.selection import ProposalDraft, ProposalInfo, RivalOffer
from ops.demo.scene import Scene


def _offer(rival: str, goods: str, price: str) -> RivalOffer:
    return RivalOffer(rival=rival, goods=goods, price=Decimal(price), source=f"{rival}旗舰店 11 月")


_USUAL: Final = ProposalDraft(
    name="轻量羽绒背心",
    category_id=0,
    demand="近三个月站内搜索“羽绒背心”无结果 214 次；客服收到 37 次询问",
    trend="通勤轻量化，平台同类目近 90 天销售额增长 38%",
    target_group="25 至 35 岁通勤女性",
    brand_fit="与羊绒线同客群，可做内搭组合",
    price=Decimal("229.00"),
    unit_cost=Decimal("96.00"),
    monthly_sales=420,
    demand_mark=85,
    trend_mark=75,
    fit_mark=90,
    rivals=(_offer("甲衣坊", "羽绒马甲", "259.00"), _offer("乙裳", "轻羽绒背心", "239.00")),
    risk="暖冬时需求可能减半",
)
_WAITING: Final = replace(
    _USUAL,
    name="可机洗羊毛围巾",
    demand="上季围巾售罄 3 次，补货平均晚 12 天",
    trend="送礼场景增长，礼盒装占比升至四成",
    target_group="送礼人群",
    brand_fit="羊绒线的延伸",
    price=Decimal("159.00"),
    unit_cost=Decimal("71.00"),
    monthly_sales=260,
    rivals=(_offer("甲衣坊", "羊毛围巾", "169.00"), _offer("丙织", "羊毛围巾礼盒", "199.00")),
)
_TO_SOURCE: Final = replace(
    _USUAL,
    name="宠物窝",
    demand="连续两周搜索无结果居前，共 19 次",
    trend="养宠家庭增加，家居类目关联购买高",
    target_group="养宠家庭",
    brand_fit="与家居收纳同客群",
    price=Decimal("129.00"),
    unit_cost=Decimal("58.00"),
    monthly_sales=180,
    rivals=(_offer("丁宠", "四季窝", "139.00"),),
)
_WEAK: Final = replace(
    _USUAL,
    name="发热手套",
    demand="客服收到 3 次询问",
    trend="话题热度回落",
    target_group="骑行通勤人群",
    brand_fit="与现有品牌关联弱",
    price=Decimal("199.00"),
    unit_cost=Decimal("168.00"),
    monthly_sales=40,
    demand_mark=30,
    trend_mark=20,
    fit_mark=25,
    rivals=(),
    rival_note="三个平台首页均未见同类商品",
)


def select(scene: Scene) -> int:
    """Propose, decide, source and enter new products; return how many proposals there are."""
    women, home = _shelf("女装"), _shelf("收纳")
    _draft(scene, replace(_WEAK, category_id=women))
    _submitted(scene, replace(_WAITING, category_id=women))
    _approved(scene, replace(_TO_SOURCE, category_id=home))
    _entered(scene, _approved(scene, replace(_USUAL, category_id=women)), women)
    return SelectionProposal.objects.count()


def _shelf(name: str) -> int:
    found = Category.objects.filter(name=name).order_by("pk").first()
    return (found or Category.objects.filter(children=None).order_by("pk")[0]).pk


def _draft(scene: Scene, draft: ProposalDraft) -> ProposalInfo:
    return selecting.draft_proposal(draft=draft, actor=scene.actor("specialist"), at=scene.plan.at)


def _submitted(scene: Scene, draft: ProposalDraft) -> ProposalInfo:
    made = _draft(scene, draft)
    return selecting.submit_proposal(
        proposal_id=made.id, actor=scene.actor("specialist"), at=scene.plan.at
    )


def _approved(scene: Scene, draft: ProposalDraft) -> SelectionProposal:
    made = _submitted(scene, draft)
    row = SelectionProposal.objects.get(pk=made.id)
    scene.approve(row.approval_id, "supervisor", "manager")
    return row


def _entered(scene: Scene, row: SelectionProposal, category_id: int) -> None:
    """Let purchasing find a source, and enter the product under its proposal."""
    at = scene.plan.at
    selecting.end_sourcing(
        task_id=row.sourcing.pk,
        state=SourcingState.FOUND,
        source="宏达羽绒制品",
        unit_cost=Decimal("92.50"),
        note="首批 300 件，交期 20 天",
        actor=scene.actor("buyer_officer"),
        at=at,
    )
    made = products.create_product(
        name=row.name, category_id=category_id, actor=scene.actor("supervisor"), at=at
    )
    for size in ("S", "M", "L"):
        products.create_sku(
            product_id=made.id,
            name=f"{row.name} {size}",
            actor=scene.actor("supervisor"),
            at=at,
        )
    selecting.name_product(
        proposal_id=row.pk, product_id=made.id, actor=scene.actor("specialist"), at=at
    )

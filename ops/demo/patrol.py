"""What channels show and rivals ask, a policy in force, cases and suggestions (chapter 4.2)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from catalog.choices.patrol import Severity
from catalog.models import PriceViolation
from catalog.selectors import prices
from catalog.services import patrol, penalties, policies, rivals
from catalog.types.patrol import PolicyFigures, RivalRow, ShownRow
from ops.demo.plan import SYSTEM
from ops.demo.scene import Scene
from ops.engines.kernel.parse import business_day

_RIVALS: Final = (("云裳旗舰店", "0.97"), ("织物家", "1.04"))
# By rank: what the channel shows instead of the approved price, and what stands struck out.
_WRONG: Final = {60: ("0.96", None), 61: ("0.20", None), 62: ("1.00", "2.00")}
_CHEAP: Final = range(70, 74)


def patrol_prices(scene: Scene) -> None:
    """Confirm a policy, read offers and rivals, patrol, compare."""
    _policy(scene)
    _show(scene)
    _rivals(scene)
    patrol.patrol(actor=SYSTEM, at=scene.plan.at)
    patrol.check_rivals(actor=SYSTEM, at=scene.plan.at)
    _held(scene)


def _held(scene: Scene) -> None:
    """Hold the wrong price against the channel; the severe cases wait to be judged."""
    case = PriceViolation.objects.filter(severity=Severity.MEDIUM).order_by("pk").first()
    if case is not None:
        penalties.confirm(
            case_id=case.pk,
            rule="价格管理规定 第三条：展示价须与批准价一致",
            statement="店铺答复：批量改价时漏改一个规格，已更正",
            actor=scene.actor("compliance"),
            at=scene.plan.at,
        )


def _policy(scene: Scene) -> None:
    at = scene.plan.at
    figures = PolicyFigures(
        category_id=None,
        starts_on=business_day(at),
        target_margin=Decimal(35),
        floor_margin=Decimal(10),
        ceiling_margin=None,
        band=Decimal(10),
        window_days=30,
        above_rival=Decimal(20),
        under_rival=Decimal(30),
        reason="全公司年度定价策略",
    )
    manager = scene.actor("manager")
    row = policies.draft_policy(figures=figures, actor=manager, at=at)
    row = policies.submit_policy(policy_id=row.pk, actor=manager, at=at)
    scene.approve(row.approval_id, "finance_manager")


def _show(scene: Scene) -> None:
    tmall, at = scene.company.shop("tmall"), scene.plan.at
    skus = {item.sku_id: rank for rank, item in enumerate(scene.items[:100])}
    now = prices.price_at(sku_ids=list(skus), channel_id=tmall.id, at=at)
    rows = []
    for sku_id, price in now.items():
        factor, struck = _WRONG.get(skus[sku_id], ("1.00", None))
        rows.append(
            ShownRow(
                sku_id=sku_id,
                price=_cents(price, factor),
                struck=None if struck is None else _cents(price, struck),
                seen_at=at,
            )
        )
    rivals.take_shown(channel_id=tmall.id, rows=rows, source="天猫商品页", actor=SYSTEM, at=at)


def _rivals(scene: Scene) -> None:
    tmall, at = scene.company.shop("tmall"), scene.plan.at
    skus = {item.sku_id: rank for rank, item in enumerate(scene.items[:100])}
    now = prices.price_at(sku_ids=list(skus), channel_id=tmall.id, at=at)
    rows = [
        RivalRow(
            sku_id=sku_id,
            rival=name,
            price=_cents(price, "0.60" if skus[sku_id] in _CHEAP else factor),
            seen_on=business_day(at) - dt.timedelta(days=3),
            source="https://shop.example/" + name,
        )
        for sku_id, price in now.items()
        for name, factor in _RIVALS
    ]
    rivals.record_prices(rows=rows, actor=scene.actor("specialist"), at=at)


def _cents(price: Decimal, factor: str) -> Decimal:
    return (price * Decimal(factor)).quantize(Decimal("0.01"))

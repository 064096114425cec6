"""Departments, warehouses and channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from catalog.services import channels
from customers.services import routes
from inventory.services import places
from inventory.types import WarehouseInfo
from ops.demo.plan import SYSTEM, Plan
from ops.engines.identity import services as identity

TRADING: Final = "GF-SM"
SUPPLY: Final = "GF-GYL"
# Code, name, parent. The two roots are the two legal entities.
_DEPARTMENTS: Final = (
    (TRADING, "规范商贸（杭州）有限公司", None),
    (SUPPLY, "规范供应链（上海）有限公司", None),
    ("ZJB", "总经办", TRADING),
    ("YY", "运营中心", TRADING),
    ("CP", "产品运营部", "YY"),
    ("YY-TM", "天猫运营部", "YY"),
    ("YY-JD", "京东运营部", "YY"),
    ("YY-PDD", "拼多多运营部", "YY"),
    ("YY-DY", "抖音运营部", "YY"),
    ("WB", "网编部", "CP"),
    ("KF", "客户服务部", TRADING),
    ("CW", "财务部", TRADING),
    ("RL", "人力资源部", TRADING),
    ("XX", "信息部", TRADING),
    ("HG", "安全合规部", TRADING),
    ("JC", "内部监督部", TRADING),
    ("CG", "采购部", SUPPLY),
    ("CC", "仓储部", SUPPLY),
    ("CC-HZ", "杭州仓", "CC"),
    ("CC-SH", "上海仓", "CC"),
    ("CC-GZ", "广州仓", "CC"),
)
_WAREHOUSES: Final = (
    ("HZ", "杭州余杭仓", "Hangzhou"),
    ("SH", "上海松江仓", "Shanghai"),
    ("GZ", "广州白云仓", "Guangzhou"),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A channel as the demo needs it; `digit` begins its order numbers' serial part."""

    id: int
    code: str
    name: str
    digit: int
    share: float
    price_factor: float
    warehouse: WarehouseInfo


@dataclass(frozen=True, slots=True)
class Company:
    """Ids of what everything else hangs on, by code."""

    departments: dict[str, int]
    warehouses: dict[str, WarehouseInfo]
    shops: tuple[Shop, ...]

    def shop(self, code: str) -> Shop:
        """Return a channel by its code."""
        return next(shop for shop in self.shops if shop.code == code)


# Code, name, platform, share of orders, price level, warehouse.
_CHANNELS: Final = (
    ("tmall", "天猫 规范旗舰店", "taobao", 0.40, 1.00, "HZ"),
    ("jd", "京东 规范官方旗舰店", "jd", 0.25, 1.02, "SH"),
    ("pdd", "拼多多 规范品牌店", "pinduoduo", 0.20, 0.95, "GZ"),
    ("douyin", "抖音 规范直播间", "douyin", 0.15, 0.98, "HZ"),
)


def open_company(plan: Plan) -> Company:
    """Make two legal entities, their departments, three warehouses and four channels."""
    departments: dict[str, int] = {}
    for code, name, parent in _DEPARTMENTS:
        made = identity.create_department(
            code=code, name=name, parent_id=departments.get(parent or ""), actor=SYSTEM, at=plan.at
        )
        departments[code] = made.department_id
    warehouses = {
        code: places.create_warehouse(
            code=code, name=name, name_en=name_en, actor=SYSTEM, at=plan.at
        )
        for code, name, name_en in _WAREHOUSES
    }
    shops = []
    for digit, (code, name, platform, share, factor, place) in enumerate(_CHANNELS, start=1):
        channel = channels.create_channel(
            code=code, name=name, platform=platform, actor=SYSTEM, at=plan.at
        )
        routes.set_route(
            channel_id=channel.id,
            warehouse_id=warehouses[place].id,
            ship_within_hours=24 if code == "jd" else 48,
            actor=SYSTEM,
            at=plan.at,
        )
        shops.append(Shop(channel.id, code, name, digit, share, factor, warehouses[place]))
    return Company(departments, warehouses, tuple(shops))

"""The rules of the demo house: in force since founding, one revised, one still in review."""

from __future__ import annotations

from typing import Final

from ops.demo.scene import Scene
from ops.engines.documents import services
from ops.engines.documents.types import VersionInfo
from ops.engines.identity.choices import Role

_RECEIVING: Final = """# 一、到货
- 核对送货单与采购单的编号、品名、数量。
- 无质检证的商品放入待检区。
# 二、清点
- 清点时不显示订单数量，逐箱扫码。
- 多、少、破损或不符，当场拍照并填写差异单。
# 三、入库
合格商品当日上架，批次与效期随货登记。
"""
_COUNTING: Final = """# 一、准备
- 盘点前一日公告，未过账单据全部处理完毕。
- 冻结账面后打印或下发盲盘表。
# 二、盘点
- 仓管与财务各签字，差异超限由另一人复盘。
# 三、处理
差异写明原因与责任，经店长、总监审批后过账。
"""
_PRIVACY: Final = """# 一、最小够用
只收集履约所需的个人信息，页面与导出默认脱敏。
# 二、访问
查看明文须选择目的，逐次留痕，超过额度即停。
# 三、客户权利
查阅、更正、删除的请求在十五个工作日内办结。
"""


def write(scene: Scene) -> dict[str, int]:
    """Publish two rules, revise one, leave a third in review; one keeper has read the first."""
    receiving = _begin(scene, "SOP-RECV-01", "收货作业规程", _RECEIVING, ("SCM-2.2-02",))
    _publish(scene, receiving)
    counting = _begin(scene, "SOP-COUNT-01", "盘点作业规程", _COUNTING, ("SCM-2.3-05",))
    _publish(scene, counting)
    privacy = services.begin(
        code="RULE-PRIV-01",
        title="个人信息保护制度",
        kind="rule",
        text=_PRIVACY,
        effective_on=scene.plan.today,
        audience=[Role.ALL_STAFF],
        clauses=["CRM-3.1-07"],
        actor=scene.actor("it_supervisor"),
        at=scene.plan.at,
    )
    services.submit(version_id=privacy.id, actor=scene.actor("it_supervisor"), at=scene.plan.at)
    services.acknowledge(
        version_id=counting.id,
        digest=counting.digest,
        actor=scene.actor("keeper"),
        at=scene.plan.at,
    )
    return {"rules": 3}


def _begin(scene: Scene, code: str, title: str, text: str, clauses: tuple[str, ...]) -> VersionInfo:
    return services.begin(
        code=code,
        title=title,
        kind="sop",
        text=text,
        effective_on=scene.plan.today,
        audience=[Role.WAREHOUSE_KEEPER, Role.STORE_MANAGER],
        clauses=clauses,
        actor=scene.actor("store_manager"),
        at=scene.plan.at,
    )


def _publish(scene: Scene, version: VersionInfo) -> None:
    request = services.submit(
        version_id=version.id, actor=scene.actor("store_manager"), at=scene.plan.at
    )
    scene.approve(request.id, "compliance", "director")

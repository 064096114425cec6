"""Toy screens that use every part of the shell: cards, a list, a record, a form, a flow, charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import override_settings
from django.urls import include, path, reverse

from ops.engines.approvals.flows import Flow, Step, register
from ops.engines.clocks.limits import hours
from ops.engines.desk import screens as desk
from ops.engines.desk.declarations import registry
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import NotFound, RuleViolation
from ops.engines.kernel.policy import SIGNED_IN, may

NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
MANAGERS = (Role.OPERATIONS_MANAGER, Role.OPERATIONS_DIRECTOR)
TONES = {
    "待审": desk.Badge("待审", desk.Tone.WAITING),
    "异常": desk.Badge("异常", desk.Tone.STOPPED),
    "配货": desk.Badge("配货", desk.Tone.RUNNING),
    "完成": desk.Badge("完成", desk.Tone.DONE),
    "草稿": desk.Badge("草稿", desk.Tone.NEUTRAL),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """One row of the toy list."""

    id: int
    number: str
    shop: str
    buyer: str
    goods: str
    paid: Decimal
    due_at: dt.datetime
    placed_at: dt.datetime
    state: desk.Badge


def things() -> list[Thing]:
    """Return a hundred and twenty rows, always the same."""
    shops, words = ("天猫旗舰店", "拼多多专卖店", "抖音小店"), list(TONES)
    return [
        Thing(
            id=n,
            number=f"241121{n:06}",
            shop=shops[n % 3],
            buyer="李赵王陈刘"[n % 5] + "**",
            goods=("羊绒衫 S ×1", "围巾 ×2（缺 1）", "羊毛大衣 L 驼色 ×1")[n % 3],
            paid=Decimal("189.00") * (n % 7 + 1),
            due_at=NOW + dt.timedelta(hours=n % 9 - 2, minutes=n),
            placed_at=NOW - dt.timedelta(minutes=17 * n),
            state=TONES[words[n % 5]],
        )
        for n in range(1, 121)
    ]


class ThingList(desk.ListScreen):
    """A list with tabs, filters, bulk action, export."""

    policy = SIGNED_IN
    title = "订单台"
    nav = "toy-things"
    columns = (
        desk.Column("number", "单号", "code", name=True, sort=True),
        desk.Column("shop", "渠道"),
        desk.Column("buyer", "买家"),
        desk.Column(
            "goods", "商品（件）", sub=lambda row: "留言：尽快发" if row.id % 6 == 0 else ""
        ),
        desk.Column("paid", "实付", "money", unit="元", sort=True),
        desk.Column("due_at", "承诺发出", "due"),
        desk.Column("placed_at", "下单", "moment", optional=True),
        desk.Column("state", "状态", "badge"),
    )
    filters = (
        desk.Filter("shop", "渠道", choices=[(s, s) for s in ("天猫旗舰店", "拼多多专卖店")]),
        desk.Filter("day", "付款时间", "span"),
        desk.Filter("number", "单号", "keys", placeholder="可粘贴多行"),
    )
    tabs = (
        desk.Tab("wait", "待审", count=lambda actor, at: 318),
        desk.Tab("bad", "异常", count=lambda actor, at: 42),
        desk.Tab("all", "全部"),
    )
    order = "-number"
    export_policy = may("customers", "V")
    bulk = (
        desk.BulkAction(
            key="audit",
            label="审核",
            run=lambda ids, actor, at: desk.BulkOutcome(
                done=len([i for i in ids if int(i) % 6]),
                refused=[desk.Refused(i, "缺货") for i in ids if int(i) % 6 == 0],
            ),
            check=lambda ids, actor, at: [desk.Refused(i, "缺货") for i in ids if int(i) % 6 == 0],
            effect=lambda ids, actor, at: f"{len(ids)} 单将推送仓库。",
            shortcut="v",
        ),
        desk.BulkAction(
            key="close",
            label="关闭",
            run=lambda ids, actor, at: desk.BulkOutcome(0),
            policy=may("customers", "M"),
            is_danger=True,
        ),
    )

    def select(self, *, actor: Actor, query: desk.ListQuery) -> desk.ListPage:
        """Return one page, cut by number."""
        found = sorted(things(), key=lambda row: row.number, reverse=query.order.startswith("-"))
        if shop := query.get("shop"):
            found = [row for row in found if row.shop == shop]
        if keys := query.get("number"):
            found = [row for row in found if row.number in keys]
        first = int(query.after or 0)
        rows = found[first : first + query.limit]
        after = str(first + query.limit) if first + query.limit < len(found) else ""
        return desk.ListPage(rows, after, str(first) if first else "", desk.Count(len(found)))

    def row_href(self, row: Any) -> str:
        """Open the record."""
        return reverse("toy:thing", args=[row.id])


class ThingRecord(desk.RecordScreen):
    """A record with everything on it."""

    policy = SIGNED_IN
    nav = "toy-things"
    list_url_name = "toy:things"
    list_title = "订单台"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> desk.Record:
        """Return one thing."""
        row = next((each for each in things() if each.id == key["number"]), None)
        if row is None:
            raise NotFound("toy.missing", "没有这个单号。")
        return desk.Record(
            number=row.number,
            title=row.shop,
            state=row.state,
            states=(
                desk.StateStep(title="付款", when="past", note="11-21 09:12"),
                desk.StateStep(title="审核", when="past", note="何静 09:20"),
                desk.StateStep(title="配货", when="now", note="等杭州仓", due_at=row.due_at),
                desk.StateStep(title="发出", when="next"),
            ),
            actions=(
                desk.Action(
                    key="hold",
                    label="挂起",
                    run=self._hold,
                    is_primary=True,
                    fields=(desk.Field("reason", "原因", "lines"),),
                    shortcut="h",
                ),
                desk.Action(key="split", label="拆单先发", run=self._hold),
                desk.Action(
                    key="cancel", label="取消", run=self._hold, why_not="已推仓，请先拦截。"
                ),
            ),
            notices=(("warning", "缺货 1：围巾 可用 1 件，需要 2 件。可换上海仓（可用 12）。"),),
            facts=(
                desk.FactGroup(
                    title="收货",
                    facts=(
                        desk.Fact(title="收件人", value=row.buyer),
                        desk.Fact(title="电话", value="138****2231"),
                        desk.Fact(title="地址", value="浙江省杭州市***", is_wide=True),
                    ),
                ),
                desk.FactGroup(
                    title="钱",
                    facts=(
                        desk.Fact(title="应收", value=row.paid, kind="money"),
                        desk.Fact(title="平台费", value=Decimal("0.59"), kind="money"),
                        desk.Fact(title="毛利率", value=Decimal("0.306"), kind="pct"),
                        desk.Fact(title="红冲", value=Decimal("-12.50"), kind="money"),
                    ),
                ),
            ),
            lines=(
                desk.Lines(
                    "明细",
                    (
                        desk.Column("sku", "编码", "code"),
                        desk.Column("name", "名称"),
                        desk.Column("quantity", "数量", "number"),
                        desk.Column("amount", "金额", "money", unit="元"),
                    ),
                    [
                        {"sku": "A-1001-S", "name": "羊绒衫 S", "quantity": 1, "amount": row.paid},
                        {"sku": "B-2207", "name": "围巾", "quantity": 2, "amount": Decimal(98)},
                    ],
                    total={"amount": row.paid + 98},
                ),
            ),
            related=(
                desk.Related(title="包裹", count=0),
                desk.Related(title="凭证", count=2, href="/approvals/"),
                desk.Related(title="会话", count=2, href="/inbox/"),
            ),
            clauses=("SCM-2.4-03", "CAT-4.2-01"),
            subject=("toy.thing", row.id),
        )

    def _hold(self, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> desk.Done:
        return desk.Done(message="已挂起。")


class ThingForm(desk.FormScreen):
    """A form with all kinds of fields, a table of lines, a draft and a check page."""

    policy = SIGNED_IN
    nav = "toy-things"
    title = "新建改价申请"
    submit_label = "提交"
    check = True
    keeps_draft = True
    groups = (
        desk.Group(
            "范围",
            (
                desk.Field(
                    "shop", "渠道", "choice", choices=[("tmall", "天猫旗舰店"), ("pdd", "拼多多")]
                ),
                desk.Field("first", "生效", "moment", hint="业务时间，如 2026-12-01 00:00"),
                desk.Field("last", "到", "day", required=False),
                desk.Field("budget", "预算", "money", unit="元"),
                desk.Field("urgent", "加急", "flag", required=False),
            ),
        ),
        desk.Group(
            "价格",
            (
                desk.LineFields(
                    "lines",
                    "商品",
                    (
                        desk.Field("sku", "编码", "code"),
                        desk.Field("price", "拟价", "money", unit="元"),
                        desk.Field("quantity", "数量", "quantity", required=False),
                    ),
                    rows=3,
                ),
                desk.Field("reason", "理由", "lines", most=500),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> desk.Done:
        """Refuse what lies below the floor, else say it was done."""
        if values["budget"] > 200_000:
            raise RuleViolation("toy.budget", "预算上限 200,000.00 元。", field="budget")
        return desk.Done(message="PC-0912 已提交。", href=reverse("toy:things"))

    def notices(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Sequence[tuple[str, str]]:
        """Warn."""
        return (("warning", "159.00 低于底价 165.00。可提交，由运营总监决定。"),)

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("toy:things")


class Board(desk.RecordScreen):
    """A page of charts."""

    policy = SIGNED_IN
    nav = "toy-things"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> desk.Record:
        """Return every kind of chart."""
        days = [f"11-{day:02}" for day in range(1, 21)]
        now = [Decimal(60 + (day * 37) % 45) * 1000 for day in range(20)]
        before = [value * Decimal("0.93") for value in now]
        return desk.Record(
            number="经营看板",
            charts=(
                desk.Chart(
                    key="sales",
                    title="日销售",
                    kind="line",
                    categories=days,
                    unit="元",
                    value_kind="money",
                    finding="环比 +6.0%，11-11 最高",
                    series=(
                        desk.Series("今年", now, is_partial_last=True),
                        desk.Series("去年", before, is_muted=True),
                    ),
                    marks={"11-11": "双11"},
                ),
                desk.Chart(
                    key="shops",
                    title="渠道销售",
                    kind="bar",
                    unit="元",
                    value_kind="money",
                    categories=["天猫", "京东", "抖音", "拼多多"],
                    series=(desk.Series("销售", [842, 511, 398, 120]),),
                    finding="天猫占 45%",
                ),
                desk.Chart(
                    key="parts",
                    title="费用构成",
                    kind="stack",
                    unit="元",
                    categories=["9 月", "10 月", "11 月"],
                    series=(
                        desk.Series("推广", [12, 14, 22]),
                        desk.Series("运费", [8, 9, 11]),
                        desk.Series("平台", [5, 5, 6]),
                    ),
                ),
                desk.Chart(
                    key="share",
                    title="支付方式",
                    kind="ring",
                    categories=["支付宝", "微信", "银行卡"],
                    series=(desk.Series("笔数", [620, 330, 50]),),
                ),
                desk.Chart(
                    key="goal",
                    title="目标完成",
                    kind="bullet",
                    categories=["天猫", "抖音"],
                    series=(desk.Series("完成", [92, 71]),),
                    targets=[100, 100],
                    unit="%",
                ),
                desk.Chart(
                    key="margin",
                    title="毛利变化",
                    kind="waterfall",
                    categories=["上月", "售价", "成本", "运费", "本月"],
                    series=(desk.Series("毛利", [220, 18, -31, -9, 198]),),
                    unit="千元",
                ),
                desk.Chart(
                    key="cover",
                    title="库存天 × 毛利",
                    kind="scatter",
                    categories=["A-1001", "B-2207", "C-1"],
                    series=(desk.Series("单品", [(12, 34), (41, 18), (77, 22)]),),
                    unit="天, %",
                ),
                desk.Chart(
                    key="ship",
                    title="发货时长",
                    kind="box",
                    categories=["杭州", "上海"],
                    unit="小时",
                    series=(desk.Series("小时", [(2, 6, 9, 14, 30), (3, 8, 11, 18, 41)]),),
                ),
                desk.Chart(
                    key="hours",
                    title="下单时段",
                    kind="heat",
                    categories=["0", "6", "12", "18"],
                    rows=["周一", "周二"],
                    series=(
                        desk.Series("周一", [3, 12, 30, 44]),
                        desk.Series("周二", [2, 11, 28, 51]),
                    ),
                ),
            ),
        )


FLOW = register(
    Flow(
        "toy_screen_price",
        title="改价",
        requester=frozenset({Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_MANAGER}),
        steps=(
            Step(
                Role.OPERATIONS_SUPERVISOR,
                opinion=True,
                within=hours(8),
                when=lambda f: f["opinion"],
            ),
            Step(Role.OPERATIONS_MANAGER, within=hours(6)),
        ),
        area="ops",
        describe=lambda content: (
            f"李娜申请把 {len(content['lines'])} 个商品改价：{content['reason']}。"
        ),
    )
)
desk.word_figures(
    {
        "count": ("商品数", "number"),
        "change": ("平均变动", "pct"),
        "margin": ("毛利率（改后）", "pct"),
        "outside": ("带外", "number"),
        "effect": ("毛利影响（元）", "money"),
        "opinion": ("需要意见", ""),
        "reason": ("理由", ""),
        "lines": ("商品", ""),
        "sku": ("编码", ""),
        "name": ("名称", ""),
        "old": ("现价", "money"),
        "new": ("拟价", "money"),
        "floor": ("底价", "money"),
    }
)
CONTENT = {
    "reason": "竞品降价",
    "lines": [
        {
            "sku": "A-1001-S",
            "name": "羊绒衫 S",
            "old": "199.00",
            "new": "189.00",
            "floor": "165.00",
        },
        {
            "sku": "A-1003-L",
            "name": "羊绒衫 L",
            "old": "199.00",
            "new": "159.00",
            "floor": "165.00",
        },
    ],
}
FIGURES = {
    "count": 12,
    "change": Decimal("-0.065"),
    "margin": Decimal("0.262"),
    "outside": 3,
    "effect": Decimal("-18240.00"),
    "opinion": False,
}
desk.decision(
    desk.DecisionKind(
        flow="toy_screen_price",
        policy=lambda info: ["3 个拟价在价格带外，由运营经理决定。", "1 个低于底价 165.00。"],
        charts=lambda info: [
            desk.Chart(
                key="impact",
                title="毛利",
                kind="bar",
                categories=["现在", "拟改"],
                series=(desk.Series("毛利", [31, 26]),),
                unit="千元",
                finding="毛利 −7.9%",
            )
        ],
    )
)


def _watch(actor: Actor, at: dt.datetime) -> desk.CardData:
    return desk.CardData(
        counts=(
            desk.CardCount(
                title="毛利率 天猫",
                value="18.2%",
                note="目标 22%",
                change=Decimal("-0.038"),
                is_alarm=True,
                href="/toy/things/",
            ),
            desk.CardCount(title="超时未发", value="214", unit="单", href="/toy/things/"),
            desk.CardCount(title="低于底价", value="2", unit="个", href="/toy/things/"),
        )
    )


def _today(actor: Actor, at: dt.datetime) -> desk.CardData:
    return desk.CardData(
        cutoff="截至 14:00",
        counts=(
            desk.CardCount(
                title="销售", value="1,284,300", unit="元", change=Decimal("0.06"), note="比上周六"
            ),
            desk.CardCount(title="订单", value="9,812", unit="单", change=Decimal("0.021")),
            desk.CardCount(title="退款率", value="3.1%", change=Decimal("-0.004")),
            desk.CardCount(title="缺货", value="41", unit="个"),
        ),
    )


def _tiles(actor: Actor, at: dt.datetime) -> desk.CardData:
    return desk.CardData(
        counts=(
            desk.CardCount(title="收货", value="3", unit="到", note="1 待决", href="/scan/"),
            desk.CardCount(title="拣货", value="126", unit="单", note="21 波", href="/scan/"),
            desk.CardCount(title="发运", value="18:00", note="截单", href="/scan/"),
            desk.CardCount(title="盘点", value="12/40", unit="位", note="A 区", href="/scan/"),
        )
    )


def _queue(actor: Actor, at: dt.datetime) -> desk.CardData:
    return desk.CardData(
        lines=(
            desk.CardLine(
                title="支付宝 11-20",
                figure="差 38 行 4,210.55 元",
                state=TONES["配货"],
                href="/scan/",
            ),
            desk.CardLine(title="微信 11-20", figure="完成", state=TONES["完成"]),
            desk.CardLine(
                title="工行 11-20",
                detail="未到文件",
                state=TONES["异常"],
                due_at=at - dt.timedelta(hours=3),
            ),
        )
    )


@contextmanager
def mounted() -> Iterator[None]:
    """Show the shell with the toys alone while the block runs, whatever apps there are."""
    entries, cards = registry.entries, registry.cards
    registry.entries = {k: e for k, e in entries.items() if e.url_name.startswith("desk:")}
    registry.cards = {key: cards[key] for key in ("approvals", "my-requests")}
    desk.nav(
        desk.NavEntry(
            key="toy-things",
            title="订单",
            url_name="toy:things",
            policy=SIGNED_IN,
            roles=(*MANAGERS, Role.CUSTOMER_SERVICE_AGENT),
            order=20,
            icon="box",
        )
    )
    desk.card(
        desk.Card(
            key="toy-watch",
            title="出了什么事",
            query=_watch,
            roles=MANAGERS,
            place=desk.Place.WATCH,
            look=desk.Look.FIGURES,
        )
    )
    desk.card(
        desk.Card(
            key="toy-today",
            title="今日",
            query=_today,
            roles=MANAGERS,
            place=desk.Place.TODAY,
            look=desk.Look.FIGURES,
        )
    )
    desk.card(
        desk.Card(
            key="toy-keeper",
            title="仓库",
            query=_tiles,
            roles=(Role.WAREHOUSE_KEEPER,),
            look=desk.Look.TILES,
        )
    )
    desk.card(
        desk.Card(key="toy-finance", title="对账", query=_queue, roles=(Role.FINANCE_OFFICER,))
    )
    try:
        with override_settings(ROOT_URLCONF="tests.screens.toys"):
            yield
    finally:
        registry.entries, registry.cards = entries, cards


ENTERED: dict[str, tuple[str, int]] = {}


class CountSheet(desk.SheetScreen):
    """A blind count sheet; what came up stands in `ENTERED` by client id."""

    policies = {"get": SIGNED_IN, "post": SIGNED_IN}
    nav = "toy-things"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> desk.Sheet:
        """Return a sheet of thirty places."""
        return desk.Sheet(
            title="盘点 Q4 杭州",
            note="第一盘 张强",
            items=[
                desk.SheetItem(
                    key=f"i{n}",
                    place=f"A-03-{n}",
                    title="羊绒衫 S 灰",
                    detail=f"A-1001-{n} 批 2409",
                    codes=(f"A-1001-{n}",),
                )
                for n in range(30)
            ],
            extras=(desk.Extra(key="broken", title="破损"),),
            done_href="/toy/things/",
            done_label="签字完成",
        )

    def enter(self, *, entry: desk.SheetEntry, actor: Actor, at: dt.datetime, **key: Any) -> str:
        """Take an entry once per client id."""
        ENTERED.setdefault(str(entry.client_id), (entry.item, entry.quantity))
        return "已收"


toy_patterns = [
    path("sheet/", CountSheet.as_view(), name="sheet"),
    path("things/", ThingList.as_view(), name="things"),
    path("things/new/", ThingForm.as_view(), name="thing-new"),
    path("things/<int:number>/", ThingRecord.as_view(), name="thing"),
    path("board/", Board.as_view(), name="board"),
]
urlpatterns = [
    path("toy/", include((toy_patterns, "toy"))),
    path("", include("ops.urls")),
]
handler404 = "ops.engines.http.fallbacks.not_found"

"""Files the order book reads (docs/imports.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import SkuKind
from catalog.selectors import channels
from catalog.services import takeover
from catalog.services.takeover import SkuHistory
from customers import errors
from customers.choices import TierSource
from customers.policies import TIERS as TIERS_POLICY
from customers.services import history, order_files, routes, tiers
from customers.types import TierWish
from inventory.choices import MoveReason
from inventory.selectors import places
from inventory.services import history as stock_history
from inventory.services import places as place_services
from inventory.types import HistoryRow
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.tables.bulk import copy_into
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult, Scope

_signed = partial(parse.quantity, least=-parse.MAX_QUANTITY)
_price = partial(parse.money, places=6, negative=True)
_moment = partial(parse.moment, zone=parse.BUSINESS_ZONE)
_exact = partial(parse.text, most=64, least=1)


def _yes(text: str) -> bool:
    words = {"1": True, "yes": True, "是": True, "0": False, "no": False, "否": False}
    if text.strip().lower() not in words:
        raise BadInput("input.flag", _("Write yes or no."))
    return words[text.strip().lower()]


UCI = Profile(
    "uci_online_retail",
    _("Order history of the UCI Online Retail layout"),
    columns=(
        Column("given_line", headers=("LineNo",), parse=parse.quantity, required=False),
        Column("doc_no", headers=("InvoiceNo",), parse=_exact),
        Column("code", headers=("StockCode",), parse=_exact),
        Column("description", headers=("Description",), parse=parse.text, required=False),
        Column("quantity", headers=("Quantity",), parse=_signed),
        Column("at", headers=("InvoiceDate",), parse=_moment),
        Column("unit_price", headers=("UnitPrice",), parse=_price),
        Column("buyer", headers=("CustomerID",), parse=_exact, required=False),
        Column("country", headers=("Country",), parse=partial(parse.text, most=60)),
    ),
    gz=True,
)
OPENING = Profile(
    "opening_stock",
    _("Opening stock by channel code"),
    columns=(
        Column("code", headers=("StockCode", "SKU", "商家编码"), parse=_exact),
        Column("opening", headers=("opening", "quantity", "期初数量"), parse=parse.quantity),
        Column(
            "unit_cost",
            headers=("unit_cost", "期初单价"),
            parse=partial(parse.money, places=6),
            required=False,
        ),
    ),
    gz=True,
)
ORDERS = Profile(
    "generic_orders",
    _("Orders of a channel, one row per line"),
    columns=(
        Column("order_no", headers=("order_no", "订单编号", "订单号"), parse=_exact),
        Column("placed_at", headers=("placed_at", "下单时间", "订单创建时间"), parse=_moment),
        Column("paid_at", headers=("paid_at", "付款时间"), parse=_moment, required=False),
        Column("sku", headers=("sku", "商家编码", "SKU"), parse=_exact),
        Column("quantity", headers=("quantity", "数量"), parse=partial(parse.quantity, least=1)),
        Column(
            "unit_price",
            headers=("unit_price", "单价"),
            parse=partial(parse.money, places=6),
            required=False,
        ),
        Column("buyer", headers=("buyer", "买家", "买家昵称"), parse=_exact, required=False),
        Column(
            "name",
            headers=("recipient", "收货人"),
            parse=partial(parse.text, most=100),
            required=False,
            personal=True,
        ),
        Column(
            "phone",
            headers=("phone", "联系手机", "手机"),
            parse=partial(parse.text, most=40),
            required=False,
            personal=True,
        ),
        Column(
            "address",
            headers=("address", "收货地址"),
            parse=partial(parse.text, most=400),
            required=False,
            personal=True,
        ),
        Column(
            "country",
            headers=("country", "国家/地区"),
            parse=partial(parse.text, most=60),
            required=False,
        ),
        Column("cod", headers=("cash_on_delivery", "货到付款"), parse=_yes, required=False),
        Column("shipping", headers=("shipping_fee", "运费"), parse=parse.money, required=False),
    ),
    personal=True,
)
TIERS = Profile(
    "customer_tiers",
    _("Tiers of a channel's buyers, one buyer a row"),
    columns=(
        Column("buyer", headers=("buyer", "买家", "买家昵称"), parse=_exact),
        Column("tier", headers=("tier", "会员等级", "等级"), parse=partial(parse.code, most=40)),
        Column("since", headers=("since", "生效时间", "开始时间"), parse=_moment, required=False),
        Column("until", headers=("until", "结束时间"), parse=_moment, required=False),
        Column(
            "reason",
            headers=("reason", "原因"),
            parse=partial(parse.text, most=200),
            required=False,
        ),
    ),
)
# Opening stock was there before anything in the books; history may begin on any later day.
BOOKS_OPEN = dt.datetime(2000, 1, 1, 12, tzinfo=parse.BUSINESS_ZONE)


def uci_kind(code: str) -> SkuKind:
    """Say what is kept in stock: codes that begin with five digits are merchandise."""
    return SkuKind.GOODS if len(code) >= 5 and code[:5].isdecimal() else SkuKind.SERVICE


def load_uci(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Take the lines over as history of a channel, which is made when it is new."""
    channel_id, warehouse_id = _served_channel(options, actor=actor, at=at)
    history.make_stage()
    copy_into(intake, table=history.STAGE, columns=history.COLUMNS)
    taken = history.take_over_history(
        batch_id=batch.id,
        channel_id=channel_id,
        warehouse_id=warehouse_id,
        kind_of=uci_kind,
        actor=actor,
        at=at,
    )
    stray = [
        Reject(line, "Quantity", doc_no, "customers.stray_return_line", str(_STRAY))
        for line, doc_no in taken.stray
    ]
    return LoadResult(
        accepted=taken.accepted,
        duplicate=taken.duplicate,
        rejects=stray,
        totals={"orders": taken.orders, "returns": taken.returns, "twin_codes": len(taken.twins)},
    )


def load_opening(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Book what a warehouse held before the history of its channel begins."""
    channel_id, warehouse_id = _served_channel(options, actor=actor, at=at)
    rows = list(intake.rows())
    skus = [SkuHistory(row.values["code"], "", SkuKind.GOODS) for row in rows]
    taken = takeover.take_over_skus(channel_id=channel_id, skus=skus, actor=actor, at=at)
    posted = stock_history.import_history(
        batch_id=batch.id,
        warehouse_id=warehouse_id,
        actor=actor,
        at=at,
        rows=[
            HistoryRow(
                line_no=row.line,
                sku_id=taken.ids[row.values["code"]],
                quantity=row.values["opening"],
                reason=MoveReason.OPENING,
                business_day=BOOKS_OPEN.date(),
                at=BOOKS_OPEN,
                effect_key=f"opening:{channel_id}:{row.values['code']}",
                unit_cost=row.values["unit_cost"],
            )
            for row in rows
            if row.values["opening"]
        ],
    )
    empty = len(rows) - posted.posted - posted.already
    return LoadResult(
        accepted=posted.posted + empty,
        duplicate=posted.already,
        totals={"pieces": sum(row.values["opening"] for row in rows)},
    )


def load_generic(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Place the orders of a file in the channel the options name (SCM-2.4-11)."""
    channel = str(options.get("channel") or "")
    return order_files.load_orders(intake, channel=channel, batch_id=batch.id, actor=actor, at=at)


def load_tiers(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Let buyers of the channel the options name belong to tiers; `reason` where a row has none."""
    usual = str(options.get("reason") or _("Member file"))
    scope = channel_scope(options)
    rows = list(intake.rows())
    outcomes = tiers.set_tiers(
        [
            TierWish(
                buyer=row.values["buyer"],
                tier=row.values["tier"],
                reason=row.values["reason"] or usual,
                since=row.values["since"],
                until=row.values["until"],
            )
            for row in rows
        ],
        channel_id=scope.id,
        source=TierSource.FILE,
        batch_id=batch.id,
        actor=actor,
        at=at,
    )
    rejects = [
        Reject(row.line, one.field, "", one.code, one.detail, row.cells)
        for row, one in zip(rows, outcomes, strict=True)
        if one.is_refused
    ]
    begun = sum(one.is_new for one in outcomes)
    return LoadResult(
        accepted=begun,
        duplicate=len(rows) - begun - len(rejects),
        rejects=rejects,
        totals={"tiers": begun},
    )


def channel_scope(options: Mapping[str, Any]) -> Scope:
    """Return the channel an import belongs to; raises ChannelUnknown."""
    code = str(options.get("channel") or "")
    found = channels.ids_of([code])
    if not found:
        raise errors.ChannelUnknown(
            "customers.channel_unknown",
            _("There is no channel %(code)s among yours.") % {"code": code},
        )
    return Scope("channel", found[0])


def _served_channel(
    options: Mapping[str, Any], *, actor: Actor, at: dt.datetime
) -> tuple[int, int]:
    """Return the channel and its warehouse, made when they are new."""
    code = str(options.get("channel") or "uci")
    channel_id = takeover.take_over_channel(
        code=code, name=code, platform="history", currency="GBP", actor=actor, at=at
    )
    warehouse_id = routes.warehouse_of(channel_id)
    if warehouse_id is None:
        warehouse = places.warehouse_by_code(code) or place_services.create_warehouse(
            code=code, name=code, actor=actor, at=at
        )
        warehouse_id = warehouse.id
        routes.set_route(channel_id=channel_id, warehouse_id=warehouse_id, actor=actor, at=at)
    return channel_id, warehouse_id


_STRAY = _("A return line must take a quantity back at a price not below zero.")

register_profile(UCI, load=load_uci)
register_profile(OPENING, load=load_opening)
register_profile(TIERS, load=load_tiers, policy=TIERS_POLICY, scope=channel_scope)
register_profile(ORDERS, load=load_generic, policy=may("customers", "C"), scope=channel_scope)

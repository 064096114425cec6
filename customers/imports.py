"""Files the order book reads (docs/imports.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.choices import SkuKind
from catalog.services import takeover
from catalog.services.takeover import SkuHistory
from customers.services import history, routes
from inventory.choices import MoveReason
from inventory.selectors import places
from inventory.services import history as stock_history
from inventory.services import places as place_services
from inventory.types import HistoryRow
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.tables.bulk import copy_into
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_signed = partial(parse.quantity, least=-parse.MAX_QUANTITY)
_price = partial(parse.money, places=6, negative=True)
_moment = partial(parse.moment, zone=parse.BUSINESS_ZONE)
_exact = partial(parse.text, most=64, least=1)

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

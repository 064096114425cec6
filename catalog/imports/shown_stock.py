"""How many pieces channels show: the file a channel gives, one SKU a row (CAT-4.3-10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.imports.offers import channel_id_of, channel_scope, named
from catalog.selectors import codes
from catalog.services import shown_stock
from catalog.types.shown_stock import SeenStock
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

CHANNEL_STOCK: Final = Profile(
    "channel_stock",
    _("Stock as a channel shows it, one SKU a row"),
    columns=(
        Column("sku", headers=("sku", "code", "商品编码", "渠道编码"), parse=parse.code),
        Column(
            "pieces",
            headers=("stock", "pieces", "quantity", "库存", "可售库存", "展示库存"),
            parse=parse.quantity,
        ),
        Column(
            "seen_at",
            headers=("seen_at", "采集时间", "导出时间"),
            parse=partial(parse.moment, zone=parse.BUSINESS_ZONE),
            required=False,
        ),
    ),
)


def load_stock(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take what a channel (option `channel`) shows; the last row of a SKU counts.

    Codes are the channel's own, else ours. A look into the future is refused by its row.
    """
    channel_id = channel_id_of(options)
    rejects: list[Reject] = []
    rows = list(intake.rows())
    given = {row.values["sku"] for row in rows}
    known = codes.skus_by_code(codes=given) | codes.skus_by_external(
        channel_id=channel_id, codes=given
    )
    kept: dict[int, SeenStock] = {}
    taken = 0
    for row in named(rows, known, rejects):
        seen_at = row.values["seen_at"] or at
        if seen_at > at:
            words = str(_("This moment has not come yet."))
            rejects.append(
                Reject(row.line, "seen_at", "", "catalog.seen_in_future", words, row.cells)
            )
            continue
        taken += 1
        sku_id = known[row.values["sku"]]
        kept[sku_id] = SeenStock(sku_id=sku_id, pieces=row.values["pieces"], seen_at=seen_at)
    changed = shown_stock.take_seen(
        channel_id=channel_id, rows=list(kept.values()), source=batch.number, actor=actor, at=at
    )
    return LoadResult(
        accepted=len(kept),
        duplicate=taken - len(kept),
        rejects=rejects,
        totals={"changed": changed},
    )


register_profile(CHANNEL_STOCK, load=load_stock, policy=shown_stock.SEE, scope=channel_scope)

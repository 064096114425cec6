"""What channels show, and what rivals ask: files of offers and of competitor prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.errors.goods import ThingMissing
from catalog.imports.prices import price
from catalog.models import Channel
from catalog.selectors import codes
from catalog.services import rivals
from catalog.types.patrol import RivalRow, ShownRow
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.sources.feeds import feed
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult, Scope

_moment = partial(parse.moment, zone=parse.BUSINESS_ZONE)

SHOWN: Final = Profile(
    "channel_offers",
    _("Offers as a channel shows them, one SKU a row"),
    columns=(
        Column("sku", headers=("sku", "code", "商品编码", "渠道编码"), parse=parse.code),
        Column("price", headers=("price", "展示价", "页面价", "价格"), parse=price),
        Column("struck", headers=("struck_price", "划线价"), parse=price, required=False),
        Column("seen_at", headers=("seen_at", "采集时间"), parse=_moment, required=False),
    ),
)
RIVALS: Final = Profile(
    "competitor_prices",
    _("Competitor prices, one price a row"),
    columns=(
        Column("sku", headers=("sku", "code", "商品编码"), parse=parse.code),
        Column("rival", headers=("rival", "竞争对手", "竞品店铺"),
               parse=partial(parse.text, most=80, least=1)),
        Column("price", headers=("price", "竞品价", "价格"), parse=price),
        Column("seen_on", headers=("seen_on", "日期", "采集日期"), parse=parse.day),
        Column("source", headers=("source", "来源", "链接"),
               parse=partial(parse.text, most=400, least=1)),
        Column("note", headers=("note", "备注"), parse=partial(parse.text, most=200),
               required=False),
    ),
)  # fmt: skip


def load_shown(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take what a channel (option `channel`) shows; the last row of a SKU counts.

    Codes are the channel's own, else ours. A look into the future is refused.
    """
    channel_id = channel_id_of(options)
    rejects: list[Reject] = []
    rows = list(intake.rows())
    given = {row.values["sku"] for row in rows}
    known = codes.skus_by_code(codes=given) | codes.skus_by_external(
        channel_id=channel_id, codes=given
    )
    kept: dict[int, ShownRow] = {}
    accepted = duplicate = 0
    for row in named(rows, known, rejects):
        seen_at = row.values["seen_at"] or at
        if seen_at > at:
            words = str(_("This moment has not come yet."))
            rejects.append(
                Reject(row.line, "seen_at", "", "catalog.seen_in_future", words, row.cells)
            )
            continue
        sku_id = known[row.values["sku"]]
        accepted, duplicate = accepted + (sku_id not in kept), duplicate + (sku_id in kept)
        kept[sku_id] = ShownRow(
            sku_id=sku_id,
            price=row.values["price"],
            struck=row.values["struck"],
            seen_at=seen_at,
        )
    changed = rivals.take_shown(
        channel_id=channel_id, rows=list(kept.values()), source=batch.number, actor=actor, at=at
    )
    return LoadResult(
        accepted=accepted, duplicate=duplicate, rejects=rejects, totals={"changed": changed}
    )


def load_rivals(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take dated competitor prices; the same word of the same source is kept once."""
    del batch, options
    rejects: list[Reject] = []
    rows = list(intake.rows())
    known = codes.skus_by_code(codes={row.values["sku"] for row in rows})
    today = parse.business_day(at)
    kept = []
    for row in named(rows, known, rejects):
        values = row.values
        if values["seen_on"] > today:
            words = str(_("This day has not come yet."))
            rejects.append(
                Reject(row.line, "seen_on", "", "catalog.seen_in_future", words, row.cells)
            )
            continue
        kept.append(
            RivalRow(
                sku_id=known[values["sku"]],
                rival=values["rival"],
                price=values["price"],
                seen_on=values["seen_on"],
                source=values["source"],
                note=values["note"] or "",
            )
        )
    new = rivals.record_prices(rows=kept, actor=actor, at=at)
    return LoadResult(accepted=new, duplicate=len(kept) - new, rejects=rejects, totals={"new": new})


def named(rows: Sequence[Row], known: Mapping[str, int], rejects: list[Reject]) -> list[Row]:
    """Return the rows whose code we know; the others go to `rejects` by name."""
    twins = codes.twins_of(codes={row.values["sku"] for row in rows} - known.keys())
    kept = []
    for row in rows:
        code = row.values["sku"]
        if code in known:
            kept.append(row)
            continue
        key, words = "catalog.sku_unknown", str(_("There is no such SKU."))
        if code in twins:
            key = "catalog.code_differs"
            words = str(_("Differs from our code %(code)s by case or width: write it exactly."))
            words %= {"code": twins[code]}
        rejects.append(Reject(row.line, "sku", code, key, words, row.cells))
    return kept


def channel_id_of(options: Mapping[str, Any]) -> int:
    """Return the channel that the option `channel` names; raises ThingMissing."""
    code = str(options.get("channel", ""))
    found = Channel.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise ThingMissing("channel", code)
    return found


def channel_scope(options: Mapping[str, Any]) -> Scope:
    """Confine a file to the channel it is about."""
    return Scope("channel", channel_id_of(options))


register_profile(SHOWN, load=load_shown, policy=may("catalog", "C"), scope=channel_scope)
register_profile(RIVALS, load=load_rivals, policy=may("catalog", "C"))
feed("competitor_prices", title=_("Competitor prices"), clauses=("CAT-4.2-06",))

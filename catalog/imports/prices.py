"""Price files: one SKU a row, all of it or nothing unless the good rows were asked for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from catalog.errors.goods import ThingMissing
from catalog.models import Channel
from catalog.models.prices import TIER
from catalog.selectors import codes, prices
from catalog.services import pricing
from catalog.services.price_rules import MOST_LINES
from catalog.types.prices import PriceLine
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult, Scope

TIER_CODE: Final = re.compile(TIER)
_moment = partial(parse.moment, zone=parse.BUSINESS_ZONE)


def price(text: str) -> Any:
    """Read a price: above zero, below a trillion, at most two decimals. Raises BadInput."""
    read = parse.money(text)
    if not 0 < read < pricing.BELOW:
        raise BadInput("catalog.price_positive", _("A price is above zero and below a trillion."))
    return read


PRICES: Final = Profile(
    "price_change",
    _("Prices to be changed, one SKU a row"),
    columns=(
        Column("sku", headers=("sku", "code", "sku_code", "商品编码", "编码"), parse=parse.code),
        Column("price", headers=("price", "new_price", "新价", "价格", "新价格"), parse=price),
        Column(
            "rival", headers=("rival", "rival_price", "竞品价", "竞争价"), parse=price,
            required=False,
        ),
        Column("struck", headers=("struck_price", "划线价"), parse=price, required=False),
        Column("tier", headers=("tier", "价格等级"), parse=partial(parse.code, most=16),
               required=False),
        Column("starts_at", headers=("starts_at", "from", "生效时间", "开始时间"), parse=_moment,
               required=False),
        Column("ends_at", headers=("ends_at", "until", "结束时间"), parse=_moment, required=False),
    ),
)  # fmt: skip


class _Wanted(NamedTuple):
    """A row that may become a line: whose price, when, and where in the file it stands."""

    row: Row
    sku_id: int
    tier: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None


def load_prices(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Draft the prices of a file: one price change a tier and window.

    Options: `channel` (code), `reason`, `rival_note`, `starts_at`, `ends_at`, `tier` for rows that
    do not say, `good_rows_only`. Without the last, one bad row changes nothing. Prices under the
    floor are taken and counted; they call the director when the draft is handed in. Raises
    ThingMissing, BadInput and what drafting refuses.
    """
    channel_id = _channel_id(options)
    rejects: list[Reject] = []
    rows = list(intake.rows())
    wanted = _without_overlaps(_known(rows, options, rejects, at=at), rejects)
    if len(wanted) > MOST_LINES:
        words = _("At most %(most)s SKUs at once: divide the file.")
        raise BadInput("catalog.too_many_lines", words % {"most": MOST_LINES})
    if (rejects or intake.rejected) and not options.get("good_rows_only"):
        bad = intake.rejected + len({reject.line for reject in rejects})
        said = now("%(count)s rows are wrong, so no price was drafted. The rejects say why.")
        return LoadResult(accepted=0, rejects=rejects, refused=said % {"count": bad})
    numbers, below = _draft(wanted, channel_id, batch, options, actor=actor, at=at)
    return LoadResult(
        accepted=len(wanted),
        rejects=rejects,
        totals={"drafts": numbers, "lines": len(wanted), "below_floor": below},
    )


def _channel_id(options: Mapping[str, Any]) -> int:
    code = str(options.get("channel", ""))
    found = Channel.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise ThingMissing("channel", code)
    return found


def _known(
    rows: Sequence[Row], options: Mapping[str, Any], rejects: list[Reject], *, at: dt.datetime
) -> list[_Wanted]:
    """Return the rows whose SKU and window are right; the others go to `rejects` by name."""
    given = {row.values["sku"] for row in rows}
    known = codes.skus_by_code(codes=given)
    twins = codes.twins_of(codes=given - known.keys())
    usual = {
        key: _moment(str(options[key])) if options.get(key) else None
        for key in ("starts_at", "ends_at")
    }
    kept = []
    for row in rows:
        values = row.values
        starts = values["starts_at"] or usual["starts_at"]
        ends = values["ends_at"] or usual["ends_at"]
        tier = values["tier"] or str(options.get("tier") or "")
        wrong = _wrong(values, known, twins, starts=starts, ends=ends, tier=tier, at=at)
        if wrong is not None:
            column, code, words = wrong
            text = str(values.get(column) or "")
            rejects.append(Reject(row.line, column, text, code, str(words), row.cells))
        elif starts is not None:
            kept.append(_Wanted(row, known[values["sku"]], tier, starts, ends))
    return kept


def _wrong(
    values: Mapping[str, Any],
    known: Mapping[str, int],
    twins: Mapping[str, str],
    *,
    starts: dt.datetime | None,
    ends: dt.datetime | None,
    tier: str,
    at: dt.datetime,
) -> tuple[str, str, Any] | None:
    """Return column, code and sentence of the first thing wrong with a row."""
    sku = values["sku"]
    if sku in twins:
        words = _("Differs from our code %(code)s by case or width: write it exactly.")
        return "sku", "catalog.code_differs", words % {"code": twins[sku]}
    if sku not in known:
        return "sku", "catalog.sku_unknown", _("There is no such SKU.")
    if (wrong := _wrong_window(starts, ends, at)) is not None:
        return wrong
    if len(tier) > 16 or not TIER_CODE.fullmatch(tier):
        words = _("A price tier is at most 16 lower-case letters, digits or underscores.")
        return "tier", "catalog.tier_unreadable", words
    struck = values["struck"]
    if struck is not None and struck <= values["price"]:
        words = _("A struck-out price is above the price beside it.")
        return "struck", "catalog.struck_above_price", words
    return None


def _wrong_window(
    starts: dt.datetime | None, ends: dt.datetime | None, at: dt.datetime
) -> tuple[str, str, Any] | None:
    if starts is None:
        return "starts_at", "catalog.start_needed", _("Say from when the price counts.")
    if ends is not None and ends <= max(starts, at):
        words = _("The end must lie after the start and in the future.")
        return "ends_at", "catalog.window_wrong", words
    return None


def _without_overlaps(rows: Sequence[_Wanted], rejects: list[Reject]) -> list[_Wanted]:
    """Return the rows of which no two price the same SKU and tier at the same time."""
    kept: list[_Wanted] = []
    earlier: dict[tuple[int, str], list[_Wanted]] = {}
    for wanted in rows:
        others = earlier.setdefault((wanted.sku_id, wanted.tier), [])
        clash = next((other for other in others if _overlap(other, wanted)), None)
        if clash is not None:
            words = _("Line %(line)s prices this SKU in that time already.")
            text = str(words % {"line": clash.row.line})
            value = wanted.row.values["sku"]
            rejects.append(
                Reject(
                    wanted.row.line, "sku", value, "catalog.window_overlaps", text, wanted.row.cells
                )
            )
            continue
        others.append(wanted)
        kept.append(wanted)
    return kept


def _overlap(one: _Wanted, other: _Wanted) -> bool:
    """Say whether two windows meet; one without an end goes on."""
    return (one.ends_at is None or other.starts_at < one.ends_at) and (
        other.ends_at is None or one.starts_at < other.ends_at
    )


def _draft(
    rows: Sequence[_Wanted],
    channel_id: int,
    batch: BatchInfo,
    options: Mapping[str, Any],
    *,
    actor: Actor,
    at: dt.datetime,
) -> tuple[list[str], int]:
    groups: dict[tuple[str, dt.datetime, dt.datetime | None], list[_Wanted]] = {}
    for wanted in rows:
        groups.setdefault((wanted.tier, wanted.starts_at, wanted.ends_at), []).append(wanted)
    numbers = []
    for (tier, starts_at, ends_at), members in groups.items():
        change = pricing.draft_price_change(
            channel_id=channel_id,
            reason=str(options.get("reason") or batch.file_name)[:200],
            rival_note=str(options.get("rival_note") or "")[:200],
            starts_at=starts_at,
            ends_at=ends_at,
            tier=tier,
            lines=[
                PriceLine(
                    sku_id=wanted.sku_id,
                    price=wanted.row.values["price"],
                    rival=wanted.row.values["rival"],
                    struck=wanted.row.values["struck"],
                )
                for wanted in members
            ],
            actor=actor,
            at=at,
        )
        numbers.append(change.number)
    floors = prices.floors(sku_ids={wanted.sku_id for wanted in rows}, at=at)
    below = sum(
        wanted.sku_id in floors and wanted.row.values["price"] < floors[wanted.sku_id]
        for wanted in rows
    )
    return numbers, below


def _scope(options: Mapping[str, Any]) -> Scope:
    return Scope("channel", _channel_id(options))


register_profile(PRICES, load=load_prices, policy=may("catalog", "C"), scope=_scope)

"""Listing files: texts of a product in a channel, one a row; drafts, never live (CAT-4.3-07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from catalog.rules.listing import filing
from catalog.rules.listing.content import MOST_SECTION, MOST_TITLE, SECTIONS
from catalog.rules.search_fields import MOST_SEARCH_TEXT, MOST_SEARCH_TITLE
from catalog.selectors import channels, codes
from catalog.services import listing_files
from catalog.types.listing_files import ListingText, RefusedText
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_TITLES: Final = {
    "title": ("title", "标题", "商品标题"),
    "specification": ("specification", "规格"),
    "material": ("material", "材质"),
    "function": ("function", "功能"),
    "use": ("use", "使用方法"),
    "after_sales": ("after_sales", "售后"),
    "keywords": ("keywords", "搜索词", "关键词"),
    "search_title": ("search_title", "搜索标题"),
    "search_text": ("search_text", "搜索描述"),
}


def _long(text: str) -> str:
    """Read the text of a section, its line breaks as they are kept. Raises BadInput."""
    return parse.text(text.replace("\r\n", "\n"), most=MOST_SECTION, lines=True).strip()


def _short(text: str, *, most: int) -> str:
    return parse.text(text, most=most).strip()


def _read_by(name: str) -> Callable[[str], Any]:
    if name in SECTIONS:
        return _long
    most = {"title": MOST_TITLE, "search_title": MOST_SEARCH_TITLE, "search_text": MOST_SEARCH_TEXT}
    return filing.read_words if name == "keywords" else partial(_short, most=most[name])


LISTINGS: Final = Profile(
    "generic_listings",
    _("Listing texts, one listing a row"),
    columns=(
        Column("channel", headers=("channel", "channel_code", "渠道"), parse=parse.code),
        Column("product", headers=("product", "sku", "code", "商品编码", "款号"), parse=parse.code),
        *(
            Column(name, headers=_TITLES[name], parse=_read_by(name), required=name == "title")
            for name in filing.TEXTS
        ),
    ),
)


def load_listings(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Draft the texts of a file; a column that is missing from the file leaves its texts alone.

    Options: `reason`, `good_rows_only`. Without the last, one bad row changes nothing. Rows that
    say what is there already are duplicates. Raises what `listing_files.take` raises.
    """
    rejects: list[Reject] = []
    absent = {
        column.key
        for column, place in zip(LISTINGS.columns, intake.layout.places, strict=True)
        if place is None
    }
    rows = list(intake.rows())
    wanted = _known(rows, absent, rejects, actor=actor)
    good_only = bool(options.get("good_rows_only"))
    if (rejects or intake.rejected) and not good_only:
        # The rules are asked all the same: who mends a file wants every reason at once.
        refused = listing_files.judge(rows=wanted, actor=actor, at=at)
        return _nothing(intake, rejects + _rejects(refused, rows, intake))
    taken = listing_files.take(
        rows=wanted,
        why=_why(batch, options),
        good_rows_only=good_only,
        actor=actor,
        at=at,
    )
    rejects += _rejects(taken.refused, rows, intake)
    if rejects and not good_only:
        return _nothing(intake, rejects)
    return LoadResult(
        accepted=len(taken.drafted) + len(taken.edited),
        duplicate=len(taken.unchanged),
        rejects=rejects,
        totals={
            "opened": taken.opened,
            "drafted": len(taken.drafted),
            "edited": len(taken.edited),
        },
    )


def _known(
    rows: Collection[Row], absent: Collection[str], rejects: list[Reject], *, actor: Actor
) -> list[ListingText]:
    """Return the rows whose channel and goods are there, each pair once."""
    allowed = actor.scope_ids("channel", "catalog", "C")
    mine = {
        one.code: one.id
        for one in channels.visible(actor=actor)
        if allowed is None or one.id in allowed
    }
    products = codes.products_by_code(codes={row.values["product"] for row in rows})
    lines: dict[tuple[int, int], int] = {}
    kept = []
    for row in rows:
        channel, product = row.values["channel"], row.values["product"]
        if channel not in mine:
            words = now("There is no such channel, or it is not yours.")
            rejects.append(_reject(row, "channel", channel, "catalog.channel_missing", words))
            continue
        if product not in products:
            words = now("There is no such product or SKU.")
            rejects.append(_reject(row, "product", product, "catalog.product_missing", words))
            continue
        goods = products[product], mine[channel]
        first = lines.setdefault(goods, row.line)
        if first != row.line:
            words = now("Line %(line)s has the texts of these goods already.") % {"line": first}
            rejects.append(_reject(row, "product", product, "catalog.listing_twice", words))
            continue
        told = {name: row.values[name] for name in filing.TEXTS if name not in absent}
        told = {name: _told(name, value) for name, value in told.items()}
        kept.append(ListingText(line=row.line, product_id=goods[0], channel_id=goods[1], told=told))
    return kept


def _told(name: str, value: Any) -> Any:
    """Return a text as content keeps it: an empty cell empties it."""
    return value or ([] if name == "keywords" else "")


def _why(batch: BatchInfo, options: Mapping[str, Any]) -> str:
    said = str(options.get("reason") or "").strip()
    return (said or now("From the file %(name)s") % {"name": batch.file_name})[:400]


def _rejects(refused: Sequence[RefusedText], rows: Collection[Row], intake: Intake) -> list[Reject]:
    """Return the refused rows as the file's reader reports them, under the titles of the file."""
    places = zip(LISTINGS.columns, intake.layout.places, strict=True)
    titles = {
        column.key: intake.layout.titles[place] for column, place in places if place is not None
    }
    by_line = {row.line: row for row in rows}
    return [
        _reject(
            by_line[one.line],
            titles.get(one.field, one.field),
            str(by_line[one.line].values.get(one.field) or ""),
            one.code,
            one.words,
        )
        for one in refused
    ]


def _reject(row: Row, column: str, value: str, code: str, words: str) -> Reject:
    return Reject(row.line, column, value[:200], code, words, row.cells)


def _nothing(intake: Intake, rejects: list[Reject]) -> LoadResult:
    bad = intake.rejected + len({reject.line for reject in rejects})
    said = now("%(count)s rows are wrong, so no listing was drafted. The rejects say why.")
    return LoadResult(accepted=0, rejects=rejects, refused=said % {"count": bad})


register_profile(LISTINGS, load=load_listings, policy=may("catalog", "C"))

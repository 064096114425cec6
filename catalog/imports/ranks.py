"""Search ranks of a channel: the file its console gives, one word of one thing a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import PageKind
from catalog.imports.offers import channel_id_of, channel_scope
from catalog.models import Listing, ShopPage, Sku
from catalog.rules import ranks as rules
from catalog.selectors import codes
from catalog.services import ranks as services
from catalog.types.ranks import RankRow
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.sources.feeds import feed
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_PAGES: Final = {
    **{kind.value: kind for kind in PageKind},
    "首页": PageKind.HOME,
    "详情页": PageKind.DETAIL,
    "类目页": PageKind.CATEGORY,
}


def page_kind(text: str) -> PageKind:
    """Read which page is meant: home, detail, category, or 首页, 详情页, 类目页; or BadInput."""
    found = _PAGES.get(text.strip().casefold())
    if found is None:
        raise BadInput("catalog.page_kind", _("No page: home, detail or category."))
    return found


RANKS: Final = Profile(
    "search_rank",
    _("Search ranks of a channel, one word of one product or page a row"),
    columns=(
        Column("channel", headers=("channel", "渠道", "店铺"), parse=parse.code, required=False),
        Column("period", headers=("day", "week", "日期", "周", "统计日期"),
               parse=rules.read_period),
        Column("word", headers=("keyword", "search_word", "关键词", "搜索词"),
               parse=rules.read_word),
        Column("code", headers=("code", "sku", "listing", "商品编码", "商家编码", "上架编号"),
               parse=parse.code, required=False),
        Column("page", headers=("page", "页面"), parse=page_kind, required=False),
        Column("rank", headers=("rank", "排名", "搜索排名"), parse=rules.read_rank),
        Column("impressions", headers=("impressions", "曝光", "曝光量", "展现量"),
               parse=parse.quantity),
        Column("clicks", headers=("clicks", "点击", "点击量"), parse=parse.quantity),
    ),
)  # fmt: skip


class _About(NamedTuple):
    """What a row is about: a product, or a page of the channel."""

    product_id: int | None
    page_id: int | None


class _Known(NamedTuple):
    """What rows may name: the channel's own code, products by code, pages by kind."""

    channel: str
    products: Mapping[str, int]
    pages: Mapping[str, int]
    today: dt.date


def load_ranks(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take the search ranks of a channel (option `channel`; option `source` says who brought them).

    Codes are ours, the channel's own, or numbers of listings. A figure that stood already is a
    duplicate, a corrected one replaces it with a trace.
    """
    channel_id = channel_id_of(options)
    rejects: list[Reject] = []
    rows = list(intake.rows())
    known = _Known(
        channel=str(options["channel"]),
        products=_products(channel_id, {row.values["code"] for row in rows if row.values["code"]}),
        pages=dict(ShopPage.objects.filter(channel=channel_id).values_list("kind", "pk")),
        today=parse.business_day(at),
    )
    read = _told_once(_read(rows, known, rejects), rejects)
    taken = services.take_ranks(
        channel_id=channel_id,
        rows=[rank for rank, _row in read],
        source=str(options.get("source") or ""),
        batch_id=batch.id,
        actor=actor,
        at=at,
    )
    words = _("Days of this week are counted one by one already, or the week as a whole.")
    rejects += [
        _reject(row, "period", "catalog.rank_overlaps", words)
        for rank, row in read
        if rank.line in taken.clashes
    ]
    return LoadResult(
        accepted=taken.new + taken.replaced,
        duplicate=taken.same,
        rejects=rejects,
        totals={"new": taken.new, "replaced": taken.replaced},
    )


def _products(channel_id: int, given: set[str]) -> dict[str, int]:
    """Return products by our code of a SKU, the channel's code, or the number of a listing."""
    skus = codes.skus_by_external(channel_id=channel_id, codes=given) | codes.skus_by_code(
        codes=given
    )
    products = dict(Sku.objects.filter(pk__in=skus.values()).values_list("pk", "product_id"))
    listed = Listing.objects.filter(channel=channel_id, number__in=given)
    return {
        **dict(listed.values_list("number", "product_id")),
        **{code: products[sku] for code, sku in skus.items()},
    }


def _read(rows: Sequence[Row], known: _Known, rejects: list[Reject]) -> list[tuple[RankRow, Row]]:
    """Return the rows that say whose rank it is; the others go to `rejects` by name."""
    found = []
    for row in rows:
        wrong = _wrong(row.values, known)
        if wrong is not None:
            rejects.append(_reject(row, *wrong))
            continue
        about, values = _about(row.values, known), row.values
        first, last = values["period"]
        rank = RankRow(
            line=row.line,
            word=values["word"],
            product_id=about.product_id,
            page_id=about.page_id,
            first_on=first,
            last_on=last,
            rank=values["rank"],
            impressions=values["impressions"],
            clicks=values["clicks"],
        )
        found.append((rank, row))
    return found


def _about(values: Mapping[str, Any], known: _Known) -> _About:
    if values["code"]:
        return _About(known.products[values["code"]], None)
    return _About(None, known.pages[values["page"]])


def _wrong(values: Mapping[str, Any], known: _Known) -> tuple[str, str, Any] | None:
    """Return column, code and sentence of the first thing wrong with a row."""
    if values["channel"] and values["channel"] != known.channel:
        return "channel", "catalog.rank_channel", _("The file is about another channel.")
    if values["period"][0] > known.today:
        return "period", "catalog.seen_in_future", _("This day has not come yet.")
    if values["clicks"] > values["impressions"]:
        return "clicks", "catalog.clicks_above_views", _("More clicks than impressions.")
    return _wrong_about(values, known)


def _wrong_about(values: Mapping[str, Any], known: _Known) -> tuple[str, str, Any] | None:
    code, page = values["code"], values["page"]
    if bool(code) == bool(page):
        return (
            "code",
            "catalog.rank_about",
            _("Name the goods by a code, or the page: one of both."),
        )
    if code and code not in known.products:
        return "code", "catalog.sku_unknown", _("There is no such SKU or listing.")
    if page and page not in known.pages:
        return "page", "catalog.page_unknown", _("The channel has no such page.")
    return None


def _told_once(
    read: Sequence[tuple[RankRow, Row]], rejects: list[Reject]
) -> list[tuple[RankRow, Row]]:
    """Return the rows of which no two say the same thing, nor days and their week both."""
    mixed = rules.mixed_weeks(
        ((rank.word, rank.product_id, rank.page_id), rank.first_on, rank.last_on)
        for rank, _row in read
    )
    kept: dict[tuple[Any, ...], tuple[RankRow, Row]] = {}
    for rank, row in read:
        about = (rank.word, rank.product_id, rank.page_id)
        earlier = kept.get((*about, rank.first_on, rank.last_on))
        if (about, rules.week_of(rank.first_on)) in mixed:
            words = _("The file gives this week both day by day and as a whole.")
            rejects.append(_reject(row, "period", "catalog.rank_mixed", words))
        elif earlier is not None:
            told = _("Line %(line)s says that already.") % {"line": earlier[0].line}
            rejects.append(_reject(row, "word", "catalog.rank_twice", told))
        else:
            kept[(*about, rank.first_on, rank.last_on)] = (rank, row)
    return list(kept.values())


def _reject(row: Row, column: str, code: str, words: Any) -> Reject:
    value = row.values.get(column)
    return Reject(
        row.line, column, value if isinstance(value, str) else "", code, str(words), row.cells
    )


register_profile(RANKS, load=load_ranks, policy=services.TAKE, scope=channel_scope)
feed("search_rank", title=_("Search ranks"), clauses=("CAT-4.3-14",))

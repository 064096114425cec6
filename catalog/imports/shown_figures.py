"""What a channel says of its places: a file with one good, place and day a row (CAT-4.1-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.choices.pages import PageKind
from catalog.imports.offers import channel_id_of, channel_scope, named
from catalog.rules import shown_figures as rules
from catalog.selectors import codes
from catalog.selectors import shown_figures as selectors
from catalog.services import shown_figures
from catalog.types.shown_figures import Figure, Place, SetPlace, SlotPlace
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.tables.intake import Intake, Reject, Row
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_PAGES: Final = {
    "首页": PageKind.HOME, "详情页": PageKind.DETAIL, "分类页": PageKind.CATEGORY,
    **{kind.value: kind for kind in PageKind},
}  # fmt: skip


def page_kind(text: str) -> PageKind:
    """Read which page of a channel is meant: home, detail, category; 首页, 详情页, 分类页."""
    found = _PAGES.get(text.strip().casefold())
    if found is None:
        raise BadInput("catalog.page_kind", _("Neither home, detail nor category page."))
    return found


SHOWN_FIGURES: Final = Profile(
    "shown_figures",
    gettext_lazy("Clicks on slots and recommendations, one good, place and day a row"),
    columns=(
        Column("day", headers=("day", "date", "日期"), parse=parse.day),
        Column("page", headers=("page", "页面"), parse=page_kind, required=False),
        Column("slot", headers=("slot", "陈列位", "坑位"), parse=partial(parse.code, most=30),
               required=False),
        Column("set", headers=("set", "推荐版本"), parse=partial(parse.quantity, least=1),
               required=False),
        Column("sku", headers=("sku", "code", "商品编码", "渠道编码"), parse=parse.code),
        Column("shown", headers=("shown", "impressions", "曝光", "展示次数"), parse=parse.quantity),
        Column("clicks", headers=("clicks", "点击", "点击次数"), parse=parse.quantity),
        Column("orders", headers=("orders", "订单", "成交订单"), parse=parse.quantity,
               required=False),
    ),
)  # fmt: skip


def load_figures(
    batch: BatchInfo, intake: Intake, *, actor: Actor, at: dt.datetime, options: Mapping[str, Any]
) -> LoadResult:
    """Take the figures of a channel (option `channel`) over; a later file of a day replaces them.

    Codes are the channel's own, else ours. A row that says the same as another one is a duplicate;
    one that contradicts it is rejected, as is what `rules.shown_figures` finds wrong.
    """
    channel_id = channel_id_of(options)
    rejects: list[Reject] = []
    rows = list(intake.rows())
    given = {row.values["sku"] for row in rows}
    known = codes.skus_by_code(codes=given) | codes.skus_by_external(
        channel_id=channel_id, codes=given
    )
    kept, twice = _fitting(
        named(rows, known, rejects), known, channel_id=channel_id, at=at, rejects=rejects
    )
    taken = shown_figures.take(
        channel_id=channel_id, figures=kept, source=batch.number, actor=actor, at=at
    )
    return LoadResult(
        accepted=taken.new + taken.changed,
        duplicate=taken.same + twice,
        rejects=rejects,
        totals={"new": taken.new, "changed": taken.changed},
    )


def _fitting(
    rows: Sequence[Row],
    known: Mapping[str, int],
    *,
    channel_id: int,
    at: dt.datetime,
    rejects: list[Reject],
) -> tuple[list[Figure], int]:
    """Return the figures that may be taken, and how many rows said nothing new."""
    places, today = selectors.places(channel_id=channel_id), parse.business_day(at)
    kept: dict[tuple[Any, ...], tuple[int, Figure]] = {}
    twice = 0
    for row in rows:
        place = _place(row.values)
        if place is None:
            words = _("Name a page with its slot, or a version of the recommendations.")
            rejects.append(Reject(row.line, "slot", "", "catalog.no_place", words, row.cells))
            continue
        figure = _figure(row, place, known)
        found = rules.wrong(figure, places=places, today=today)
        if found is not None:
            value = str(row.values[found.field] or "")
            rejects.append(Reject(row.line, found.field, value, found.code, found.words, row.cells))
            continue
        line, former = kept.setdefault((place, figure.day, figure.sku_id), (row.line, figure))
        if line == row.line:
            continue
        twice += former == figure
        if former != figure:
            words = _("Contradicts line %(line)s: the same good, place and day.") % {"line": line}
            rejects.append(Reject(row.line, "sku", "", "input.twice", words, row.cells))
    return [figure for _line, figure in kept.values()], twice


def _place(values: Mapping[str, Any]) -> Place | None:
    page, slot, number = values["page"], values["slot"], values["set"]
    if page is not None and slot is not None and number is None:
        return SlotPlace(page, slot)
    return SetPlace(number) if number is not None and page is None and slot is None else None


def _figure(row: Row, place: Place, known: Mapping[str, int]) -> Figure:
    values = row.values
    return Figure(
        place=place,
        sku_id=known[values["sku"]],
        day=values["day"],
        shown=values["shown"],
        clicks=values["clicks"],
        orders=values["orders"],
    )


register_profile(SHOWN_FIGURES, load=load_figures, policy=shown_figures.TELL, scope=channel_scope)

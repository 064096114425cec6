"""Search ranks: taken over word by word, corrected with a trace, shown with the last edit."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from catalog.models import Listing, Product, SearchKeyword, SearchRank, ShopPage, Sku
from catalog.rules import ranks as rules
from catalog.selectors import ranks as selected
from catalog.services import ranks as services
from catalog.types.ranks import KeywordLine
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.revisions.models import Revision
from ops.engines.tables.storage import full_path
from ops.engines.tables.types import BatchInfo
from tests.catalog import pages
from tests.catalog.listed import Stall
from tests.catalog.ranked import bring, day
from tests.catalog.shop import Shop, actor
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def counts(batch: BatchInfo) -> tuple[int, int, int]:
    return batch.accepted, batch.duplicate, batch.rejected


def current() -> list[tuple[Any, ...]]:
    rows = SearchRank.objects.filter(replaced_at__isnull=True)
    columns = ("keyword__word", "first_on", "rank", "impressions", "clicks")
    return [(word, str(on), *rest) for word, on, *rest in rows.order_by("pk").values_list(*columns)]


def line(word: str, *, at: datetime = AT) -> KeywordLine:
    rows = selected.keywords(actor=SYSTEM).filter(word=word)
    [found] = selected.lines(rows=list(rows), at=at)
    return found


@pytest.mark.clause("CAT-4.3-14")
def test_a_file_of_ranks_is_taken_over_word_by_word(shop: Shop, media: Path) -> None:
    today = day()

    batch = bring(media, [f"{today},羊绒衫,A-1001-S,12,1000,40", f"{today},毛衣,A-1001-M,30,200,0"])

    assert counts(batch) == (2, 0, 0)
    assert {*current()} == {("羊绒衫", today, 12, 1000, 40), ("毛衣", today, 30, 200, 0)}
    told = json.loads(Fact.objects.get(action="catalog.search_ranks_taken").body)
    assert (told["new"], told["replaced"]) == (2, 0)


@pytest.mark.clause("CAT-4.3-14")
def test_a_word_is_one_in_any_width_case_and_spacing(shop: Shop, media: Path) -> None:
    words = (" ＣＡＳＨＭＥＲＥ  羊绒", "cashmere 羊绒")

    bring(media, [f"{day(back)},{word},A-1001-S,9,10,1" for back, word in enumerate(words)])

    assert [row.word for row in SearchKeyword.objects.all()] == ["cashmere 羊绒"]
    assert SearchRank.objects.count() == 2


@pytest.mark.clause("CAT-4.3-14")
def test_a_day_sent_again_replaces_what_it_corrects_and_leaves_a_trace(
    shop: Shop, media: Path
) -> None:
    today = day()
    first = bring(media, [f"{today},羊绒衫,A-1001-S,12,1000,40", f"{today},毛衣,A-1001-S,30,200,0"])

    second = bring(
        media,
        [f"{today},羊绒衫,A-1001-S,10,1100,44", f"{today},毛衣,A-1001-S,30,200,0"],
        at=AT + WEEK / 7,
    )

    assert counts(second) == (1, 1, 0)
    assert {*current()} == {("毛衣", today, 30, 200, 0), ("羊绒衫", today, 10, 1100, 44)}
    old = SearchRank.objects.get(replaced_at__isnull=False)
    assert (old.rank, old.batch_id, old.replaced_by_id) == (12, first.id, second.id)
    shown = selected.corrections(keyword_id=old.keyword_id)
    assert [row.pk for row in shown] == [old.pk]


def test_the_same_rows_again_have_no_second_effect(shop: Shop, media: Path) -> None:
    rows = [f"{day()},羊绒衫,A-1001-S,12,1000,40", f"{day(1)},羊绒衫,A-1001-S,13,900,30"]
    bring(media, rows)

    again = bring(media, reversed(rows))

    assert again.known
    assert SearchRank.objects.count() == 2


BAD = (
    ("{today},羊绒衫,A-1001-S,0,10,1", "rank", "0"),
    ("{today},羊绒衫,A-1001-S,100001,10,1", "rank", "100,000"),
    ("{today},羊绒衫,A-1001-S,1.5,10,1", "rank", "1.5"),
    ("{today},羊绒衫,A-1001-S,NaN,10,1", "rank", "整数"),
    ("{today},羊绒衫,A-1001-S,3,10,11", "clicks", "曝光"),
    ("{today},羊绒衫,A-1001-S,3,-1,0", "impressions", "-1"),
    ("{today},羊绒衫,A-9999,3,10,1", "code", "没有"),
    ("{today},羊绒衫,,3,10,1", "code", "编码"),
    ("{tomorrow},羊绒衫,A-1001-S,3,10,1", "period", "还没"),
    ("2026-W60,羊绒衫,A-1001-S,3,10,1", "day", "周"),
    ("昨天,羊绒衫,A-1001-S,3,10,1", "day", "日期"),
    ("{today},,A-1001-S,3,10,1", "keyword", ""),
    ("{today}," + "长" * 41 + ",A-1001-S,3,10,1", "keyword", "40"),
)


def test_bad_rows_are_refused_by_line_column_and_reason_and_the_good_one_stays(
    shop: Shop, media: Path
) -> None:
    rows = [row.format(today=day(), tomorrow=day(-1)) for row, _column, _words in BAD]

    batch = bring(media, [f"{day()},毛衣,A-1001-S,3,10,1", *rows])

    assert counts(batch) == (1, 0, len(BAD))
    assert [each[0] for each in current()] == ["毛衣"]
    told = full_path(batch.rejects_file).read_text(encoding="utf-8-sig").splitlines()[1:]
    by_line = {int(line): (column, rest) for line, column, rest in (t.split(",", 2) for t in told)}
    for number, (row, column, words) in enumerate(BAD, 3):
        assert by_line[number][0] == column, row
        assert words in by_line[number][1], row


def test_a_row_of_another_channel_and_one_said_twice_are_refused(shop: Shop, media: Path) -> None:
    today = day()

    batch = bring(
        media,
        [
            f"tmall,{today},羊绒衫,A-1001-S,3,10,1",
            f"jd,{today},毛衣,A-1001-S,3,10,1",
            f"tmall,{today},羊绒衫,A-1001-S,4,10,1",
        ],
        head="channel,day,keyword,code,rank,impressions,clicks",
    )

    assert counts(batch) == (1, 0, 2)
    assert set(batch.reasons) == {"channel: catalog.rank_channel", "word: catalog.rank_twice"}


def test_a_week_and_its_days_are_never_both_counted(shop: Shop, media: Path) -> None:
    mixed = bring(media, [f"{day()},羊绒衫,A-1001-S,3,10,1", "2026-W47,羊绒衫,A-1001-S,4,70,7"])
    assert counts(mixed) == (0, 0, 2)
    bring(media, ["2026-W46,羊绒衫,A-1001-S,4,70,7"])

    clash = bring(media, ["2026-11-10,羊绒衫,A-1001-S,3,10,1", "2026-11-09,毛衣,A-1001-S,3,10,1"])

    assert counts(clash) == (1, 0, 1)
    assert clash.reasons == {"period: catalog.rank_overlaps": 1}
    assert [row[0] for row in current()] == ["羊绒衫", "毛衣"]


def test_goods_are_named_by_the_number_of_their_listing_too(shop: Shop, media: Path) -> None:
    listing = Listing.objects.order_by("pk")[0]

    batch = bring(media, [f"{day()},圆领衫,{listing.number},5,100,9"])

    assert counts(batch) == (1, 0, 0)
    assert SearchKeyword.objects.get().product_id == listing.product_id


def test_only_who_may_work_on_listings_takes_ranks_over(shop: Shop) -> None:
    reader = actor(account("analyst", Role.DATA_ANALYST))

    with pytest.raises(Forbidden):
        services.take_ranks(
            channel_id=shop.channel_id, rows=[], source="", batch_id=1, actor=reader, at=AT
        )


def test_the_database_keeps_what_the_service_promises(shop: Shop, media: Path) -> None:
    bring(media, [f"{day()},羊绒衫,A-1001-S,12,1000,40"])
    row = SearchRank.objects.get()
    twin = {
        name: getattr(row, name)
        for name in ("keyword_id", "first_on", "last_on", "rank", "impressions", "clicks",
                     "batch_id", "kept_at")
    }  # fmt: skip

    for change, refusal in (
        ({}, "searchrank_counted_once"),
        ({"first_on": "2026-11-01", "last_on": "2026-11-03"}, "searchrank_of_a_day_or_a_week"),
        ({"first_on": "2026-11-03", "last_on": "2026-11-03", "clicks": 1001}, "figures_sane"),
        ({"first_on": "2026-11-03", "last_on": "2026-11-03", "rank": 0}, "figures_sane"),
    ):
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
            SearchRank.objects.create(**{**twin, **change})
    with pytest.raises(ProgrammingError), transaction.atomic():
        SearchRank.objects.update(rank=1)
    with pytest.raises(ProgrammingError), transaction.atomic():
        SearchRank.objects.all().delete()
    product = Sku.objects.get(pk=shop.sku_ids[0]).product_id
    pair = {"channel_id": shop.channel_id, "word": "x", "since": AT}
    page = ShopPage.objects.filter(channel=shop.channel_id)[0].pk
    with pytest.raises(IntegrityError, match="of_goods_or_page"), transaction.atomic():
        SearchKeyword.objects.create(**pair, product_id=product, page_id=page)
    with transaction.atomic():
        SearchRank.objects.update(replaced_at=AT, replaced_by=row.batch_id)
    with transaction.atomic(), refused_by("searchrank_stays"):
        SearchRank.objects.update(replaced_at=AT + WEEK)
    assert SearchRank.objects.get().rank == 12


def test_the_page_of_another_channel_has_no_word_here(shop: Shop) -> None:
    other = pages.own_channel("elsewhere")
    page = ShopPage.objects.filter(channel=other)[0].pk

    with transaction.atomic(), refused_by("searchkeyword_at_home"):
        SearchKeyword.objects.create(channel_id=shop.channel_id, word="x", page_id=page, since=AT)


# --- Shown --------------------------------------------------------------------------------------


@pytest.mark.clause("CAT-4.3-14")
def test_a_word_shows_newest_rank_the_week_before_traffic_and_twelve_weeks(
    shop: Shop, media: Path
) -> None:
    rows = [f"{day(7 * back)},羊绒衫,A-1001-S,{10 + back},1000,{100 - back}" for back in range(14)]

    bring(media, [*rows, f"{day(1)},羊绒衫,A-1001-S,11,500,20"])

    found = line("羊绒衫")
    assert (found.rank, found.before, found.course) == (10, 11, rules.Course.BETTER)
    assert (found.impressions, found.clicks) == (1500, 120)
    assert found.click_rate is not None
    assert float(found.click_rate) == pytest.approx(0.08)
    assert [week.rank for week in found.weeks] == [*range(21, 9, -1)]
    assert found.weeks[-1].clicks == 120


def test_a_word_never_shown_has_no_click_rate(shop: Shop, media: Path) -> None:
    bring(media, [f"{day()},羊绒衫,A-1001-S,12,0,0"])

    assert line("羊绒衫").click_rate is None
    assert line("羊绒衫").course is rules.Course.NEW


@pytest.mark.clause("CAT-4.3-14")
def test_the_last_edit_of_a_listing_stands_beside_its_ranks(stall: Stall, media: Path) -> None:
    now = AT + 4 * WEEK
    material = "百分之百山羊绒，双股精纺，不含化纤，吊牌可查。"
    stall.list()
    edits: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (2, "排名下滑", {"search_title": "内蒙古羊绒圆领衫 秋冬"}),
        (1, "改材质", {"search_title": "内蒙古羊绒圆领衫 秋冬", "material": material}),
    )
    for weeks, why, changes in edits:
        at = now - weeks * WEEK
        stall.write(at=at, why=why, **changes)
        stall.submit(at=at)
        stall.approve(stall.editors, at=at)
    code = Sku.objects.get(pk=stall.sku_id).code

    rows = [f"{day(7 * back, at=now)},羊绒衫,{code},{8 + back},100,9" for back in range(5)]
    bring(media, rows, at=now)

    edit = line("羊绒衫", at=now).edit
    assert edit is not None
    assert (edit.who, edit.why, edit.changed) == ("specialist", "排名下滑", ("search_title",))
    assert edit.since == now - 2 * WEEK
    row = selected.keywords(actor=SYSTEM).get()
    course = selected.edits_of(row=row, at=now)
    assert [(one.no, one.is_first) for one in course] == [(1, True), (2, False)]


SAID = {
    "keywords": ["自营商城", "羊绒"],
    "search_title": "自营商城首页 羊绒专卖",
    "search_text": "自营商城，内蒙古羊绒直供，七天无理由退货，当日发货，门店同价，四色可选。",
}


def _found(revision_id: int) -> Any:
    return versions.findings(revision_id=revision_id, at=AT)


TOO_LONG: tuple[tuple[str, Any], ...] = (
    ("search_title", "长" * 61),
    ("search_text", "长" * 161),
    ("keywords", ["词", "词"]),
    ("keywords", [str(number) for number in range(31)]),
    ("keywords", ["长" * 41]),
    ("keywords", "羊绒"),
)


@pytest.mark.clause("CAT-4.3-14")
def test_listing_and_page_hold_what_a_search_reads_checked_by_length_and_name(
    stall: Stall, media: Path
) -> None:
    house = pages.house()
    house.make_ready()
    home = house.page_id("home")
    for field, value in TOO_LONG:
        with pytest.raises(BadInput) as refused:
            stall.write(**{field: value})
        assert refused.value.context["field"] == field
        with pytest.raises(BadInput) as refused:
            house.drafted("catalog.page_design", home, {**pages.design(), field: value})
        assert refused.value.context["field"] == field
    assert not Revision.objects.filter(state="draft").exists()

    short = stall.write(search_title="短", search_text="", keywords=[])
    page = house.drafted("catalog.page_design", home, pages.design())

    for version in (short, page):
        noted = [one for one in _found(version.id) if one.code == "catalog.search_short"]
        assert [one.field for one in noted] == ["search_title", "search_text", "keywords"]
        assert {str(one.level) for one in noted} == {"note"}
    revisions.discard(revision_id=page.id, actor=house.writer("catalog.page_design"), at=AT)

    live = house.published("catalog.page_design", home, {**pages.design(), **SAID})
    head = "day,keyword,page,rank,impressions,clicks"
    bring(media, [f"{day()},羊绒,首页,3,90,9"], head=head, channel="own")

    assert {name: live.content[name] for name in SAID} == SAID
    assert not [each for each in _found(live.id) if each.code == "catalog.search_short"]
    found = line("羊绒")
    assert found.page_id == home
    assert found.edit is not None
    assert found.edit.changed == ("title", *SAID)


def test_an_edit_is_judged_by_the_weeks_around_it() -> None:
    monday = rules.week_of(AT.date())
    weeks = [(monday - WEEK * back, rank) for back, rank in ((3, 20), (2, 18), (1, 9), (0, 7))]

    helped = rules.effect(weeks, edited_on=monday - WEEK * 2, until=None)
    followed = rules.effect(weeks, edited_on=monday - WEEK * 2, until=monday)
    fresh = rules.effect(weeks, edited_on=monday, until=None)

    assert helped == (20, 7)
    assert followed == (20, 9)
    assert fresh == (9, None)


def test_products_without_a_listing_have_no_edit(shop: Shop, media: Path) -> None:
    bring(media, [f"{day()},羊绒衫,A-1001-S,12,10,1"])

    assert line("羊绒衫").edit is None
    assert Product.objects.filter(pk=line("羊绒衫").product_id or 0).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_searchkeyword")
        assert cursor.fetchone()[0] == 1

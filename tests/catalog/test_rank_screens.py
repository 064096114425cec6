"""The table of search words, one word, and the panels: trend, last edit, scope, export."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import SearchKeyword, Sku
from ops.engines.identity.choices import Role
from tests.catalog import pages
from tests.catalog.listed import Stall
from tests.catalog.ranked import bring, day
from tests.catalog.shop import Shop
from tests.compliance.conftest import enter
from tests.engines.identity.factories import account

LIST_BUDGET = 12
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep the files of each test apart."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.mark.clause("CAT-4.3-14")
def test_the_table_shows_rank_trend_traffic_and_the_last_edit(stall: Stall, media: Path) -> None:
    now = timezone.now()
    stall.list(at=now - 2 * WEEK)
    code = Sku.objects.get(pk=stall.sku_id).code
    rows = [f"{day(7 * back, at=now)},羊绒衫,{code},{8 + back},200,9" for back in range(5)]
    bring(media, rows, at=now)
    client = enter(stall.shop.specialist)
    word = SearchKeyword.objects.get()

    with CaptureQueriesContext(connection) as queries:
        table = client.get("/search-ranks/").content.decode()
    page = client.get(f"/search-ranks/{word.pk}/").content.decode()
    listing = client.get(f"/listings/{stall.listing_id}/").content.decode()

    for shown in (table, listing):
        assert "↑ 上升 1 位" in shown
        assert '<line class="mark"' in shown
        assert "由远到近：– – – – – – – 12 11 10 9 8" in shown
    assert "specialist，第 1 版：首次编写" in table
    assert "4.5%" in table
    assert "修改前排名" in page
    assert "首次编写" in page
    assert f'href="/search-ranks/{word.pk}/"' in listing
    assert len([q for q in queries if "catalog_" in q["sql"] or "revisions_" in q["sql"]]) <= (
        LIST_BUDGET
    )


@pytest.mark.clause("CAT-4.3-14")
def test_the_table_is_exported_as_it_stands(shop: Shop, media: Path) -> None:
    now = timezone.now()
    bring(media, [f"{day(at=now)},羊绒衫,A-1001-S,8,200,9"], at=now)
    client = enter(account("exporter", Role.OPERATIONS_SUPERVISOR))

    sheet = client.get("/search-ranks/?export=csv").content.decode("utf-8-sig")
    book = client.get("/search-ranks/?export=xlsx")

    assert sheet.splitlines()[0].startswith("搜索词,渠道,商品或页面,最新排名")
    assert "羊绒衫" in sheet
    assert "0.045" in sheet
    assert book.status_code == 200
    assert enter(shop.specialist).get("/search-ranks/?export=csv").status_code == 403


@pytest.mark.clause("CAT-4.3-14")
def test_words_of_another_shop_are_not_there(shop: Shop, media: Path) -> None:
    now = timezone.now()
    bring(media, [f"{day(at=now)},羊绒衫,A-1001-S,8,200,9"], at=now)
    stranger = enter(account("stranger", Role.OPERATIONS_SPECIALIST))
    word = SearchKeyword.objects.get()

    assert "羊绒衫" not in stranger.get("/search-ranks/").content.decode()
    assert stranger.get(f"/search-ranks/{word.pk}/").status_code == 404
    assert "外部数据来源" in stranger.get("/search-ranks/").content.decode()


def test_an_empty_table_says_how_ranks_come_in(shop: Shop) -> None:
    page = enter(shop.specialist).get("/search-ranks/").content.decode()

    assert "渠道后台导出的文件" in page
    assert 'href="/outside-sources/"' in page


@pytest.mark.clause("CAT-4.3-14")
def test_a_page_is_written_with_its_search_fields_and_shows_its_ranks(
    db: None, media: Path
) -> None:
    house = pages.house()
    house.make_ready()
    home = house.page_id("home")
    house.actor(Role.OPERATIONS_SPECIALIST)
    client = enter(house.users[Role.OPERATIONS_SPECIALIST])
    fields = {
        "title": "秋季首页",
        "keywords": "自营商城， 羊绒",
        "search_title": "自营商城首页 羊绒专卖",
        "search_text": "自营",
        "added-0-module": "banner",
        "added-0-key": "top",
        "why": "换季",
    }

    long = client.post(f"/shop-pages/{home}/edit/", {**fields, "search_title": "长" * 61})
    kept = client.post(f"/shop-pages/{home}/edit/", fields)
    now = timezone.now()
    head = "day,keyword,page,rank,impressions,clicks"
    bring(media, [f"{day(at=now)},羊绒,首页,3,90,9"], head=head, at=now, channel="own")
    page = client.get(f"/shop-pages/{home}/").content.decode()

    assert (long.status_code, kept.status_code) == (422, 302)
    assert "自营商城、羊绒" in page
    assert "30 至 160 个字符" in page
    assert "近 12 周排名" in page
    assert 'value="自营商城, 羊绒"' in client.get(f"/shop-pages/{home}/edit/").content.decode()

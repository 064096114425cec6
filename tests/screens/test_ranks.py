"""Search words, one word with its edit, and an outside source: at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Listing, SearchKeyword
from ops.engines.identity import selectors as identity
from ops.engines.revisions import services as revisions
from ops.engines.sources import services as sources
from tests.catalog.listed import SECTIONS
from tests.catalog.ranked import bring, day, open_source, send, table
from tests.catalog.shop import IMPORTER, open_shop
from tests.screens.conftest import PHONE, Site

pytestmark = pytest.mark.browser
WEEK = timedelta(days=7)
RANKS = {"羊绒衫 女": (31, 30, 33, 32, 34, 31, 30, 24, 19, 15, 12, 9), "打底 内搭": (8, 8, 9, 8, 8)}


@pytest.fixture
def word(site: Site, tmp_path: Path) -> SearchKeyword:
    """Twelve weeks of two words, an edit within them, and a source with a file read and one not."""
    now = timezone.now()
    shop = open_shop()
    listing = Listing.objects.get(product__skus__code="A-1001-S")
    revisions.open_as_history(
        kind="catalog.listing",
        contents={
            listing.pk: {
                "title": "羊绒圆领衫",
                "sections": dict(SECTIONS),
                "keywords": ["羊绒衫 女"],
                "search_title": "羊绒圆领衫 女 秋冬新款",
            }
        },
        why="改写搜索标题",
        actor=IMPORTER,
        at=now - 5 * WEEK,
    )
    rows = [
        f"{day(7 * back, at=now)},{word},A-1001-S,{rank},{9000 // rank},{600 // rank}"
        for word, ranks in RANKS.items()
        for back, rank in enumerate(reversed(ranks))
    ]
    bring(tmp_path, rows, at=now)
    keeper = identity.actor_for(site.user("operations_supervisor"), at=now)
    source = open_source(actor=keeper, at=now)
    bad = [f"{day(at=now)},羊绒衫 女,A-9999,3,10,1", f"{day(at=now)},毛衣,A-1001-S,3,10,1"]
    send(source, tmp_path, table(bad), keeper, name="搜索排名.csv", at=now)
    sources.take_waiting(actor=keeper, at=now, progress=lambda *_: None)
    send(source, tmp_path, table(rows), keeper, name="搜索排名（全部）.csv", at=now)
    assert shop.channel_id
    return SearchKeyword.objects.get(word="羊绒衫 女")


def test_words_are_followed_at_a_desk_and_on_a_phone(
    word: SearchKeyword, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    for size, end in (((1280, 900), ""), (PHONE, "-phone")):
        page = sign_in("operations_supervisor", size=size)
        visit(page, "/search-ranks/", f"search-ranks{end}")
        expect(page.locator("svg.trend .mark").first).to_be_attached()
        page.get_by_role("link", name="羊绒衫 女").first.click()
        expect(page.locator("figure.chart").first).to_be_visible()
        visit(page, f"/search-ranks/{word.pk}/", f"search-rank{end}")
        page.goto("/outside-sources/")
        page.get_by_role("link", name="生意参谋搜索排名").first.click()
        visit(page, page.url, f"outside-source{end}")
        expect(page.get_by_text("等待读取").first).to_be_visible()

"""Listing texts by file: drafts only, the form's rules, all or nothing, out and back unchanged."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.errors.content_tasks import NotAssigned
from catalog.models import Listing, Product
from catalog.services import bans, channels, listing_rules, loading, owners
from catalog.types.goods import ProductRow
from ops.engines.audit.models import Fact
from ops.engines.kernel.actor import Actor
from ops.engines.reports import services as reports
from ops.engines.reports.choices import Format
from ops.engines.revisions import selectors as versions
from ops.engines.revisions.models import Publication, Revision
from ops.engines.tables import storage
from ops.engines.tables.models import ImportBatch
from ops.engines.tables.services import import_file
from ops.engines.tables.types import BatchInfo
from tests.catalog.listed import SECTIONS, Stall
from tests.catalog.produced import desk
from tests.catalog.shop import Shop, actor
from tests.catalog.voiced import open_house
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM

HEAD = ("channel", "product", "title", *SECTIONS, "keywords", "search_title", "search_text")
TEXTS = {name: f"羊毛披肩的{name}，写得够长了。" for name in SECTIONS}
ROW = ("tmall", "B-1", "羊毛披肩", *TEXTS.values(), "羊绒,毛衣", "", "")


@pytest.fixture(autouse=True)
def goods(shop: Shop) -> None:
    """Two products that nobody listed yet, beside those of the shop."""
    loading.load_products(
        rows=[ProductRow(code=code, name=code, category=("女装",)) for code in ("B-1", "B-2")],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )


def row(**changes: str) -> tuple[str, ...]:
    return tuple(changes.get(name, text) for name, text in zip(HEAD, ROW, strict=True))


def sheet(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue()


def load(
    folder: Path, text: str, *, name: str = "listings.csv", by: Actor = SYSTEM, **options: Any
) -> BatchInfo:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return import_file(
        profile="generic_listings", path=path, name=name, actor=by, at=AT, options=options
    )


def rejected(batch: BatchInfo) -> list[tuple[int, str, str]]:
    text = storage.full_path(batch.rejects_file).read_text("utf-8-sig")
    return [(int(one[0]), one[1], one[2]) for one in list(csv.reader(io.StringIO(text)))[1:]]


def drafts() -> dict[str, Any]:
    """Return the open version of each listing, by the code of its product."""
    rows = Listing.objects.select_related("product").order_by("pk")
    found = {}
    for listing in rows:
        waiting = versions.open_of(kind="catalog.listing", subject_id=listing.pk)
        found[listing.product.code] = waiting and dict(waiting.content)
    return found


def test_a_row_begins_a_draft_that_still_has_its_whole_way_to_go(
    shop: Shop, tmp_path: Path
) -> None:
    batch = load(tmp_path, sheet(row()), by=actor(shop.specialist), reason="换季")

    made = Listing.objects.get(product__skus__code="B-1")
    version = Revision.objects.get(piece__subject_id=made.pk, piece__kind="catalog.listing")
    assert (batch.accepted, batch.duplicate, batch.rejected) == (1, 0, 0)
    assert batch.control_totals == {"opened": 1, "drafted": 1, "edited": 0}
    assert (version.state, version.no, version.why) == ("draft", 1, "换季")
    assert version.content["keywords"] == ["羊绒", "毛衣"]
    assert version.content["sections"] == TEXTS
    assert not Publication.objects.filter(piece__subject_id=made.pk).exists()
    opened = Fact.objects.filter(action="catalog.listing_opened", object_id=str(made.pk))
    assert (opened.count(), Fact.objects.filter(action="revisions.drafted").count()) == (1, 1)


def test_a_file_changes_only_the_texts_it_tells_and_never_what_is_live(
    stall: Stall, tmp_path: Path
) -> None:
    stall.list()
    code = Product.objects.get(pk=stall.product_id).code
    live = stall.content()
    text = sheet(("tmall", code, "羊绒圆领衫 新款"), head=("channel", "product", "title"))

    batch = load(tmp_path, text)

    assert (batch.accepted, batch.control_totals["drafted"]) == (1, 1)
    assert drafts()[code] == {**live, "title": "羊绒圆领衫 新款"}
    now = versions.live(kind="catalog.listing", subject_ids=[stall.listing_id], at=AT)
    assert now[stall.listing_id].content["title"] == live["title"]
    again = load(tmp_path, text.replace("新款", "再改"))
    assert (again.accepted, again.control_totals["edited"]) == (1, 1)
    assert Revision.objects.filter(piece__subject_id=stall.listing_id).count() == 2
    stall.submit()
    waiting = load(tmp_path, text.replace("新款", "又改"))
    assert waiting.state == "refused"
    assert waiting.reasons == {"product: catalog.listing_in_review": 1}


def test_a_file_is_looked_at_on_its_page_first(shop: Shop) -> None:
    upload = SimpleUploadedFile("上新.csv", sheet(row()).encode())
    sent = {"file": upload, "reason": "换季", "good_rows_only": "on"}

    enter(shop.specialist).post("/listings/from-file/", sent)

    batch = ImportBatch.objects.get()
    assert (batch.profile, batch.options["good_rows_only"]) == ("generic_listings", True)
    assert drafts().get("B-1") is None


def test_a_bad_row_changes_nothing_and_every_reason_is_told(tmp_path: Path) -> None:
    for kind, text in (("banned", "神效"), ("superlative", "最好")):
        listing_rules.list_word(
            text=text, kind=kind, since=AT.date(), reason="广告法", actor=SYSTEM, at=AT
        )
    listing_rules.forbid(
        kind="term", value="象牙", is_hard=True, since=AT.date(), reason="违禁", actor=SYSTEM, at=AT
    )
    before, count = drafts(), Revision.objects.count()
    text = sheet(
        row(),
        row(product="B-2", title="神效羊绒衫", use="最好的洗法是手洗，平铺晾干就可以。"),
        row(product="B-2", channel="nowhere"),
        row(product="NOBODY"),
        row(title="又来一行"),
        row(product="B-2", title="长" * 121),
        row(product="A-1001-S", material="象牙扣，羊绒里。"),
    )

    batch = load(tmp_path, text)

    found = {(line, column) for line, column, _why in rejected(batch)}
    assert batch.state == "refused"
    assert found == {
        (3, "title; use"), (4, "channel"), (5, "product"), (6, "product"),
        (7, "title"), (8, "material"),
    }  # fmt: skip
    assert (drafts(), Revision.objects.count()) == (before, count)
    good = load(tmp_path, text, good_rows_only=True)
    assert (good.accepted, good.rejected, good.state) == (1, 6, "done_with_rejects")
    assert {code for code, draft in drafts().items() if draft} == {"B-1"}


def test_a_row_the_rules_refuse_keeps_the_others_out(tmp_path: Path) -> None:
    listing_rules.list_word(
        text="神效", kind="banned", since=AT.date(), reason="广告法", actor=SYSTEM, at=AT
    )

    banned = Product.objects.get(code="A-1001-M")
    bans.ban(product_id=banned.pk, source="FG-1", reason="假货", actor=SYSTEM, at=AT)
    gone = row(product="A-1001-M", use="旧货再来，也要写够长。")

    batch = load(tmp_path, sheet(row(), row(product="B-2", title="神效披肩"), gone))

    assert (batch.state, batch.rejected) == ("refused", 2)
    assert batch.reasons == {"product: catalog.goods_banned": 1, "title: catalog.word_banned": 1}
    assert not Listing.objects.filter(product__code__in=["B-1", "B-2"]).exists()


@pytest.mark.clause("HR-1.2-02")
def test_goods_of_another_department_are_refused_by_row(shop: Shop, tmp_path: Path) -> None:
    house = open_house(shop)
    spared = Product.objects.get(code="B-2").pk
    owners.give_product(
        product_id=spared, department_id=house.trade, why="归贸易", actor=SYSTEM, at=AT
    )
    text = sheet(row(), row(product="B-2"))

    batch = load(tmp_path, text, by=actor(house.stranger))
    good = load(tmp_path, text, name="again.csv", by=actor(house.stranger), good_rows_only=True)

    assert (batch.state, batch.reasons) == ("refused", {"product: catalog.not_of_department": 1})
    assert (good.accepted, good.rejected) == (1, 1)
    assert {code for code, draft in drafts().items() if draft} == {"B-2"}


def test_the_same_content_again_has_no_second_effect(tmp_path: Path) -> None:
    first, second = row(), row(product="B-2", title="羊绒衫 M 码", use="另写一段洗涤说明。")
    load(tmp_path, sheet(first, second))
    versions_before = Revision.objects.count()

    renamed = load(tmp_path, sheet(second, first), name="other.csv")
    more = load(tmp_path, sheet(second, first, row(product="NOBODY")), good_rows_only=True)

    assert renamed.known
    assert (more.accepted, more.duplicate, more.rejected) == (0, 2, 1)
    assert Revision.objects.count() == versions_before


def test_what_went_out_comes_back_and_changes_nothing(stall: Stall, tmp_path: Path) -> None:
    stall.list()
    odd = row(title="=1+1", keywords=r"a\,b,c\\d，羊绒", use="第一行\n第二行，带“引号”")
    brought = load(tmp_path, sheet(odd, row(product="B-2", title="+羊毛披肩", use="另一种用法。")))
    stall.write(title="羊绒圆领衫 草稿", why="再改")
    before, count = drafts(), Revision.objects.count()

    for fmt in (Format.CSV, Format.XLSX):
        day = f"{AT:%Y-%m-%d}"
        file = reports.build(name="listings_generic", period=day, fmt=fmt, actor=SYSTEM, at=AT)
        name = file.path.name
        batch = import_file(
            profile="generic_listings", path=file.path, name=name, actor=SYSTEM, at=AT, options={}
        )
        assert (file.rows, batch.accepted, batch.duplicate, batch.rejected) == (3, 0, 3, 0)

    assert brought.accepted == 2
    assert (drafts(), Revision.objects.count()) == (before, count)
    assert before["B-1"]["keywords"] == ["a,b", "c\\d", "羊绒"]
    assert before["B-1"]["title"] == "=1+1"


def test_a_file_reaches_only_its_senders_channels_and_no_bound_worker(
    shop: Shop, tmp_path: Path
) -> None:
    channels.create_channel(code="jd", name="京东", platform="jd", actor=SYSTEM, at=AT)
    before = Listing.objects.count()

    foreign = load(tmp_path, sheet(row(channel="jd")), by=actor(shop.specialist))
    with pytest.raises(NotAssigned):
        load(tmp_path, sheet(row()), by=actor(desk(shop).editor))

    assert foreign.reasons == {"channel: catalog.channel_missing": 1}
    assert Listing.objects.count() == before


def test_statements_do_not_grow_with_the_rows(tmp_path: Path) -> None:
    codes = [f"BULK-{n}" for n in range(12)]
    loading.load_products(
        rows=[ProductRow(code=code, name=f"商品 {code}", category=("女装",)) for code in codes],
        source="tests", actor=SYSTEM, at=AT,
    )  # fmt: skip
    counts = []
    for some in (codes[:2], codes[2:]):
        with CaptureQueriesContext(connection) as statements:
            load(
                tmp_path, sheet(*(row(product=code, use=f"说明 {code} 的用法。") for code in some))
            )
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert Listing.objects.filter(product__skus__code__in=codes).count() == 12

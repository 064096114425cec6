"""Listings from the draft to the shelf: checked, reviewed part by part, old versions live."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from catalog.choices.goods import SkuKind
from catalog.choices.listings import Angle, ListingStage
from catalog.errors import listings as errors
from catalog.errors.bans import GoodsBanned
from catalog.errors.goods import ThingMissing
from catalog.models import (
    Listing,
    ListingPicture,
    ListingProof,
    ListingShelf,
    ListingText,
    TruthCheck,
)
from catalog.rules.categories import Attribute, Demands
from catalog.rules.listing.completeness import ListingRule
from catalog.rules.listing.pictures import PictureRule
from catalog.selectors import listings as selectors
from catalog.selectors import offers
from catalog.services import (
    bans,
    categories,
    channels,
    listing_rules,
    listings,
    opening,
    products,
)
from catalog.types.prices import OpeningPrice
from ops.engines.approvals import services as approvals
from ops.engines.approvals.errors import RequesterMayNotAsk
from ops.engines.approvals.models import Request
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Conflict
from ops.engines.revisions import errors as version_errors
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.tables.errors import TableRefused
from tests.catalog.listed import PDF, SECTIONS, Stall, add_pictures, open_stall, picture
from tests.catalog.shop import IMPORTER, LONG_AGO, Shop, actor
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

NEXT = AT + timedelta(days=1)


def stage(stall: Stall, *, at: datetime = AT) -> str:
    row = selectors.staged(Listing.objects.filter(pk=stall.listing_id), at=at).get()
    return str(row.stage)


def review(stall: Stall, *, at: datetime = AT) -> str:
    row = selectors.staged(Listing.objects.filter(pk=stall.listing_id), at=at).get()
    return str(row.review)


def code_of(stall: Stall) -> str:
    return Listing.objects.get(pk=stall.listing_id).product.skus.get().code


def price(stall: Stall, *, at: datetime = AT) -> str:
    found = offers.offers(channel="tmall", codes=[code_of(stall)], at=at)
    assert found is not None
    return str(found.by_code[code_of(stall)].price)


def live_title(stall: Stall, *, at: datetime = AT) -> str:
    found = versions.live(kind="catalog.listing", subject_ids=[stall.listing_id], at=at)
    return str(found[stall.listing_id].content["title"])


def stops(stall: Stall, **changes: Any) -> list[tuple[str, str]]:
    """Write a version and return what stops it: field and code."""
    stall.write(**changes)
    with pytest.raises(version_errors.FindingsStop) as caught:
        stall.submit()
    return [(one["field"], one["code"]) for one in caught.value.context["findings"]]


@pytest.mark.clause("CAT-4.3-07")
@pytest.mark.clause("HR-1.2-15")
def test_goods_come_onto_the_shelf_by_three_reviews(stall: Stall) -> None:
    assert (stage(stall), price(stall)) == (ListingStage.DRAFT, "None")
    stall.write()
    stall.submit()
    assert stage(stall) == ListingStage.CONTENT_REVIEW
    stall.attest()
    stall.approve(stall.editors)
    assert stage(stall) == ListingStage.QUALITY_REVIEW
    stall.approve(stall.compliance)
    assert (stage(stall), price(stall)) == (ListingStage.FINAL_REVIEW, "None")

    stall.approve(stall.shop.supervisor)

    assert (stage(stall), price(stall)) == (ListingStage.ON_SHELF, "299.00")
    assert ListingShelf.objects.get(listing=stall.listing_id).how == "listed"
    assert live_title(stall) == "羊绒圆领衫"


@pytest.mark.clause("CAT-4.3-07")
def test_goods_come_onto_the_shelf_on_the_day_that_was_set(stall: Stall) -> None:
    later = AT + timedelta(days=3)

    stall.list(publish_at=later)

    assert (stage(stall), price(stall)) == (ListingStage.APPROVED, "None")
    assert (stage(stall, at=later), price(stall, at=later)) == (ListingStage.ON_SHELF, "299.00")


@pytest.mark.clause("CAT-4.3-07")
def test_an_edit_waits_while_the_old_version_and_the_sale_go_on(stall: Stall) -> None:
    stall.list()

    stall.write(title="羊绒圆领衫 新款", why="new season", at=NEXT)
    stall.submit(at=NEXT)

    assert review(stall, at=NEXT) == ListingStage.CONTENT_REVIEW
    assert (stage(stall, at=NEXT), price(stall, at=NEXT)) == (ListingStage.ON_SHELF, "299.00")
    assert live_title(stall, at=NEXT) == "羊绒圆领衫"
    # Copy alone was changed: only the reviewer of copy decides.
    stall.approve(stall.editors, at=NEXT)
    assert live_title(stall, at=NEXT) == "羊绒圆领衫 新款"
    assert ListingShelf.objects.filter(listing=stall.listing_id).count() == 1


@pytest.mark.clause("CAT-4.3-07")
def test_a_new_report_is_decided_by_compliance_alone(stall: Stall) -> None:
    stall.list()
    stall.review_id = listing_rules.review_quality(
        product_id=stall.product_id,
        standard="GB 18401-2010 B",
        report_no="CTI-2026-0900",
        name="new.pdf",
        data=PDF + b"2",
        issued_on=date(2026, 9, 1),
        expires_on=date(2028, 9, 1),
        is_passed=True,
        actor=actor(stall.compliance, at=NEXT),
        at=NEXT,
    )

    version = stall.write(why="new report", at=NEXT)
    stall.submit(at=NEXT)

    assert (version.parts, review(stall, at=NEXT)) == (("quality",), ListingStage.QUALITY_REVIEW)
    stall.approve(stall.compliance, at=NEXT)
    assert review(stall, at=NEXT) == ""


def test_a_former_version_comes_back_in_one_step(stall: Stall) -> None:
    stall.list()
    stall.write(title="羊绒圆领衫 新款", why="new season", at=NEXT)
    stall.submit(at=NEXT)
    stall.approve(stall.editors, at=NEXT)
    first = versions.history(kind="catalog.listing", subject_id=stall.listing_id, at=NEXT)[-1].info

    revisions.restore(
        revision_id=first.id, why="the old one sold better", actor=actor(stall.editors), at=NEXT
    )

    assert live_title(stall, at=NEXT + timedelta(seconds=1)) == "羊绒圆领衫"
    assert ListingShelf.objects.filter(listing=stall.listing_id).count() == 1


@pytest.mark.clause("CAT-4.3-01")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "衫"}, "title"),
        ({"pictures": []}, "pictures"),
        ({"quality": None}, "quality"),
    ],
)
def test_what_is_incomplete_is_not_handed_in(
    stall: Stall, changes: dict[str, Any], field: str
) -> None:
    found = stops(stall, **changes)

    assert field in {one for one, _code in found}
    assert stage(stall) == ListingStage.DRAFT
    assert not Request.objects.filter(flow="listing", kind="ordinary").exists()


@pytest.mark.clause("CAT-4.3-01")
def test_facts_documents_price_and_stock_of_the_category_are_asked_too(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    categories.set_category_rule(
        category_id=stall.shop.category_id,
        demands=Demands(
            attributes=(Attribute(key="power", title="功率", kind="number", is_mandatory=True),),
            documents=(("ccc", "3C 证书"),),
        ),
        starts_on=date(2026, 11, 21),
        reason="law",
        actor=SYSTEM,
        at=AT,
    )
    monkeypatch.setattr("catalog.ports.sellable_pieces._answer", lambda **_asked: {})

    assert {field for field, _code in stops(stall)} == {"attribute:power", "document:ccc", "stock"}

    products.edit_product(
        product_id=stall.product_id, attributes={"power": "45"}, actor=SYSTEM, at=AT
    )
    listings.add_paper(
        listing_id=stall.listing_id,
        key="ccc",
        name="ccc.pdf",
        data=PDF,
        actor=actor(stall.shop.specialist),
        at=AT,
    )
    monkeypatch.setattr(
        "catalog.ports.sellable_pieces._answer", lambda sku_ids: dict.fromkeys(sku_ids, 0)
    )
    stall.submit()
    assert stage(stall) == ListingStage.CONTENT_REVIEW


def test_goods_without_an_approved_price_are_not_handed_in(shop: Shop, stall: Stall) -> None:
    products.create_sku(
        product_id=stall.product_id, name="第二色", kind=SkuKind.GOODS, actor=SYSTEM, at=AT
    )

    assert stops(stall) == [
        ("price", "catalog.listing_incomplete"),
    ]


@pytest.mark.clause("CAT-4.3-04")
def test_the_five_sections_are_mandatory_and_worded_by_the_category(stall: Stall) -> None:
    listing_rules.set_rule(
        category_id=stall.shop.category_id,
        rule=ListingRule(titles={"material": "成分"}),
        starts_on=date(2026, 11, 21),
        reason="food law",
        actor=SYSTEM,
        at=AT,
    )
    empty: dict[str, Any] = dict.fromkeys(SECTIONS, "")
    stall.write(**empty)

    with pytest.raises(version_errors.FindingsStop) as caught:
        stall.submit()

    found = {one["field"]: one["words"] for one in caught.value.context["findings"]}
    assert set(SECTIONS) <= set(found)
    assert "成分" in found["material"]
    assert stage(stall) == ListingStage.DRAFT


@pytest.mark.clause("CAT-4.3-04")
def test_a_section_copied_from_another_product_is_refused_and_templates_are_not(
    shop: Shop, stall: Stall
) -> None:
    stall.list()
    other = open_stall(shop, name="羊绒开衫", with_pictures=False)
    other.pictures = add_pictures(other, 0b1111, 0b10010000, 0b1100011)

    found = stops(other)

    assert found == [(name, "catalog.section_copied") for name in SECTIONS if name != "after_sales"]
    assert ListingText.objects.filter(listing=stall.listing_id).count() == 4
    own: dict[str, Any] = {name: f"{text}本款另有口袋。" for name, text in SECTIONS.items()}
    other.write(**own)
    other.submit()


@pytest.mark.clause("CAT-4.3-04")
def test_the_same_product_may_share_its_texts_between_channels(shop: Shop, stall: Stall) -> None:
    stall.list()
    channel = channels.create_channel(code="jd", name="京东店", platform="jd", actor=SYSTEM, at=AT)
    opening.open_prices(
        channel_id=channel.id,
        prices=[OpeningPrice(sku_id=stall.sku_id, price="299.00", since=LONG_AGO)],  # type: ignore[arg-type]
        source="jd",
        actor=IMPORTER,
        at=AT,
    )
    there = Listing.objects.get(product_id=stall.product_id, channel_id=channel.id)

    version = listings.write(
        listing_id=there.pk, content=stall.content(pictures=[]), why="same", actor=SYSTEM, at=AT
    )

    found = versions.findings(revision_id=version.id, at=AT)
    assert "catalog.section_copied" not in {one.code for one in found}


def list_word(stall: Stall, text: str, kind: str) -> int:
    return listing_rules.list_word(
        text=text,
        kind=kind,
        since=date(2026, 11, 1),
        reason="advertising law",
        actor=actor(stall.editors),
        at=AT,
    )


def test_listed_words_stop_until_they_are_gone_or_proven(stall: Stall) -> None:
    list_word(stall, "全网最佳", "superlative")
    list_word(stall, "包治百病", "banned")

    assert stops(stall, use="全 网·最佳，三十度以下手洗。") == [("use", "catalog.word_superlative")]
    assert stops(stall, use="包治百病，三十度以下手洗。") == [("use", "catalog.word_banned")]

    stall.write(use="全网最佳，三十度以下手洗。")
    listings.add_proof(
        listing_id=stall.listing_id,
        word="全网最佳",
        name="award.pdf",
        data=PDF,
        actor=actor(stall.shop.specialist),
        at=AT,
    )
    handed_in = stall.submit()

    assert [one.code for one in handed_in.findings or ()] == ["catalog.word_proven"]
    assert ListingProof.objects.get().word == "全网最佳"


def test_evidence_for_a_word_nobody_listed_is_refused(stall: Stall) -> None:
    with pytest.raises(errors.EntryMissing):
        listings.add_proof(
            listing_id=stall.listing_id,
            word="最好",
            name="award.pdf",
            data=PDF,
            actor=actor(stall.shop.specialist),
            at=AT,
        )

    assert not ListingProof.objects.exists()


def forbid(stall: Stall, kind: str, value: str, *, is_hard: bool) -> None:
    listing_rules.forbid(
        kind=kind,
        value=value,
        is_hard=is_hard,
        since=date(2026, 11, 1),
        reason="law",
        actor=actor(stall.compliance),
        at=AT,
    )


def test_forbidden_goods_stop_on_a_hard_match_and_reach_compliance_on_a_soft_one(
    stall: Stall,
) -> None:
    stall.list()
    forbid(stall, "term", "藏羚羊", is_hard=True)
    forbid(stall, "term", "野生", is_hard=False)

    assert stops(stall, use="藏羚羊绒，三十度以下手洗。") == [("use", "catalog.goods_forbidden")]
    stall.write(use="野生山羊绒，三十度以下手洗。")
    handed_in = stall.submit()

    request = Request.objects.get(pk=handed_in.approval_id or 0)
    assert [step["role"] for step in request.steps] == [
        Role.WEB_EDITING_SUPERVISOR,
        Role.COMPLIANCE_OFFICER,
    ]
    assert request.figures["routed"] == ["catalog.goods_doubtful"]


def test_a_forbidden_picture_is_known_again_when_it_was_rescaled(shop: Shop, stall: Stall) -> None:
    listing_rules.forbid_picture(
        picture_id=stall.pictures[0],
        is_hard=True,
        note="counterfeit label",
        reason="court order",
        actor=actor(stall.compliance),
        at=AT,
    )
    other = open_stall(shop, name="羊绒开衫", with_pictures=False)
    made = listings.add_picture(
        listing_id=other.listing_id,
        angle=Angle.FRONT,
        name="again.png",
        data=picture(0b1001, size=(1100, 1100)),
        actor=actor(shop.specialist),
        at=AT,
    )
    other.pictures = [made.id, *add_pictures(other, 0b10010000, 0b1100011)]
    texts = {name: f"{text}另有口袋。" for name, text in SECTIONS.items()}

    assert stops(other, **texts) == [("pictures", "catalog.goods_forbidden")]


@pytest.mark.clause("CAT-4.3-03")
@pytest.mark.parametrize("size", [(700, 900), (1200, 800)])
def test_a_picture_too_small_or_of_another_shape_is_refused_at_once(
    stall: Stall, size: tuple[int, int]
) -> None:
    kept = ListingPicture.objects.count()

    with pytest.raises(errors.PictureRefused, match=str(size[0])):
        listings.add_picture(
            listing_id=stall.listing_id,
            angle="side",
            name="side.png",
            data=picture(7, size=size),
            actor=actor(stall.shop.specialist),
            at=AT,
        )

    assert ListingPicture.objects.count() == kept


@pytest.mark.clause("CAT-4.3-03")
def test_what_is_no_picture_is_refused(stall: Stall) -> None:
    with pytest.raises(TableRefused):
        listings.add_picture(
            listing_id=stall.listing_id,
            angle="side",
            name="side.png",
            data=b"\x89PNG\r\n\x1a\nbroken",
            actor=actor(stall.shop.specialist),
            at=AT,
        )

    assert ListingPicture.objects.count() == 3


@pytest.mark.clause("CAT-4.3-03")
def test_the_same_picture_twice_is_one_angle(stall: Stall) -> None:
    twin = listings.add_picture(
        listing_id=stall.listing_id,
        angle="side",
        name="side.png",
        data=picture(0b1001, size=(1000, 1000)),
        actor=actor(stall.shop.specialist),
        at=AT,
    )
    shown = [
        {"id": stall.pictures[0], "angle": "front"},
        {"id": stall.pictures[1], "angle": "back"},
        {"id": twin.id, "angle": "side"},
    ]

    assert twin.twin_of == stall.pictures[0]
    assert stops(stall, pictures=shown) == [
        ("pictures", "catalog.listing_incomplete"),
        ("pictures", "catalog.picture_twice"),
    ]


@pytest.mark.clause("CAT-4.3-03")
def test_a_rule_of_the_category_decides_how_many_angles_and_which_size(stall: Stall) -> None:
    listing_rules.set_rule(
        category_id=stall.shop.category_id,
        rule=ListingRule(least_images=4, pictures=PictureRule(least_side=1000)),
        starts_on=date(2026, 11, 21),
        reason="jewellery",
        actor=SYSTEM,
        at=AT,
    )

    assert stops(stall) == [
        ("pictures", "catalog.listing_incomplete"),
        *[("pictures", "catalog.picture_misfit")] * 3,
    ]


@pytest.mark.clause("CAT-4.3-03")
def test_an_edited_picture_keeps_its_original_and_what_was_done(stall: Stall) -> None:
    made = listings.add_picture(
        listing_id=stall.listing_id,
        angle="detail",
        name="cut.png",
        data=picture(0b11),
        original=("raw.png", picture(0b11, size=(1500, 1200))),
        edit_note="cut to the collar",
        actor=actor(stall.shop.specialist),
        at=AT,
    )

    kept = ListingPicture.objects.select_related("original").get(pk=made.id)
    assert kept.original is not None
    assert (kept.original.name, kept.edit_note) == ("raw.png", "cut to the collar")
    with pytest.raises(BadInput):
        listings.add_picture(
            listing_id=stall.listing_id,
            angle="detail",
            name="cut.png",
            data=picture(0b11),
            edit_note="cut",
            actor=actor(stall.shop.specialist),
            at=AT,
        )


@pytest.mark.clause("CAT-4.3-03")
def test_nothing_lives_before_somebody_else_attested_every_line(stall: Stall) -> None:
    stall.write()
    stall.submit()
    editors = actor(stall.editors)
    with pytest.raises(errors.TruthIncomplete):
        listings.attest(listing_id=stall.listing_id, ticks=("clear",), actor=editors, at=AT)
    with pytest.raises(Conflict):
        stall.approve()
    assert (stage(stall), TruthCheck.objects.count()) == (ListingStage.FINAL_REVIEW, 0)

    stall.attest()
    stall.approve(stall.shop.supervisor)

    assert stage(stall) == ListingStage.ON_SHELF


@pytest.mark.clause("CAT-4.3-03")
def test_who_uploaded_a_picture_does_not_attest_it(stall: Stall) -> None:
    own = listings.add_picture(
        listing_id=stall.listing_id,
        angle="side",
        name="side.png",
        data=picture(0b10101),
        actor=actor(stall.editors),
        at=AT,
    )
    stall.pictures = [own.id, *stall.pictures[:2]]
    stall.write()
    stall.submit()

    with pytest.raises(errors.OwnWork):
        stall.attest()

    assert not TruthCheck.objects.exists()


@pytest.mark.clause("CAT-4.3-03")
def test_a_reviewer_returns_a_version_with_a_reason(stall: Stall) -> None:
    stall.write()
    handed_in = stall.submit()
    request = Request.objects.get(pk=handed_in.approval_id or 0)

    approvals.send_back(
        request_id=request.pk,
        reason="the colour is not that of the goods",
        content_hash=request.content_hash,
        actor=actor(stall.editors),
        at=AT,
    )

    assert stage(stall) == ListingStage.DRAFT
    history = versions.history(kind="catalog.listing", subject_id=stall.listing_id, at=AT)
    assert history[0].standing == "returned"


@pytest.mark.clause("HR-1.2-15")
def test_listings_are_begun_and_written_in_assigned_channels_only(stall: Stall) -> None:
    elsewhere = channels.create_channel(
        code="jd", name="京东店", platform="jd", actor=SYSTEM, at=AT
    )
    outsider = actor(stall.shop.specialist)
    with pytest.raises(ThingMissing):
        listings.open_listing(
            product_id=stall.product_id, channel_id=elsewhere.id, actor=outsider, at=AT
        )
    there = listings.open_listing(
        product_id=stall.product_id, channel_id=elsewhere.id, actor=SYSTEM, at=AT
    )

    for deed in (
        lambda: listings.write(
            listing_id=there.id, content=stall.content(), why="x", actor=outsider, at=AT
        ),
        lambda: listings.submit(listing_id=there.id, actor=outsider, at=AT),
        lambda: listings.add_picture(
            listing_id=there.id, angle="front", name="a.png", data=picture(1), actor=outsider, at=AT
        ),
    ):
        with pytest.raises(errors.ListingMissing):
            deed()

    assert versions.open_of(kind="catalog.listing", subject_id=there.id) is None
    assert not selectors.listings(actor=outsider, at=AT).filter(pk=there.id).exists()


@pytest.mark.clause("HR-1.2-15")
def test_a_supervisor_hands_no_listing_in(stall: Stall) -> None:
    stall.write()

    with pytest.raises(RequesterMayNotAsk):
        listings.submit(listing_id=stall.listing_id, actor=actor(stall.shop.supervisor), at=AT)

    assert stage(stall) == ListingStage.DRAFT


def test_a_product_has_one_listing_in_a_channel(stall: Stall) -> None:
    with pytest.raises(errors.ListedAlready) as caught:
        listings.open_listing(
            product_id=stall.product_id,
            channel_id=stall.shop.channel_id,
            actor=actor(stall.shop.specialist),
            at=AT,
        )

    assert caught.value.context["listing_id"] == stall.listing_id


def test_goods_from_before_go_live_are_on_the_shelf_as_they_were(shop: Shop) -> None:
    rows = Listing.objects.all()

    assert [row.shelf.get().how for row in rows] == ["opening", "opening"]
    found = offers.offers(channel="tmall", codes=["A-1001-S"], at=LONG_AGO)
    assert found is not None
    assert str(found.by_code["A-1001-S"].price) == "199.00"


@pytest.mark.clause("CAT-4.3-05")
def test_what_was_handed_in_before_a_ban_comes_on_no_shelf(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall.write()
    stall.submit()
    stall.attest()
    stall.approve(stall.editors, stall.compliance)
    officer = actor(stall.compliance)
    bans.ban(product_id=stall.product_id, source="FG-7", reason="假货", actor=officer, at=AT)

    with pytest.raises(GoodsBanned, match="FG-7"):
        stall.approve(stall.shop.supervisor)
    with monkeypatch.context() as unguarded:
        unguarded.setattr("catalog.selectors.bans.refuse_banned", lambda _product: None)
        with refused_by("listingshelf_not_banned"), transaction.atomic():
            stall.approve(stall.shop.supervisor)

    assert not ListingShelf.objects.filter(product_id=stall.product_id).exists()
    with pytest.raises(GoodsBanned):
        stall.submit()


def test_versions_are_listed_to_those_who_have_the_channel(stall: Stall) -> None:
    stall.write()
    stranger = actor(account("stranger", Role.OPERATIONS_SPECIALIST))

    seen = {
        who.name: versions.revisions(actor=who, kind="catalog.listing").count()
        for who in (actor(stall.shop.specialist), stranger)
    }

    assert sorted(seen.values()) == [0, 1]
    assert seen[stranger.name] == 0

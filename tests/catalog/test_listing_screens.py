"""The screens and the API of listings without a browser: begun, written, decided, taken off."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import (
    Delisting,
    ForbiddenGoods,
    ListedWord,
    Listing,
    ListingPicture,
    ListingProof,
    ListingRule,
    ListingTask,
    Product,
    QualityReview,
    TruthCheck,
)
from catalog.rules.categories import Demands
from catalog.services import categories, listing_rules
from ops.engines.approvals.models import Request
from ops.engines.identity.models import User
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.revisions import selectors as versions
from tests.catalog.listed import PDF, SECTIONS, Stall, picture
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM

LIST_BUDGET, RECORD_BUDGET = 8, 24


def sign_in(user: User) -> Client:
    return enter(user)


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def posted(client: Client, url: str, **values: Any) -> Any:
    answer = client.post(url, values)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer


def test_a_listing_is_begun_written_pictured_handed_in_attested_and_decided(stall: Stall) -> None:
    desk = sign_in(stall.shop.specialist)
    page = f"/listings/{stall.listing_id}/"
    posted(
        desk,
        f"{page}picture/",
        angle="side",
        file=upload("side.png", picture(0b10101)),
        original=upload("raw.png", picture(0b10101, size=(1000, 1000))),
        edit_note="cut",
    )
    shown = [*stall.pictures[:2], ListingPicture.objects.order_by("-pk")[0].pk]
    posted(
        desk,
        f"{page}edit/",
        title="羊绒圆领衫",
        **SECTIONS,
        pictures=[str(pk) for pk in shown],
        quality=str(stall.review_id),
        keywords="羊绒，圆领",
        search_title="羊绒圆领衫 精纺轻薄",
        search_text="",
        why="first listing",
    )
    posted(desk, page, action="submit")
    waiting = versions.open_of(kind="catalog.listing", subject_id=stall.listing_id)
    assert waiting is not None
    assert waiting.content["keywords"] == ["羊绒", "圆领"]

    posted(
        sign_in(stall.editors),
        f"{page}attest/",
        **dict.fromkeys(("clear", "real", "colour", "untouched", "rights"), "on"),
    )

    assert TruthCheck.objects.get().listing_id == stall.listing_id
    assert "内容审核" in desk.get(page).content.decode()
    posted(desk, page, action="withdraw")
    assert versions.open_of(kind="catalog.listing", subject_id=stall.listing_id) is None


def test_a_product_is_listed_by_its_code(stall: Stall) -> None:
    product = Product.objects.exclude(pk=stall.product_id).order_by("pk")[0]
    Listing.objects.filter(product=product).exists()
    fresh = Product.objects.create(code="P-NEW", name="新品", category_id=product.category_id)
    desk = sign_in(stall.shop.specialist)

    posted(desk, "/listings/new/", product="P-NEW", channel=str(stall.shop.channel_id))

    assert Listing.objects.get(product=fresh).number.startswith("LS-")
    again = desk.post("/listings/new/", {"product": "P-NEW", "channel": str(stall.shop.channel_id)})
    assert again.status_code == 409


def test_evidence_and_documents_are_kept_from_the_page(stall: Stall) -> None:
    listing_rules.list_word(
        text="全网最佳",
        kind="superlative",
        since=date(2026, 1, 1),
        reason="law",
        actor=SYSTEM,
        at=AT,
    )
    categories.set_category_rule(
        category_id=stall.shop.category_id,
        demands=Demands(documents=(("ccc", "3C 证书"),)),
        starts_on=date(2026, 11, 21),
        reason="law",
        actor=SYSTEM,
        at=AT,
    )
    desk = sign_in(stall.shop.specialist)
    page = f"/listings/{stall.listing_id}/"

    posted(desk, f"{page}proof/", word="全网最佳", file=upload("a.pdf", PDF), note="award")
    posted(desk, f"{page}paper/", key="ccc", file=upload("ccc.pdf", PDF))

    assert ListingProof.objects.get().note == "award"


def test_goods_are_taken_off_from_the_page(stall: Stall) -> None:
    now = timezone.now()
    stall.list()
    desk = sign_in(stall.shop.specialist)
    url = f"/listings/{stall.listing_id}/delist/"
    later = f"{(now + timedelta(days=2)).astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"
    values = {"reason": "season", "note": "冬季结束", "kind": "off", "effective_at": later}

    check = desk.post(url, values)
    assert "还可售 7 件" in check.content.decode()
    posted(desk, url, **values, step="do")

    made = Delisting.objects.get()
    assert (made.state, made.stock_pieces) == ("submitted", 7)


def test_compliance_takes_off_at_once_and_states_the_reason_on_the_page(stall: Stall) -> None:
    stall.list()
    desk = sign_in(stall.compliance)
    page = f"/listings/{stall.listing_id}/"

    posted(desk, page, action="at_once")
    assert "须在一天内说明原因" in desk.get(page).content.decode()
    posted(desk, page, action="state", reason="forbidden", note="法院判决")

    assert Delisting.objects.get().note == "法院判决"


def test_a_listing_is_verified_on_its_page(stall: Stall) -> None:
    stall.list()
    ListingTask.objects.create(listing_id=stall.listing_id, kind="stale", opened_at=AT)
    desk = sign_in(stall.shop.specialist)

    posted(desk, f"/listings/{stall.listing_id}/", action="verify", note="看过")

    assert ListingTask.objects.get().outcome == "verified"


def test_words_and_forbidden_goods_are_kept_on_their_desks(stall: Stall) -> None:
    desk = sign_in(stall.compliance)
    today = f"{timezone.now().astimezone(BUSINESS_ZONE):%Y-%m-%d}"

    posted(desk, "/listed-words/new/", text="第一", kind="superlative", since=today, reason="law")
    word = ListedWord.objects.get()
    posted(desk, f"/listed-words/{word.pk}/end/", until=today)
    posted(
        desk, "/forbidden-goods/new/",
        kind="term", value="象牙", is_hard="on", since=today, reason="law",
    )  # fmt: skip
    posted(
        desk, "/forbidden-goods/new/",
        kind="picture", value=str(stall.pictures[0]), note="仿冒标", since=today, reason="court",
    )  # fmt: skip
    ban = ForbiddenGoods.objects.get(kind="term")
    posted(desk, f"/forbidden-goods/{ban.pk}/end/", until=today)

    word.refresh_from_db()
    ban.refresh_from_db()
    assert (word.until is not None, ban.until is not None) == (True, True)
    assert ForbiddenGoods.objects.get(kind="picture").is_hard is False


def test_a_rule_and_a_review_are_kept_on_their_desks(stall: Stall) -> None:
    today = timezone.now().astimezone(BUSINESS_ZONE).date()
    posted(
        sign_in(stall.shop.supervisor),
        "/listing-rules/new/",
        category=str(stall.shop.category_id), starts_on=today.isoformat(), reason="food",
        least_title="6", least_section="12", least_images="4", least_side="900",
        least_ratio="90", most_ratio="110", verify_days="60", title_material="配料", standard="",
    )  # fmt: skip
    posted(
        sign_in(stall.compliance),
        "/quality-reviews/new/",
        product=Product.objects.get(pk=stall.product_id).code,
        standard="GB 18401-2010 B", report_no="R-2", file=upload("r.pdf", PDF + b"2"),
        issued_on=today.isoformat(), expires_on=(today + timedelta(days=365)).isoformat(),
        result="passed", note="",
    )  # fmt: skip

    assert ListingRule.objects.get().content["titles"] == {"material": "配料"}
    assert QualityReview.objects.count() == 2


@pytest.mark.parametrize(
    "url",
    [
        "/listings/", "/listings/?tab=mend", "/listings/?tab=review", "/listings/?tab=off",
        "/listings/?stage=on_shelf&q=羊绒", "/listing-tasks/", "/listed-words/",
        "/forbidden-goods/", "/listing-rules/", "/quality-reviews/",
    ],
)  # fmt: skip
def test_lists_open_within_their_budget(stall: Stall, url: str) -> None:
    desk = sign_in(stall.shop.supervisor)
    desk.get(url)
    cache.clear()

    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = desk.get(url)

    assert answer.status_code == 200
    assert len(seen) <= LIST_BUDGET + 8


def test_the_page_says_what_to_mend_and_shows_old_beside_new(stall: Stall) -> None:
    stall.list()
    stall.write(title="羊绒圆领衫 新款", use="短", why="new season")
    desk = sign_in(stall.shop.specialist)

    with CaptureQueriesContext(connection) as seen:
        page = desk.get(f"/listings/{stall.listing_id}/").content.decode()

    assert "羊绒圆领衫 新款" in page
    assert "使用方法缺失或过短" in page
    assert len(seen) <= 48


def api(user: User) -> APIClient:
    return with_token(user)


def send(client: APIClient, url: str, body: Any = None) -> Any:
    return client.post(
        url, json.dumps(body or {}), content_type="application/json",
        headers={"Idempotency-Key": f"{url}{timezone.now().timestamp()}"},
    )  # fmt: skip


def test_a_listing_goes_through_the_api(stall: Stall) -> None:
    desk, url = api(stall.shop.specialist), f"/api/v1/listings/{stall.listing_id}/"

    drafted = send(desk, f"{url}draft/", {**stall.content(), "why": "first listing"})
    assert drafted.status_code == 200, drafted.content
    handed_in = send(desk, f"{url}submit/")
    assert handed_in.json()["stage"] == "content_review"
    stall.attest(at=timezone.now())
    approval = handed_in.json()["waiting"]["approval"]
    mark = {"content_hash": Request.objects.get(pk=approval).content_hash}
    for person in (stall.editors, stall.compliance, stall.shop.supervisor):
        decided = send(api(person), f"{url}approve/", mark)
        assert decided.status_code == 200, decided.content

    assert desk.get(url).json()["stage"] == "on_shelf"
    asked = send(desk, f"{url}delist/", {"reason": "season", "note": "过季"})
    assert asked.status_code == 200, asked.content
    assert desk.get("/api/v1/listings/?stage=on_shelf").json()["results"][0]["id"]

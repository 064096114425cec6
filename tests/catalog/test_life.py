"""A product's life, read from the trail; the screens and the API of feedback (HR-1.2-02)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import prints
from catalog.choices.ranges import Verdict
from catalog.models import Listing, Product, ProductFeedback, Sku
from catalog.services import delisting, owners, ranging
from ops.engines.desk.histories import word_of
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from tests.catalog import promos
from tests.catalog.listed import Stall
from tests.catalog.produced import desk as content_desk
from tests.catalog.ranged import open_range
from tests.catalog.shop import Shop, actor
from tests.catalog.voiced import House, open_house
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

clause = pytest.mark.clause("HR-1.2-02")
BUDGETS = {"/product-feedback/": 8, "/product-feedback/{}/": 14, "/products/": 9}


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return open_house(shop)


def text(desk: Client, url: str) -> str:
    answer = desk.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def posted(desk: Client, url: str, **values: Any) -> Any:
    answer = desk.post(url, values)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer


@clause
def test_the_life_of_a_product_tells_everything_with_who_where_and_when(
    house: House, stall: Stall
) -> None:
    """Every part of a life is told, filtered, paged, exported and printed."""
    shop, product = house.shop, stall.product_id
    shop.sku_ids = [stall.sku_id]
    stall.list()
    shop.approved("279.00")
    promos.running(shop)
    content_desk(shop).give("copy", "listing", stall.listing_id)
    made = house.say(sku_id=stall.sku_id)
    house.answered(made)
    owners.give_product(
        product_id=product, department_id=house.web, why="专人负责", actor=actor(house.head), at=AT
    )
    delisting.ask(
        listing_id=stall.listing_id, reason="season", note="过季",
        effective_at=AT + timedelta(days=3), actor=actor(shop.specialist), at=AT,
    )  # fmt: skip
    # She works elsewhere since: the log tells where she worked then.
    identity.move(
        person_id=house.member.person_id or 0,
        seats=[identity.Seat(role=Role.OPERATIONS_SPECIALIST, department_id=house.trade)],
        on=(AT + timedelta(days=1)).date(), actor=SYSTEM, at=AT,
    )  # fmt: skip
    desk, url = enter(shop.supervisor), f"/products/{product}/life/"

    text(desk, url)
    with CaptureQueriesContext(connection) as seen:
        page = text(desk, f"{url}?n=100")
    assert len(seen) <= 12
    parts = {
        "goods": "录入商品", "owner": "产品运营部 → 网编部", "listing": "提交了版本",
        "delisting": "DL-", "price": "提交了申请", "promotion": "促销开始生效", "content": "CT-",
        "quality": "GB 18401", "feedback": "已转质检复核",
    }  # fmt: skip
    for kind, words in parts.items():
        part = text(desk, f"{url}?kind={kind}&n=100")
        assert words in part, (kind, [line for line in part.splitlines() if "row-" in line][:5])
        if kind != "feedback":
            assert "已转质检复核" not in part
    assert "产品运营部" in text(desk, f"{url}?kind=feedback")
    assert f'href="/product-feedback/{made.id}/"' in page
    first = text(desk, f"{url}?n=25")
    assert "after=" in first
    rows = desk.get(f"{url}?export=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) > 25
    assert desk.get(f"/print/product_life/{product}/").status_code == 200
    other = Product.objects.get(skus__code="A-1001-M").pk
    assert "已转质检复核" not in text(desk, f"/products/{other}/life/")


@clause
def test_the_paper_of_a_life_leaves_out_what_happened_in_other_channels(
    shop: Shop, stall: Stall
) -> None:
    stall.list()
    number = Listing.objects.get(pk=stall.listing_id).number
    outsider = actor(account("outsider", Role.OPERATIONS_SPECIALIST))

    papers = {
        who: str(prints.product_life(stall.product_id, reader, AT).tables)
        for who, reader in (("ours", actor(shop.specialist)), ("theirs", outsider))
    }

    assert number in papers["ours"]
    assert number not in papers["theirs"]


@clause
def test_range_decisions_stand_in_the_life_of_the_skus_they_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    range_ = open_range(shop, monkeypatch)
    range_.build()
    drop = range_.ask("RG-DEAD")
    ranging.decide(
        row_ids=[range_.row("RG-STAR").pk], verdict=Verdict.PUSH, note="主推款",
        actor=actor(shop.specialist), at=AT,
    )  # fmt: skip
    desk = enter(shop.supervisor)
    lives = {
        code: text(desk, f"/products/{_product(code)}/life/?kind=range")
        for code in ("RG-DEAD", "RG-STAR")
    }

    told = {code: (drop.number in life, "主推款" in life) for code, life in lives.items()}
    assert told == {"RG-DEAD": (True, False), "RG-STAR": (False, True)}


@clause
def test_feedback_goes_through_its_screens(house: House) -> None:
    agent, member, stranger = map(enter, (house.agent, house.member, house.stranger))
    form = {
        "sku": "A-1001-S", "channel": str(house.shop.channel_id), "source": "service",
        "reference": "TB-9", "text": "袖口起球", "rating": "2", "received_at": "",
    }  # fmt: skip
    bad = agent.post("/product-feedback/new/", {**form, "text": "回电 13800138000"})
    assert bad.status_code == 400
    assert "手机号" in bad.content.decode()
    assert agent.post("/product-feedback/new/", {**form, "sku": "NO"}).status_code == 400
    assert agent.get("/product-feedback/rule/").status_code == 403
    posted(agent, "/product-feedback/new/", **form)
    row = ProductFeedback.objects.get()
    url = f"/product-feedback/{row.pk}/"

    assert "产品运营部" in text(stranger, url)
    assert row.number not in text(stranger, "/product-feedback/?tab=ours")
    stranger.post(url, {"action": "take"})
    assert ProductFeedback.objects.get().step == "new"
    for path, budget in BUDGETS.items():
        text(member, path.format(row.pk))
        with CaptureQueriesContext(connection) as seen:
            text(member, path.format(row.pk))
        assert len(seen) <= budget, (path, len(seen))
    member.post(url, {"action": "take"})
    member.post(url, {"action": "answer", "reply": "已换新", "finding": "quality",
                      "led_to": "", "led_number": ""})  # fmt: skip
    member.post(url, {"action": "close"})
    agent.post(url, {"action": "reopen", "reason": "又起球"})
    page = text(member, url)
    assert "已换新" in page
    assert "又起球" in page
    assert ProductFeedback.objects.get().step == "reopened"

    counts = text(enter(house.shop.manager), "/product-feedback/counts/")
    assert "finding=quality" in counts
    listed = text(member, "/product-feedback/?tab=all&finding=quality")
    assert row.number in listed
    assert row.number not in text(member, "/product-feedback/?tab=all&finding=price")
    posted(enter(house.shop.manager), "/product-feedback/rule/", working_days="3", why="大促")


@clause
def test_a_head_gives_a_product_away_on_its_page_and_management_names_the_usual_owner(
    house: House,
) -> None:
    product = Product.objects.get(skus__code="A-1001-S").pk
    url = f"/products/{product}/"
    give = {"action": "give", "department": str(house.trade), "since": "", "why": "换部门"}
    enter(house.member).post(url, give)
    assert "京东运营部" not in text(enter(house.shop.manager), url).split("<h2")[1]

    head = enter(house.head)
    assert head.post(url, give).status_code == 302
    manager = enter(house.shop.manager)
    page = text(manager, url)
    assert "换部门" in page
    posted(manager, "/product-owners/new/", category=str(house.shop.category_id),
           department=str(house.web), since="", why="归网编")  # fmt: skip
    assert "归网编" in text(manager, "/product-owners/")
    assert "京东运营部" in text(manager, "/products/?q=A-1001")


@clause
def test_feedback_comes_in_by_the_api_and_is_read_within_scope(house: House) -> None:
    agent = with_token(house.agent)
    body = {
        "sku": "A-1001-S", "channel": "tmall", "source": "review", "text": "颜色比图片深",
        "rating": 3, "reference": "R-77",
    }  # fmt: skip

    def send(client: Any, key: str, **changes: Any) -> Any:
        return client.post(
            "/api/v1/product-feedback/", json.dumps({**body, **changes}),
            content_type="application/json", headers={"Idempotency-Key": key},
        )  # fmt: skip

    made = send(agent, "fb-1")
    assert made.status_code == 201, made.content
    assert (made.json()["step"], made.json()["department"]) == ("new", house.products)
    assert send(agent, "fb-2", text="回电 13800138000").json()["code"] == "catalog.feedback_person"
    assert send(agent, "fb-3", rating=9).status_code == 400
    assert send(agent, "fb-4", source="return").status_code == 400
    keeper = with_token(account("api-keeper", Role.WAREHOUSE_KEEPER))
    assert send(keeper, "fb-5").status_code == 403
    assert ProductFeedback.objects.count() == 1
    outside = with_token(account("api-editor", Role.EDITOR))
    assert outside.get(f"/api/v1/product-feedback/{made.json()['id']}/").status_code == 404


def test_a_channel_gone_live_has_its_words() -> None:
    assert word_of("catalog.channel_live") != "catalog.channel_live"


def _product(code: str) -> int:
    return Sku.objects.values_list("product_id", flat=True).get(code=code)

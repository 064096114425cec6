"""Chapter 4 over HTTP: lists cut to what is mine, one effect per key, refusals by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.choices.promotions import CheckOccasion
from catalog.models import (
    ContentTask,
    Festival,
    ForbiddenGoods,
    ListedWord,
    PricePatrol,
    PromotionCheck,
    RangeReview,
    RangeReviewRow,
    SearchMiss,
    SearchSynonym,
    SelectionProposal,
    ShopPage,
)
from catalog.rules import ranges as range_rules
from catalog.services import channels, products
from customers.models import ForbiddenSale
from ops.engines.approvals.models import Request
from ops.engines.http.doors import DoorViewSet, Step
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may
from ops.engines.revisions.models import Revision
from tests.catalog.listed import PDF
from tests.catalog.pages import PLAN
from tests.catalog.produced import desk
from tests.catalog.promos import draft
from tests.catalog.shop import Shop
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

URL = "/api/v1"
MODELS = {
    "content-tasks": ContentTask,
    "festivals": Festival,
    "forbidden-goods": ForbiddenGoods,
    "forbidden-sales": ForbiddenSale,
    "listed-words": ListedWord,
    "revisions": Revision,
    "search-synonyms": SearchSynonym,
    "selection-proposals": SelectionProposal,
}


@dataclass
class Scene:
    """The shop, its people by name, and what each door takes."""

    shop: Shop
    people: dict[str, User]
    page_id: int
    clients: dict[str, Any] = field(default_factory=dict)

    def api(self, name: str) -> Any:
        if name not in self.clients:
            self.clients[name] = with_token(self.people[name])
        return self.clients[name]

    def post(self, name: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", name, path, body, **headers)

    def send(self, verb: str, name: str, path: str, body: Any = None, **headers: str) -> Any:
        call = getattr(self.api(name), verb)
        sent = json.dumps(body or {})
        return call(f"{URL}{path}", sent, content_type="application/json", headers=headers)

    def form(self, name: str, path: str, **sent: Any) -> Any:
        return self.api(name).post(f"{URL}{path}", sent, format="multipart")

    def made(self, door: str) -> Any:
        """Make a thing through its door and return the answer."""
        name, body = WRITTEN[door]
        answer = self.post(name, f"/{door}", body(self))
        assert answer.status_code == 201, answer.content
        return answer.json()


@pytest.fixture
def scene(shop: Shop) -> Scene:
    """The people of the shop, and one who belongs to another shop and another shelf."""
    crew = desk(shop)
    other = channels.create_channel(code="jd", name="京东", platform="jd", actor=SYSTEM, at=AT)
    shelf = products.create_category(name="男装", actor=SYSTEM, at=AT)
    outsider = account("outsider", Role.OPERATIONS_SPECIALIST)
    for kind, pk in (("channel", other.id), ("category", shelf.id)):
        identity.grant_scope(user_id=outsider.pk, kind=kind, object_id=pk, actor=SYSTEM, at=AT)
    people = {
        "specialist": shop.specialist,
        "supervisor": shop.supervisor,
        "manager": shop.manager,
        "lead": crew.lead,
        "editor": crew.editor,
        "compliance": account("compliance", Role.COMPLIANCE_OFFICER),
        "outsider": outsider,
        "stranger": account("stranger", Role.BUYER),
    }
    page = ShopPage.objects.filter(channel_id=shop.channel_id).order_by("pk")[0]
    return Scene(shop, people, page.pk)


def today(ahead: int = 0) -> str:
    return (business_day(timezone.now()) + timedelta(days=ahead)).isoformat()


def proposal(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "name": "轻量羽绒背心",
        "category": scene.shop.category_id,
        "demand": "近三个月搜索无结果 214 次",
        "trend": "通勤轻量化",
        "target_group": "25 至 35 岁通勤女性",
        "brand_fit": "与羊绒线同客群",
        "price": "189.00",
        "unit_cost": "82.00",
        "monthly_sales": 300,
        "demand_mark": 80,
        "trend_mark": 60,
        "fit_mark": 90,
        "rivals": [{"rival": "甲", "goods": "背心", "price": "199.00", "source": "甲旗舰店"}],
        **changes,
    }


def task(scene: Scene, **changes: Any) -> dict[str, Any]:
    brief = {
        "title": "首页文案",
        "purpose": "秋冬上新",
        "due_at": (timezone.now() + timedelta(days=3)).isoformat(),
    }
    return {
        "kind": "copy",
        "about": "page",
        "about_id": scene.page_id,
        "brief": brief,
        "person": scene.people["editor"].person_id,
        **changes,
    }


def plan(scene: Scene, **changes: Any) -> dict[str, Any]:
    content = {**PLAN, **changes.pop("content", {})}
    return {
        "kind": "catalog.shop_plan",
        "subject": scene.shop.channel_id,
        "content": content,
        "why": "新店开张",
        **changes,
    }


def festival(_scene: Scene, **changes: Any) -> dict[str, Any]:
    days = {"starts_on": "2027-02-06", "ends_on": "2027-02-12"}
    return {"name": "店庆", "kind": "shopping", **days, "is_marked": True, **changes}


def synonyms(_scene: Scene, **changes: Any) -> dict[str, Any]:
    return {"words": ["毛衣", "针织衫"], "why": "买家两种叫法", **changes}


def word(_scene: Scene, **changes: Any) -> dict[str, Any]:
    return {"text": "神效", "kind": "banned", "since": today(), "reason": "夸大", **changes}


def ban(_scene: Scene, **changes: Any) -> dict[str, Any]:
    given = {"kind": "brand", "value": "假名牌", "is_hard": True}
    return {**given, "since": today(), "reason": "侵权", **changes}


def case(_scene: Scene, **changes: Any) -> dict[str, Any]:
    return {"sku": "A-1001-S", "kind": "counterfeit", "facts": "鉴定为假货", **changes}


WRITTEN: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "content-tasks": ("lead", task),
    "festivals": ("supervisor", festival),
    "forbidden-goods": ("compliance", ban),
    "forbidden-sales": ("compliance", case),
    "listed-words": ("lead", word),
    "revisions": ("supervisor", plan),
    "search-synonyms": ("specialist", synonyms),
    "selection-proposals": ("specialist", proposal),
}


def _patrol(scene: Scene) -> int:
    counted = {"offers": 9, "opened": 0, "again": 0, "severe": 0, "suspended": 0}
    made = PricePatrol.objects.create(channel_id=scene.shop.channel_id, patrolled_at=AT, **counted)
    return made.pk


def _check(scene: Scene) -> int:
    made = PromotionCheck.objects.create(
        promotion_id=draft(scene.shop).id,
        checked_at=AT,
        occasion=CheckOccasion.HOURLY,
        examined=2,
        below_floor=0,
        above_reference=0,
        without_stock=0,
        used=0,
    )
    return made.pk


def _row(scene: Scene, *, month: int = 10) -> int:
    review = RangeReview.objects.create(
        month=f"2026-{month:02}-01",
        last_day=f"2026-{month:02}-30",
        basis=range_rules.basis(),
        sku_count=1,
        push_count=0,
        drop_count=0,
        made_at=AT,
    )
    figures = {"pieces": 5, "revenue": 500, "margin": 100, "stock": 3, "turns": 2, "returned": 0}
    made = RangeReviewRow.objects.create(
        review=review,
        sku_id=scene.shop.sku_ids[0],
        rank=1,
        score=50,
        return_rate=0,
        proposal="keep",
        **figures,
    )
    return made.pk


KEPT: dict[str, Callable[[Scene], int]] = {
    "content-tasks": lambda scene: scene.made("content-tasks")["id"],
    "price-patrols": _patrol,
    "promotion-checks": _check,
    "range-rows": _row,
    "revisions": lambda scene: scene.made("revisions")["id"],
    "selection-proposals": lambda scene: scene.made("selection-proposals")["id"],
}


@pytest.mark.parametrize("door", sorted(KEPT))
def test_what_belongs_to_another_shop_or_shelf_is_not_there(scene: Scene, door: str) -> None:
    pk = KEPT[door](scene)

    seen = scene.api("supervisor").get(f"{URL}/{door}").json()["results"]
    hidden = scene.api("outsider").get(f"{URL}/{door}").json()["results"]
    foreign = scene.api("outsider").get(f"{URL}/{door}/{pk}")
    missing = scene.api("outsider").get(f"{URL}/{door}/987654321")

    assert ([row["id"] for row in seen], hidden) == ([pk], [])
    assert scene.api("supervisor").get(f"{URL}/{door}/{pk}").json()["id"] == pk
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json() == missing.json()


def test_steps_do_not_reach_what_belongs_to_others(scene: Scene) -> None:
    own = scene.made("selection-proposals")["id"]

    foreign = scene.post("outsider", f"/selection-proposals/{own}/withdraw")
    missing = scene.post("outsider", "/selection-proposals/987654321/withdraw")

    assert (foreign.status_code, foreign.json()) == (404, missing.json())
    assert SelectionProposal.objects.get(pk=own).state == "draft"


def test_a_step_that_hides_a_part_of_its_view_stops_the_start() -> None:
    step = Step(run=print, policy=may("catalog", "C"), title="Name it.")

    with pytest.raises(TypeError, match="`name` of its own"):
        type("NamedViewSet", (DoorViewSet,), {"read": may("catalog", "V"), "steps": {"name": step}})


@pytest.mark.parametrize("door", sorted(WRITTEN))
def test_the_same_key_writes_once_and_answers_the_same(scene: Scene, door: str) -> None:
    name, body = WRITTEN[door]
    sent = body(scene)
    before = MODELS[door]._default_manager.count()

    first = scene.post(name, f"/{door}", sent, **{"Idempotency-Key": "once"})
    again = scene.post(name, f"/{door}", sent, **{"Idempotency-Key": "once"})

    assert first.status_code == 201, first.content
    assert (again.status_code, again.content) == (201, first.content)
    assert MODELS[door]._default_manager.count() == before + 1
    assert scene.post(name, f"/{door}", {**sent, "unknown": 1}).status_code == 400
    assert scene.post("stranger", f"/{door}", sent).status_code in {403, 404}
    assert MODELS[door]._default_manager.count() == before + 1


REFUSED: tuple[tuple[str, dict[str, Any], int, str], ...] = (
    ("selection-proposals", {"rivals": []}, 422, "catalog.proposal_wrong"),
    ("selection-proposals", {"price": 189}, 400, "input.money"),
    ("selection-proposals", {"category": 987654321}, 404, "catalog.category_missing"),
    ("search-synonyms", {"words": ["毛衣"]}, 400, ""),
    ("search-synonyms", {"why": " "}, 400, "input.text_length"),
    ("content-tasks", {"about_id": 987654321}, 404, ""),
    ("content-tasks", {"person": 987654321}, 422, ""),
    ("content-tasks", {"material": "film"}, 400, ""),
    ("festivals", {"ends_on": "2027-02-01"}, 422, ""),
    ("festivals", {"starts_on": "2027-02-30"}, 400, "input.date"),
    ("revisions", {"kind": "catalog.listing"}, 422, "revisions.own_door"),
    ("revisions", {"kind": "catalog.nothing"}, 404, "revisions.missing"),
    ("revisions", {"subject": 987654321}, 404, "revisions.missing"),
    ("revisions", {"content": {"price_low": "-1"}}, 400, ""),
    ("listed-words", {"kind": "fine"}, 400, ""),
    ("forbidden-goods", {"kind": "picture"}, 400, ""),
    ("forbidden-goods", {"kind": "category", "value": "nowhere"}, 404, ""),
    ("forbidden-sales", {"sku": "nowhere"}, 404, ""),
)


def test_what_the_screens_refuse_the_doors_refuse_by_name(scene: Scene) -> None:
    before = {door: model._default_manager.count() for door, model in MODELS.items()}

    for door, changes, status, code in REFUSED:
        name, body = WRITTEN[door]
        answer = scene.post(name, f"/{door}", body(scene, **changes))
        problem = answer.json()
        found = {problem["code"], *(one["code"] for one in problem.get("errors", ()))}
        assert answer.status_code == status, (door, changes, problem)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert not code or code in found, (door, changes, problem)

    assert {door: model._default_manager.count() for door, model in MODELS.items()} == before


def test_a_proposal_goes_its_whole_way(scene: Scene) -> None:
    row = scene.made("selection-proposals")
    path = f"/selection-proposals/{row['id']}"
    read = scene.api("specialist").get(f"{URL}{path}")
    stale = scene.send("patch", "specialist", path, {"risk": "季节性强"}, **{"If-Match": '"no"'})
    tag = {"If-Match": read.headers["ETag"]}
    edited = scene.send("patch", "specialist", path, {"risk": "季节性强"}, **tag)

    submitted = scene.post("specialist", f"{path}/submit").json()

    assert (stale.status_code, edited.status_code) == (412, 200)
    assert (edited.json()["risk"], edited.json()["rivals"]) == ("季节性强", read.json()["rivals"])
    assert submitted["state"] == "submitted"
    request = Request.objects.get(pk=submitted["approval"])
    for name in ("supervisor", "manager"):
        seen = {"content_hash": request.content_hash}
        assert scene.post(name, f"/approvals/{request.pk}/approve", seen).status_code == 200
    ended = {"state": "given_up", "note": "起订量太高"}
    assert scene.api("supervisor").get(f"{URL}{path}").json()["sourcing"]["state"] == "open"
    assert scene.post("specialist", f"{path}/sourcing", ended).status_code == 403
    scene.people["buyer"] = account("buyer", Role.PURCHASING_OFFICER)
    assert scene.post("buyer", f"{path}/sourcing", ended).json()["sourcing"]["note"] == "起订量太高"


def test_a_plan_is_drafted_replaced_decided_and_rolled_back(scene: Scene) -> None:
    first = scene.made("revisions")
    path = f"/revisions/{first['id']}"
    read = scene.api("supervisor").get(f"{URL}{path}")
    change = {"content": {**PLAN, "style": "冷灰为主"}}
    tag = {"If-Match": read.headers["ETag"]}
    edited = scene.send("patch", "supervisor", path, change, **tag)
    again = scene.send("patch", "supervisor", path, change, **tag)
    assert (edited.status_code, again.status_code) == (200, 412)
    assert edited.json()["content"]["style"] == "冷灰为主"
    _decide(scene, path)
    second = scene.post("supervisor", "/revisions", plan(scene, content={"style": "暖白"})).json()
    _decide(scene, f"/revisions/{second['id']}")
    assert scene.post("supervisor", f"{path}/restore", {"why": "回退"}).status_code == 403

    back = scene.post("manager", f"{path}/restore", {"why": "点击下降，回退"})

    assert back.status_code == 200, back.content
    assert [one["how"] for one in back.json()["live"]] == ["published", "restored"]
    assert back.json()["live"][-1]["until"] is None


def _decide(scene: Scene, path: str) -> None:
    handed_in = scene.post("supervisor", f"{path}/submit")
    assert handed_in.status_code == 200, handed_in.content
    request = Request.objects.get(pk=handed_in.json()["approval"])
    seen = {"content_hash": request.content_hash}
    done = scene.post("manager", f"/approvals/{request.pk}/approve", seen)
    assert done.status_code == 200, done.content


def test_copy_is_handed_in_as_a_form_reviewed_and_released(scene: Scene) -> None:
    row = scene.made("content-tasks")
    path = f"/content-tasks/{row['id']}"
    file = SimpleUploadedFile("copy.pdf", PDF, "application/pdf")
    assert scene.post("lead", f"{path}/submit").status_code == 403

    handed = scene.form("editor", f"{path}/version", text="暖意到家", file=file)

    assert handed.status_code == 200, handed.content
    [version] = handed.json()["versions"]
    assert (version["no"], version["text"], version["file"] is None) == (1, "暖意到家", False)
    assert scene.post("editor", f"{path}/submit").json()["state"] == "submitted"
    back = scene.post("lead", f"{path}/send-back", {"reason": "太短"}).json()
    assert (back["state"], back["steps"][0]["note"]) == ("returned", "太短")
    again = scene.form("editor", f"{path}/version", text="暖意到家，一件过冬")
    assert again.status_code == 200, again.content
    scene.post("editor", f"{path}/submit")
    assert scene.post("lead", f"{path}/approve").json()["state"] == "approved"
    early = scene.post("editor", f"{path}/release")
    assert (early.status_code, early.json()["code"]) == (422, "catalog.not_live_yet")


def test_rows_of_a_range_are_decided_within_their_review(scene: Scene) -> None:
    row = RangeReviewRow.objects.get(pk=_row(scene))
    path = f"/range-reviews/{row.review_id}"
    other = RangeReviewRow.objects.get(pk=_row(scene, month=9))
    stray = {"rows": [row.pk, other.pk], "verdict": "push"}
    refused = scene.post("specialist", f"{path}/decide", stray)
    chosen = scene.post("specialist", f"{path}/decide", {"rows": [row.pk], "verdict": "drop"})

    decided = scene.post("specialist", f"{path}/decide", {"rows": [row.pk], "verdict": "push"})

    assert (refused.status_code, chosen.status_code, decided.status_code) == (404, 400, 200)
    assert scene.api("specialist").get(f"{URL}/range-rows/{row.pk}").json()["decision"] == "push"
    dropped = scene.post("specialist", f"{path}/drop", {"rows": [row.pk], "note": "无人问津"})
    [asked] = dropped.json()["drops"]
    assert (asked["state"], asked["approval"] is None) == ("submitted", False)


def test_words_and_cases_end_through_their_doors(scene: Scene) -> None:
    miss = SearchMiss.objects.create(word="羊毛衫", week_on="2026-11-23", times=4)
    decided = scene.post(
        "specialist", f"/search-misses/{miss.pk}/decide", {"decision": "dismissed", "note": "错字"}
    )
    pair = scene.made("search-synonyms")
    retired = scene.post("editor", f"/search-synonyms/{pair['id']}/retire", {"why": "误导"})
    banned = scene.made("forbidden-goods")
    ended = scene.post("compliance", f"/forbidden-goods/{banned['id']}/end", {"until": today(1)})
    found = scene.made("forbidden-sales")
    path = f"/forbidden-sales/{found['id']}"
    early = scene.post("compliance", f"{path}/close", {"outcome": "已处理"})
    own = scene.post("compliance", f"{path}/lift", {"reason": "误判"})
    nobody = {"measure": "warning", "reason": "供假货", "supplier": "NOBODY"}
    unknown = scene.post("compliance", f"{path}/penalise", nobody)
    seller = {"measure": "fine", "reason": "供假货", "seller": "某商行", "amount": "5000.00"}
    judged = scene.post("compliance", f"{path}/penalise", seller)

    closed = scene.post("compliance", f"{path}/close", {"outcome": "已处理"})

    assert (decided.json()["decision"], retired.json()["is_active"]) == ("dismissed", False)
    assert ended.json()["until"] == today(1)
    assert (own.status_code, own.json()["code"]) == (409, "catalog.own_ban")
    assert (early.status_code, unknown.status_code, judged.status_code) == (409, 404, 200)
    assert judged.json()["measures"][0]["amount"] == "5000.00"
    assert (closed.json()["state"], closed.json()["outcome"]) == ("closed", "已处理")
    assert scene.api("specialist").get(f"{URL}{path}").status_code == 403

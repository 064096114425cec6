"""Codes and categories over HTTP: nobody types a code, a rule's answer is what was sent."""

import pytest
from django.utils import timezone

from catalog.models import Category, CategoryMove, CodeRule, Sku
from catalog.services import coding
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from tests.catalog.shop import Shop
from tests.catalog.test_api import URL, post
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account


def today() -> str:
    return business_day(timezone.now()).isoformat()


@pytest.mark.clause("CAT-4.1-01")
def test_a_hand_typed_code_is_refused_and_the_rule_gives_one(shop: Shop) -> None:
    api = with_token(shop.supervisor)
    words = [{"part": "brand", "value": "华为", "code": "HW"}]
    rule = post(
        api,
        "/code-rules",
        {"pattern": "P{brand}{sequence:4}{check}", "words": words, "starts_on": today()},
    )
    assert rule.status_code == 201, rule.content
    assert (rule.json()["version"], rule.json()["words"]) == (1, words)
    goods = post(
        api, "/products", {"name": "手机", "category": shop.category_id, "brand": "华为"}
    ).json()
    before = Sku.objects.count()

    typed = post(api, "/skus", {"product": goods["id"], "name": "黑", "code": "MINE-1"})
    assert (typed.status_code, Sku.objects.count()) == (400, before)
    attempt = Fact.objects.get(action=coding.REFUSED)
    assert "MINE-1" in attempt.body
    assert attempt.person_id == shop.supervisor.person_id
    made = post(api, "/skus", {"product": goods["id"], "name": "黑"}).json()
    alias = {"sku": made["id"], "kind": "legacy", "source": "ERP", "code": "MINE-1"}
    named = post(api, "/sku-aliases", alias)

    assert made["code"][:7] == "PHW0001"
    assert named.status_code == 201, named.content
    found = api.get(f"{URL}/sku-aliases", {"code": "MINE-1"}).json()["results"]
    assert [row["sku"] for row in found] == [made["id"]]


def test_an_editor_decides_no_coding_rule(shop: Shop) -> None:
    editor = with_token(account("editor", Role.EDITOR))

    answer = post(editor, "/code-rules", {"pattern": "P{sequence}", "starts_on": today()})

    assert answer.status_code == 403
    assert not CodeRule.objects.exists()


def test_a_category_says_what_it_asks_and_moves(shop: Shop) -> None:
    api = with_token(account("web", Role.WEB_EDITING_SUPERVISOR))
    asked = {
        "category": shop.category_id,
        "starts_on": today(),
        "attributes": [
            {
                "key": "size",
                "title": "尺码",
                "kind": "choice",
                "choices": "S，M",
                "is_variant": True,
            },
            {"key": "weight", "title": "克重", "kind": "number", "unit": "g"},
        ],
        "documents": [{"key": "report", "title": "检测报告"}],
        "scope_item": "服装零售",
        "storage_class": "ambient",
        "reason": "新规",
    }

    made = post(api, "/category-rules", asked)
    assert made.status_code == 201, made.content
    shown = made.json()
    assert [row["choices"] for row in shown["attributes"]] == ["S,M", ""]
    assert (shown["documents"], shown["storage_class"]) == (asked["documents"], "ambient")
    goods = post(
        api,
        "/products",
        {
            "name": "衫",
            "category": shop.category_id,
            "attributes": [{"key": "weight", "value": "180.0"}],
        },
    )
    assert goods.json()["attributes"] == [{"key": "weight", "value": "180"}]
    twice = post(
        api,
        "/skus",
        {
            "product": goods.json()["id"],
            "name": "S",
            "attributes": [{"key": "size", "value": "S"}] * 2,
        },
    )
    assert (twice.status_code, twice.json()["code"]) == (400, "catalog.key_twice")
    wrong = post(
        api,
        "/skus",
        {"product": goods.json()["id"], "name": "S", "attributes": [{"key": "size", "value": "L"}]},
    )
    assert wrong.json()["code"] == "catalog.attribute_value"
    top = post(api, "/categories", {"name": "服饰"}).json()
    moved = post(
        api, f"/categories/{shop.category_id}/move", {"parent": top["id"], "reason": "归并"}
    )
    assert moved.status_code == 200, moved.content
    assert moved.json()["parent"] == top["id"]
    assert CategoryMove.objects.get().reason == "归并"
    assert Category.objects.get(pk=shop.category_id).path.startswith(f"{top['code']}.")

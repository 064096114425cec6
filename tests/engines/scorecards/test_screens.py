"""Scorecards on screens: list with grades, card, form on a phone, and who may not is told why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.scorecards.models import Card, Mark, ScorecardVersion
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account
from tests.engines.scorecards.toy import fresh, measure, opened, published_card

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]


def shown(client: Client, path: str, status: int = 200) -> str:
    """Return the text of a page."""
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def press(client: Client, card: Card, action: str, **values: str) -> str:
    """Press an action of a card and return the page that follows."""
    path = f"/scores/toy_score/{card.pk}/"
    return client.post(path, {"action": action, **values}, follow=True).content.decode()


def test_people_take_a_card_from_marking_to_an_upheld_objection(enter: Enter) -> None:
    measure()
    card = opened()
    buyer = enter(account("李娜", Role.PURCHASING_OFFICER))
    manager = enter(account("王敏", Role.OPERATIONS_MANAGER))
    director = enter(account("陈立", Role.OPERATIONS_DIRECTOR))
    form = {"points_service": "80", "comment_service": "补货及时", "evidence_service": "PO-1"}
    path = f"/scores/toy_score/{card.pk}/"

    assert "aria-disabled" in shown(manager, path)  # marks are missing
    assert buyer.post(f"{path}mark/", form).status_code == 302
    assert "84.00" in shown(manager, path)
    press(manager, card, "confirm", comment="继续合作")
    assert fresh(card).state == "confirmed"
    press(manager, card, "publish")
    press(buyer, card, "object", reason="承运商晚到")
    press(director, card, "uphold", finding="属实")

    assert fresh(card).state == "revised"
    assert Card.objects.get(revises=card).state == "marked"
    assert "承运商晚到" in shown(manager, path)


def test_the_list_counts_grades_filters_and_exports(enter: Enter) -> None:
    published_card()
    manager = enter(account("王敏", Role.OPERATIONS_MANAGER))

    page = shown(manager, "/scores/toy_score/")
    assert "chart-grades-data" in page
    assert "恒源" in page
    assert "恒源" not in shown(manager, "/scores/toy_score/?grade=A")
    assert "远达" in shown(manager, "/scores/toy_score/?grade=-")
    assert "远达" not in shown(manager, "/scores/toy_score/?state=published")
    export = manager.get("/scores/toy_score/?export=csv")
    assert export.status_code == 200
    assert "恒源" in export.content.decode("utf-8-sig")
    assert "/scores/toy_score/" in shown(manager, "/scores/")


def test_cards_are_confirmed_together_each_with_its_own_result(enter: Enter) -> None:
    for who in (1, 2):
        measure(who=who)
    card = opened()
    buyer = enter(account("李娜", Role.PURCHASING_OFFICER))
    manager = enter(account("王敏", Role.OPERATIONS_MANAGER))
    form = {"points_service": "80", "comment_service": "好", "evidence_service": "PO-1"}
    buyer.post(f"/scores/toy_score/{card.pk}/mark/", form)

    keys = [str(each.pk) for each in Card.objects.all()]
    manager.post("/scores/toy_score/", {"action": "confirm", "sel": keys}, follow=True)

    assert list(Card.objects.filter(state="confirmed")) == [card]


def test_weights_are_edited_from_a_day_on_by_who_confirms(enter: Enter) -> None:
    opened()
    manager = enter(account("王敏", Role.OPERATIONS_MANAGER))
    buyer = enter(account("李娜", Role.PURCHASING_OFFICER))
    path = "/scores/toy_score/weights/"
    form = {"weight_prompt": "30", "weight_faults": "20", "weight_service": "50",
            "first_on": "2026-10-01", "reason": "重视服务", "step": "do"}  # fmt: skip

    assert "aria-disabled" in shown(buyer, "/scores/toy_score/")
    assert buyer.post(path, form).status_code == 403
    assert manager.post(path, form | {"weight_service": "49"}).status_code == 422
    assert manager.post(path, form).status_code == 302

    assert list(ScorecardVersion.objects.values_list("number", "reason")) == [
        (2, "重视服务"),
        (1, ""),
    ]


def test_a_wrong_mark_stands_beside_its_field_and_changes_nothing(enter: Enter) -> None:
    measure()
    card = opened()
    buyer = enter(account("李娜", Role.PURCHASING_OFFICER))
    form = {"points_service": "180", "comment_service": "好", "evidence_service": "PO-1"}

    answer = buyer.post(f"/scores/toy_score/{card.pk}/mark/", form)
    missing = buyer.post(f"/scores/toy_score/{card.pk}/mark/", form | {"evidence_service": ""})

    assert (answer.status_code, missing.status_code) == (400, 422)
    assert Mark.objects.count() == 0


def test_who_may_not_see_the_area_gets_no_card(enter: Enter) -> None:
    card = opened()
    outsider = enter(account("路人"))

    shown(outsider, f"/scores/toy_score/{card.pk}/", 404)
    assert "恒源" not in shown(outsider, "/scores/toy_score/")
    assert outsider.get("/scores/toy_score/?export=csv").status_code == 403
    shown(outsider, "/scores/nothing/", 404)

"""Cards over HTTP: every step, and nothing for who may not."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from ops.engines.identity.choices import Role
from ops.engines.scorecards.models import Card, Mark
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import account
from tests.engines.scorecards.toy import fresh, measure, opened

pytestmark = pytest.mark.django_db
MARK = {"criterion": "service", "points": "80", "comment": "Answers at once", "evidence": "PO-1"}


def client(name: str, role: Role) -> APIClient:
    """Return a client of a new person of a role."""
    return with_token(account(name, role))


def post(api: APIClient, card: Card, step: str, **body: object) -> tuple[int, str]:
    """Take one step and return the status and the card's state."""
    answer = api.post(f"/api/v1/scorecards/{card.pk}/{step}/", body, format="json")
    return answer.status_code, answer.json().get("state", answer.json().get("code"))


def test_a_card_goes_from_mark_to_upheld_objection() -> None:
    measure()
    card = opened()
    buyer = client("buyer", Role.PURCHASING_OFFICER)
    manager = client("manager", Role.OPERATIONS_MANAGER)
    director = client("director", Role.OPERATIONS_DIRECTOR)

    steps = [
        post(buyer, card, "mark", **MARK),
        post(manager, card, "confirm", comment="Agreed"),
        post(manager, card, "publish"),
        post(buyer, card, "object", reason="Receipts were corrected", on_behalf_of="恒源"),
        post(manager, card, "decide", is_upheld=True, finding="x"),
        post(director, card, "decide", is_upheld=True, finding="Right"),
    ]

    assert steps == [
        (201, "marked"),
        (200, "confirmed"),
        (200, "published"),
        (201, "objected"),
        (403, "scorecards.involved"),
        (200, "marked"),
    ]
    listed = buyer.get("/api/v1/scorecards/", {"subject_id": 1}).json()["results"]
    assert [(row["revision"], row["state"], row["score"]) for row in listed] == [
        (2, "marked", "84.00"),
        (1, "revised", "84.00"),
    ]


def test_a_card_shows_what_its_points_came_from() -> None:
    measure()
    card = opened()

    shown = client("manager", Role.OPERATIONS_MANAGER).get(f"/api/v1/scorecards/{card.pk}/").json()

    first = shown["lines"][0]
    assert (first["key"], first["value"], first["points"]) == ("prompt", "0.900000", "100.00")
    assert shown["objection"] is None


def test_wrong_input_changes_nothing() -> None:
    measure()
    card = opened()
    buyer = client("buyer", Role.PURCHASING_OFFICER)
    agent = client("agent", Role.CUSTOMER_SERVICE_AGENT)

    assert post(buyer, card, "mark", **MARK | {"points": "101"})[0] == 400
    assert post(buyer, card, "mark", **MARK | {"more": 1})[0] == 400
    assert post(buyer, card, "confirm")[0] == 409
    assert agent.get("/api/v1/scorecards/nothing/").status_code == 404
    assert Mark.objects.count() == 0
    assert (fresh(card).state, fresh(card).score) == ("open", None)

"""Sheets over HTTP."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ops.engines.identity import services as identity
from ops.engines.identity.models import User
from ops.engines.sheets.models import Answer, Case, Sheet
from ops.engines.sheets.types import SheetInfo
from tests.engines.sheets.toys import SYSTEM, Team

pytestmark = pytest.mark.django_db


class Caller:
    """A client with a token."""

    def __init__(self, user: User) -> None:
        made = identity.create_api_token(
            user_id=user.pk, label="t", lifetime=timedelta(days=30), actor=SYSTEM, at=timezone.now()
        )
        self.client, self.token = Client(), made.token

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self._headers())

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}


def made(item: str, value: object, note: str = "") -> dict[str, object]:
    return {"item": item, "value": value, "note": note, "client_key": str(uuid.uuid4())}


def test_a_sheet_is_listed_filled_and_signed(people: Team, sheet: SheetInfo) -> None:
    keeper, manager = Caller(people.keeper), Caller(people.manager)
    [listed] = keeper.get("sheets/?state=open").json()["results"]
    entries = [made("door", "yes"), made("heat", "5"), made("cold", "good")]

    first = keeper.post(f"sheets/{sheet.id}/answers/", {"entries": entries}).json()
    again = keeper.post(f"sheets/{sheet.id}/answers/", {"entries": entries}).json()
    detail = keeper.get(f"sheets/{sheet.id}/").json()
    wrong = keeper.post(f"sheets/{sheet.id}/sign/", {"content_hash": "0" * 64})
    hand = {"content_hash": detail["content_hash"]}
    signed = keeper.post(f"sheets/{sheet.id}/sign/", hand)
    done = manager.post(f"sheets/{sheet.id}/sign/", hand)

    assert (listed["id"], listed["template"]) == (sheet.id, "toy_check")
    assert (first["written"], first["is_filled"], again["repeated"]) == (3, True, 3)
    assert (wrong.status_code, signed.status_code, done.status_code) == (409, 200, 200)
    assert done.json()["state"] == "closed"
    assert [each["role"] for each in done.json()["signatures"]] == [
        "warehouse_keeper",
        "store_manager",
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"entries": []}, 400),
        ({"entries": [{"item": "door", "value": "yes"}]}, 400),
        ({"entries": [{**made("door", "yes"), "by": "me"}]}, 400),
        ({"entries": [made("door", "no")]}, 422),
        ({"entries": [made("other", "no")]}, 400),
    ],
)
def test_what_cannot_be_taken_leaves_nothing(
    people: Team, sheet: SheetInfo, body: dict[str, Any], status: int
) -> None:
    got = Caller(people.keeper).post(f"sheets/{sheet.id}/answers/", body)

    assert got.status_code == status, got.content
    assert not Answer.objects.exists()


def test_sheets_of_other_places_are_404_and_readers_may_not_fill(
    people: Team, sheet: SheetInfo
) -> None:
    other = Sheet.objects.exclude(pk=sheet.id).get()
    body = {"entries": [made("door", "yes")]}

    assert Caller(people.keeper).get(f"sheets/{other.pk}/").status_code == 404
    assert Caller(people.keeper).post(f"sheets/{other.pk}/answers/", body).status_code == 404
    assert Caller(people.auditor).post(f"sheets/{sheet.id}/answers/", body).status_code == 403
    assert not Answer.objects.exists()


def test_a_case_is_put_right_and_closed(people: Team, sheet: SheetInfo) -> None:
    keeper, manager = Caller(people.keeper), Caller(people.manager)
    keeper.post(f"sheets/{sheet.id}/answers/", {"entries": [made("door", "no", "坏")]})
    [case] = keeper.get("sheets/cases/?state=open").json()["results"]

    keeper.post(f"sheets/cases/{case['id']}/remedy/", {"cause": "旧", "remedy": "换"})
    closed = manager.post(f"sheets/cases/{case['id']}/close/", {"note": "好"})

    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert Case.objects.get().closing_note == "好"


@pytest.mark.parametrize("value", [[], {}, ["yes"], 1, True, "perhaps"])
def test_a_choice_that_is_none_is_refused_where_it_stands(
    people: Team, sheet: SheetInfo, value: object
) -> None:
    entries = [made("heat", "5"), made("door", value)]

    refused = Caller(people.keeper).post(f"sheets/{sheet.id}/answers/", {"entries": entries})

    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/entries/1"]
    assert not Answer.objects.exists()

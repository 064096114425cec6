"""Approvals over HTTP."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ops.engines.approvals.models import Decision, Request
from ops.engines.identity.models import User
from tests.engines.approvals.toys import People, people, submitted
from tests.engines.http.conftest import with_token

pytestmark = pytest.mark.django_db
URL = "/api/v1/approvals"


@pytest.fixture
def team() -> People:
    return people()


def post(user: User | APIClient, path: str, body: Any = None, **headers: str) -> Any:
    client = user if isinstance(user, APIClient) else with_token(user)
    return client.post(
        f"{URL}{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


def test_the_inbox_holds_what_the_caller_may_decide(team: People) -> None:
    request = submitted(team.requester, at=timezone.now())

    mine = with_token(team.supervisor).get(URL).json()["results"]

    assert [(item["id"], item["figures"]["change"]) for item in mine] == [(request.id, "-5.00")]
    assert with_token(team.manager).get(URL).json()["results"] == []
    own = with_token(team.requester)
    assert own.get(URL).json()["results"] == []
    assert [item["id"] for item in own.get(f"{URL}?view=mine").json()["results"]] == [request.id]
    assert own.get(f"{URL}?view=all").status_code == 400
    assert APIClient().get(URL).status_code == 401


def test_approving_returns_the_decision_and_a_key_makes_it_once(team: People) -> None:
    request = submitted(team.requester, at=timezone.now())
    api = with_token(team.supervisor)
    body = {"content_hash": request.content_hash}

    answers = [
        post(api, f"/{request.id}/approve", body, **{"Idempotency-Key": "k"}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    shown = answers[0].json()
    assert (shown["state"], shown["decisions"][0]["person_name"]) == ("approved", "supervisor")
    assert Decision.objects.count() == 1
    assert post(api, f"/{request.id}/approve", body).json()["code"] == "approvals.request_closed"


def test_the_requester_and_strangers_are_refused(team: People) -> None:
    request = submitted(team.requester, at=timezone.now())

    own = post(team.requester, f"/{request.id}/approve")
    other = post(team.manager, f"/{request.id}/approve")
    moved = post(team.supervisor, f"/{request.id}/approve", {"content_hash": "0" * 64})

    assert (own.status_code, own.json()["code"]) == (403, "approvals.own_request")
    assert (other.status_code, other.json()["code"]) == (403, "approvals.not_approver")
    assert (moved.status_code, moved.json()["code"]) == (409, "approvals.content_moved")
    assert Decision.objects.count() == 0


def test_a_request_nobody_showed_me_does_not_exist(team: People) -> None:
    request = submitted(team.requester, at=timezone.now())
    outsider = with_token(team.outsider)

    answers = [
        outsider.get(f"{URL}/{request.id}"),
        post(outsider, f"/{request.id}/approve"),
        post(outsider, f"/{request.id}/withdraw"),
        outsider.get(f"{URL}/{request.id + 1000}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.json()["code"] for answer in answers}) == 1


def test_return_needs_a_reason_and_withdraw_takes_back(team: People) -> None:
    one = submitted(team.requester, at=timezone.now())
    other = submitted(team.requester, subject_id=2, at=timezone.now())

    assert post(team.supervisor, f"/{one.id}/return").status_code == 400
    back = post(team.supervisor, f"/{one.id}/return", {"reason": "Too deep"})
    gone = post(team.requester, f"/{other.id}/withdraw")

    assert back.json()["state"] == "returned"
    assert back.json()["decisions"][0]["opinion"] == "Too deep"
    assert gone.json()["state"] == "withdrawn"


def test_a_question_and_its_answer(team: People) -> None:
    request = submitted(team.requester, at=timezone.now())

    asked = post(team.supervisor, f"/{request.id}/ask", {"question": "Why now?"})
    question_id = asked.json()["questions"][0]["id"]
    answered = post(
        team.requester, f"/{request.id}/answer", {"question_id": question_id, "answer": "Spring"}
    )

    assert answered.json()["questions"][0]["answer"] == "Spring"


def test_bulk_gives_each_request_its_own_result(team: People) -> None:
    good = submitted(team.requester, at=timezone.now())
    deep = submitted(
        team.requester, subject_id=2, figures={"lowest": Decimal(7)}, at=timezone.now()
    )
    own = submitted(team.supervisor, subject_id=3, at=timezone.now())
    items = [{"id": pk} for pk in (good.id, deep.id, own.id, 10**9)]

    answer = post(team.supervisor, "/bulk", {"items": items})

    assert [(r["request_id"], r["code"]) for r in answer.json()["results"]] == [
        (good.id, ""),
        (deep.id, ""),
        (own.id, "approvals.own_request"),
        (10**9, "approvals.request_missing"),
    ]
    assert Request.objects.get(pk=deep.id).step == 1
    too_many = [{"id": n} for n in range(1, 52)]
    assert post(team.supervisor, "/bulk", {"items": too_many}).status_code == 400


def test_unknown_fields_are_refused(team: People) -> None:
    request = submitted(team.requester, at=timezone.now())

    answer = post(team.supervisor, f"/{request.id}/approve", {"state": "approved"})

    assert answer.status_code == 400
    assert Request.objects.get().state == "submitted"

"""The service bypassed: what raw SQL by the app role may not do to approvals (S2)."""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from ops.engines.approvals import services
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.identity import services as identity_services
from ops.engines.identity.models import User
from tests.engines.approvals.toys import People, actor, people, refused_by, submitted
from tests.engines.identity.factories import AT, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db

INSERT = """
INSERT INTO approvals_decision (request_id, step, verdict, requester_person_id, decider_person_id,
    decider_user_id, decider_name, role, content_hash, figures, opinion, at)
VALUES (%(request)s, %(step)s, %(verdict)s, %(requester)s, %(decider)s, NULL, 'x',
    'operations_supervisor', %(hash)s, %(figures)s, %(opinion)s, now())
"""


@pytest.fixture
def team() -> People:
    return people()


@pytest.fixture
def request_(team: People) -> RequestInfo:
    return submitted(team.requester)


def decide(request: RequestInfo, decider: User, **changes: Any) -> None:
    values = {
        "request": request.id,
        "step": 0,
        "verdict": "approve",
        "requester": request.requester_person_id,
        "decider": decider.person_id,
        "hash": request.content_hash,
        "figures": json.dumps(dict(request.figures)),
        "opinion": "",
        **changes,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)


def name(request: RequestInfo, user: User, step: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_approver (request_id, step, person_id, role, level, named_at)"
            " VALUES (%s, %s, %s, 'operations_supervisor', 0, now()) ON CONFLICT DO NOTHING",
            [request.id, step, user.person_id],
        )


def update(request: RequestInfo, assignments: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE approvals_request SET {assignments} WHERE id = {request.id}")


APPROVED = "state = 'approved', closed_at = now()"


def test_the_honest_way_passes(team: People, request_: RequestInfo) -> None:
    decide(request_, team.supervisor)
    update(request_, APPROVED)

    assert Request.objects.get(pk=request_.id).state == "approved"


def test_self_decision_is_refused(team: People, request_: RequestInfo) -> None:
    name(request_, team.requester)

    with refused_by("decision_by_another_person"):
        decide(request_, team.requester)


def test_self_decision_by_a_second_account_is_refused(team: People, request_: RequestInfo) -> None:
    made = identity_services.create_account(
        person_id=team.requester.person_id, username="twin", password=PASSWORD, actor=SYSTEM, at=AT
    )
    twin = User.objects.get(pk=made.user_id)
    name(request_, twin)

    with refused_by("decision_by_another_person"):
        decide(request_, twin)


def test_a_decision_with_anothers_requester_is_refused(team: People, request_: RequestInfo) -> None:
    name(request_, team.requester)

    with refused_by("decision_cites_requester"):
        decide(request_, team.requester, requester=team.outsider.person_id)


def test_a_decision_with_another_hash_is_refused(team: People, request_: RequestInfo) -> None:
    with refused_by("decision_cites_content"):
        decide(request_, team.supervisor, hash="0" * 64)


def test_a_decision_with_the_hash_of_another_request_is_refused(
    team: People, request_: RequestInfo
) -> None:
    other = submitted(team.requester, subject_id=2, content={"lines": []})

    with refused_by("decision_cites_content"):
        decide(request_, team.supervisor, hash=other.content_hash)


def test_a_decision_with_other_figures_is_refused(team: People, request_: RequestInfo) -> None:
    with refused_by("decision_repeats_figures"):
        decide(request_, team.supervisor, figures='{"change": "0.00"}')


def test_a_decision_by_somebody_not_named_is_refused(team: People, request_: RequestInfo) -> None:
    with refused_by("decision_by_named_person"):
        decide(request_, team.outsider)


def test_a_decision_on_a_later_step_is_refused(team: People, request_: RequestInfo) -> None:
    name(request_, team.supervisor, step=1)

    with refused_by("decision_on_current_step"):
        decide(request_, team.supervisor, step=1)


def test_a_second_decision_on_a_step_is_refused(team: People, request_: RequestInfo) -> None:
    decide(request_, team.supervisor)
    name(request_, team.manager)

    with refused_by("decision_once_per_step"):
        decide(request_, team.manager)


def test_a_silent_return_is_refused(team: People, request_: RequestInfo) -> None:
    with refused_by("decision_says_why"):
        decide(request_, team.supervisor, verdict="return")


def test_an_opinion_does_not_pass_for_a_decision(team: People, request_: RequestInfo) -> None:
    with refused_by("decision_fits_step"):
        decide(request_, team.supervisor, verdict="opinion", opinion="fine")


def test_approved_without_decision_is_refused(request_: RequestInfo) -> None:
    with refused_by("request_approved_by_decisions"):
        update(request_, APPROVED)


def test_returned_without_decision_is_refused(request_: RequestInfo) -> None:
    with refused_by("request_returned_by_decision"):
        update(request_, "state = 'returned', closed_at = now()")


def test_withdrawn_after_a_decision_is_refused(team: People, request_: RequestInfo) -> None:
    decide(request_, team.supervisor)

    with refused_by("request_withdrawn_in_time"):
        update(request_, "state = 'withdrawn', closed_at = now()")


@pytest.mark.parametrize(
    "change",
    [
        "document = replace(document, '9.90', '1.90')",
        "requester_person_id = requester_person_id + 1",
        "requester_name = 'somebody else'",
        "flow = 'toy_count'",
        "steps = '[]'",
        "scope_ids = '{\"channel\": 7}'",
        "subject_id = 99",
        "kind = 'opening'",
        "submitted_at = now()",
    ],
)
def test_what_was_asked_cannot_change(request_: RequestInfo, change: str) -> None:
    with refused_by("request_content_fixed"):
        update(request_, change)


def test_edited_content_after_approval_is_refused(team: People, request_: RequestInfo) -> None:
    services.approve(
        request_id=request_.id,
        content_hash=request_.content_hash,
        actor=actor(team.supervisor),
        at=AT,
    )

    with refused_by("request_content_fixed"):
        update(request_, "document = replace(document, '9.90', '1.90')")
    with refused_by("request_closed_for_good"):
        update(request_, "state = 'submitted', closed_at = NULL")


def test_a_step_is_not_skipped(request_: RequestInfo) -> None:
    with refused_by("request_steps_in_order"):
        update(request_, "step = 1")


def _insert(**changes: str) -> None:
    values = {
        "flow": "'toy_price'",
        "kind": "'ordinary'",
        "subject_type": "'t'",
        "subject_id": "1",
        "number": "'n'",
        "title": "'t'",
        "document": '\'{"content":{},"figures":{}}\'',
        "content_hash": "encode(sha256('{\"content\":{},\"figures\":{}}'), 'hex')",
        "scope_ids": "'{}'",
        "requester_person_id": "(SELECT min(id) FROM identity_person)",
        "requester_name": "'x'",
        "submitted_at": "now()",
        "steps": '\'[{"role": "executive", "area": "ops", "opinion": false, "hours": 1}]\'',
        "state": "'submitted'",
        "step": "0",
        "level": "0",
        "barred_person_ids": "'[]'",
        "counted_key": "''",
        **changes,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO approvals_request ({', '.join(values)})"
            f" VALUES ({', '.join(values.values())})"
        )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"state": "'approved'", "closed_at": "now()"}, "request_starts_submitted"),
        ({"steps": "'[]'"}, "request_ends_in_decision"),
        ({"content_hash": "repeat('0', 64)"}, "request_hash_is_of_document"),
        ({"requester_person_id": "NULL"}, "request_opening_has_no_requester"),
        (
            {"kind": "'opening'", "state": "'approved'", "closed_at": "now()"},
            "request_opening_has_no_requester",
        ),
        ({"closed_at": "now()"}, "request_closed_when_decided"),
        ({"state": "'maybe'", "kind": "'opening'"}, "request_closed_when_decided"),
    ],
)
def test_a_request_cannot_be_born_wrong(team: People, changes: dict[str, str], rule: str) -> None:
    with refused_by(rule):
        _insert(**changes)


def test_decisions_and_approvers_are_append_only(team: People, request_: RequestInfo) -> None:
    decide(request_, team.supervisor)

    for statement in (
        "UPDATE approvals_decision SET opinion = 'never said'",
        "DELETE FROM approvals_decision",
        "TRUNCATE approvals_decision",
        "UPDATE approvals_approver SET person_id = 1",
        "DELETE FROM approvals_approver",
        "DELETE FROM approvals_request",
        "TRUNCATE approvals_request CASCADE",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    assert Decision.objects.count() == 1

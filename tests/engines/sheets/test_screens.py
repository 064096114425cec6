"""The screens of checks and forms, as a browser without scripts sees them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ops.engines.approvals.models import Request
from ops.engines.identity.models import User
from ops.engines.sheets import selectors
from ops.engines.sheets.models import Answer, Case, Sheet, Signature
from ops.engines.sheets.types import SheetInfo
from tests.engines.sheets.test_filling import PNG
from tests.engines.sheets.toys import Team, answer, entry, fill, sign
from tests.screens.conftest import session_of

pytestmark = pytest.mark.django_db


@pytest.fixture(name="enter")
def fixture_enter() -> Callable[[User], Client]:
    """Return a function that signs a browser in."""

    def enter(user: User) -> Client:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    return enter


def put(
    client: Client,
    sheet: SheetInfo,
    item: str,
    value: object,
    note: str = "",
    **more: object,
) -> Any:
    body = {
        "item": item,
        "value": json.dumps(value),
        "note": note,
        "client_id": str(uuid.uuid4()),
        "entered_at": "2026-11-21T04:00:00Z",
        **more,
    }
    return client.post(f"/sheets/{sheet.id}/fill/", body)


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/sheets/", {"keeper": 200, "manager": 200, "auditor": 200}),
        ("/sheets/?tab=late", {"keeper": 200}),
        ("/sheets/{id}/", {"keeper": 200, "manager": 200, "auditor": 200}),
        ("/sheets/{id}/fill/", {"keeper": 200}),
        ("/sheets/{id}/print/", {"keeper": 200, "auditor": 200}),
        ("/sheets/{other}/", {"keeper": 404, "manager": 200}),
        ("/sheets/{other}/fill/", {"keeper": 404}),
        ("/sheets/{other}/print/", {"keeper": 404}),
        ("/sheets/cases/", {"keeper": 200}),
        ("/sheets/kinds/", {"keeper": 200}),
        ("/sheets/kinds/toy_check/", {"keeper": 200}),
        ("/sheets/kinds/toy_check/change/", {"keeper": 200}),
        ("/sheets/kinds/none/", {"keeper": 404}),
        ("/sheets/new/", {"keeper": 200}),
        ("/sheets/worker.js", {"keeper": 200}),
        ("/", {"keeper": 200, "manager": 200}),
    ],
)
def test_screens_open_for_whom_they_should(
    people: Team,
    sheet: SheetInfo,
    enter: Callable[[User], Client],
    path: str,
    statuses: dict[str, int],
) -> None:
    other = Sheet.objects.exclude(pk=sheet.id).get().pk
    for name, status in statuses.items():
        got = enter(getattr(people, name)).get(path.format(id=sheet.id, other=other))
        assert (name, got.status_code) == (name, status)


def test_entries_come_up_once_and_are_told_back(
    people: Team, sheet: SheetInfo, enter: Callable[[User], Client]
) -> None:
    client = enter(people.keeper)
    key = str(uuid.uuid4())
    first = put(client, sheet, "door", "yes", client_id=key)
    again = put(client, sheet, "door", "yes", client_id=key)
    wrong = put(client, sheet, "door", "perhaps")

    assert (first.status_code, again.status_code, wrong.status_code) == (200, 200, 400)
    assert first.json() == {"seen": Answer.objects.get().pk, "done": 1, "state": "open"}
    assert Answer.objects.count() == 1


def test_a_photo_goes_up_with_its_entry_and_is_shown(
    people: Team, sheet: SheetInfo, enter: Callable[[User], Client]
) -> None:
    client = enter(people.keeper)
    got = put(client, sheet, "view", "", photo=SimpleUploadedFile("a.png", PNG))
    assert got.status_code == 200, got.content

    [kept] = selectors.answers(sheet_id=sheet.id)["view"].value
    page = client.get(f"/sheets/{sheet.id}/").content.decode()
    photo = client.get(f"/sheets/photos/{kept['id']}/")

    assert f"/sheets/photos/{kept['id']}/" in page
    assert b"".join(photo.streaming_content) == PNG  # type: ignore[attr-defined]
    assert enter(people.second_keeper).get(f"/sheets/photos/{kept['id']}/").status_code == 200


def test_signing_takes_the_hash_the_page_showed(
    people: Team, sheet: SheetInfo, enter: Callable[[User], Client]
) -> None:
    fill(sheet, people.actor("keeper"))
    client = enter(people.keeper)
    page = client.get(f"/sheets/{sheet.id}/").content.decode()
    shown = page.split('name="digest" value="')[1][:64]
    answer(sheet, people.actor("second_keeper"), entry("heat", "6"))

    client.post(f"/sheets/{sheet.id}/sign/", {"digest": shown})
    assert not Signature.objects.exists()

    page = client.get(f"/sheets/{sheet.id}/").content.decode()
    client.post(
        f"/sheets/{sheet.id}/sign/", {"digest": page.split('name="digest" value="')[1][:64]}
    )
    assert Signature.objects.get().person_id == people.keeper.person_id


def test_a_case_is_settled_on_screen(
    people: Team, sheet: SheetInfo, enter: Callable[[User], Client]
) -> None:
    answer(sheet, people.actor("keeper"), entry("door", "no", "锁坏"))
    case = Case.objects.get()

    enter(people.keeper).post(
        f"/sheets/cases/{case.pk}/", {"action": "remedy", "cause": "老化", "remedy": "换锁"}
    )
    enter(people.manager).post(f"/sheets/cases/{case.pk}/", {"action": "close", "note": "已看"})

    case.refresh_from_db()
    assert (case.state, case.closed_by_id) == ("closed", people.manager.person_id)


def test_other_items_are_asked_for_on_screen(
    people: Team, sheet: SheetInfo, enter: Callable[[User], Client]
) -> None:
    got = enter(people.keeper).post(
        "/sheets/kinds/toy_check/change/",
        {
            "valid_from": timezone.localdate().isoformat(),
            "reason": "少问",
            "items-1-key": "door",
            "items-1-title": "门已锁",
            "items-1-kind": "yes_no",
            "items-1-required": "on",
            "items-1-abnormal": "no",
            "items-2-key": "heat",
            "items-2-title": "温度",
            "items-2-kind": "number",
            "items-2-least": "2",
            "items-2-most": "8",
        },
    )

    assert got.status_code == 302, got.content.decode()[:3000]
    asked = Request.objects.get(flow="sheet_toy_check")
    assert [each["key"] for each in asked.content["items"]] == ["door", "heat"]


def test_the_paper_carries_entries_hands_and_hash(
    people: Team, sheet: SheetInfo, enter: Callable[[User], Client]
) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))
    sign(sheet, people.actor("manager"))

    got = enter(people.auditor).get(f"/sheets/{sheet.id}/print/")

    assert got["Content-Type"] == "application/pdf"
    assert got.content.startswith(b"%PDF-")
    assert len(got.content) > 5_000

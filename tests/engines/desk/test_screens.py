"""The shell's doors: who gets in, what it costs, what a refusal says."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ops.engines.audit.models import Fact
from ops.engines.desk import drafts
from ops.engines.desk.declarations import NavEntry, registry
from ops.engines.desk.models import Draft
from ops.engines.desk.shell import Frame
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.notices import services as notices
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import SYSTEM, account

PAGES = ["/", "/inbox/", "/approvals/", "/reports/", "/imports/", "/runs/", "/more/", "/find/"]
Enter = Callable[[User], Client]


@pytest.fixture
def manager(db: None) -> User:
    return account("王敏", Role.OPERATIONS_MANAGER)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_sign_in_page(db: None, path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_few_queries(manager: User, enter: Enter, path: str) -> None:
    client = enter(manager)
    client.get(path)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200

    assert len(asked) <= 14, [query["sql"][:90] for query in asked]


def test_the_desk_itself_leaves_room_for_the_cards_of_apps(
    manager: User, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {key: registry.cards[key] for key in ("approvals", "my-requests")}
    monkeypatch.setattr(registry, "cards", own)
    client = enter(manager)
    client.get("/")

    with CaptureQueriesContext(connection) as asked:
        client.get("/")

    assert len(asked) <= 7, [query["sql"][:90] for query in asked]


def test_pages_carry_no_inline_script_and_a_strict_policy(manager: User, enter: Enter) -> None:
    answer = enter(manager).get("/approvals/")

    body = answer.content.decode()
    rules = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part
    )
    assert "unsafe" not in rules["script-src"]
    assert "onclick=" not in body
    assert "hx-on" not in body
    assert "<script>" not in body


def test_the_poll_says_nothing_new_twice(manager: User, enter: Enter) -> None:
    client = enter(manager)
    notices.notify(
        kind="act", title="Look", person_ids=[manager.person_id], actor=SYSTEM, at=timezone.now()
    )

    first = client.get("/inbox/poll/")
    second = client.get("/inbox/poll/", headers={"If-None-Match": first["ETag"]})

    assert ">1<" in first.content.decode()
    assert len(first.content) < 1024
    assert second.status_code == 304


def test_an_acknowledged_notice_leaves_the_inbox(manager: User, enter: Enter) -> None:
    client = enter(manager)
    notices.notify(
        kind="act",
        title="Look",
        link="/runs/",
        person_ids=[manager.person_id],
        actor=SYSTEM,
        at=timezone.now(),
    )
    page = client.get("/inbox/").content.decode()
    number = page.split('name="notice" value="')[1].split('"')[0]

    answer = client.post("/inbox/", {"notice": number, "to": "/runs/"})

    assert answer["Location"] == "/runs/"
    assert "Look" not in client.get("/inbox/").content.decode()


def test_the_inbox_leads_nowhere_foreign(manager: User, enter: Enter) -> None:
    answer = enter(manager).post("/inbox/", {"to": "//elsewhere.example/"})

    assert answer["Location"] == "/inbox/"


@pytest.mark.clause("SYS-6.3-02")
def test_a_job_page_needs_the_right_and_the_refusal_is_recorded(db: None, enter: Enter) -> None:
    seller = account("卖家", Role.SELLER)

    answer = enter(seller).get("/jobs/")

    assert answer.status_code == 403
    assert Fact.objects.filter(action="http.denied", person_id=seller.person_id).count() == 1


def test_single_letter_keys_can_be_switched_off(manager: User, enter: Enter) -> None:
    client = enter(manager)

    client.post("/keys/", {"next": "/more/"})

    assert 'data-keys="off"' in client.get("/more/").content.decode()


def test_at_most_seven_entries_stand_first(manager: User, rf: object) -> None:
    actor = identity.actor_for(manager, at=timezone.now())
    kept = dict(registry.entries)
    for number in range(12):
        key = f"test-{number}"
        registry.entries[key] = NavEntry(
            key=key,
            title=key,
            url_name="desk:more",
            policy=SIGNED_IN,
            roles=(Role.OPERATIONS_MANAGER,),
            order=number,
        )
    try:
        frame = Frame.__new__(Frame)
        frame.actor, frame.screen, frame.at = actor, None, timezone.now()
        frame.__dict__["current"] = "desk"
        frame.__dict__["approvals"] = 0
        first = [entry.key for entry in frame.first]
        rest = [entry.key for group in frame.more for entry in group.entries]
    finally:
        registry.entries.clear()
        registry.entries.update(kept)

    assert len(first) == 7
    assert "test-11" in rest


def test_a_draft_is_kept_for_its_writer_alone(manager: User, enter: Enter) -> None:
    other = account("陈立", Role.OPERATIONS_MANAGER)
    actor = identity.actor_for(manager, at=timezone.now())
    Draft.objects.create(user=other, form="/x/", body={"a": "1"}, saved_at=timezone.now())

    assert drafts.kept(form="/x/", actor=actor, at=timezone.now()) is None

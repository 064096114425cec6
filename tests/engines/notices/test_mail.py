"""Mail of notices: once, on time, by wish, retried, and nothing told in a subject line."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.utils import translation

from ops.engines.identity import selectors as identity
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import BUSINESS_ZONE
from ops.engines.notices import rules, selectors, services
from ops.engines.notices.choices import MailState
from ops.engines.notices.models import MailPreference, Notice, NoticeMail
from ops.engines.notices.services import mailing
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db
WISHES: dict[str, Any] = {
    "address": "reader@example.com",
    "act_mode": "now",
    "fyi_mode": "daily",
    "run_mode": "never",
    "digest_hour": 18,
}


def actor(user: User) -> Actor:
    return identity.actor_for(user, at=AT)


def wishing(name: str = "reader", **more: Any) -> User:
    user = account(name)
    services.prefer(**(WISHES | more), actor=actor(user), at=AT)
    return user


def tell(user: User, kind: str = "act", **more: Any) -> int:
    given: dict[str, Any] = {
        "kind": kind,
        "title": "A request waits for your decision: %(number)s",
        "params": {"number": "TOY-1"},
        "link": "/toys/1/",
        "person_ids": [user.person_id],
        "actor": SYSTEM,
        "at": AT,
    }
    return services.notify(**(given | more))


def states() -> list[str]:
    return list(NoticeMail.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Let the server refuse while the switch says so."""
    switch = {"refuses": True}
    send = EmailBackend.send_messages

    def maybe(self: EmailBackend, messages: list[Any]) -> int:
        if switch["refuses"]:
            raise ConnectionRefusedError
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", maybe)
    return switch


def test_a_key_tells_a_person_once() -> None:
    user = wishing()

    first = tell(user, effect_key="toys.toy:1:due")
    again = tell(user, effect_key="toys.toy:1:due")

    assert (first, again) == (1, 0)
    assert Notice.objects.count() == NoticeMail.objects.count() == 1


def test_the_database_refuses_a_second_notice_and_a_second_mail_of_one_effect() -> None:
    user = wishing()
    tell(user, effect_key="toys.toy:1:due")
    notice = Notice.objects.get()

    with refused_by("notice_told_once"):
        Notice.objects.create(
            person=user.person, kind="act", title="x", effect_key="toys.toy:1:due", created_at=AT
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeMail.objects.create(notice=notice, person=user.person, due_at=AT)

    assert (Notice.objects.count(), NoticeMail.objects.count()) == (1, 1)


def test_a_message_goes_out_once_and_says_who_it_is() -> None:
    user = wishing()
    tell(user)
    tell(user, title="Second")

    first = services.send_due(at=AT)
    again = services.send_due(at=AT + timedelta(minutes=1))

    [message] = mail.outbox
    assert (first.sent, again.sent) == (1, 0)
    assert message.to == ["reader@example.com"]
    assert "TOY-1" in message.body
    assert "/toys/1/" in message.body
    assert "Second" in message.body
    assert message.extra_headers["Message-ID"].startswith("<")
    assert states() == [MailState.SENT, MailState.SENT]


def test_a_subject_line_holds_no_name_and_no_amount() -> None:
    user = wishing(fyi_mode="now")
    canaries = {"name": "金丝雀", "amount": "98765.43", "number": "PO-202611-4711"}
    for kind, alarm in (("act", False), ("fyi", False), ("act", True)):
        tell(
            user,
            kind,
            title="%(name)s %(amount)s %(number)s",
            body="%(name)s %(amount)s",
            params=canaries,
            subject="toys.canary:4711",
            is_alarm=alarm,
        )
        services.send_due(at=AT)

    subjects = [message.subject for message in mail.outbox]

    assert len(subjects) == 3
    for canary in (*canaries.values(), "98765", "4711", "reader"):
        assert all(canary not in subject for subject in subjects)
    assert "金丝雀" in mail.outbox[0].body


def test_mail_speaks_the_readers_language() -> None:
    user = wishing(language="en")
    tell(user)

    with translation.override("zh-hans"):
        services.send_due(at=AT)

    assert mail.outbox[0].subject == "Guifan: 1 thing to act on"


def test_what_was_done_before_is_not_mailed() -> None:
    user = wishing()
    tell(user, subject="toys.toy:1")
    services.settle(subject="toys.toy:1", at=AT)

    done = services.send_due(at=AT)

    assert (done.sent, done.dropped, mail.outbox) == (0, 1, [])
    assert states() == [MailState.DROPPED]


def test_the_days_news_come_in_one_message_at_the_chosen_hour() -> None:
    user = wishing()
    tell(user, "fyi", title="One")
    tell(user, "fyi", title="Two", at=AT + timedelta(hours=2))

    early = services.send_due(at=datetime(2026, 11, 21, 9, 59, tzinfo=UTC))
    on_time = services.send_due(at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC))  # 18:00 in Shanghai

    assert (early.sent, on_time.sent) == (0, 1)
    assert "One" in mail.outbox[0].body
    assert "Two" in mail.outbox[0].body


def test_quiet_hours_hold_mail_back_but_no_alarm() -> None:
    user = wishing(quiet_from=11, quiet_until=14)  # AT is 12:00 in Shanghai
    tell(user)
    tell(user, title="Fire", is_alarm=True)

    services.send_due(at=AT)
    assert ["Fire" in message.body for message in mail.outbox] == [True]
    services.send_due(at=AT + timedelta(hours=2))

    assert len(mail.outbox) == 2


def test_an_alarm_counts_who_acknowledged_and_is_not_settled_for_others() -> None:
    one, two = account("one"), account("two")
    services.notify(
        kind="act",
        title="Too warm",
        subject="toys.alarm:1",
        is_alarm=True,
        person_ids=[one.person_id, two.person_id],
        actor=SYSTEM,
        at=AT,
    )

    settled = services.settle(subject="toys.alarm:1", at=AT)
    services.acknowledge(notice_id=selectors.inbox(actor=actor(one))[0].id, actor=actor(one), at=AT)

    standing = selectors.alarm(subject="toys.alarm:1")
    assert settled == 0
    assert (standing.told, standing.acknowledged) == (2, 1)
    assert standing.waiting == ((two.person_id, "two"),)


def test_an_alarm_is_something_to_act_on() -> None:
    user = account("reader")

    with pytest.raises(ValueError, match="alarm"):
        tell(user, "fyi", is_alarm=True)
    with refused_by("notice_alarm_is_to_act_on"):
        Notice.objects.create(
            person=user.person, kind="fyi", title="x", is_alarm=True, created_at=AT
        )

    assert not Notice.objects.exists()


def test_a_server_that_refuses_is_tried_again_later_and_later(refusing: dict[str, bool]) -> None:
    user = wishing()
    tell(user)

    services.send_due(at=AT)
    row = NoticeMail.objects.get()
    first = (row.state, row.attempts, row.due_at - AT, row.error)
    services.send_due(at=AT + timedelta(minutes=1))
    services.send_due(at=AT + timedelta(minutes=2))
    row.refresh_from_db()
    second = (row.attempts, row.due_at - AT)
    refusing["refuses"] = False
    services.send_due(at=AT + timedelta(minutes=6))

    assert first == (MailState.WAITING, 1, timedelta(minutes=2), "ConnectionRefusedError")
    assert second == (2, timedelta(minutes=6))
    assert len(mail.outbox) == 1
    assert states() == [MailState.SENT]


def test_after_eight_tries_mail_is_parked(refusing: dict[str, bool]) -> None:
    user = wishing()
    tell(user)

    for hours in range(10):
        services.send_due(at=AT + timedelta(hours=12 * hours))

    row = NoticeMail.objects.get()
    assert (row.state, row.attempts) == (MailState.PARKED, mailing.MOST_ATTEMPTS)


def test_mail_a_dead_worker_left_goes_out_under_the_same_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = wishing()
    tell(user)
    monkeypatch.setattr(mailing, "_mark", lambda *_given: None)  # the worker dies after sending
    services.send_due(at=AT)
    monkeypatch.undo()

    soon = services.send_due(at=AT + timedelta(minutes=5))
    later = services.send_due(at=AT + timedelta(minutes=10))

    ids = {message.extra_headers["Message-ID"] for message in mail.outbox}
    assert (soon.sent, later.sent, len(mail.outbox), len(ids)) == (0, 1, 2, 1)


def test_the_address_is_sealed_and_goes_when_taken_back() -> None:
    user = wishing()
    tell(user)
    kept = MailPreference.objects.get()

    assert "example.com" not in kept.address
    services.prefer(**(WISHES | {"address": ""}), actor=actor(user), at=AT)

    assert not MailPreference.objects.exists()
    assert not NoticeMail.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"address": "nobody"}, "notices.address"), ({"quiet_from": 22}, "notices.quiet")],
)
def test_wishes_that_cannot_be_are_refused(wrong: dict[str, Any], code: str) -> None:
    user = account("reader")

    with pytest.raises(BadInput) as refusal:
        services.prefer(**(WISHES | wrong), actor=actor(user), at=AT)

    assert refusal.value.code == code
    assert not MailPreference.objects.exists()


@pytest.mark.parametrize(
    ("hour", "first", "until", "quiet"),
    [(23, 22, 7, True), (3, 22, 7, True), (7, 22, 7, False), (12, 22, 7, False), (12, 9, 13, True)],
)
def test_quiet_hours_may_go_over_midnight(
    hour: int, first: int, until: int, *, quiet: bool
) -> None:
    local = dt.datetime(2026, 11, 21, hour, 30, tzinfo=BUSINESS_ZONE)

    assert rules.is_quiet(local, first, until) is quiet


def test_who_wishes_nothing_gets_no_mail() -> None:
    tell(account("reader"))

    assert not NoticeMail.objects.exists()

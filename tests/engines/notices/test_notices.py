"""Notices: told once, in the reader's language, out of the way when done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.kernel.actor import Actor
from ops.engines.notices import errors, selectors, services
from ops.engines.notices.models import Notice
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db


def actor(user: User) -> Actor:
    return identity.actor_for(user, at=AT)


def tell(*users: User, kind: str = "act", subject: str = "toys.toy:1") -> int:
    return services.notify(
        person_ids=[user.person_id for user in users],
        kind=kind,
        title="A request waits for your decision: %(number)s",
        params={"number": "TOY-1"},
        link="/toys/1/",
        subject=subject,
        actor=SYSTEM,
        at=AT,
    )


def test_each_reader_sees_their_own_language() -> None:
    reader = account("reader")
    tell(reader)

    with translation.override("en"):
        [notice] = selectors.inbox(actor=actor(reader))

    assert notice.title == "A request waits for your decision: TOY-1"
    assert (notice.link, notice.subject, notice.created_at) == ("/toys/1/", "toys.toy:1", AT)


def test_a_message_without_values_may_hold_a_percent_sign() -> None:
    reader = account("reader")
    services.notify(
        person_ids=[reader.person_id], kind="fyi", title="100% counted", actor=SYSTEM, at=AT
    )

    [notice] = selectors.inbox(actor=actor(reader))

    assert notice.title == "100% counted"


def test_what_is_done_leaves_every_inbox() -> None:
    one, other = account("one"), account("other")
    tell(one, other)
    tell(one, subject="toys.toy:2")
    tell(one, kind="fyi")

    closed = services.settle(subject="toys.toy:1", at=AT)

    assert closed == 2
    counts = selectors.counts(actor=actor(one))
    assert (counts.act, counts.fyi, counts.run) == (1, 1, 0)
    assert selectors.counts(actor=actor(other)).act == 0


def test_reading_and_acknowledging_keep_the_first_moment() -> None:
    reader = account("reader")
    tell(reader)
    [notice] = selectors.inbox(actor=actor(reader))
    later = AT + timedelta(hours=1)

    services.read(notice_id=notice.id, actor=actor(reader), at=AT)
    services.acknowledge(notice_id=notice.id, actor=actor(reader), at=later)
    services.acknowledge(notice_id=notice.id, actor=actor(reader), at=later + timedelta(hours=1))

    row = Notice.objects.get(pk=notice.id)
    assert (row.read_at, row.acknowledged_at) == (AT, later)
    assert selectors.inbox(actor=actor(reader)) == []
    assert len(selectors.inbox(actor=actor(reader), open_only=False)) == 1


def test_another_persons_notice_does_not_exist() -> None:
    reader, outsider = account("reader"), account("outsider")
    tell(reader)
    [notice] = selectors.inbox(actor=actor(reader))

    for act in (services.read, services.acknowledge):
        with pytest.raises(errors.NoticeMissing):
            act(notice_id=notice.id, actor=actor(outsider), at=AT)

    row = Notice.objects.get(pk=notice.id)
    assert (row.read_at, row.acknowledged_at) == (None, None)


def test_a_role_is_told_where_it_works() -> None:
    here = Department.objects.create(code="here", name="here")
    there = Department.objects.create(code="there", name="there")
    near = account("near", Role.DEPARTMENT_HEAD, department_id=here.pk)
    account("far", Role.DEPARTMENT_HEAD, department_id=there.pk)

    told = services.notify(
        role=Role.DEPARTMENT_HEAD,
        area="ops",
        scope=("department", here.pk),
        kind="act",
        title="x",
        actor=SYSTEM,
        at=AT,
    )

    assert told == 1
    assert selectors.counts(actor=actor(near)).act == 1


def test_nobody_is_informed_of_their_own_doing() -> None:
    doer, other = account("doer"), account("other")

    told = services.notify(
        person_ids=[doer.person_id, other.person_id],
        kind="fyi",
        title="x",
        actor=actor(doer),
        at=AT,
    )

    assert told == 1
    assert selectors.counts(actor=actor(doer)).fyi == 0


def test_the_inbox_pages_and_costs_one_query() -> None:
    reader = account("reader")
    for number in range(5):
        tell(reader, subject=f"toys.toy:{number}")
    who = actor(reader)

    with CaptureQueriesContext(connection) as queries:
        first = selectors.inbox(actor=who, limit=3)
    rest = selectors.inbox(actor=who, before_id=first[-1].id)

    assert len(queries) == 1
    assert [notice.subject for notice in first + rest] == [
        f"toys.toy:{n}" for n in range(4, -1, -1)
    ]


def test_links_stay_in_the_house() -> None:
    reader = account("reader")

    for link in ("//elsewhere.example/", "https://elsewhere.example/"):
        with refused_by("notice_link_stays_here"):
            Notice.objects.create(
                person_id=reader.person_id, kind="fyi", title="x", link=link, created_at=AT
            )
    with refused_by("notice_kind_known"):
        Notice.objects.create(person_id=reader.person_id, kind="ad", title="x", created_at=AT)

"""Pages by keyset: every row once, forth and back, whatever changes in between."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.engines.desk.keyset import ListPage, page_of
from ops.engines.identity.models import User
from ops.engines.kernel.errors import BadInput
from ops.engines.notices.models import Notice
from tests.engines.identity.factories import account

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ORDERS = {"at": "created_at"}


@pytest.fixture
def reader(db: None) -> User:
    user = account("reader")
    Notice.objects.bulk_create(
        # Five notices share each moment: the id decides between them.
        [
            Notice(
                person=user.person,
                kind="fyi",
                title=f"n{n}",
                created_at=AT + timedelta(minutes=n // 5),
            )
            for n in range(23)
        ]
    )
    return user


def _page(order: str = "at", *, after: str = "", before: str = "") -> ListPage:
    return page_of(
        Notice.objects.all(), orders=ORDERS, order=order, limit=10, after=after, before=before
    )


@pytest.mark.parametrize("order", ["at", "-at"])
def test_every_row_comes_once(reader: User, order: str) -> None:
    seen: list[str] = []
    page = _page(order)
    seen += [row.title for row in page.rows]
    while page.after:
        page = _page(order, after=page.after)
        seen += [row.title for row in page.rows]

    wanted = [f"n{n}" for n in range(23)]
    assert seen == (wanted if order == "at" else wanted[::-1])


def test_back_leads_to_the_same_rows(reader: User) -> None:
    first = _page()
    second = _page(after=first.after)

    back = _page(before=second.before)

    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]
    assert back.before == ""


def test_a_new_row_shifts_nothing(reader: User) -> None:
    first = _page()
    Notice.objects.create(
        person=reader.person, kind="fyi", title="early", created_at=AT - timedelta(days=1)
    )

    second = _page(after=first.after)

    assert [row.title for row in second.rows] == [f"n{n}" for n in range(10, 20)]


def test_few_rows_are_counted_exactly(reader: User) -> None:
    count = _page().count

    assert count is not None
    assert (count.number, count.is_exact) == (23, True)


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WyJ0Iiwibm90IGEgZGF0ZSIsMV0"])
def test_a_damaged_address_is_refused(reader: User, cursor: str) -> None:
    with pytest.raises(BadInput):
        _page(after=cursor)

"""Numbers have no gaps, whoever asks at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from ops.engines.numbering import services
from ops.engines.numbering.models import Counter

AT = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


_INSERT = "INSERT INTO numbering_counter (series, period, last) VALUES "


def _run(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


@pytest.mark.django_db
def test_numbers_follow_each_other_within_series_and_month() -> None:
    assert services.take("PO", at=AT, count=2) == ["PO-202611-0001", "PO-202611-0002"]
    assert services.take_one("PO", at=AT) == "PO-202611-0003"
    assert services.take_one("SO", at=AT) == "SO-202611-0001"


@pytest.mark.django_db
def test_the_month_is_the_business_month() -> None:
    before, after = (
        datetime(2026, 10, 31, 15, 59, tzinfo=UTC),
        datetime(2026, 10, 31, 16, tzinfo=UTC),
    )

    assert services.take_one("PO", at=before) == "PO-202610-0001"
    assert services.take_one("PO", at=after) == "PO-202611-0001"


@pytest.mark.django_db
def test_more_than_four_digits_are_written_out() -> None:
    assert services.take("PO", at=AT, count=10_001)[-1] == "PO-202611-10001"


@pytest.mark.django_db
@pytest.mark.parametrize(("series", "count"), [("po", 1), ("", 1), ("P O", 1), ("PO", 0)])
def test_odd_series_and_counts_are_refused(series: str, count: int) -> None:
    with pytest.raises(ValueError, match="no numbers"):
        services.take(series, at=AT, count=count)

    assert not Counter.objects.exists()


def test_a_rolled_back_number_is_given_again(own_database: object) -> None:
    with transaction.atomic():
        services.take_one("PO", at=AT)
        transaction.set_rollback(True)

    with transaction.atomic():
        assert services.take_one("PO", at=AT) == "PO-202611-0001"
    with pytest.raises(RuntimeError, match="transaction"):
        services.take_one("PO", at=AT)


def test_numbers_taken_at_once_are_all_different_and_gapless(own_database: object) -> None:
    def take_some(_worker: int) -> list[str]:
        try:
            taken = []
            for _ in range(10):
                with transaction.atomic():
                    taken += services.take("PO", at=AT, count=2)
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = sorted(number for numbers in pool.map(take_some, range(4)) for number in numbers)

    assert taken == [f"PO-202611-{n:04d}" for n in range(1, 81)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("UPDATE numbering_counter SET last = 2", "only goes up"),
        ("UPDATE numbering_counter SET period = '202612'", "permission denied"),
        ("DELETE FROM numbering_counter", "permission denied"),
        (_INSERT + "('PO', '202611', 9)", "once"),
        (
            "INSERT INTO numbering_counter (series, period, last) VALUES ('po', '202611', 1)",
            "prefix",
        ),
        (_INSERT + "('A', '202613', 1)", "month"),
        (_INSERT + "('A', '202611', 0)", "one"),
    ],
)
def test_the_database_keeps_counters_honest(statement: str, claim: str) -> None:
    services.take("PO", at=AT, count=3)

    with pytest.raises(DatabaseError, match=claim), transaction.atomic():
        _run(statement)

    assert services.take_one("PO", at=AT) == "PO-202611-0004"

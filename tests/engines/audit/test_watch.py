"""The watch over silent writes sees them (promise S22)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from ops.engines.audit import services as audit
from ops.engines.identity.models import Department
from ops.engines.kernel.actor import Actor
from tests.engines.audit.test_sealing import AT
from tests.support.trail_watch import watched

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def tell() -> None:
    audit.record(actor=SYSTEM, at=AT, action="tests.done")


def test_a_write_with_its_fact_in_one_transaction_is_not_silent() -> None:
    with watched() as watch, transaction.atomic():
        Department.objects.create(code="a", name="a")
        tell()

    assert watch.silent() == set()


def test_a_write_without_a_fact_is_silent() -> None:
    with watched() as watch, transaction.atomic():
        Department.objects.create(code="a", name="a")

    assert watch.silent() == {"identity_department"}


def test_a_fact_in_another_transaction_does_not_count() -> None:
    with watched() as watch:
        with transaction.atomic():
            Department.objects.create(code="a", name="a")
        with transaction.atomic():
            tell()

    assert watch.silent() == {"identity_department"}


def test_a_nested_transaction_belongs_to_the_one_around_it() -> None:
    with watched() as watch, transaction.atomic():
        with transaction.atomic():
            Department.objects.create(code="a", name="a")
        tell()

    assert watch.silent() == set()


def test_what_was_rolled_back_is_not_written() -> None:
    with watched() as watch, transaction.atomic():
        Department.objects.create(code="a", name="a")
        transaction.set_rollback(True)

    assert watch.silent() == set()


def test_reading_is_no_writing() -> None:
    with watched() as watch, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_department")
        list(Department.objects.select_for_update(no_key=True))

    assert watch.silent() == set()

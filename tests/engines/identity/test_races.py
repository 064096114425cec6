"""What holds when several try at once, or the owner of the database writes."""

import threading
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction

from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.errors import DutiesConflict
from ops.engines.identity.models import DutyAct

from .factories import AT, account


@pytest.mark.parametrize(
    ("administrator", "area", "letters", "note"),
    [
        (Role.INFORMATION_SUPERVISOR, "finance", "VP", ""),
        (Role.INFORMATION_SUPERVISOR, "catalog", "MA", ""),
        (Role.COMPLIANCE_OFFICER, "finance", "VP", "any"),
        (Role.AUDITOR, "inventory", "Vc", ""),
    ],
)
def test_the_database_gives_no_administrator_a_business_right(
    as_owner: Any, administrator: Role, area: str, letters: str, note: str
) -> None:
    with pytest.raises(psycopg2.Error) as refusal, as_owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_positionright (position_id, area, letters, note, written)"
            " SELECT id, %s, %s, %s, '' FROM identity_position WHERE key = %s"
            " ON CONFLICT (position_id, area) DO UPDATE"
            " SET letters = excluded.letters, note = excluded.note",
            [area, letters, note, administrator.value],
        )

    assert "administrator does no business" in str(refusal.value)


def test_of_both_sides_at_once_one_gets_through(own_database: object) -> None:
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    actor = selectors.actor_for(user, at=AT)
    outcomes: list[str] = []
    start = threading.Barrier(12)

    def do(duty: str) -> None:
        start.wait()
        try:
            with transaction.atomic():
                services.act(duty=duty, obj=("x.y", 1), actor=actor, at=AT)
            outcomes.append(duty)
        except DutiesConflict:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=do, args=(duty,))
        for duty in ("po_create", "goods_receipt")
        for _number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("refused") == 6
    assert len(set(DutyAct.objects.values_list("duty__key", flat=True))) == 1

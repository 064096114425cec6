"""What the database refuses with the service bypassed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ops.engines.tables.models import ImportBatch

from .toys import AT

pytestmark = pytest.mark.django_db
HASH = "a" * 64


def batch(**changes: Any) -> ImportBatch:
    values: dict[str, Any] = {
        "profile": "toy",
        "file_name": "a.csv",
        "file_sha256": HASH,
        "content_digest": HASH,
        "state": "done",
        "rows_read": 2,
        "accepted": 2,
        "created_at": AT,
        "finished_at": AT,
    }
    return ImportBatch.objects.create(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "importbatch_content_once"),
        ({"state": "running", "finished_at": None}, "importbatch_content_once"),
        ({"content_digest": "b" * 64, "accepted": 1}, "importbatch_every_row_accounted_for"),
        ({"content_digest": "b" * 64, "accepted": 3, "duplicate": -1}, "importbatch_counts"),
        ({"content_digest": "b" * 64, "accepted": 1, "rejected": 1}, "importbatch_rejects_named"),
        ({"content_digest": ""}, "importbatch_loaded_is_hashed"),
        ({"content_digest": "b" * 64, "finished_at": None}, "importbatch_final_has_end"),
        ({"content_digest": "b" * 64, "scope_kind": "channel"}, "importbatch_scope_whole"),
        ({"state": "lost"}, "importbatch_state_known"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(changes: dict[str, Any], constraint: str) -> None:
    batch()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        batch(**changes)

    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize("state", ["previewed", "refused"])
def test_previews_and_refusals_may_repeat(state: str) -> None:
    batch()

    batch(state=state)

    assert ImportBatch.objects.count() == 2


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE tables_importbatch SET accepted = 1, rejected = 1, state = 'done_with_rejects'",
        "UPDATE tables_importbatch SET message = 'x'",
        "DELETE FROM tables_importbatch",
        "TRUNCATE tables_importbatch",
    ],
)
def test_a_finished_batch_stays_as_it_is(attack: str) -> None:
    kept = batch()

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)

    assert ImportBatch.objects.values().get() == {
        field.attname: getattr(kept, field.attname) for field in ImportBatch._meta.concrete_fields
    }

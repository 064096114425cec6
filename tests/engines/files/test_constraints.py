"""What the database refuses with the service bypassed."""

from __future__ import annotations

import pytest
from django.db import Error, IntegrityError, connection, transaction

from ops.engines.files.models import Attachment
from tests.engines.files.conftest import AT

pytestmark = pytest.mark.django_db


def _row(**changed: object) -> Attachment:
    values: dict[str, object] = {
        "object_type": "toy.receipt",
        "object_id": "1",
        "name": "a.png",
        "content_type": "image/png",
        "sha256": "0" * 64,
        "size": 1,
        "stored_name": "00/a.png",
        "uploaded_at": AT,
    }
    return Attachment(**(values | changed))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"size": 0}, "attachment_not_empty"),
        ({"sha256": "XYZ"}, "attachment_sha256_hex"),
        ({"name": "../a.png"}, "attachment_name_has_no_path"),
        ({"name": ""}, "attachment_name_has_no_path"),
    ],
)
def test_impossible_rows_are_refused(changed: dict[str, object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        _row(**changed).save()


def test_same_bytes_twice_on_a_record_are_refused() -> None:
    _row().save()

    with pytest.raises(IntegrityError, match="attachment_once_per_object"), transaction.atomic():
        _row(stored_name="00/b.png").save()


@pytest.mark.parametrize(
    "statement", ["UPDATE files_attachment SET name = 'b.png'", "DELETE FROM files_attachment"]
)
def test_rows_never_change(statement: str) -> None:
    _row().save()

    with (
        pytest.raises(Error, match=r"append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Attachment.objects.get().name == "a.png"

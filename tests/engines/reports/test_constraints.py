"""What the database refuses with the services bypassed."""

from __future__ import annotations

import pytest
from django.db import Error, IntegrityError, connection, transaction

from ops.engines.reports import services
from ops.engines.reports.models import ReportEdition, ReportRun
from tests.engines.reports.conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sealed() -> None:
    services.build(name="toy_sales", period="2026-10", fmt="csv", actor=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE reports_reportrun SET sha256 = repeat('0', 64)", "sealed"),
        ("UPDATE reports_reportrun SET state = 'queued', sealed_at = NULL", "sealed"),
        ("DELETE FROM reports_reportrun", "sealed"),
        ("UPDATE reports_reportedition SET rows = 0", r"append-only|permission"),
        ("DELETE FROM reports_reportedition", r"append-only|permission"),
        ("TRUNCATE reports_reportrun, reports_reportedition", r"append-only|permission"),
    ],
)
def test_sealed_files_and_versions_never_change(statement: str, why: str) -> None:
    with (
        pytest.raises(Error, match=why),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ReportRun.objects.filter(state="done").count() == 1


def _run(**changed: object) -> ReportRun:
    values: dict[str, object] = {
        "name": "toy_sales",
        "period": "2026-10",
        "scope_key": "0" * 64,
        "key": "0" * 64,
        "format": "csv",
        "language": "en",
        "requested_name": "x",
        "requested_at": AT,
    }
    return ReportRun(**(values | changed))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"state": "done"}, "reportrun_done_is_sealed"),
        ({"state": "running", "sealed_at": AT}, "reportrun_sealed_is_done"),
        ({"state": "queued", "sha256": "0" * 64}, "reportrun_sealed_is_done"),
        ({"state": "failed"}, "reportrun_failure_has_code"),
    ],
)
def test_half_sealed_runs_are_refused(changed: dict[str, object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        _run(**changed).save()


def test_second_open_run_of_one_question_is_refused() -> None:
    _run().save()

    with pytest.raises(IntegrityError, match="reportrun_one_open"), transaction.atomic():
        _run(state="running").save()


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"version": 1}, "reportedition_version_once"),
        ({"version": 2, "restated_from": None}, "reportedition_first_has_no_former"),
        ({"version": 2, "digest": "x"}, "reportedition_digest_hex"),
        ({"version": 2, "standing": "restated"}, "reportedition_restated_differs"),
    ],
)
def test_impossible_versions_are_refused(changed: dict[str, object], name: str) -> None:
    row = ReportEdition.objects.get()
    former = row.pk
    row.pk, row._state.adding = None, True
    row.stored_name, row.restated_from_id, row.differences = "00/other", former, 0
    if changed.get("version") == 1:
        row.restated_from_id = row.differences = None
    for field, value in changed.items():
        setattr(row, field, value)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save(force_insert=True)

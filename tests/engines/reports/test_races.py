"""Two workers, one run; and the report role, which only reads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connections

from ops.engines.kernel.policy import may
from ops.engines.reports import nudging, services
from ops.engines.reports.declarations import report
from ops.engines.reports.models import ReportEdition, ReportRun
from ops.engines.reports.types import ReportQuery, Rows
from ops.engines.tables.writer import Column
from tests.engines.reports.conftest import AT, SYSTEM
from tests.support.cluster import OwnDatabase


def _at_once(call: Callable[[], object], times: int) -> list[object]:
    gate, answers = threading.Barrier(times), []

    def work() -> None:
        try:
            gate.wait()
            answers.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_one_run_is_made_by_one_worker(
    own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nudging, "ask", lambda _run_id: None)
    run = services.start(name="toy_sales", period="2026-10", fmt="csv", actor=SYSTEM, at=AT)

    answers = _at_once(lambda: services.perform(run_id=run.id, at=AT), 3)

    assert sorted(map(bool, answers)) == [False, False, True]
    assert ReportRun.objects.get().attempts == 1
    assert ReportEdition.objects.count() == 1


def test_same_question_at_once_is_one_run(
    own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nudging, "ask", lambda _run_id: None)

    _at_once(
        lambda: services.start(name="toy_sales", period="2026-10", fmt="csv", actor=SYSTEM, at=AT),
        4,
    )

    assert ReportRun.objects.count() == 1


def test_figures_come_from_the_report_role_in_one_snapshot(
    own_database: OwnDatabase, settings: LazySettings
) -> None:
    settings.REPORT_ALIAS = "report"

    @report(
        "toy_role",
        title="角色",
        columns=(Column("who", "谁"), Column("level", "级别"), Column("runs", "数", "integer")),
        policy=may("inventory", "E"),
    )
    def toy_role(query: ReportQuery) -> Rows:
        return query.sql(
            "SELECT current_user::text, current_setting('transaction_isolation'),"
            " (SELECT count(*) FROM reports_reportrun WHERE state = 'running')"
        )

    file = services.build(name="toy_role", period="2026-10", fmt="json", actor=SYSTEM, at=AT)

    assert '"guifan_report"' in file.path.read_text()
    assert '"repeatable read"' in file.path.read_text()
    assert '"runs": 1' in file.path.read_text()


def test_query_that_writes_fails_and_writes_nothing(
    own_database: OwnDatabase, settings: LazySettings
) -> None:
    settings.REPORT_ALIAS = "report"

    @report("toy_writer", title="写", columns=(Column("n", "数"),), policy=may("inventory", "E"))
    def toy_writer(query: ReportQuery) -> Rows:
        with connections[query.alias].cursor() as cursor:
            cursor.execute("DELETE FROM reports_reportrun")
        return []

    with pytest.raises(DatabaseError, match=r"read-only|permission denied"):
        services.build(name="toy_writer", period="2026-10", fmt="json", actor=SYSTEM, at=AT)
    assert ReportRun.objects.get().error_code == "reports.crashed"

"""A run is stopped at a safe point, leaves nothing half-made, and is taken up where it stopped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.reports import content, declarations, selectors, services
from ops.engines.reports.choices import RunState
from ops.engines.reports.errors import NotReady
from ops.engines.reports.models import ReportEdition, ReportRun
from ops.engines.reports.services import sealing
from ops.engines.reports.types import ReportQuery
from tests.engines.reports.conftest import AT, _person
from tests.engines.reports.test_runs import nudged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nudged")]
__all__ = ["nudged"]


def start(actor: Actor) -> int:
    return services.start(
        name="toy_generated",
        period="2026-10",
        fmt="csv",
        params={"rows": "20000"},
        actor=actor,
        at=AT,
    ).id


def test_a_waiting_run_stops_at_once_and_no_worker_takes_it(auditor: Actor) -> None:
    run_id = start(auditor)

    stopped = services.cancel(run_id=run_id, actor=auditor, at=AT)
    done = services.perform(run_id=run_id, at=AT)

    assert (stopped.state, done) == (RunState.STOPPED, False)
    assert not ReportEdition.objects.exists()


def test_figures_being_found_stop_after_the_rows_at_hand(
    auditor: Actor,
) -> None:
    run_id = start(auditor)
    yielded: list[int] = []

    def rows(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
        for number in range(1, 20_001):
            if number == 7_000:
                services.cancel(run_id=run_id, actor=auditor, at=AT)
            yielded.append(number)
            yield (number, None)

    named = declarations.report_named("toy_generated")
    assert isinstance(named, declarations.Report)
    declared = replace(named, query=rows)
    # Undone here, not after the toys are forgotten: they would be entered again.
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(declarations._declared, "toy_generated", declared)

        services.perform(run_id=run_id, at=AT)

    run = ReportRun.objects.get()
    assert (run.state, run.error_code, len(yielded)) == (
        RunState.STOPPED,
        "reports.cancelled",
        10_000,
    )
    assert not ReportEdition.objects.exists()


def test_a_file_being_written_stops_and_resumes_without_asking_again(
    auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = start(auditor)
    render = sealing.render

    def stopping(*given: Any) -> None:
        services.cancel(run_id=run_id, actor=auditor, at=AT)
        render(*given)

    monkeypatch.setattr(sealing, "render", stopping)
    services.perform(run_id=run_id, at=AT)
    stopped = selectors.run(run_id=run_id, actor=auditor)
    monkeypatch.undo()
    monkeypatch.setattr(content, "write", _nobody)  # figures may not be asked again

    services.resume(run_id=run_id, actor=auditor, at=AT)
    services.perform(run_id=run_id, at=AT)

    again = selectors.run(run_id=run_id, actor=auditor)
    assert (stopped.state, stopped.stage, stopped.sha256) == (RunState.STOPPED, "file", "")
    assert (again.state, again.rows) == (RunState.DONE, 20_000)
    assert ReportEdition.objects.count() == 1


def _nobody(*_given: Any) -> None:
    raise AssertionError("the query was asked again")


def test_a_failed_run_is_taken_up_again(auditor: Actor) -> None:
    run_id = start(auditor)
    ReportRun.objects.filter(pk=run_id).update(
        state=RunState.FAILED, error_code="reports.crashed", error="OSError", finished_at=AT
    )

    services.resume(run_id=run_id, actor=auditor, at=AT)
    services.perform(run_id=run_id, at=AT)

    again = selectors.run(run_id=run_id, actor=auditor)
    assert (again.state, again.error, again.error_code) == (RunState.DONE, "", "")


def test_what_has_ended_is_neither_stopped_nor_resumed(auditor: Actor) -> None:
    run_id = start(auditor)
    services.perform(run_id=run_id, at=AT)

    with pytest.raises(NotReady):
        services.cancel(run_id=run_id, actor=auditor, at=AT)
    with pytest.raises(NotReady):
        services.resume(run_id=run_id, actor=auditor, at=AT)

    assert ReportRun.objects.get().state == RunState.DONE


def test_nobody_stops_what_somebody_else_asked_for(auditor: Actor) -> None:
    other = _person("别人", rights={"inventory": frozenset("E")})
    run_id = start(auditor)

    with pytest.raises(Forbidden):
        services.cancel(run_id=run_id, actor=other, at=AT)

    assert ReportRun.objects.get().state == RunState.QUEUED


def test_time_left_follows_the_pace_once_a_tenth_is_done(auditor: Actor) -> None:
    run_id = start(auditor)
    ReportRun.objects.filter(pk=run_id).update(
        state=RunState.RUNNING, stage="file", stage_at=AT, done=1_000, total=20_000
    )
    early = selectors.run(run_id=run_id, actor=auditor).left(AT + dt.timedelta(seconds=10))
    ReportRun.objects.filter(pk=run_id).update(done=5_000)

    later = selectors.run(run_id=run_id, actor=auditor).left(AT + dt.timedelta(seconds=10))

    assert early is None
    assert later == dt.timedelta(seconds=30)

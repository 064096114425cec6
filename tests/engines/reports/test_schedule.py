"""Reports that make themselves: one job each, about the period before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from ops.engines.jobs import declarations as jobs
from ops.engines.jobs import services as job_services
from ops.engines.jobs.cadences import monthly
from ops.engines.kernel.policy import may
from ops.engines.reports import nudging, selectors
from ops.engines.reports.declarations import report
from ops.engines.reports.models import ReportRun
from tests.engines.reports import toy
from tests.engines.reports.conftest import AT, SYSTEM


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send no wake-up, and forget the jobs declared here."""
    monkeypatch.setattr(nudging, "ask", lambda _run_id: None)
    kept = dict(jobs._jobs)
    yield
    jobs._jobs.clear()
    jobs._jobs.update(kept)


def _declare(name: str, **more: object) -> None:
    report(  # type: ignore[call-overload, unused-ignore]
        name,
        title="月报",
        columns=toy.COLUMNS,
        policy=may("inventory", "E"),
        **more,  # type: ignore[arg-type]
    )(lambda _query: iter(toy.ROWS))


@pytest.mark.django_db
@pytest.mark.clause("SCM-2.3-04")
def test_monthly_report_is_started_for_the_month_before() -> None:
    _declare("toy_monthly", cadence="monthly")

    info = job_services.run_now(name="report_toy_monthly", period="2026-10", actor=SYSTEM, at=AT)

    run = ReportRun.objects.get()
    assert (run.name, run.period, run.format, run.requested_by_id) == (
        "toy_monthly",
        "2026-10",
        "xlsx",
        None,
    )
    assert info.job == "report_toy_monthly"
    row = next(r for r in selectors.centre(actor=SYSTEM, at=AT) if r.name == "toy_monthly")
    assert row.next_due_at == dt.datetime(2026, 11, 30, 23, 0, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_runner_makes_what_waits() -> None:
    _declare("toy_monthly", cadence="monthly")
    early = AT - dt.timedelta(minutes=5)
    job_services.run_now(name="report_toy_monthly", period="2026-10", actor=SYSTEM, at=early)

    job_services.run_now(name="report_runner", period="2026-11-03T14:00+08:00", actor=SYSTEM, at=AT)

    assert ReportRun.objects.get().state == "done"


def test_cadence_in_words_or_another_job_declares_no_job() -> None:
    _declare("toy_on_demand", cadence="on demand")
    _declare("toy_elsewhere", cadence=monthly(day=-1, at="20:00"), built_by="stock_report_build")

    assert {"report_toy_on_demand", "report_toy_elsewhere"}.isdisjoint(jobs.jobs())


def test_cadence_the_report_is_not_made_for_does_not_start() -> None:
    with pytest.raises(ValueError, match="not made by the month"):
        _declare("toy_daily_only", cadence="monthly", period_kinds={"day"})

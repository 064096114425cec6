"""The two commands: what they print and how they exit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.management import call_command

from ops.engines.jobs.cadences import daily
from ops.engines.jobs.declarations import Run
from ops.engines.jobs.models import JobRun
from ops.engines.kernel.errors import RuleViolation
from tests.engines.jobs.conftest import Declare

pytestmark = pytest.mark.django_db


def _run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int | str | None, Any]:
    with pytest.raises(SystemExit) as exit_:
        call_command("run_job", *options, "--json")
    return exit_.value.code, json.loads(capsys.readouterr().out)


def test_run_job_prints_one_object_and_exits_0(
    declare: Declare, capsys: pytest.CaptureFixture[str]
) -> None:
    declare("tests_daily", daily("01:00"), lambda run: {"rows": 3})

    for _ in range(2):
        code, said = _run(capsys, "tests_daily", "--period", "2026-11-05")
        assert (code, said["state"], said["result"]) == (0, "done", {"rows": 3})

    assert JobRun.objects.get().attempts == 1


def test_run_job_exits_1_when_refused(declare: Declare, capsys: pytest.CaptureFixture[str]) -> None:
    def work(run: Run) -> Mapping[str, Any]:
        raise RuleViolation("tests.no", "No.")

    declare("tests_daily", daily("01:00"), work)

    code, said = _run(capsys, "tests_daily", "--period", "2026-11-05")
    assert (code, said["state"], said["error"]) == (1, "failed", "RuleViolation: No.")
    code, said = _run(capsys, "tests_daily", "--period", "yesterday")
    assert (code, said["state"], said["code"]) == (1, "refused", "jobs.period")
    code, said = _run(capsys, "tests_other", "--period", "2026-11-05")
    assert (code, said["code"]) == (1, "jobs.missing")


def test_run_job_exits_2_with_rejects(declare: Declare, capsys: pytest.CaptureFixture[str]) -> None:
    declare("tests_daily", daily("01:00"), lambda run: {"rejected": 2})

    assert _run(capsys, "tests_daily", "--period", "2026-11-05")[0] == 2


def test_jobs_lists_cadence_last_and_next_run_and_clauses(
    declare: Declare, capsys: pytest.CaptureFixture[str]
) -> None:
    declare("tests_daily", daily("01:00"))

    call_command("jobs", "--json")
    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    call_command("jobs")

    assert (job["name"], job["clauses"], job["last_run"]) == ("tests_daily", ["SYS-6.2-05"], None)
    assert job["next_due_at"].endswith("T17:00:00.000000+00:00")
    assert capsys.readouterr().out.startswith("tests_daily")


def test_the_engines_own_job_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _run(capsys, "partitions_cut", "--period", "2026-11-05")

    assert (code, said["state"]) == (0, "done")
    assert set(said["result"]) == {"audit_fact", "events_fact"}

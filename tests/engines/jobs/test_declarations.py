"""What a declaration must say, or nothing starts."""

from __future__ import annotations

import pytest

from ops.engines.jobs.cadences import daily, every
from ops.engines.jobs.declarations import Run, jobs
from ops.engines.kernel import policy
from tests.engines.jobs.conftest import Declare, nothing


def test_a_job_without_a_policy_is_refused(declare: Declare) -> None:
    with pytest.raises(TypeError, match="declares no policy"):
        declare("tests_job", daily("01:00"), policy=None)

    assert jobs() == {}


def test_a_job_of_no_family_is_refused(declare: Declare) -> None:
    with pytest.raises(TypeError, match="family"):
        declare("tests_job", daily("01:00"), family="chores")

    assert jobs() == {}


def test_a_name_is_declared_once(declare: Declare) -> None:
    def other(_run: Run) -> None: ...

    declare("tests_job", daily("01:00"))
    declare("tests_job", daily("01:00"), nothing)

    with pytest.raises(TypeError, match="twice"):
        declare("tests_job", daily("01:00"), other)


def test_a_declaration_enters_its_policy_and_its_cadences_catch_up(declare: Declare) -> None:
    declare("tests_daily", daily("01:00"))
    declare("tests_minute", every(minutes=1))
    declare("tests_more", every(minutes=1), catch_up=5)

    assert policy.declared(["job"])["job", "tests_daily"] == policy.may("ops", "P")
    assert [jobs()[n].catch_up for n in ("tests_daily", "tests_minute", "tests_more")] == [31, 1, 5]


def test_the_engines_own_job_is_declared() -> None:
    assert jobs()["partitions_cut"].cadence.label

"""Clocks of a test: kinds declared for the test alone, and people who own them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ops.engines.clocks import kinds, limits, services
from ops.engines.clocks.declaring import clock
from ops.engines.clocks.kinds import ClockKind, Escalation
from ops.engines.clocks.types import Subject
from ops.engines.identity.choices import Role
from ops.engines.kernel import policy
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE

SYSTEM = Actor.system("tests")
ANSWER = "toy_answer"


def local(text: str) -> datetime:
    """Read a moment in business time."""
    return datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


def subject(number: int, **more: Any) -> Subject:
    """Return the toy of a number."""
    return Subject(type="toys.toy", id=number, label=f"TOY-{number}", **more)


def keys(*numbers: int) -> list[tuple[str, int]]:
    """Return the keys of toys."""
    return [("toys.toy", number) for number in numbers]


def begin(*numbers: int, at: datetime, kind: str = ANSWER, **more: Any) -> tuple[int, ...]:
    """Start clocks for toys."""
    given = [subject(number, **more) for number in numbers]
    return services.start(kind=kind, subjects=given, actor=SYSTEM, at=at)


Declare = Callable[..., ClockKind]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Forget declared kinds and declare those of the test; policies too are undone."""
    monkeypatch.setattr(kinds, "_kinds", {})
    monkeypatch.setattr(policy, "_declared", dict(policy._declared))

    def enter(name: str = ANSWER, **more: Any) -> ClockKind:
        options: dict[str, Any] = {
            "title": "Answer of a toy",
            "limit": limits.working_days(5),
            "area": "customers",
            "role": Role.CUSTOMER_SERVICE_AGENT,
            "extend": policy.only(Role.OPERATIONS_MANAGER),
            "remind": (0.5, 0.8),
            "escalate": (
                Escalation(limits.hours(24), Role.OPERATIONS_SUPERVISOR),
                Escalation(limits.working_days(3), Role.OPERATIONS_MANAGER),
            ),
            **more,
        }
        return clock(name, **options)

    return enter


@pytest.fixture
def answer(declare: Declare) -> ClockKind:
    """Declare the kind most tests use: five working days, two reminders, two levels."""
    return declare()

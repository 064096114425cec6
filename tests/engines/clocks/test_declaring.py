"""Kinds are declared once, whole, and may follow facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import transaction
from django.utils import timezone

from ops.engines.clocks import limits
from ops.engines.clocks.choices import ClockState
from ops.engines.clocks.declaring import on
from ops.engines.clocks.models import Clock
from ops.engines.clocks.types import Subject
from ops.engines.events import delivery, handling
from ops.engines.events.facts import Fact
from ops.engines.events.publishing import publish
from tests.engines.clocks.conftest import ANSWER, Declare


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyAsked(Fact):
    """A toy asked something."""

    name: ClassVar[str] = "tests.toy_asked"
    toy_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyAnswered(Fact):
    """A toy got its answer."""

    name: ClassVar[str] = "tests.toy_answered"
    toy_id: int


def _subjects(facts: Sequence[ToyAsked] | Sequence[ToyAnswered]) -> list[Subject]:
    return [Subject(type="toys.toy", id=fact.toy_id, label=f"TOY-{fact.toy_id}") for fact in facts]


@pytest.mark.django_db
def test_a_clock_starts_and_ends_with_facts_however_often_they_come(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "_handlers", {})
    declare(starts=on(ToyAsked, _subjects), meets=on(ToyAnswered, _subjects))
    with transaction.atomic():
        publish(*(ToyAsked(toy_id=number) for number in (1, 2, 3, 2)))
    delivery.drain(at=timezone.now())
    with transaction.atomic():
        publish(ToyAnswered(toy_id=2), ToyAnswered(toy_id=2), ToyAnswered(toy_id=9))
    delivery.drain(at=timezone.now())

    states = dict(Clock.objects.values_list("subject_id", "state"))
    assert states == {1: ClockState.RUNNING, 2: ClockState.MET, 3: ClockState.RUNNING}
    assert sorted(handling.handlers()) == [f"clocks.meet.{ANSWER}", f"clocks.start.{ANSWER}"]


@pytest.mark.parametrize(
    "wrong", [{"extend": None}, {"remind": (0.8, 0.5)}, {"remind": (1.0,)}, {"remind": (0.5, 0.5)}]
)
def test_a_kind_without_policy_or_with_odd_reminders_is_refused(
    declare: Declare, wrong: dict[str, object]
) -> None:
    with pytest.raises(TypeError):
        declare(**wrong)


def test_a_name_is_declared_once(declare: Declare) -> None:
    first = declare()

    assert declare() == first
    with pytest.raises(TypeError, match="declared twice"):
        declare(limit=limits.hours(1))

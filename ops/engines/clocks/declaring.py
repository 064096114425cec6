"""How an app declares a kind of clock, in its `clocks.py` beside the services that meet it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ops.engines.clocks import services
from ops.engines.clocks.kinds import ClockKind, Escalation, enter
from ops.engines.clocks.limits import Limit
from ops.engines.clocks.types import Subject
from ops.engines.events.facts import F, Fact
from ops.engines.events.handling import subscribe
from ops.engines.kernel import policy as policies
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy


@dataclass(frozen=True, slots=True)
class On:
    """A fact, and the subjects that a batch of such facts is about."""

    fact: type[Fact]
    subjects: Callable[[Sequence[Any]], Collection[Subject]]


def on(fact: type[F], subjects: Callable[[Sequence[F]], Collection[Subject]]) -> On:
    """Name the fact that starts or meets a clock; `subjects` reads a batch, set-based."""
    return On(fact, subjects)


def clock(
    name: str,
    *,
    title: str,
    limit: Limit,
    area: str,
    role: str,
    extend: Policy | None,
    clauses: Sequence[str] = (),
    remind: Sequence[float] = (),
    escalate: Sequence[Escalation] = (),
    starts: On | None = None,
    meets: On | None = None,
) -> ClockKind:
    """Declare a kind of clock and return it.

    `title` is a message id (`gettext_noop`). `role` owns it when the subject names nobody, `area`
    is whose rights show it, `extend` is who may extend it. `remind` holds fractions of the time
    given, rising, each between 0 and 1. Each escalation counts from the limit. `starts` and
    `meets` let facts start and meet it; services do so themselves through `clocks.services`.
    Raises TypeError without a policy, for fractions out of order and for a name declared twice.
    """
    policies.declare("clock", name, extend)
    marks = tuple(remind)
    if extend is None or list(marks) != sorted(set(marks)) or not all(0 < m < 1 for m in marks):
        raise TypeError(f"clock {name}: reminders are rising fractions of its time: {marks}")
    kind = ClockKind(
        name=name,
        title=title,
        limit=limit,
        area=area,
        role=role,
        clauses=tuple(clauses),
        remind=marks,
        escalate=tuple(escalate),
        extend=extend,
    )
    enter(kind)
    if starts is not None:
        _follow(name, "start", starts)
    if meets is not None:
        _follow(name, "meet", meets)
    return kind


def _follow(name: str, deed: str, trigger: On) -> None:
    def handle(facts: Sequence[Any]) -> None:
        actor, at = Actor.system(f"clock {name}"), timezone.now()
        subjects = trigger.subjects(facts)
        if deed == "start":
            services.start(kind=name, subjects=subjects, actor=actor, at=at)
        else:
            keys = [(each.type, each.id) for each in subjects]
            services.meet(kind=name, subjects=keys, actor=actor, at=at)

    # The name of a handler is what its deliveries are kept under.
    handle.__module__, handle.__qualname__ = "clocks", f"{deed}.{name}"
    subscribe(trigger.fact)(handle)

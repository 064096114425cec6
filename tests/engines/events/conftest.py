"""A handler that writes down what it got, and the facts it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

import pytest

from ops.engines.events import handling
from ops.engines.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed(Fact):
    """A box was packed."""

    name: ClassVar[str] = "tests.packed"
    box_id: int
    order: str = ""

    @property
    def ordering_key(self) -> str:
        return self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Fact):
    """A box was counted."""

    name: ClassVar[str] = "tests.counted"
    box_ids: tuple[int, ...]
    lot: str | None = None
    best_before: date | None = None


@dataclass
class Book:
    """What the handlers of one test got, batch by batch, and how they behave."""

    batches: list[list[Fact]] = field(default_factory=list)
    effect: Callable[[Sequence[Fact]], None] = lambda facts: None

    @property
    def boxes(self) -> list[int]:
        return [f.box_id for batch in self.batches for f in batch if isinstance(f, Packed)]


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """Register one handler for Packed and one for Counted; they are forgotten afterwards."""
    monkeypatch.setattr(handling, "_handlers", {})
    written = Book()

    @handling.subscribe(Packed)
    def on_packed(facts: Sequence[Packed]) -> None:
        written.batches.append(list(facts))
        written.effect(facts)

    @handling.subscribe(Counted)
    def on_counted(facts: Sequence[Counted]) -> None:
        written.batches.append(list(facts))

    return written

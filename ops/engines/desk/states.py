"""States as badges: one word, one colour, one shape for one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from django.db.models import Choices
from django.utils.functional import Promise


class Tone(StrEnum):
    """The five looks a state can have."""

    NEUTRAL = "neutral"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as shown: its word and its look."""

    label: str | Promise
    tone: Tone = Tone.NEUTRAL


SHAPES: Final = {
    Tone.NEUTRAL: "circle",
    Tone.WAITING: "clock",
    Tone.RUNNING: "half",
    Tone.DONE: "tick",
    Tone.STOPPED: "stop",
}

# What a state word means wherever it is used; an app registers what differs.
_COMMON: Final = {
    Tone.WAITING: "submitted pending waiting queued due hold held review opinion counting answered",
    Tone.RUNNING: "running started active progress processing picking packed loading preview",
    Tone.DONE: "approved approve done posted paid shipped delivered closed completed sealed "
    "loaded succeeded received settled reconciled matched confirmed enforced resolved",
    Tone.STOPPED: "returned return rejected failed parked broken late overdue missing expired "
    "refused exception unmatched blocked",
}
_tones: dict[str, Tone] = {word: tone for tone, words in _COMMON.items() for word in words.split()}
# Members of text choices equal their text, so the class is part of the key.
_registered: dict[tuple[type, Enum], Tone] = {}


def register_states(tones: dict[Any, Tone]) -> None:
    """Say which look the states of one choices class have."""
    _registered.update({(type(state), state): tone for state, tone in tones.items()})


def badge_of(state: Any, label: str | Promise = "") -> Badge | None:
    """Return the badge of a state: a Badge, a member of a choices class, or a bare word."""
    if state in (None, ""):
        return None
    if isinstance(state, Badge):
        return state
    if isinstance(state, Choices):
        tone = _registered.get((type(state), state), _tones.get(str(state.value), Tone.NEUTRAL))
        return Badge(label or state.label, tone)
    return Badge(label or str(state), _tones.get(str(state), Tone.NEUTRAL))

"""How a clause is judged: what counts as enforced, and when evidence is too old."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Final

from compliance.choices import ClauseState, Outcome
from compliance.types import ControlEvidence, ProofRun

ENFORCING: Final = frozenset({"workflow", "job", "constraint"})
# The longest silence each rhythm allows: its length and some grace. The most frequent word counts.
_SILENCES: Final = (
    (re.compile(r"\b(daily|nightly|hourly|every working day|every \d* ?minutes?)\b"), 2),
    (re.compile(r"\bweekly\b"), 8),
    (re.compile(r"(?<!half-)\bmonthly\b"), 35),
    (re.compile(r"\bquarterly\b"), 100),
    (re.compile(r"\b(half-yearly|every 6 months)\b"), 190),
    (re.compile(r"(?<!half-)\b(yearly|annual)\b"), 380),
)


def longest_silence(cadence: str) -> dt.timedelta | None:
    """Return how old the newest evidence may be, None when the clause sets no rhythm."""
    for words, days in _SILENCES:
        if words.search(cadence):
            return dt.timedelta(days=days)
    return None


def is_stale(*, newest: dt.datetime | None, cadence: str, at: dt.datetime) -> bool:
    """Say whether evidence there is became older than the clause's rhythm allows."""
    silence = longest_silence(cadence)
    return silence is not None and newest is not None and newest + silence < at


def state_of(
    *,
    controls: Collection[ControlEvidence],
    tests: Collection[ProofRun],
    newest: dt.datetime | None,
    is_attested: bool,
) -> ClauseState:
    """Judge one clause; what was not tested at this version is not claimed to be enforced.

    Enforced: something refuses, runs or asks for it, and its tests passed, none failing.
    Evidenced: something declared left evidence. Attested: a person vouches for it today.
    """
    outcomes = {run.outcome for run in tests}
    is_proven = Outcome.PASSED in outcomes and Outcome.FAILED not in outcomes
    if is_proven and any(control.kind in ENFORCING for control in controls):
        return ClauseState.ENFORCED
    if controls and newest is not None:
        return ClauseState.EVIDENCED
    return ClauseState.ATTESTED if is_attested else ClauseState.MISSING


def chapter_of(code: str) -> str:
    """Return the chapter of a clause number, such as SCM."""
    return code.partition("-")[0]


def section_of(code: str) -> str:
    """Return the section of a clause number, such as SCM-2.3."""
    return code.rpartition("-")[0]

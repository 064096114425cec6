"""What the compliance app hands out: plain, frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finance.selectors.vouchers import VoucherInfo


@dataclass(frozen=True, slots=True)
class ProofRun:
    """One test that proves a clause, and how it ended at this version ("not run" if it did not)."""

    test: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Proofs:
    """The last test run: its standing (current, absent, other version) and its tests by clause."""

    commit: str
    standing: str
    by_clause: Mapping[str, Sequence[ProofRun]]


@dataclass(frozen=True, slots=True)
class ControlEvidence:
    """What keeps a clause, and when it last left a trace; None: none yet."""

    kind: str
    name: str
    newest: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How one clause stands: what keeps it, what proves it, its newest evidence."""

    code: str
    state: str
    controls: tuple[ControlEvidence, ...]
    tests: tuple[ProofRun, ...]
    newest: dt.datetime | None
    attested_until: dt.date | None
    is_stale: bool

    def count(self, outcome: str) -> int:
        """Return how many tests ended one way."""
        return sum(1 for run in self.tests if run.outcome == outcome)


@dataclass(frozen=True, slots=True)
class StaleClause:
    """A clause whose newest evidence is too old for its cadence."""

    code: str
    title_zh: str
    newest_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Clauses by state, by chapter and state, the stale ones (oldest first), and as of when."""

    total: int
    by_state: Mapping[str, int]
    by_chapter: Mapping[str, Mapping[str, int]]
    stale: Sequence[StaleClause]
    scanned_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the trail says about one document number."""

    number: str
    requests: Sequence[AskedRequest]
    facts: Sequence[Mapping[str, Any]]
    found: Sequence[tuple[str, str, str]]
    vouchers: Sequence[VoucherInfo] = ()

    @property
    def broken(self) -> int:
        """Count the facts whose content no longer gives the hash it was kept under."""
        return sum(1 for fact in self.facts if fact["holds"] is False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """One request under that number: who asked, what was shown, who decided, its hash."""

    request_id: int
    flow_title: str
    title: str
    state: str
    requester_name: str
    submitted_at: dt.datetime
    content_hash: str
    figures: Sequence[tuple[str, str]]
    decisions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Seeding:
    """What loading the register did; nothing when this register was already there."""

    sha256: str
    clauses: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What one evidence scan found."""

    clauses: int
    by_state: Mapping[str, int]
    stale: int
    newly_stale: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What checking a bundle found: the fact that records it, and whether all is intact."""

    fact_id: int
    is_intact: bool
    findings: int

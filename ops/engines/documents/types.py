"""What the documents engine hands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedFile:
    """One printed document: its PDF, and the digest of what it says, as its footer shows it."""

    data: bytes
    file_name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    """One version of a rule document."""

    id: int
    document_id: int
    code: str
    title: str
    number: int
    state: str
    digest: str
    effective_on: dt.date
    expires_on: dt.date | None
    approval_id: int | None


@dataclass(frozen=True, slots=True)
class Reader:
    """One of those a version is addressed to, and when they said they understood it."""

    person_id: int
    name: str
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Readership:
    """Who of the audience confirmed a version, who did not, and who else did."""

    readers: Sequence[Reader]

    @property
    def confirmed(self) -> int:
        """Count those who said they understood."""
        return sum(1 for reader in self.readers if reader.at is not None)

    @property
    def missing(self) -> Sequence[Reader]:
        """Return those who have not."""
        return [reader for reader in self.readers if reader.at is None]


@dataclass(frozen=True, slots=True)
class Switched:
    """What one round of the review watch did."""

    effective: int
    ended: int
    reviews: int
    warned: int

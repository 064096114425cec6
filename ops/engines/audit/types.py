"""What the audit selectors return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChangeInfo:
    """One field of a row, before and after, as text."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of an object's history: a fact, or the fields one statement changed."""

    recorded_at: datetime
    at: datetime
    actor_name: str
    person_id: int | None
    action: str  # "" for field changes
    body: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[FieldChangeInfo, ...] = ()
    fact_id: int | None = None
    db_user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The newest anchor after a seal, and how many facts that seal took."""

    number: int
    facts: int
    tree_size: int
    root: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """A public key that signs anchors."""

    key_id: str
    public_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleInfo:
    """What a bundle holds."""

    facts: int
    anchors: int
    first_anchor: int
    last_anchor: int
    strays: int
    sha256: str


TRAIL_CHECKED: Final = "audit.trail_checked"  # the action of a check of the whole sealed trail


@dataclass(frozen=True, slots=True)
class Checked:
    """The last check of the sealed trail: the fact that tells of it, and what it found."""

    fact_id: int
    at: datetime
    differences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the seals stand: the newest anchor, what waits, the copies outside, the last check."""

    number: int
    sealed_at: datetime | None
    facts: int
    root: str
    key_id: str
    waiting: int
    oldest_waiting_at: datetime | None
    copies: tuple[tuple[str, int], ...]
    checked: Checked | None

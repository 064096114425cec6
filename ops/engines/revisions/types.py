"""What revisions hand out: plain, frozen, free of querysets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from ops.engines.revisions.choices import Level

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check found in content: where, a stable code, words for people, how grave."""

    field: str
    code: str
    words: Text
    level: Level = Level.STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What content is about, as its app knows it: `scope_id` is the shop or warehouse it is in."""

    id: int
    title: str
    href: str = ""
    scope_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionInfo:
    """One version of one piece of content.

    `parts` are those that differ from `based_on_id`, which was live when it was drafted;
    `findings` are None until it is handed in.
    """

    id: int
    piece_id: int
    kind: str
    subject_type: str
    subject_id: int
    no: int
    content: Mapping[str, Any]
    content_hash: str
    why: str
    state: str
    parts: Sequence[str]
    findings: Sequence[Finding] | None
    publish_at: datetime | None
    based_on_id: int | None
    drafted_by: int
    drafted_at: datetime
    submitted_at: datetime | None
    approval_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedEach:
    """The subjects of which a version was drafted, and those whose draft was replaced."""

    drafted: frozenset[int]
    edited: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveInfo:
    """What is live of one subject: which version, since when, by which approval."""

    subject_id: int
    revision_id: int
    no: int
    content: Mapping[str, Any]
    content_hash: str
    since: datetime
    approval_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What one subject said from a moment on: some fields of the version that went live then."""

    subject_id: int
    no: int
    since: datetime
    drafted_by: int
    why: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One stretch of time in which a version was, is or will be live.

    `until` None is open; one that ends where it starts was called off before it began.
    """

    revision_id: int
    how: str
    since: datetime
    until: datetime | None
    why: str
    ended_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version in the history of a piece, with its stretches of time, oldest first."""

    info: RevisionInfo
    standing: str
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that differs between two contents; `path` is dotted, None says absent."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to write: the whole content and which parts differ from what is live."""

    kind: str
    subject: Subject
    content: Mapping[str, Any]
    parts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChange:
    """What is live of a subject changed: `revision_id` None says that nothing is from `at` on."""

    kind: str
    subject_id: int
    revision_id: int | None
    how: str
    at: datetime

"""What sheets take in and hand out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from ops.engines.sheets.choices import ItemKind


@dataclass(frozen=True, slots=True)
class Words:
    """A text people read, in Chinese and, where somebody wrote it, in English."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.en if self.en and (get_language() or "zh").startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen, or one column of a table."""

    key: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSpec:
    """One item as a version of a template keeps it."""

    key: str
    title: Words
    kind: ItemKind
    is_required: bool = True
    hint: Words = Words("")
    abnormal: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unit: Words = Words("")
    options: tuple[Option, ...] = ()

    def option(self, key: str) -> str:
        """Return the title of an answer or column."""
        return next((str(each.title) for each in self.options if each.key == key), key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it came up from a device.

    `client_key` is unique for ever, so the same entry sent twice counts once. `seen` is the newest
    answer of the item the device knew (0: none). A value of None takes the answer back.
    """

    item: str
    value: Any
    client_key: uuid.UUID
    note: str = ""
    seen: int | None = None
    entered_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInfo:
    """The newest answer of an item."""

    id: int
    item: str
    value: Any
    note: str
    is_abnormal: bool
    person_id: int | None
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What taking entries in did: how many were new, and how the sheet stands now."""

    sheet_id: int
    written: int
    repeated: int
    state: str
    done: int
    total: int
    answer_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetInfo:
    """One sheet in short."""

    id: int
    number: str
    template: str
    scope_kind: str
    scope_id: int | None
    period: str
    state: str
    opened_at: dt.datetime
    due_at: dt.datetime
    signed_at: dt.datetime | None
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureInfo:
    """One hand under a sheet."""

    step: int
    role: str
    person_id: int
    at: dt.datetime
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDetail:
    """One sheet with its items, newest answers, hands and drawn sample."""

    sheet: SheetInfo
    title: str
    scope_name: str
    version: int
    items: Sequence[ItemSpec]
    answers: Mapping[str, AnswerInfo]
    signers: Sequence[str]
    signatures: Sequence[SignatureInfo]
    current_hash: str
    returned_reason: str
    void_reason: str
    sample: Sequence[str]

    @property
    def done(self) -> int:
        """Return how many items have an answer."""
        return sum(1 for each in self.answers.values() if each.value is not None)

    @property
    def next_role(self) -> str:
        """Return the position whose hand comes next, empty when all have signed."""
        step = len(self.signatures)
        return self.signers[step] if step < len(self.signers) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseInfo:
    """One abnormal item that waits to be put right."""

    id: int
    number: str
    sheet_id: int
    item: str
    state: str
    due_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whether a recorded draw is what its seed and population give again."""

    is_population_same: bool
    is_choice_same: bool
    population: int
    size: int

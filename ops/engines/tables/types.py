"""What services and selectors of imports hand out, and what an app's loader hands in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .intake import Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchInfo:
    """One import batch; `known` says that the same content had been imported before."""

    id: int
    number: str
    profile: str
    file_name: str
    state: str
    rows_read: int
    accepted: int
    duplicate: int
    rejected: int
    control_totals: Mapping[str, Any]
    reasons: Mapping[str, int]
    rejects_file: str
    message: str
    scope_kind: str
    scope_id: int | None
    options: Mapping[str, Any]
    created_at: dt.datetime
    finished_at: dt.datetime | None
    known: bool = False


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a loader did with the rows of an intake; every row must be accounted for.

    `accepted` and `duplicate` count rows of the file, `rejects` are rows the loader turned down
    after the profile had accepted them. `rows_read` is given where a row of the file is not a unit
    of the load (statements read line by line). `totals` are the control totals shown to people.
    `refused` says why nothing was loaded at all: the batch ends as refused, its rejects are kept,
    and the same content may come again.
    """

    accepted: int
    duplicate: int = 0
    rejects: Sequence[Reject] = ()
    totals: Mapping[str, Any] = field(default_factory=dict)
    rows_read: int | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The object an import belongs to, such as a channel."""

    kind: str
    id: int

"""What outside sources hand out: plain and frozen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What may be changed of a source: its name, when figures are owed, who answers, on what terms.

    `weekday` counts for weekly sources only; `hour` is a business hour from 0 to 23.
    """

    title: str
    rhythm: str
    weekday: int = 1
    hour: int = 9
    owner: str
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """One source as services answer it."""

    id: int
    code: str
    profile: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """One file that was sent; `known` says that the same bytes lie there or were read before."""

    id: int
    source_id: int
    state: str
    file_name: str
    sha256: str
    sent_at: dt.datetime
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeReport:
    """What one run did: files by what came of them, and sources told of as late."""

    taken: int = 0
    known: int = 0
    refused: int = 0
    failed: int = 0
    late: int = 0

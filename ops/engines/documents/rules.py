"""What a version is, in plain functions: its digest, its next review, what changed."""

from __future__ import annotations

import datetime as dt
import difflib
from calendar import monthrange
from collections.abc import Sequence
from typing import Final

from ops.engines.kernel.canonical import content_hash

FLOW: Final = "rule_document"
SUBJECT: Final = "documents.documentversion"
TRIAL_NOTICE: Final = dt.timedelta(days=30)  # ANX-8.2-02: the owner is warned before a trial ends
MOST_LETTERS: Final = 200_000


def digest_of(*, code: str, number: int, text: str) -> str:
    """Return the sha256 of what a version says; readers and approvers cite it."""
    return content_hash({"code": code, "number": number, "text": text})


def review_day(effective_on: dt.date, months: int) -> dt.date:
    """Return the day a version is reviewed: the same day some months on, or the month's last."""
    month = effective_on.month - 1 + months
    year, number = effective_on.year + month // 12, month % 12 + 1
    return dt.date(year, number, min(effective_on.day, monthrange(year, number)[1]))


def changes(before: str, after: str) -> Sequence[tuple[str, str]]:
    """Return the lines that went ("-"), came ("+") or stand beside them (" "), in order."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [(line[0], line[1:]) for line in list(lines)[2:] if not line.startswith("@@")]


def blocks(text: str) -> Sequence[tuple[str, str]]:
    """Return a text as its reader sees it: headings (#), points (-) and paragraphs, in order."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        said = line.strip()
        if said.startswith("#"):
            found.append(("heading", said.lstrip("# ")))
        elif said.startswith(("- ", "* ")):
            found.append(("point", said[2:].strip()))
        elif said:
            found.append(("paragraph", said))
    return found

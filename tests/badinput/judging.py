"""What every refusal must look like."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import environ
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction

from tests.badinput.ground import Rollback, changed, state_hash

FULL = environ.get("GUIFAN_FAULTS") == "full"
"""All values everywhere; otherwise a sample by a seed that is fixed per operation."""
PARTS = 6  # a sample is cut into so many tests, for the workers to share
SLOWEST = 2.0
# A body refused before its fields are looked at: what is too long or cannot be read has no place.
WHOLE_BODY = frozenset({"http.too_large", "input.json_number", "input.text_broken"})
PROBLEM = "application/problem+json"
T = TypeVar("T")


@dataclass
class Verdicts:
    """What went wrong, one line each."""

    lines: list[str] = field(default_factory=list)

    def say(self, name: str, sent: object, answer: Any, why: str) -> None:
        """Note one failed demand."""
        told = answer.content[:200].decode(errors="replace") if answer is not None else ""
        self.lines.append(f"{name}: {why}: sent {shown(sent)} got {told}")

    def hold(self) -> None:
        """Fail with everything that went wrong."""
        if self.lines:
            pytest.fail("\n".join(self.lines), pytrace=False)


def shown(sent: object) -> str:
    """Return what was sent, short."""
    text = ascii(sent)
    return text if len(text) < 300 else f"{text[:140]}...{text[-140:]}"


def seed_of(name: str) -> int:
    """Return a number that stays the same for a name."""
    return zlib.crc32(name.encode()) % 1000


def drawn(rows: Iterable[T], most: int, name: Callable[[T], str] = str) -> list[T]:
    """Return all rows at full length, otherwise the same few every time, chosen by their names."""
    kept = list(rows)
    if FULL or len(kept) <= most:
        return kept
    few = set(sorted((zlib.crc32(name(row).encode()), at) for at, row in enumerate(kept))[:most])
    return [kept[at] for at in sorted(at for _seed, at in few)]


def parted(rows: Sequence[T]) -> list[tuple[T, ...]]:
    """Return the rows in parts, one test each: one row a part at full length, else few parts."""
    if FULL:
        return [(row,) for row in rows]
    return [tuple(rows[at::PARTS]) for at in range(min(PARTS, len(rows)))]


def one_by_one(
    verdicts: Verdicts, rows: Iterable[T], name: Callable[[T], str] = str
) -> Iterator[T]:
    """Yield rows; what was sent meanwhile must leave the database as it was.

    Looked at after every row at full length, once after all of them in a sample.
    """
    before, names = state_hash(), []
    for row in rows:
        yield row
        names.append(name(row))
        if FULL and (tables := changed(before)):
            verdicts.lines.append(f"{names[-1]}: refusals changed {tables}")
            before = state_hash()
    if not FULL and (tables := changed(before)):
        verdicts.lines.append(f"one of {', '.join(names)}: refusals changed {tables}")


@contextmanager
def unchanged(verdicts: Verdicts, name: str) -> Iterator[None]:
    """Demand that the block leaves the state of the database as it was."""
    before = state_hash()
    yield
    if tables := changed(before):
        verdicts.lines.append(f"{name}: refusals changed {tables}")


def asked(request: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Send a request by a function; what it did is undone if it was taken, kept if it was refused.

    A slow answer is asked for again: the fastest of three counts, for a machine has other work.
    """
    answer = _asked(request, *args, **kwargs)
    for _again in range(2):
        if answer.seconds <= SLOWEST:
            break
        again = _asked(request, *args, **kwargs)
        answer.seconds = min(answer.seconds, again.seconds)
    return answer


def _asked(request: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    answer: Any = None
    began = time.monotonic()
    try:
        with transaction.atomic():
            answer = request(*args, **kwargs)
            if answer.status_code < 400 or connection.needs_rollback or _is_broken():
                raise Rollback
    except Rollback:
        pass
    answer.seconds = time.monotonic() - began
    return answer


def _is_broken() -> bool:
    """Say whether a statement failed in this transaction outside a savepoint of its own."""
    raw = connection.connection
    return bool(raw is not None and raw.get_transaction_status() == 3)


def why_wrong(answer: Any, *, pointer: str = "", may_accept: bool = False) -> str:
    """Return what is wrong with an answer of the API, empty when nothing is."""
    status = answer.status_code
    if status >= 500:
        return f"broke with {status}"
    if answer.seconds > SLOWEST:
        return f"took {answer.seconds:.1f} s"
    if status < 400:
        return "" if may_accept else f"was taken with {status}"
    if not answer.headers.get("Content-Type", "").startswith(PROBLEM):
        return f"{status} is no problem+json"
    return _wrong_problem(json.loads(answer.content), status, pointer)


def _wrong_problem(body: dict[str, Any], status: int, pointer: str) -> str:
    if body.get("status") != status or not body.get("code") or not body.get("detail"):
        return "the problem says too little"
    pointers = [entry.get("pointer", "") for entry in body.get("errors", [])]
    if body["code"] == "http.database_refused":
        return "only the database refused it"
    if body["code"] in WHOLE_BODY:
        return ""
    if pointer and not any(one.startswith(pointer) for one in pointers):
        return f"{status} points to {pointers}, not to {pointer}"
    return ""

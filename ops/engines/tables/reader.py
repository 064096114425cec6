"""The only door for uploaded tables: a confined child reads, the parent gets plain records.

`open_table(path, name=...)` starts `python -m ops.engines.tables.child` with the standard library
alone, capped in memory, CPU and time, without the right to open another file or a socket. The child
streams normalised records into an unnamed temporary file; `SafeTable.records()` reads them lazily,
as often as wished. A child that dies is a refused file, never a second try.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from .errors import TableRefused, note, refused
from .limits import DEFAULT, MIB, Limits

_ROOT: Final = Path(__file__).resolve().parents[3]
TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(TEXT_SUFFIXES, "text"),
    ".xlsx": "workbook",
}

# First line of the record in the file, problems as "column:code ...", cells.
Record = list[str]


@dataclass(frozen=True, slots=True)
class ReadWish:
    """What a file layout asks of the reader.

    `delimiter` None is found, "" takes whole lines; `titles` are normal column titles that help to
    find it; `zipped` admits a ZIP of a few texts; `suffixes` are further text
    endings; `markup` admits text that looks like XML.
    """

    delimiter: str | None = None
    quotes: bool = True
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    titles: frozenset[str] = frozenset()
    sheet: str | None = None
    gz: bool = False
    zipped: bool = False
    suffixes: tuple[str, ...] = ()
    markup: bool = False


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What was found out about a file, shown beside its preview."""

    kind: str
    encoding: str
    delimiter: str
    sheet: str
    rows: int
    sha256: str
    size: int
    raw_notes: tuple[Mapping[str, Any], ...] = ()

    @property
    def notes(self) -> list[str]:
        """Return the remarks people must see before they import."""
        return [note(**dict(facts)) for facts in self.raw_notes]


class SafeTable:
    """A read and judged table; close it, or use it in a `with` statement."""

    def __init__(self, info: TableInfo, rows: BinaryIO) -> None:
        self.info = info
        self._rows = rows

    def records(self) -> Iterator[Record]:
        """Yield [line, problems, cell, ...] from the start; one iteration at a time."""
        self._rows.seek(0)
        text = io.TextIOWrapper(self._rows, "utf-8", newline="")
        try:
            yield from csv.reader(text)
        finally:
            text.detach()

    def close(self) -> None:
        """Give the temporary file back."""
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_table(
    path: Path, *, name: str, wish: ReadWish = ReadWish(), limits: Limits = DEFAULT
) -> SafeTable:
    """Read the file at `path`, called `name` by whoever sent it, in a confined child.

    Raises TableRefused (TableTooLarge, TableKindRefused): the file as a whole is not accepted.
    """
    kind = _kind(name, wish)
    csv.field_size_limit(max(csv.field_size_limit(), limits.field_chars))
    with path.open("rb") as source:
        size = source.seek(0, io.SEEK_END)
        if size > limits.file_bytes:
            raise refused("file_too_large", limit=limits.file_bytes)
        if not size:
            raise refused("no_rows")
        source.seek(0)
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        rows = tempfile.TemporaryFile()  # noqa: SIM115 the table keeps it open
        try:
            answer = _run_child(source, rows, kind, wish, limits)
            if "refused" in answer:
                raise refused(answer["refused"], **answer["facts"])
        except TableRefused:
            rows.close()
            raise
    summary = answer["summary"]
    info = TableInfo(
        kind=summary["kind"],
        encoding=summary["encoding"],
        delimiter=summary["delimiter"],
        sheet=summary["sheet"],
        rows=summary["rows"],
        sha256=sha256,
        size=size,
        raw_notes=tuple(summary["notes"]),
    )
    return SafeTable(info, rows)


def _kind(name: str, wish: ReadWish) -> str:
    suffix = Path(name.replace("\\", "/").replace("\0", "")).suffix.casefold()
    if suffix == ".gz":
        inner = _kind(name[:-3], wish)
        if not wish.gz or inner != "text":
            raise refused("gzip_unwanted")
        return "gzip"
    if suffix == ".zip" and wish.zipped:
        return "zip"
    if suffix in wish.suffixes:
        return "text"
    if suffix not in _KINDS:
        raise refused("unsupported", suffix=ascii(suffix)[1:-1][:12])
    return _KINDS[suffix]


def _run_child(
    source: BinaryIO, rows: BinaryIO, kind: str, wish: ReadWish, limits: Limits
) -> dict[str, Any]:
    with tempfile.TemporaryFile() as scratch, tempfile.TemporaryFile() as answer:
        request = {
            "kind": kind,
            "wish": {**asdict(wish), "titles": sorted(wish.titles)},
            "limits": asdict(limits),
            "scratch": scratch.fileno(),
            "answer": answer.fileno(),
        }
        # -S and -E: no installed package and no PYTHON* setting reaches the child.
        child = subprocess.Popen(
            [sys.executable, "-E", "-s", "-S", "-m", f"{__package__}.child", json.dumps(request)],
            cwd=_ROOT,
            env={"LC_ALL": "C.UTF-8"},
            stdin=source,
            stdout=rows,
            stderr=subprocess.DEVNULL,
            pass_fds=(scratch.fileno(), answer.fileno()),
            start_new_session=True,
        )
        try:
            code = child.wait(timeout=limits.wall_seconds + 1)
        except subprocess.TimeoutExpired:
            raise refused("too_costly") from None
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        answer.seek(0)
        text = answer.read(MIB)
    if code != 0 or not text:
        # SIGALRM, SIGXCPU, SIGXFSZ, SIGKILL: the limits; anything else is the file's doing too.
        raise refused("too_costly" if code in (-14, -24, -25, -9) else "reader_died")
    found: dict[str, Any] = json.loads(text)
    return found

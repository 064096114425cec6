"""The normal form the parent reads: UTF-8 CSV records of line, problems, cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

Record = tuple[int | str, ...]


@dataclass(slots=True)
class Summary:
    """What was found while reading, told to people beside the preview."""

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    rows: int = 0
    notes: list[dict[str, str | int]] = field(default_factory=list)

    def note(self, code: str, **facts: str | int) -> None:
        """Add one remark that people must see before they import."""
        self.notes.append({"code": code, **facts})


def write_records(out: BinaryIO, records: Iterable[Record]) -> None:
    """Stream records to `out`; each is (line, problems, cell, cell, ...)."""
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    csv.writer(text, lineterminator="\r\n").writerows(records)  # so that a lone CR is quoted too
    text.flush()
    text.detach()


def problems(found: Iterable[tuple[int, str]]) -> str:
    """Return cell problems as `column:code` words; column counts from 0, -1 is the whole row."""
    return " ".join(f"{column}:{code}" for column, code in found)

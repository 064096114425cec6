"""Long tables for paper: widths that fit, texts folded into lines, lines filled into pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NARROW, WIDE = 4, 36
UNIT, GAP = 0.6, 0.8  # em per unit of width, em between columns
PITCH = 1.35  # em from line to line
_BROAD = frozenset("mwMW@%&—…")
_CAPS = (WIDE, 28, 20, 14, 10, 6)
_SMALLEST, _USUAL = 6.5, 8.0
_POINTS = {True: (773.0, 470.0), False: (527.0, 716.0)}  # landscape? -> room in points


@dataclass(frozen=True, slots=True)
class Paper:
    """How a table lies on the page."""

    widths: list[int]
    is_landscape: bool
    size: float


def lay(heads: Sequence[str], numbers: Sequence[bool], rows: Sequence[Sequence[str]]) -> Paper:
    """Choose widths, direction and letter size; numbers never fold, long texts do."""
    sample = rows[:: max(1, len(rows) // 2_000)]
    texts = [max((width_of(row[i]) for row in sample), default=0) for i in range(len(heads))]
    full = [max(NARROW, width_of(head), held) for head, held in zip(heads, texts, strict=True)]
    for cap in _CAPS:
        widths = [
            width if is_number else min(width, cap)
            for width, is_number in zip(full, numbers, strict=True)
        ]
        if _size(widths, is_landscape=False) >= _USUAL:
            return Paper(widths, is_landscape=False, size=_USUAL)
        if (size := _size(widths, is_landscape=True)) >= _SMALLEST or cap == _CAPS[-1]:
            return Paper(widths, is_landscape=True, size=min(_USUAL, size))
    raise AssertionError("the narrowest cap always answers")


def width_of(text: str) -> int:
    """Return how many units of width a text takes: two for a broad letter, else one."""
    return sum(2 if c in _BROAD or unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def fold(text: str, width: int) -> list[str]:
    """Cut a text into lines of at most `width` units."""
    if len(text) * 2 <= width:
        return [text]
    lines, line, room = [], "", width
    for letter in text:
        taken = width_of(letter)
        if taken > room and line:
            lines.append(line)
            line, room = "", width
        line, room = line + letter, room - taken
    return [*lines, line]


def pages(
    heads: Sequence[str], paper: Paper, rows: Sequence[Sequence[str]]
) -> list[dict[str, Any]]:
    """Fill pages with rows: per column one text, and the lines before which a rule is drawn.

    A row is never split; the heading comes first on each page.
    """
    room = int(_POINTS[paper.is_landscape][1] / (paper.size * PITCH))
    head = _lines(heads, paper)
    made: list[dict[str, Any]] = []
    page = _Page(head)
    for row in rows:
        lines = _lines(row, paper)
        left = room - (6 if not made else 0)  # title and band stand on the first page
        if page.rows and page.height + len(lines[0]) > left:
            made.append(page.told())
            page = _Page(head)
        page.add(lines)
    return [*made, page.told()]


class _Page:
    """One page being filled: lines per column."""

    def __init__(self, head: list[list[str]]) -> None:
        self.columns = [list(lines) for lines in head]
        self.rules = [len(head[0])]
        self.rows = 0

    @property
    def height(self) -> int:
        return len(self.columns[0])

    def add(self, lines: list[list[str]]) -> None:
        """Put a row below the last one; every fifth gets a rule."""
        if self.rows and self.rows % 5 == 0:
            self.rules.append(self.height)
        self.rows += 1
        for column, more in zip(self.columns, lines, strict=True):
            column.extend(more)

    def told(self) -> dict[str, Any]:
        """Return the page as the template takes it."""
        return {
            "columns": ["\n".join(column) for column in self.columns],
            "rules": self.rules,
            "lines": self.height,
        }


def _lines(row: Sequence[str], paper: Paper) -> list[list[str]]:
    """Fold a row's texts and give all of them the same number of lines."""
    folded = [
        fold(" ".join(text.split("\n")), width)
        for text, width in zip(row, paper.widths, strict=True)
    ]
    tallest = max(map(len, folded))
    return [lines + [""] * (tallest - len(lines)) for lines in folded]


def _size(widths: Sequence[int], *, is_landscape: bool) -> float:
    """Return the letter size at which the columns fill the page's breadth."""
    return _POINTS[is_landscape][0] / (sum(widths) * UNIT + (len(widths) - 1) * GAP)

"""A trend within a row: a small line with its marks, and the same in words.

The words are what a screen reader says and what a file carries; nothing is told by colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH: Final = 108
_HEIGHT: Final = 28
_EDGE: Final = 4


@dataclass(frozen=True, slots=True)
class Trend:
    """Values in order of time, None where there is none.

    `words` say the same as text; `marks` are places at which something happened; `low_is_best`
    draws the smallest value on top, as ranks want it.
    """

    values: Sequence[int | None]
    words: str
    marks: frozenset[int] = frozenset()
    low_is_best: bool = False

    def __str__(self) -> str:
        return self.words


def svg(trend: Trend) -> SafeString:
    """Draw a trend: a line that breaks at gaps, a dot at its end, a stroke at every mark."""
    points = list(_points(trend))
    shown = [point for point in points if point is not None]
    return format_html(
        '<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        _WIDTH,
        _HEIGHT,
        trend.words,
        format_html_join(
            "",
            '<line class="mark" x1="{}" x2="{}" y1="0" y2="{}"/>',
            ((_across(trend, place), _across(trend, place), _HEIGHT) for place in _inside(trend)),
        ),
        format_html_join("", '<polyline points="{}"/>', ((line,) for line in _lines(points))),
        format_html_join("", '<circle cx="{}" cy="{}" r="2.5"/>', shown[-1:]),
    )


def _inside(trend: Trend) -> list[int]:
    return sorted(place for place in trend.marks if 0 <= place < len(trend.values))


def _across(trend: Trend, place: int) -> int:
    last = max(len(trend.values) - 1, 1)
    return _EDGE + place * (_WIDTH - 2 * _EDGE) // last


def _points(trend: Trend) -> Iterator[tuple[int, int] | None]:
    known = [value for value in trend.values if value is not None]
    low, high = (min(known), max(known)) if known else (0, 0)
    for place, value in enumerate(trend.values):
        if value is None:
            yield None
            continue
        above = (value - low) if trend.low_is_best else (high - value)
        yield _across(trend, place), _EDGE + above * (_HEIGHT - 2 * _EDGE) // max(high - low, 1)


def _lines(points: Sequence[tuple[int, int] | None]) -> Iterator[str]:
    """Yield the stretches without a gap; a single point is a line too short to see."""
    line: list[str] = []
    for point in [*points, None]:
        if point is not None:
            line.append(f"{point[0]},{point[1]}")
        elif line:
            yield " ".join(line)
            line = []

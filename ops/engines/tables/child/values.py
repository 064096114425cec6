"""What one stored cell comes to, given the strings and styles of its workbook."""

from __future__ import annotations

from collections.abc import Callable

from ops.engines.tables.inert import unmark
from ops.engines.tables.limits import EXCEL_CELL_CHARS

from .cells import read_number, read_serial, read_text
from .package import Book
from .refusal import Refusal

_MOST_REMEMBERED = 50_000


class Columns(dict[str, int]):
    """Column letters -> index, each worked out once."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __missing__(self, letters: str) -> int:
        index = 0
        for letter in letters:
            if not "A" <= letter <= "Z" or len(letters) > 3:
                raise Refusal("bad_reference", reference=ascii(letters)[1:21])
            index = index * 26 + ord(letter) - 64
        if not 1 <= index <= self.most:
            raise Refusal("too_many_columns", line=0, limit=self.most)
        self[letters] = index - 1
        return index - 1


class _Remembered(dict[str, tuple[str, str]]):
    """Raw text -> what it comes to, worked out once for the first many different texts."""

    def __init__(self, work_out: Callable[[str], tuple[str, str]]) -> None:
        super().__init__()
        self.work_out = work_out

    def __missing__(self, raw: str) -> tuple[str, str]:
        found = self.work_out(raw)
        if len(self) < _MOST_REMEMBERED:
            self[raw] = found
        return found


class Values:
    """Turns a cell's type, style and raw text into exact text and a problem code or ""."""

    def __init__(self, book: Book) -> None:
        self.strings = [_own_text(text, problem) for text, problem in book.strings]
        self.dates, self.from_1904 = book.date_styles, book.from_1904
        self.shared = _Remembered(self._shared)
        self.numbers = _Remembered(read_number)

    def read(self, kind: str, style: str, raw: str) -> tuple[str, str]:
        """Return the text and the problem of one cell.

        Raises Refusal when a shared string does not exist.
        """
        if kind == "s":
            return self._shared(raw)
        if kind in ("n", ""):
            return self._number(style, raw.strip())
        if kind in ("inlineStr", "str"):
            return _own_text(*read_text(raw))
        if kind == "b":
            return ("TRUE" if raw == "1" else "FALSE"), ""
        if kind == "d":
            return raw.replace("T", " ").removesuffix(" 00:00:00"), ""
        return raw[:40], "error_value"

    def _shared(self, raw: str) -> tuple[str, str]:
        if not (raw.isdecimal() and raw.isascii()) or int(raw[:10]) >= len(self.strings):
            raise Refusal("bad_reference", reference=f"shared string {ascii(raw)[1:13]}")
        return self.strings[int(raw)]

    def _number(self, style: str, raw: str) -> tuple[str, str]:
        if not raw:
            return "", ""
        if day := self.dates.get(style):
            return read_serial(raw, with_time=day == "moment", from_1904=self.from_1904)
        return read_number(raw)


def _own_text(text: str, problem: str) -> tuple[str, str]:
    if len(text) > EXCEL_CELL_CHARS:
        return text[:40], "too_long"
    return (unmark(text) if text[:1] == "'" else text), problem

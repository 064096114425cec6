"""Pages, tables and words in both languages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import override


@dataclass
class Page:
    """One page: its file, its title, one sentence about it, and its parts."""

    name: str
    title: str
    about: str
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the page as it is stored."""
        head = [f"# {self.title}", "", self.about, ""]
        return "\n".join([*head, *self.parts]).rstrip("\n") + "\n"

    def say(self, *lines: str) -> None:
        """Add a paragraph."""
        self.parts += [*lines, ""]

    def head(self, words: str, level: int = 2) -> None:
        """Add a heading."""
        self.say(f"{'#' * level} {words}")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add a table; an empty one says so."""
        lines = ["| " + " | ".join(cell(one) for one in row) + " |" for row in rows]
        if not lines:
            self.say("None.")
            return
        self.say(f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines)


def cell(value: Any) -> str:
    """Return a value as it stands in a cell."""
    if isinstance(value, list | tuple | set | frozenset):
        value = ", ".join(str(one) for one in value)
    return re.sub(r"\s+", " ", str(value)).replace("|", "\\|").strip()


def code(value: Any) -> str:
    """Return a name set as code; nothing stays nothing."""
    return f"`{value}`" if value else ""


def zh(words: Any) -> str:
    """Return words in Chinese."""
    with override("zh-hans"):
        return str(words)


def en(words: Any) -> str:
    """Return words in English."""
    with override("en"):
        return str(words)


def both(words: Any) -> str:
    """Return words in both languages, once where they are the same."""
    chinese, english = zh(words), en(words)
    return chinese if chinese == english else f"{chinese} / {english}"


def about(thing: Any) -> str:
    """Return the first paragraph of a docstring."""
    return re.sub(r"\s+", " ", (inspect.getdoc(thing) or "").partition("\n\n")[0])


def dotted(thing: Any) -> str:
    """Return where a function or class stands."""
    return f"{thing.__module__}.{getattr(thing, '__qualname__', type(thing).__qualname__)}"

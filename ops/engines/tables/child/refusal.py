"""How the child says no: a code and plain facts, worded and translated by the parent."""

from __future__ import annotations


class Refusal(Exception):
    """The whole file is refused; nothing of it may be used."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

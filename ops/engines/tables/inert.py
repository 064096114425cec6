"""The mark that keeps text from being run as a formula, and its removal.

A text that a spreadsheet program could take for a formula gets one leading apostrophe. The rule is
a bijection: a text is marked when it is risky, and a text that starts with an apostrophe before a
risky rest loses exactly that one. So `unmark(mark(x)) == x` for every text. Standard library only:
the reading child uses it too.
"""

from __future__ import annotations

import re

MARK = "'"
# Programs skip these before they look for a formula; ; | , start a new cell under another locale.
_SKIPPED = (
    " \t\n\r\x0b\x0c\x00'\";|,\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_TRIGGERS = "=+\\-@\t\r\n＝＋－＠"
_RISKY = re.compile(f"[{_SKIPPED}]*[{_TRIGGERS}]")
# The same class for PostgreSQL, which cannot hold NUL and reads \u escapes itself.
RISKY_SQL = (
    "^[ \\t\\n\\r\\x0b\\x0c'\";|,\\u0085\\u00a0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f"
    "\\u205f\\u3000\\ufeff]*[-=+@\\t\\r\\n＝＋－＠]"
)


def is_risky(text: str) -> bool:
    """Say whether a spreadsheet program could take the text for a formula."""
    return _RISKY.match(text) is not None


def mark(text: str) -> str:
    """Return the text as inert text for a CSV cell."""
    return MARK + text if _RISKY.match(text) else text


def unmark(text: str) -> str:
    """Return what `mark` was given."""
    return text[1:] if text[:1] == MARK and _RISKY.match(text, 1) else text

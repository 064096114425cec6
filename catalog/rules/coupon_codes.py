"""Coupon codes: one normal form, and a check character that catches a slip of the finger.

Made codes are drawn from a source of randomness for secrets: nobody can guess the next one.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

# Crockford's alphabet: no I, L, O, U, so that no code is misread or spells a word.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAWN: Final = 11
LENGTH: Final = DRAWN + 1
_SHAPE: Final = re.compile(r"[0-9A-Z]{4,32}")
_VALUE: Final = {letter: value for value, letter in enumerate(ALPHABET)}


def normal(text: str) -> str | None:
    """Return a code in its normal form (NFKC, capitals), None when it can't be one."""
    code = unicodedata.normalize("NFKC", text).strip().upper()
    return code if _SHAPE.fullmatch(code) else None


def check_character(drawn: str) -> str:
    """Return the character that makes a code check (Luhn, modulo 32)."""
    return ALPHABET[-_luhn(drawn, doubled=True) % len(ALPHABET)]


def is_made(code: str) -> bool:
    """Say whether a code in normal form could have been made here: it checks."""
    return (
        len(code) == LENGTH
        and all(letter in _VALUE for letter in code)
        and _luhn(code, doubled=False) % len(ALPHABET) == 0
    )


def make() -> str:
    """Return a new code: 55 random bits and its check character."""
    drawn = "".join(secrets.choice(ALPHABET) for _place in range(DRAWN))
    return drawn + check_character(drawn)


def masked(code: str) -> str:
    """Return a code as lists show it: first two and last two characters."""
    return f"{code[:2]}{'*' * (len(code) - 4)}{code[-2:]}"


def _luhn(text: str, *, doubled: bool) -> int:
    total, base = 0, len(ALPHABET)
    for letter in reversed(text):
        value = _VALUE[letter] * (2 if doubled else 1)
        total += value // base + value % base
        doubled = not doubled
    return total

"""How SKU codes are made and checked: patterns, check digits, GTINs (CAT-4.1-01).

A pattern is literal capitals, digits and hyphens with parts in braces: `{sequence:5}` (exactly
one, 3 to 9 digits at least), `{check}` (last, ISO 7064 MOD 37,36), `{category}` (the category's
own code) and any other name, such as `{brand}` or an attribute's key, whose codes the rule lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput

Words = Mapping[str, Mapping[str, str]]

SEQUENCE: Final = "sequence"
CHECK: Final = "check"
CATEGORY: Final = "category"
GTIN_LENGTHS: Final = (8, 12, 13, 14)
MOST: Final = 64
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PART = re.compile(r"\{([a-z][a-z0-9_]{0,39})(?::([3-9]))?\}|([A-Z0-9-]+)", re.ASCII)
_WORD = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)
_USUAL_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a pattern: a literal text, or the name of a value; `digits` of the sequence."""

    name: str
    literal: str = ""
    digits: int = 0


def read_pattern(pattern: str) -> tuple[Part, ...]:
    """Read a pattern into its parts; raises BadInput for the field `pattern`."""
    parts: list[Part] = []
    end = 0
    for found in _PART.finditer(pattern):
        if found.start() != end:
            break
        end = found.end()
        name, digits, literal = found.groups()
        if digits and name != SEQUENCE:
            raise _bad("catalog.pattern_digits", _("Only {sequence} takes a number of digits."))
        parts.append(Part(name or "", literal or "", int(digits or _USUAL_DIGITS)))
    if end != len(pattern) or not parts:
        raise _bad(
            "catalog.pattern_unreadable",
            _("Use capitals, digits, hyphens and parts such as {brand} or {sequence:5}."),
        )
    names = [part.name for part in parts if part.name]
    if names.count(SEQUENCE) != 1:
        raise _bad("catalog.pattern_sequence", _("A pattern holds {sequence} exactly once."))
    if CHECK in names and (names.count(CHECK) > 1 or parts[-1].name != CHECK):
        raise _bad("catalog.pattern_check", _("{check} stands once, at the end."))
    return tuple(parts)


def read_words(parts: tuple[Part, ...], words: Words) -> dict[str, dict[str, str]]:
    """Return the rule's own codes by part and value, canonical.

    Raises BadInput for a list that is missing, of no part, with a code that is not 1 to 12
    capitals or digits, or with one code for two values.
    """
    wanted = {part.name for part in parts if part.name} - {SEQUENCE, CHECK, CATEGORY}
    if wanted != set(words):
        odd = min(wanted ^ set(words))
        raise BadInput(
            "catalog.pattern_words",
            _("List codes for exactly the parts of the pattern: see %(part)s.") % {"part": odd},
            field="words",
        )
    for listed in words.values():
        codes = list(listed.values())
        if not codes or len(set(codes)) != len(codes):
            raise BadInput(
                "catalog.word_twice",
                _("Each part lists values, and each value has a code of its own."),
                field="words",
            )
        if not all(_WORD.fullmatch(code) for code in codes):
            raise BadInput(
                "catalog.word_wrong",
                _("A code has 1 to 12 capitals or digits."),
                field="words",
            )
    return {name: dict(sorted(words[name].items())) for name in sorted(words)}


def shape(parts: tuple[Part, ...], words: Words) -> str:
    """Return the regular expression every code of the rule matches: the database holds it too."""
    return "^" + "".join(_shape(part, words) for part in parts) + "$"


def stem(parts: tuple[Part, ...], words: Words, facts: Mapping[str, str]) -> str:
    """Return what stands before the sequence: codes with the same stem count together.

    Raises BadInput naming the part whose value the rule has no code for.
    """
    written = ""
    for part in parts:
        if part.name == SEQUENCE:
            break
        written += _value(part, words, facts)
    return written


def compose(parts: tuple[Part, ...], words: Words, facts: Mapping[str, str], number: int) -> str:
    """Return the code with this number of the sequence; raises BadInput as `stem`."""
    written = ""
    for part in parts:
        if part.name == SEQUENCE:
            written += str(number).zfill(part.digits)
        elif part.name == CHECK:
            written += check_character(written)
        else:
            written += _value(part, words, facts)
    if len(written) > MOST:
        raise _bad("catalog.code_long", _("The code would be longer than 64 characters."))
    return written


def check_character(text: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character; hyphens do not count.

    It finds every single wrong character and nearly every exchange of two neighbours.
    """
    product = 36
    for character in text.replace("-", ""):
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(1 - product) % 36]


def read_gtin(text: str) -> str:
    """Return a GTIN of 8, 12, 13 or 14 digits whose check digit is right; raises BadInput."""
    if not (text.isascii() and text.isdigit()) or len(text) not in GTIN_LENGTHS:
        raise BadInput(
            "catalog.gtin_length",
            _("A barcode (GTIN) has 8, 12, 13 or 14 digits."),
            field="barcode",
        )
    right = gtin_digit(text[:-1])
    if text[-1] != right:
        raise BadInput(
            "catalog.gtin_check_digit",
            _("The check digit of the barcode is wrong: %(last)s should be %(right)s.")
            % {"last": text[-1], "right": right},
            field="barcode",
        )
    return text


def gtin_digit(body: str) -> str:
    """Return the check digit of a GTIN's other digits: weights 3 and 1 from the right."""
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))
    )
    return str(-total % 10)


def _shape(part: Part, words: Words) -> str:
    if part.literal:
        return part.literal
    if part.name == SEQUENCE:
        return f"[0-9]{{{part.digits},}}"
    if part.name == CHECK:
        return "[0-9A-Z]"
    if part.name == CATEGORY:
        return "[A-Z0-9-]+"
    return f"({'|'.join(sorted(words[part.name].values()))})"


def _value(part: Part, words: Words, facts: Mapping[str, str]) -> str:
    if part.literal:
        return part.literal
    value = facts.get(part.name, "")
    written = value if part.name == CATEGORY else words[part.name].get(value, "")
    if not written:
        raise BadInput(
            "catalog.word_missing",
            _("The coding rule has no code for this value of %(part)s: %(value)s.")
            % {"part": part.name, "value": value or "—"},
            field=part.name,
        )
    return written


def _bad(code: str, words: object) -> BadInput:
    return BadInput(code, str(words), field="pattern")

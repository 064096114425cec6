"""What may be kept of a typed text: words for goods, never a person (SYS-6.2-09)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput

MOST_LETTERS: Final = 40
LEAST_WORDS: Final = 2
MOST_WORDS: Final = 12
# Phone numbers, identity cards, orders and waybills all have six digits, whatever stands between.
_PERSON: Final = re.compile(r"@|(?:\d\D*){6}")


def compared(text: str) -> str:
    """Return a text in the form in which it is compared: width, case and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def loggable(text: str) -> str:
    """Return the word to keep of a search without result; "" when nothing may be kept.

    Too short to mean anything, too long for a word, without a letter, or like somebody's number or
    address: not kept.
    """
    word = compared(text)
    fits = 2 <= len(word) <= MOST_LETTERS and any(letter.isalpha() for letter in word)
    return word if fits and not _PERSON.search(word) and word.isprintable() else ""


def read_words(given: Sequence[str]) -> list[str]:
    """Return words that mean the same in the form in which they are compared, in order.

    Raises BadInput naming `words`: fewer than two different ones, more than twelve, or one that is
    no word.
    """
    words = sorted({word for text in given if (word := compared(text))})
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise BadInput(
            "catalog.synonyms_count",
            _("Name two to twelve different words that mean the same."),
            field="words",
        )
    for word in words:
        if loggable(word if len(word) > 1 else word * 2) == "" or not _is_word(word):
            raise BadInput(
                "catalog.synonym_word",
                _("%(word)s is no word: use letters, digits and blanks, at most 40.")
                % {"word": word},
                field="words",
            )
    return words


def split_words(text: str) -> list[str]:
    """Return the words of a line: separated by comma, semicolon, equals sign or line break."""
    return [part for part in re.split(r"[,，;；=＝、\n]", text) if part.strip()]


def _is_word(word: str) -> bool:
    return all(letter.isalnum() or letter == " " for letter in word)

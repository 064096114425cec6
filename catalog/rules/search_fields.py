"""What a listing and a page say to a search: words, a title, a description, by length (CAT-4.3-14).

Too long is refused by name when it is written; too short is a remark, because a shop may open
before its words are found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

MOST_KEYWORDS: Final = 30
MOST_KEYWORD: Final = 40
MOST_SEARCH_TITLE: Final = 60
MOST_SEARCH_TEXT: Final = 160
LEAST_SEARCH_TITLE: Final = 10
LEAST_SEARCH_TEXT: Final = 30


def read_keywords(sent: object) -> tuple[str, ...]:
    """Read search words: at most 30 of at most 40 characters, each once in any case or width.

    Raises BadInput naming `keywords`.
    """
    if isinstance(sent, str) or not isinstance(sent, Sequence):
        raise BadInput("input.list", gettext_lazy("Not a list."), field="keywords")
    read = tuple(_word(word) for word in sent)
    if len(read) > MOST_KEYWORDS or len({parse.code_key(word) for word in read}) != len(read):
        raise BadInput(
            "catalog.keywords",
            gettext_lazy("At most 30 search words, each once."),
            field="keywords",
        )
    return read


def shortcomings(*, title: str, text: str, keywords: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the fields that are too short to be found by, each with what to do."""
    if len(title) < LEAST_SEARCH_TITLE:
        words = _("A title for search has 10 to 60 characters; the page's title stands in.")
        yield "search_title", words
    if len(text) < LEAST_SEARCH_TEXT:
        yield "search_text", _("A description for search has 30 to 160 characters.")
    if not keywords:
        yield "keywords", _("No search word yet: name what buyers type.")


def _word(word: object) -> str:
    try:
        return parse.text(word, most=MOST_KEYWORD, least=1).strip()
    except BadInput as error:
        raise BadInput(error.code, error.message, field="keywords") from error

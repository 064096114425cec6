"""One normal form for column titles: width, blanks, byte order marks and zero-width signs gone."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile("[\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff\u00ad]")


def normal_title(text: str) -> str:
    """Return the title as people see it: NFKC, single blanks, no marks they cannot see."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(seen.split()).lstrip("`'").strip()

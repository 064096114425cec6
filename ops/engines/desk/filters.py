"""Quick filters of a list: read from the address, shown as they were set, never remembered."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

Text = str | Promise
Choice = tuple[str, Text]
MOST_KEYS: Final = 1000
KEPT_SECONDS: Final = 60
SPANS: Final = (
    ("today", _("Today")),
    ("yesterday", _("Yesterday")),
    ("7d", _("Last 7 days")),
    ("30d", _("Last 30 days")),
    ("month", _("This month")),
    ("lastmonth", _("Last month")),
)
_NEXT = re.compile(r"([+-])([0-9]{1,3})")
_PLAIN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of business days, both ends included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Kept:
    """Choices that seldom change, such as shops and warehouses: asked once a minute and person.

    `key` names them among all. What became choosable since is still accepted when chosen.
    """

    key: str
    choices: Callable[[Actor], Iterable[tuple[str, str]]]

    def __call__(self, actor: Actor) -> Iterable[Choice]:
        """Return the choices as they were within the last minute, for the same rights."""
        held = repr((sorted(actor.roles), sorted((k, sorted(v)) for k, v in actor.scopes.items())))
        place = f"desk.choices.{self.key}.{actor.user_id}.{sha256(held.encode()).hexdigest()}"
        found: list[tuple[str, str]] | None = cache.get(place)
        if found is None:
            found = list(self.choices(actor))
            cache.set(place, found, KEPT_SECONDS)
        return found


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: `choice` (choices given or computed), `text`, `day`, `span`, or `keys` (pasted).

    A relative span is kept relative in the address and printed with the dates it means.
    """

    key: str
    title: Text
    kind: str = "choice"
    choices: Sequence[Choice] | Callable[[Actor], Iterable[Choice]] = ()
    placeholder: Text = ""

    def options(self, actor: Actor) -> list[Choice]:
        """Return what may be chosen."""
        if self.kind == "span":
            return list(SPANS)
        return list(self.choices(actor) if callable(self.choices) else self.choices)

    def _allowed(self, text: str, actor: Actor) -> Iterable[Choice]:
        found = self.options(actor)
        if isinstance(self.choices, Kept) and text not in {value for value, _title in found}:
            return self.choices.choices(actor)
        return found

    def read(self, text: str, *, actor: Actor, today: dt.date) -> Any:
        """Return the value the address names, None when nothing is set; raises BadInput."""
        if not text.strip():
            return None
        match self.kind:
            case "choice":
                if text not in {str(value) for value, _title in self._allowed(text, actor)}:
                    raise BadInput("list.filter", _("This filter has no such choice."))
                return text
            case "day":
                return loose_day(text, today=today)
            case "span":
                return span_of(text, today=today)
            case "keys":
                return keys_in(text)
            case _:
                return parse.text(text.strip(), most=100)


def span_of(text: str, *, today: dt.date) -> Span:
    """Read a relative span, or `2026-11-01..2026-11-21`; raises BadInput."""
    month = today.replace(day=1)
    spans = {
        "today": (today, today),
        "yesterday": (today - dt.timedelta(days=1), today - dt.timedelta(days=1)),
        "7d": (today - dt.timedelta(days=6), today),
        "30d": (today - dt.timedelta(days=29), today),
        "month": (month, today),
        "lastmonth": ((month - dt.timedelta(days=1)).replace(day=1), month - dt.timedelta(days=1)),
    }
    if text in spans:
        return Span(*spans[text])
    first, dots, last = text.partition("..")
    if not dots:
        day = loose_day(text, today=today)
        return Span(day, day)
    return Span(loose_day(first, today=today), loose_day(last, today=today))


def loose_day(text: str, *, today: dt.date) -> dt.date:
    """Read a day as people type it: 2026-11-21, 20261121, 2026/11/21, +7, 月末, today.

    Raises BadInput for anything else.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace("/", "-").replace(".", "-")
    next_month = (today.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    words = {
        "today": today,
        "今天": today,
        "昨天": today - dt.timedelta(days=1),
        "明天": today + dt.timedelta(days=1),
        "月初": today.replace(day=1),
        "月末": next_month - dt.timedelta(days=1),
    }
    if plain in words:
        return words[plain]
    if match := _NEXT.fullmatch(plain):
        days = int(match[2])
        return today + dt.timedelta(days=days if match[1] == "+" else -days)
    if match := _PLAIN.fullmatch(plain):
        plain = f"{match[1]}-{match[2]}-{match[3]}"
    elif plain.count("-") == 2:
        year, month, day = plain.split("-")
        plain = f"{year}-{month:>02}-{day:>02}"
    return parse.day(plain)


def loose_number(text: str) -> str:
    """Return a typed number in the strict form: half-width digits, no thousands commas.

    Nothing is guessed: what is no number stays as it was and the strict reader refuses it.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    grouped = re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", plain)
    return plain.replace(",", "") if grouped else plain


def keys_in(text: str) -> tuple[str, ...]:
    """Return pasted keys, one per line or blank, in order, each once; raises BadInput."""
    found = tuple(dict.fromkeys(re.split(r"[\s,;，；、]+", text.strip())))
    if len(found) > MOST_KEYS:
        raise BadInput(
            "list.keys",
            _("At most %(most)s numbers at once; %(count)s were pasted.")
            % {"most": MOST_KEYS, "count": len(found)},
        )
    return tuple(parse.text(key, most=100) for key in found if key)


def set_of(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return only the filters that are set."""
    return {key: value for key, value in filters.items() if value is not None}

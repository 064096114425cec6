"""Declared templates of sheets: what is asked, who fills and signs, when it is opened and due.

An app declares its sheets in its own `sheets.py` through `declaring.sheet`; services name a
template by its key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from ops.engines.jobs.timetables import Calendar
from ops.engines.kernel.policy import Policy, may
from ops.engines.sheets.choices import ItemKind, Layout
from ops.engines.sheets.due import Due
from ops.engines.sheets.types import ItemSpec, Option, Words

Text = str | Promise
Choices = Sequence[tuple[str, Text]]
# (scope id, first and last business day, now) -> the ids of the records a sample is drawn from
Population = Callable[[int | None, dt.date, dt.date, dt.datetime], Iterable[str]]


def words(text: Text) -> Words:
    """Return a declared text in both languages."""
    with translation.override("zh-hans"):
        zh = str(text)
    with translation.override("en"):
        en = str(text)
    return Words(zh, "" if en == zh else en)


def _item(key: str, title: Text, kind: ItemKind, **more: Any) -> ItemSpec:
    for name in ("hint", "unit"):
        if name in more:
            more[name] = words(more[name])
    return ItemSpec(key=key, title=words(title), kind=kind, **more)


def _options(choices: Choices) -> tuple[Option, ...]:
    return tuple(Option(key, words(title)) for key, title in choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One declared item; `made` gives it in both languages once catalogues are there."""

    key: str
    make: Callable[[], ItemSpec]


def yes_no(
    key: str, title: Text, *, abnormal: str = "no", required: bool = True, hint: Text = ""
) -> Item:
    """Ask yes or no; the answer named `abnormal` ("no", "yes" or "") raises a case."""
    wrong = (abnormal,) if abnormal else ()
    return Item(
        key=key,
        make=lambda: _item(
            key, title, ItemKind.YES_NO, abnormal=wrong, is_required=required, hint=hint
        ),
    )


def number(
    key: str,
    title: Text,
    *,
    unit: Text = "",
    least: str | None = None,
    most: str | None = None,
    required: bool = True,
    hint: Text = "",
) -> Item:
    """Ask for a number; one outside `least` to `most` is kept and raises a case."""
    return Item(
        key=key,
        make=lambda: _item(
            key,
            title,
            ItemKind.NUMBER,
            unit=unit,
            least=None if least is None else Decimal(least),
            most=None if most is None else Decimal(most),
            is_required=required,
            hint=hint,
        ),
    )


def choice(
    key: str,
    title: Text,
    choices: Choices,
    *,
    abnormal: Sequence[str] = (),
    required: bool = True,
    hint: Text = "",
) -> Item:
    """Ask for one of a list; the answers named `abnormal` raise a case."""
    return Item(
        key=key,
        make=lambda: _item(
            key,
            title,
            ItemKind.CHOICE,
            options=_options(choices),
            abnormal=tuple(abnormal),
            is_required=required,
            hint=hint,
        ),
    )


def table(
    key: str, title: Text, columns: Choices, *, required: bool = True, hint: Text = ""
) -> Item:
    """Ask for rows of texts under named columns."""
    return Item(
        key=key,
        make=lambda: _item(
            key,
            title,
            ItemKind.TABLE,
            options=_options(columns),
            is_required=required,
            hint=hint,
        ),
    )


def text(key: str, title: Text, *, required: bool = True, hint: Text = "") -> Item:
    """Ask for words."""
    return _plain(key, title, ItemKind.TEXT, required=required, hint=hint)


def photo(key: str, title: Text, *, required: bool = True, hint: Text = "") -> Item:
    """Ask for one or more photos."""
    return _plain(key, title, ItemKind.PHOTO, required=required, hint=hint)


def signature(key: str, title: Text, *, required: bool = True, hint: Text = "") -> Item:
    """Ask a person to say in their own session that they were there."""
    return _plain(key, title, ItemKind.SIGNATURE, required=required, hint=hint)


def day(key: str, title: Text, *, required: bool = True, hint: Text = "") -> Item:
    """Ask for a date."""
    return _plain(key, title, ItemKind.DAY, required=required, hint=hint)


def _plain(key: str, title: Text, kind: ItemKind, *, required: bool, hint: Text) -> Item:
    return Item(key=key, make=lambda: _item(key, title, kind, is_required=required, hint=hint))


@dataclass(frozen=True, slots=True)
class Sampling:
    """A drawn sample: `size` of the records `population` names."""

    size: int
    population: Population


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One declared kind of sheet; see `declaring.sheet` for what the fields mean."""

    key: str
    title: Text
    area: str
    items: tuple[Item, ...]
    signers: tuple[str, ...]
    fillers: tuple[str, ...]
    owner: str
    watchers: tuple[str, ...]
    due: Due
    readers: tuple[str, ...] = ()
    scope: str = ""
    scopes: Callable[[], Iterable[int]] | None = None
    opened_by: str = ""
    watched_by: str = ""
    cadence: Calendar | None = None
    case_days: int = 3
    layout: Layout = Layout.STEPS
    sampling: Sampling | None = None
    clauses: tuple[str, ...] = ()
    about: Text = ""

    @property
    def read(self) -> Policy:
        """Return the right to see sheets of this kind."""
        return may(self.area, "V", *self.readers)

    @property
    def fill(self) -> Policy:
        """Return the right to fill one in."""
        return may(self.area, "C", *self.fillers)

    @property
    def concerned(self) -> frozenset[str]:
        """Return the positions that have work with it: fill in, sign, watch, settle its cases."""
        return frozenset((*self.fillers, *self.signers, *self.watchers, self.owner))

    @property
    def flow(self) -> str:
        """Name the approval flow of new versions."""
        return f"sheet_{self.key}"

    def specs(self) -> list[ItemSpec]:
        """Return the declared items in both languages."""
        return [item.make() for item in self.items]


_templates: dict[str, Template] = {}


def enter(template: Template) -> Template:
    """Enter a template into the registry; raises RuntimeError when its key is taken."""
    if _templates.setdefault(template.key, template) is not template:
        raise RuntimeError(f"sheet {template.key} is declared twice")
    return template


def template_named(key: str) -> Template:
    """Return the template with this key; raises LookupError when nobody declared it."""
    try:
        return _templates[key]
    except KeyError:
        raise LookupError(f"no sheet is named {key}") from None


def templates() -> Mapping[str, Template]:
    """Return every declared template by key."""
    return MappingProxyType(_templates)

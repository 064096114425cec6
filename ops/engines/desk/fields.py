"""Fields of forms and of actions: read by the one strict parser, errors beside the field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.desk import formats
from ops.engines.desk.filters import loose_day, loose_number
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, OpsError

Text = str | Promise
Choice = tuple[str, Text]
MOST_LINES: Final = 500
CARRIED: Final = frozenset(("csrfmiddlewaretoken", "step", "action"))
"""What a form carries beside its fields: where it comes from and which button was pressed."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    `kind` is one of text, lines (several), code, quantity, money, number, day, moment, choice,
    choices (several), flag, file, hidden, proof (a one-time code). `least`, `most`, `places`,
    `negative` are passed to the parser.
    """

    key: str
    title: Text
    kind: str = "text"
    required: bool = True
    hint: Text = ""
    unit: Text = ""
    choices: Sequence[Choice] | Callable[[Actor], Iterable[Choice]] = ()
    least: int = 0
    most: int = 200
    places: int = 2
    negative: bool = False
    accept: str = ""
    autocomplete: str = "off"
    suggestions: Sequence[str] = ()

    def options(self, actor: Actor) -> list[Choice]:
        """Return what may be chosen."""
        return list(self.choices(actor) if callable(self.choices) else self.choices)

    def read(self, text: str, *, actor: Actor, today: dt.date) -> Any:
        """Return the value of a typed text, None when empty and optional; raises BadInput."""
        if self.kind == "flag":
            return text in ("on", "true", "1", "yes")
        if not text.strip():
            if self.required:
                raise BadInput("form.required", _("Please fill this in."))
            return None
        if self.kind == "choice":
            if text not in {str(value) for value, _title in self.options(actor)}:
                raise BadInput("form.choice", _("Please choose one of the list."))
            return text
        if self.kind == "day":
            return loose_day(text, today=today)
        return _READERS.get(self.kind, _read_text)(self, text)

    def write(self, value: Any) -> str:
        """Return the text a value has in the field."""
        if value is None or value is False:
            return ""
        if isinstance(value, dt.datetime):
            return formats.moment(value)
        if isinstance(value, dt.date):
            return value.isoformat()
        return "on" if value is True else str(value)

    def shown(self, value: Any, *, actor: Actor) -> str:
        """Return a value as the check page prints it."""
        if self.kind in ("choice", "choices"):
            titles = dict(self.options(actor))
            picked = (value or ()) if self.kind == "choices" else [value] if value else ()
            return _(", ").join(str(titles.get(each, each)) for each in picked) or formats.MISSING
        if self.kind in _SHOWN:
            return _SHOWN[self.kind](value)
        if isinstance(value, UploadedFile):
            return str(value.name)
        return self.write(value) or formats.MISSING


def _read_text(field: Field, text: str) -> str:
    return parse.text(text.strip(), most=field.most, least=field.least)


_READERS: Final[Mapping[str, Callable[[Field, str], Any]]] = {
    "quantity": lambda f, text: parse.quantity(loose_number(text), least=f.least),
    "money": lambda f, text: parse.money(loose_number(text), places=f.places, negative=f.negative),
    "moment": lambda _f, text: parse.moment(text.strip(), zone=parse.BUSINESS_ZONE),
    "code": lambda f, text: parse.code(text.strip(), most=f.most),
    "lines": lambda f, text: parse.text(
        text.replace("\r\n", "\n"), most=f.most, lines=True
    ).strip(),
}
_SHOWN: Final[Mapping[str, Callable[[Any], str]]] = {
    "flag": lambda value: _("Yes") if value else _("No"),
    "money": formats.money,
    "quantity": formats.number,
}


@dataclass(frozen=True, slots=True)
class LineFields:
    """A table of rows to fill in; pasted spreadsheet rows fill it. Empty rows are left out."""

    key: str
    title: Text
    fields: Sequence[Field]
    rows: int = 5
    required: bool = True
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A titled group of three to seven fields."""

    title: Text
    fields: Sequence[Field | LineFields]
    hint: Text = ""


@dataclass(slots=True)
class Bound:
    """One field as it stands in the page: typed text, error, choices."""

    field: Field
    name: str
    text: str = ""
    error: str = ""
    options: Sequence[Choice] = ()
    picked: Sequence[str] = ()
    ident: str = ""

    def __post_init__(self) -> None:
        """Let the id be the name unless a page shows several forms."""
        self.ident = self.ident or self.name

    @property
    def describedby(self) -> str:
        """Return the ids of hint and error for aria-describedby."""
        ids = [f"{self.ident}-hint"] if self.field.hint else []
        if self.error:
            ids.append(f"{self.ident}-error")
        return " ".join(ids)


@dataclass(slots=True)
class BoundLines:
    """A table of rows as it stands in the page."""

    lines: LineFields
    rows: list[list[Bound]]
    error: str = ""

    @property
    def name(self) -> str:
        """Return the name errors link to."""
        return self.lines.key


@dataclass(slots=True)
class Reading:
    """The outcome of reading a form: values, and what stands in the page."""

    values: dict[str, Any] = field(default_factory=dict)
    bound: dict[str, Bound | BoundLines] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)


def read_form(
    fields: Iterable[Field | LineFields],
    *,
    data: MultiValueDict[str, str],
    files: Mapping[str, Any],
    actor: Actor,
    today: dt.date,
    carried: Collection[str] = (),
) -> Reading:
    """Read every field; their errors are collected. `carried` are names that the page adds.

    Raises BadInput for a name the form does not offer (S6): it is refused, never ignored.
    """
    fields = list(fields)
    _refuse_strangers(fields, {*data, *files} - {*carried})
    reading = Reading()
    for each in fields:
        if isinstance(each, LineFields):
            _read_lines(each, reading, data=data, actor=actor, today=today)
        else:
            bound, value = _read_one(each, each.key, data, files, actor=actor, today=today)
            reading.bound[each.key] = bound
            reading.values[each.key] = value
            if bound.error:
                reading.errors.append((bound.name, _named(each.title, bound.error)))
    return reading


def _refuse_strangers(fields: Sequence[Field | LineFields], sent: Iterable[str]) -> None:
    plain = {each.key for each in fields if isinstance(each, Field)}
    tables = {each.key: each for each in fields if isinstance(each, LineFields)}
    for name in sorted(sent):
        key, _dash, rest = name.partition("-")
        number, _dash, column = rest.partition("-")
        is_cell = (
            key in tables
            and number.isascii()
            and number.isdigit()
            and column in {one.key for one in tables[key].fields}
        )
        if name not in plain and name not in CARRIED and not is_cell:
            raise BadInput(
                "form.unknown_field",
                _("This form has no field “%(name)s”.") % {"name": ascii(name[:40])[1:-1]},
            )


def blank_form(
    fields: Iterable[Field | LineFields], *, initial: Mapping[str, Any], actor: Actor
) -> Reading:
    """Return the form as it stands before typing."""
    reading = Reading()
    for each in fields:
        if isinstance(each, LineFields):
            given = list(initial.get(each.key) or ())
            wanted = max(each.rows, len(given) + 1)
            rows = [
                [_blank(f, f"{each.key}-{n}-{f.key}", row, actor) for f in each.fields]
                for n, row in enumerate([*given, *({} for _unused in range(wanted - len(given)))])
            ]
            reading.bound[each.key] = BoundLines(each, rows)
        else:
            reading.bound[each.key] = _blank(each, each.key, initial, actor)
    return reading


def place_error(reading: Reading, refusal: OpsError) -> None:
    """Put what a service refused beside the field its context names, or on top."""
    name = str(refusal.context.get("field", ""))
    bound = reading.bound.get(name)
    if bound is not None:
        bound.error = str(refusal)
    reading.errors.append((name if bound is not None else "", str(refusal)))


def _blank(each: Field, name: str, initial: Mapping[str, Any], actor: Actor) -> Bound:
    value = initial.get(each.key)
    many = [str(v) for v in value or ()] if each.kind == "choices" else []
    text = "" if many else each.write(value)
    return Bound(each, name, text, options=each.options(actor), picked=many)


def _read_one(
    each: Field,
    name: str,
    data: MultiValueDict[str, str],
    files: Mapping[str, Any],
    *,
    actor: Actor,
    today: dt.date,
) -> tuple[Bound, Any]:
    bound = Bound(each, name, data.get(name) or "", options=each.options(actor))
    try:
        if each.kind == "file":
            return bound, _file(each, files.get(name))
        if each.kind == "choices":
            bound.picked = data.getlist(name)
            return bound, _several(each, bound)
        return bound, each.read(bound.text, actor=actor, today=today)
    except BadInput as refusal:
        bound.error = str(refusal)
        return bound, None


def _file(each: Field, upload: Any) -> Any:
    if upload is None and each.required:
        raise BadInput("form.required", _("Please choose a file."))
    return upload


def _several(each: Field, bound: Bound) -> list[str]:
    allowed = {str(value) for value, _title in bound.options}
    if not set(bound.picked) <= allowed:
        raise BadInput("form.choice", _("Please choose one of the list."))
    if each.required and not bound.picked:
        raise BadInput("form.required", _("Please fill this in."))
    return list(bound.picked)


def _read_lines(
    each: LineFields,
    reading: Reading,
    *,
    data: MultiValueDict[str, str],
    actor: Actor,
    today: dt.date,
) -> None:
    bound, values = BoundLines(each, []), []
    for number in _line_numbers(each, data):
        names = [(f, f"{each.key}-{number}-{f.key}") for f in each.fields]
        typed = any((data.get(name) or "").strip() for f, name in names if f.kind != "flag")
        if not typed:
            bound.rows.append([_blank(f, name, {}, actor) for f, name in names])
            continue
        pairs = [_read_one(f, name, data, {}, actor=actor, today=today) for f, name in names]
        bound.rows.append([pair[0] for pair in pairs])
        values.append({f.key: value for (f, _name), (_b, value) in zip(names, pairs, strict=True)})
        for b, _value in pairs:
            if b.error:
                words = _("Line %(line)s, %(field)s: %(error)s")
                say = {"line": number + 1, "field": b.field.title, "error": b.error}
                reading.errors.append((b.name, words % say))
    if each.required and not values:
        bound.error = _("Please fill in at least one line.")
        reading.errors.append((each.key, _named(each.title, bound.error)))
    reading.bound[each.key] = bound
    reading.values[each.key] = values


def _named(title: Text, error: str) -> str:
    return _("%(field)s: %(error)s") % {"field": title, "error": error}


def _line_numbers(each: LineFields, data: Mapping[str, Any]) -> list[int]:
    found = set(range(each.rows))
    for name in data:
        key, _dash, rest = name.partition("-")
        number = rest.partition("-")[0]
        if key == each.key and number.isascii() and number.isdigit():
            found.add(int(number))
    if max(found, default=0) >= MOST_LINES:
        raise BadInput("form.lines", _("At most %(most)s lines at once.") % {"most": MOST_LINES})
    return sorted(found)

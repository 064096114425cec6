"""What a fact is: past tense, ids, texts and dates, nothing that could be looked up later."""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from ops.engines.kernel.canonical import plain

F = TypeVar("F", bound="Fact")

_names: dict[str, str] = {}

_READERS: Mapping[type, Callable[[Any], Any]] = {
    int: int,
    str: str,
    bool: bool,
    dt.date: dt.date.fromisoformat,
    dt.datetime: dt.datetime.fromisoformat,
    uuid.UUID: uuid.UUID,
    Decimal: Decimal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened; a subclass names it and holds the ids a handler needs.

    `dated_on` is the business day the effect belongs to: its period cannot close while the fact is
    undelivered. Facts of one `ordering_key` reach a handler in order; the empty key runs free.
    """

    name: ClassVar[str]
    dated_on: dt.date | None = None

    def __init_subclass__(cls) -> None:
        """Refuse a second class of the same name.

        Raises TypeError; the copy that `slots=True` makes of a class counts as the class.
        """
        place = f"{cls.__module__}.{cls.__name__}"
        name = cls.__dict__.get("name")
        if name is not None and _names.setdefault(name, place) != place:
            raise TypeError(f"fact {name} is declared by {_names[name]} and by {place}")

    @property
    def ordering_key(self) -> str:
        """Return the document whose facts must stay in order; "" when order does not matter."""
        return ""


_readers: dict[type[Fact], dict[str, Callable[[Any], Any]]] = {}


def payload_of(fact: Fact) -> dict[str, Any]:
    """Return the fields of a fact as JSON has them, without `dated_on`."""
    return {
        field.name: plain(getattr(fact, field.name))
        for field in dataclasses.fields(fact)
        if field.name != "dated_on"
    }


def rebuilt(kind: type[F], payload: Mapping[str, Any], dated_on: dt.date | None) -> F:
    """Return the fact a payload was made from; a field added since takes its default."""
    readers = readers_of(kind)
    values = {name: readers[name](value) for name, value in payload.items() if name in readers}
    return kind(dated_on=dated_on, **values)


def readers_of(kind: type[Fact]) -> dict[str, Callable[[Any], Any]]:
    """Return how each field is read back from JSON.

    Raises TypeError for a field that is not made of ids, texts, numbers and dates.
    """
    if kind not in _readers:
        hints = typing.get_type_hints(kind)
        _readers[kind] = {
            field.name: _reader(hints[field.name], f"{kind.__qualname__}.{field.name}")
            for field in dataclasses.fields(kind)
            if field.name != "dated_on"
        }
    return _readers[kind]


def _reader(hint: Any, where: str) -> Callable[[Any], Any]:
    arguments = typing.get_args(hint)
    if isinstance(hint, type) and hint in _READERS:
        return _READERS[hint]
    if typing.get_origin(hint) in {types.UnionType, typing.Union} and type(None) in arguments:
        (inner,) = [argument for argument in arguments if argument is not type(None)]
        read = _reader(inner, where)
        return lambda value: None if value is None else read(value)
    if typing.get_origin(hint) is tuple and arguments[1:] == (...,):
        read_item = _reader(arguments[0], where)
        return lambda value: tuple(read_item(item) for item in value)
    raise TypeError(f"{where}: a fact holds ids, texts, numbers and dates")

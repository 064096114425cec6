"""Reading a JSON object field by field: refusals name the field, unknown fields are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

T = TypeVar("T")
Kind = TypeVar("Kind", bound=StrEnum)
MOST_ENTRIES = 20_000


class FieldRefused(BadInput):
    """One field of a rule can't be read; `context["field"]` is its dotted path."""

    def __init__(self, field: str, why: object) -> None:
        super().__init__(
            "catalog.rule_field",
            _("%(field)s: %(why)s") % {"field": field, "why": why},
            field=field,
        )


class Fields:
    """The fields of one JSON object, taken out one by one."""

    def __init__(self, content: object, path: str = "") -> None:
        self._path = path
        if not isinstance(content, Mapping):
            raise FieldRefused(path or "rule", _("Not an object."))
        self._left = {str(name): value for name, value in content.items() if value is not None}

    def at(self, name: str) -> str:
        """Return the dotted path of a field."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Say whether a field is given and not taken yet."""
        return name in self._left

    def refuse(self, name: str, why: object) -> FieldRefused:
        """Return the refusal of a field."""
        return FieldRefused(self.at(name), why)

    def close(self) -> None:
        """Refuse what nobody asked for."""
        for name in self._left:
            raise self.refuse(name, _("There is no such field here."))

    def take(self, name: str, read: Callable[[object], T]) -> T | None:
        """Take a field that may be absent."""
        if name not in self._left:
            return None
        try:
            return read(self._left.pop(name))
        except FieldRefused:
            raise
        except BadInput as error:
            raise self.refuse(name, error.message) from error

    def need(self, name: str, read: Callable[[object], T]) -> T:
        """Take a field that must be there."""
        if name not in self._left:
            raise self.refuse(name, _("This field is needed."))
        value = self.take(name, read)
        assert value is not None  # noqa: S101 - readers return a value or raise
        return value

    def part(self, name: str) -> Fields:
        """Take an object; absent is empty."""
        return Fields(self._left.pop(name, {}), self.at(name))

    def each(self, name: str, *, most: int = MOST_ENTRIES) -> Sequence[object]:
        """Take a list; absent is empty."""
        found = self._left.pop(name, ())
        if not isinstance(found, Sequence) or isinstance(found, str):
            raise self.refuse(name, _("Not a list."))
        if len(found) > most:
            raise self.refuse(name, _("At most %(most)s entries.") % {"most": most})
        return found

    def many(
        self, name: str, read: Callable[[object], T], *, most: int = MOST_ENTRIES
    ) -> tuple[T, ...]:
        """Take a list of plain values, each once."""
        values: list[T] = []
        for place, entry in enumerate(self.each(name, most=most)):
            try:
                values.append(read(entry))
            except BadInput as error:
                raise self.refuse(f"{name}.{place}", error.message) from error
        if len(set(values)) != len(values):
            raise self.refuse(name, _("An entry stands there twice."))
        return tuple(values)

    def parts(self, name: str, *, most: int = 100) -> tuple[Fields, ...]:
        """Take a list of objects."""
        found = self.each(name, most=most)
        return tuple(Fields(entry, self.at(f"{name}.{place}")) for place, entry in enumerate(found))

    def flag(self, name: str) -> bool:
        """Take a yes or no; absent is no."""
        found = self._left.pop(name, False)
        if not isinstance(found, bool):
            raise self.refuse(name, _("Not true or false."))
        return found

    def choice(self, name: str, kind: type[Kind], default: Kind | None = None) -> Kind:
        """Take one word of a list."""
        if default is not None and name not in self._left:
            return default
        found = self.need(name, parse.code)
        if found not in {one.value for one in kind}:
            words = ", ".join(one.value for one in kind)
            raise self.refuse(name, _("One of: %(words)s.") % {"words": words})
        return kind(found)


def money(value: object) -> Decimal:
    """Read an amount to the cent."""
    return parse.money(value)


def positive_money(value: object) -> Decimal:
    """Read an amount above zero."""
    amount = parse.money(value)
    if not amount:
        raise BadInput("catalog.rule_zero", _("Must be above zero."))
    return amount


def percent(value: object) -> Decimal:
    """Read a percentage off: above 0, at most 100, two decimals."""
    number = parse.money(value)
    if not 0 < number <= 100:
        raise BadInput("catalog.rule_percent", _("A percentage off lies above 0 and up to 100."))
    return number


def pieces(value: object) -> int:
    """Read a count of at least one."""
    return parse.quantity(value, least=1)


def count(value: object) -> int:
    """Read a count that may be zero."""
    return parse.quantity(value)

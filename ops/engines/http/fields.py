"""Serializer fields that read by the kernel's strict rules and write canonical text."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput

Read = TypeVar("Read")


def _read(reader: Callable[[], Read]) -> Read:
    try:
        return reader()
    except BadInput as error:
        raise serializers.ValidationError(str(error.message), code=error.code) from error


class StrictCharField(serializers.CharField):
    """Text without control, reversing or invisible marks, NFC-normal."""

    def __init__(self, *, max_length: int = 200, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, trim_whitespace=False, **kwargs)
        self.most, self.lines = max_length, lines

    def to_internal_value(self, data: Any) -> str:
        """Read a text."""
        least = 0 if self.allow_blank else 1
        return _read(lambda: parse.text(data, most=self.most, least=least, lines=self.lines))


class CodeField(serializers.CharField):
    """A code, exactly as written."""

    def __init__(self, *, max_length: int = 64, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, trim_whitespace=False, **kwargs)
        self.most = max_length

    def to_internal_value(self, data: Any) -> str:
        """Read a code."""
        return _read(lambda: parse.code(data, most=self.most))


class QuantityField(serializers.IntegerField):
    """A whole number of base units, written as a JSON number."""

    def __init__(self, *, least: int = 0, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=parse.MAX_QUANTITY, **kwargs)
        self.least = least

    def to_internal_value(self, data: Any) -> int:
        """Read a quantity."""
        if isinstance(data, str):
            raise serializers.ValidationError(_("Not a whole number."), code="input.quantity")
        return _read(lambda: parse.quantity(data, least=self.least))

    def to_representation(self, value: Any) -> int:
        """Write a quantity."""
        return int(value)


class IdField(QuantityField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(least=1, **kwargs)


class MoneyField(serializers.DecimalField):
    """An exact amount, written as text: "12.50"."""

    def __init__(self, *, places: int = 2, negative: bool = False, **kwargs: Any) -> None:
        super().__init__(max_digits=14 + places, decimal_places=places, **kwargs)
        self.places, self.negative = places, negative

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Take only null for nothing: the framework would read an empty text as null."""
        return (False, data) if data == "" else super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Decimal:
        """Read an amount; a JSON number is refused."""
        if not isinstance(data, str):
            raise serializers.ValidationError(
                _("Not an amount: write it as text, such as 12.50."), code="input.money"
            )
        return _read(lambda: parse.money(data, places=self.places, negative=self.negative))

    def to_representation(self, value: Any) -> str:
        """Write an amount as text with all its decimals."""
        return f"{Decimal(value):.{self.places}f}"


class MomentField(serializers.DateTimeField):
    """An ISO 8601 moment with its offset."""

    def to_internal_value(self, value: Any) -> dt.datetime:
        """Read a moment."""
        return _read(lambda: parse.moment(value))

    def to_representation(self, value: Any) -> str:
        """Write a moment in UTC."""
        moment: dt.datetime = value
        return moment.astimezone(dt.UTC).isoformat()


class DayField(serializers.DateField):
    """An ISO 8601 date."""

    def to_internal_value(self, value: Any) -> dt.date:
        """Read a date."""
        return _read(lambda: parse.day(value))


class FlagField(serializers.BooleanField):
    """JSON true or false, nothing that resembles them."""

    def to_internal_value(self, data: Any) -> bool:
        """Read a flag."""
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("Write true or false."), code="input.flag")
        return data


class WordField(serializers.ChoiceField):
    """One word out of a list; a refusal does not repeat what was sent."""

    default_error_messages = {"invalid_choice": _("Please choose one of the list.")}

    def to_internal_value(self, data: Any) -> Any:
        """Read a word; numbers and flags that print like one are refused."""
        if not isinstance(data, str):
            self.fail("invalid_choice")
        return super().to_internal_value(data)

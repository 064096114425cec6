"""Serializers that refuse what they do not know (S6)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from .fields import (
    CodeField,
    DayField,
    FlagField,
    IdField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    WordField,
)

__all__ = [
    "MOST_ROWS",
    "CodeField",
    "DayField",
    "FlagField",
    "IdField",
    "MomentField",
    "MoneyField",
    "QuantityField",
    "StrictCharField",
    "StrictSerializer",
    "WordField",
    "require_nothing",
]


MOST_ROWS = 1000
"""Entries of a list that names no limit of its own: nobody sends ten thousand in one body."""


class StrictSerializer(serializers.Serializer[Any]):
    """Reads input for a service and writes answers; it saves nothing.

    A field that is unknown or read-only is an error, never ignored. A list of them takes at most
    `MOST_ROWS` entries unless it says otherwise.
    """

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> serializers.BaseSerializer[Any]:
        """Return the list form of this serializer, with a limit."""
        kwargs.setdefault("max_length", MOST_ROWS)
        return super().many_init(*args, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Read the input.

        Raises ValidationError with one entry per field.
        """
        if isinstance(data, Mapping):
            writable = {field.field_name for field in self._writable_fields}
            strangers = {
                str(name): [
                    ErrorDetail(
                        str(_("This field may not be sent."))
                        if name in self.fields
                        else str(_("There is no such field.")),
                        code="input.read_only" if name in self.fields else "input.unknown_field",
                    )
                ]
                for name in data
                if name not in writable
            }
            if strangers:
                raise serializers.ValidationError(strangers)
        return super().to_internal_value(data)


def require_nothing(request: Request) -> None:
    """Refuse a body where an action needs none: what is not read must not be sent (S6).

    Raises ValidationError.
    """
    StrictSerializer(data=request.data).is_valid(raise_exception=True)

"""Serializers that refuse what they do not know (S6)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

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
]


class StrictSerializer(serializers.Serializer[Any]):
    """Reads input for a service and writes answers; it saves nothing.

    A field that is unknown or read-only is an error, never ignored.
    """

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

"""References by id or by code."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.errors import goods as errors
from catalog.models import Channel, Product, Sku
from ops.engines.http.serializers import StrictSerializer
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput


class NoInputSerializer(StrictSerializer):
    """No input at all."""


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class RefField(serializers.Field[Any, Any, Any, Any]):
    """A thing by its id (a JSON number) or its code (a JSON string)."""

    def to_internal_value(self, data: Any) -> int | str:
        """Read a reference."""
        try:
            if isinstance(data, str):
                return parse.code(data)
            return parse.quantity(data, least=1)
        except BadInput as error:
            raise serializers.ValidationError(str(error.message), code=error.code) from error

    def to_representation(self, value: Any) -> Any:
        """Write it as it is."""
        return value


def channel_id_of(ref: int | str) -> int:
    """Return the channel a reference names; raises ThingMissing."""
    rows = Channel.objects.all()
    rows = rows.filter(code=ref) if isinstance(ref, str) else rows.filter(pk=ref)
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise errors.ThingMissing("channel", ref)
    return int(found)


def product_id_of(ref: int | str) -> int:
    """Return the product a reference names; raises ThingMissing."""
    rows = Product.objects.all()
    rows = rows.filter(code=ref) if isinstance(ref, str) else rows.filter(pk=ref)
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise errors.ThingMissing("product", ref)
    return int(found)


def channel_of(text: str, *, actor: Actor) -> Channel:
    """Return the channel a query names by code or id; raises ThingMissing, also out of scope."""
    found = Channel.objects.filter(code=text).first()
    if found is None and text.isascii() and text.isdigit() and len(text) < 19:
        found = Channel.objects.filter(pk=int(text)).first()
    allowed = actor.scope_ids("channel", "catalog")
    if found is None or (allowed is not None and found.pk not in allowed):
        raise errors.ThingMissing("channel", text)
    return found


def sku_ids_of(refs: list[int | str]) -> dict[int | str, int]:
    """Return the SKU of each reference, in two queries; raises ThingMissing."""
    codes = [ref for ref in refs if isinstance(ref, str)]
    found: dict[int | str, int] = dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))
    ids = [ref for ref in refs if not isinstance(ref, str)]
    found |= {pk: pk for pk in Sku.objects.filter(pk__in=ids).values_list("pk", flat=True)}
    for ref in refs:
        if ref not in found:
            raise errors.ThingMissing("sku", ref)
    return found


def text_ref(text: str) -> int | str:
    """Read a reference out of a query: a code, or an id when it is all digits and no code."""
    if text.isascii() and text.isdigit() and not Sku.objects.filter(code=text).exists():
        return parse.quantity(text, least=1)
    return parse.code(text)


def read(kind: type[StrictSerializer], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """Return what a serializer reads from a body; raises ValidationError."""
    sent = kind(data=data, partial=partial)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)

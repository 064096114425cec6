"""What the OpenAPI document says beyond the framework's guess: sign-in, refusals, strict input."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from .errors import CONTENT_TYPE
from .serializers import StrictSerializer

# What any operation may answer; 401 and 403 only where somebody must sign in.
_READING: Final = (400, 401, 403, 404, 503)
_WRITING: Final = (*_READING, 409, 413, 415, 422, 429)
_UPDATING: Final = (*_WRITING, 412, 428)


class ProblemEntrySerializer(serializers.Serializer[Any]):
    """One place of the input and what is wrong with it."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ProblemEntrySerializer(many=True)  # type: ignore[assignment]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Token ...`, got from `POST /api/v1/auth/login`."""

    target_class = "ops.engines.http.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI says it."""
        return {"type": "apiKey", "in": "header", "name": "Authorization"}


class HonestSchema(AutoSchema):
    """Describe an operation with its refusals; components are named after their app."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return a name no other app uses, such as `CustomersLineQuestion`."""
        kind = type(serializer)
        parts = kind.__module__.split(".")
        app = parts[2] if parts[:2] == ["ops", "engines"] else parts[0]
        return f"{app.capitalize()}{kind.__name__}"

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """Say that a strict serializer takes no other property."""
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """Add the refusals to the answers."""
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    ProblemSerializer, str(status), (CONTENT_TYPE,), direction
                )
        return dict(sorted(bodies.items()))

    def _refusals(self) -> tuple[int, ...]:
        if self.method in SAFE_METHODS:
            return _READING
        return _UPDATING if self.method in {"PUT", "PATCH"} else _WRITING

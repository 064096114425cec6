"""How the OpenAPI document describes our sign-in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Token ...`, got from `POST /api/v1/auth/login`."""

    target_class = "ops.engines.http.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI says it."""
        return {"type": "apiKey", "in": "header", "name": "Authorization"}

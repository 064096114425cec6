"""Goods by what people type, read by shops and by people (SYS-6.2-09)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import search
from catalog.services import searching
from ops.engines.http.api import PolicyAPIView
from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

MOST_HITS = 50


class SearchView(PolicyAPIView):
    """The goods a text finds among those the caller may see, the best first."""

    policies = {"get": may("catalog", "V")}
    query_params = {"get": frozenset({"q"})}

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True)], responses={200: dict[str, Any]}
    )
    def get(self, request: Request) -> Response:
        """Answer `q=` with at most 50 goods."""
        text = parse.text(request.query_params.get("q") or "", most=search.MOST_TYPED).strip()
        if not text:
            raise BadInput("input.required", _("Say what to search for."), field="q")
        hits = search.found(text=text, actor=self.actor, most=MOST_HITS)
        if not hits:
            searching.note_miss(text=text, at=timezone.now())
        return Response(
            {
                "q": text,
                "results": [
                    {
                        "id": sku.pk,
                        "code": sku.code,
                        "name": sku.name,
                        "product": sku.product.code,
                        "category": sku.product.category.name,
                        "brand": sku.product.brand,
                        "state": sku.state,
                    }
                    for sku in hits
                ],
            }
        )

"""What the slots of a page show, for the storefront that draws it (CAT-4.1-03)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import channel_of
from catalog.choices.pages import PageKind
from catalog.models import ShopPage
from catalog.selectors import display_slots
from catalog.types.display import FilledSlot
from ops.engines.http.api import PolicyAPIView
from ops.engines.kernel import parse
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may


class DisplaySlotView(PolicyAPIView):
    """The slots of a page at a moment, in the order of the page."""

    policies = {"get": may("catalog", "V")}
    query_params = {"get": frozenset({"channel", "page", "at"})}

    @extend_schema(
        parameters=[
            OpenApiParameter("channel", str, required=True),
            OpenApiParameter("page", str, required=True, enum=PageKind.values),
            OpenApiParameter("at", str, description="A moment; now when it is left out."),
        ],
        responses={200: dict[str, Any]},
    )
    def get(self, request: Request) -> Response:
        """Answer `channel=&page=`, and `at=` for another moment than now.

        `sku` is null where nothing on sale fits the slot. `version` is null while no plan is live.
        """
        asked = request.query_params
        for name in ("channel", "page"):
            if not asked.get(name):
                raise BadInput("input.required", _("Say which one."), field=name)
        if asked["page"] not in PageKind.values:
            raise BadInput("input.choice", _("Not a valid choice."), field="page")
        at = parse.moment(asked["at"]) if asked.get("at") else timezone.now()
        channel = channel_of(asked["channel"], actor=self.actor)
        page = ShopPage.objects.get(channel=channel, kind=asked["page"])
        found = display_slots.shown(page_id=page.pk, at=at)
        return Response(
            {
                "channel": channel.code,
                "page": page.kind,
                "at": plain(at),
                "version": found.version if found else None,
                "slots": [_slot(slot) for slot in (found.slots if found else ())],
            }
        )


def _slot(slot: FilledSlot) -> dict[str, Any]:
    good = slot.shown
    return {
        "slot": slot.key,
        "title": slot.title,
        "place": slot.place,
        "size": str(slot.size.value),
        "sku": good.code if good else None,
        "name": good.name if good else None,
        "price": plain(good.price) if good and good.price is not None else None,
        "promotions": list(slot.promotions),
        "in_place_of": slot.wanted.code if slot.wanted and slot.is_replaced else None,
        "why": str(slot.lack.value) if slot.lack else None,
    }

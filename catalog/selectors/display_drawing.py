"""A version of a display plan as its drawing needs it: slots in their sizes with their goods."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.choices.pages import PageKind
from catalog.models import ShopPage
from catalog.selectors import display_slots
from catalog.types.display import FilledSlot
from ops.engines.desk import formats
from ops.engines.revisions.types import RevisionInfo

TEMPLATE: Final = Path(__file__).parent.parent / "display.typ"


def drawing(version: RevisionInfo, *, at: datetime) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what the drawing of a plan shows; slots are filled as they would be at the moment.

    A plan that goes live later is filled as at that moment, as far as it is known now.
    """
    page = ShopPage.objects.select_related("channel").get(pk=version.subject_id)
    moment = max(at, version.publish_at or at)
    slots = display_slots.filled(version.content, channel_id=page.channel_id, at=moment)
    data = {
        "lang": (get_language() or "zh-hans")[:2],
        "shop": page.channel.name,
        "title": version.content["title"],
        "slots": [_slot(each) for each in slots],
        "foot": f"{PageKind(page.kind).label} · {_('version %(no)s') % {'no': version.no}}",
    }
    return data, {}


def _slot(slot: FilledSlot) -> dict[str, str]:
    good = slot.shown
    return {
        "size": str(slot.size.value),
        "title": slot.title,
        "name": good.name if good else _("empty"),
        "price": f"¥{formats.money(good.price)}" if good and good.price is not None else "",
        "mark": _("Promotion") if slot.promotions else "",
        "note": _("in place of %(code)s") % {"code": slot.wanted.code}
        if slot.wanted and slot.is_replaced
        else "",
    }

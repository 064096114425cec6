"""The form of a display plan: a row a slot (CAT-4.1-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.display import SlotRule, SlotSize
from catalog.revised.pages import ARRANGERS
from catalog.rules.pages.displays import SLOT_FIELDS
from catalog.selectors import pages
from ops.engines.desk.contentforms import ContentForm
from ops.engines.desk.screens import Field, Group, LineFields
from ops.engines.kernel.actor import Actor

_SLOT = (
    Field("place", _("Place on the page"), "quantity", least=1),
    Field("key", _("Slot"), "code", most=30),
    Field("title", _("Title"), most=40),
    Field("size", _("Size"), "choice", choices=SlotSize.choices),
    Field("pinned", _("Pinned SKU"), "code", most=64, required=False),
    Field("rule", _("Rule"), "choice", choices=SlotRule.choices),
    Field("category", _("Category code"), "code", most=40, required=False),
    Field("promotion", _("Promotion number"), "code", most=32, required=False),
    Field("since", _("From"), "moment", required=False),
    Field("until", _("Until"), "moment", required=False),
)


class DisplayPlanForm(ContentForm):
    """`/display-plans/<page>/edit/`: the slots of a page, each with its rule and period."""

    policy = ARRANGERS
    title = _("Draft a display plan")
    nav = "display_plans"
    kind = pages.DISPLAY
    key_name = "page_id"
    groups = (
        Group(
            _("Display plan"),
            (
                Field("title", _("Title"), most=60),
                Field("window_days", _("Days of sales that count"), "quantity", least=1,
                      hint=_("1 to 90; best sellers are counted by pieces really sold.")),
            ),
        ),
        Group(
            _("Slots"),
            (
                LineFields(
                    "slots", _("Slots"), _SLOT, rows=4,
                    hint=_("The rule fills the slot, also while its pinned SKU is not on sale. Two"
                           " slots may share a place at different times."),
                ),
            ),
        ),
    )  # fmt: skip

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the open draft, what is live, or a window to begin with."""
        return {"window_days": 30, **super().initial(actor=actor, at=at, **key)}

    def written(self, values: Mapping[str, Any], **key: Any) -> Mapping[str, Any]:
        """Return the plan that was typed."""
        return {
            "title": values["title"],
            "window_days": values["window_days"],
            "slots": [
                {name: row.get(name) or "" for name in SLOT_FIELDS} for row in values["slots"] or ()
            ],
        }

    def shown(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the plan as its fields show it."""
        slots = [
            {
                **slot,
                **{
                    name: dt.datetime.fromisoformat(slot[name]) if slot[name] else None
                    for name in ("since", "until")
                },
            }
            for slot in content["slots"]
        ]
        return {**content, "slots": slots}

    def back_url(self, **key: Any) -> str:
        """Return to the plan."""
        return reverse("catalog:display_plan", args=[key["page_id"]])

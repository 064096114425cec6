"""Price changes of many SKUs at once: by rule, or from a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.rules.endings import ENDINGS
from catalog.selectors import channels
from catalog.selectors.policies import category_choices
from catalog.services import price_rules
from catalog.views.from_file import FILE, GOOD_ROWS, FromFile
from ops.engines.desk.screens import Done, Field, FormScreen, Group
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_DRAFT = may("catalog", "C")


def _code_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(channel.code, channel.name) for channel in channels.visible(actor=actor)]


_WHEN = Group(
    _("When"),
    (
        Field("starts_at", _("From"), "moment", hint=_("Such as 2026-12-01 00:00")),
        Field(
            "ends_at",
            _("Until"),
            "moment",
            required=False,
            hint=_("The former price returns then; empty means until further notice."),
        ),
    ),
)
_TIER = Field(
    "tier", _("Price tier"), "code", most=16, required=False, hint=_("Empty: everybody's price.")
)
_WHY = (
    Field("reason", _("Reason"), most=200, least=2),
    Field("rival_note", _("Why no rival price"), required=False),
)


class RuleForm(FormScreen):
    """`/price-changes/by-rule/`: a category, a percentage, an ending."""

    policy = _DRAFT
    title = _("Change prices by rule")
    nav = "prices"
    submit_label = _("Keep the draft")
    keeps_draft = True
    lead = _(
        "Each price moves by the percentage, rounded half up to the cent, then to the nearest price"
        " with the ending; of two equally near the lower one."
    )
    groups = (
        Group(
            _("Which prices, and how"),
            (
                Field("channel", _("Channel"), "choice", choices=channels.choices),
                Field(
                    "category",
                    _("Category"),
                    "choice",
                    choices=category_choices,
                    required=False,
                ),
                Field(
                    "percent",
                    _("Percentage"),
                    "money",
                    negative=True,
                    unit="%",
                    hint=_("-5 makes prices five per cent lower."),
                ),
                Field(
                    "ending",
                    _("Ending"),
                    "choice",
                    required=False,
                    choices=[("", _("none")), *((ending, ending) for ending in ENDINGS)],
                ),
                _TIER,
            ),
        ),
        _WHEN,
        Group(_("Why"), _WHY),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Draft it through the service."""
        change = price_rules.draft_by_rule(
            channel_id=int(values["channel"]),
            category_id=int(values["category"]) if values["category"] else None,
            percent=values["percent"],
            ending=values["ending"] or "",
            reason=values["reason"],
            rival_note=values["rival_note"] or "",
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            tier=values["tier"] or "",
            actor=actor,
            at=at,
        )
        words = gettext("Draft %(number)s is kept: %(count)s SKUs.")
        return Done(
            message=words % {"number": change.number, "count": change.lines},
            href=reverse("catalog:price_change", args=[change.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the list."""
        return reverse("catalog:price_changes")


class FileForm(FromFile):
    """`/price-changes/from-file/`: the file is looked at first, tried, then loaded."""

    title = _("Price changes from a file")
    nav = "prices"
    profile = "price_change"
    list_url = "catalog:price_changes"
    lead = _(
        "Columns: sku, price; also rival_price, struck_price, tier, starts_at, ends_at."
        " On the next page you can try the file before you load it."
    )
    groups = (
        Group(
            _("The file"),
            (
                FILE,
                Field("channel", _("Channel"), "choice", choices=_code_choices),
                GOOD_ROWS,
                _TIER,
            ),
        ),
        _WHEN,
        Group(_("Why"), _WHY),
    )

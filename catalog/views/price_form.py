"""The form of a price change: one price for chosen SKUs."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.errors import prices as errors
from catalog.errors.goods import ThingMissing
from catalog.rules import endings
from catalog.selectors import channels, codes, prices
from catalog.services import pricing
from catalog.types.prices import PriceLine
from catalog.views.prices import MOST_SHOWN
from ops.engines.desk.filters import loose_number
from ops.engines.desk.screens import (
    Done,
    Field,
    FormScreen,
    Group,
    LineFields,
)
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

_DRAFT = may("catalog", "C")


class PriceChangeForm(FormScreen):
    """`/price-changes/new/` and `/price-changes/<id>/edit/`: reason, window, lines."""

    policy = _DRAFT
    title = _("Draft a price change")
    nav = "prices"
    submit_label = _("Keep the draft")
    keeps_draft = True
    lead = _(
        "Paste rows from a spreadsheet: SKU, new price, rival price. =-5% is five per cent less"
        " than now; Alt and Down fill a column."
    )
    groups = (
        Group(
            _("What and why"),
            (
                Field("channel", _("Channel"), "choice", choices=channels.choices),
                Field(
                    "tier",
                    _("Price tier"),
                    "code",
                    most=16,
                    required=False,
                    hint=_("Empty: everybody's price."),
                ),
                Field("reason", _("Reason"), most=200, least=2),
                Field("rival_note", _("Why no rival price"), required=False),
            ),
        ),
        Group(
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
        ),
        Group(
            _("Prices"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("sku", _("SKU"), "code", most=64),
                        Field("price", _("New price"), most=24, hint=_("149.00 or =-5%")),
                        Field("rival", _("Rival price"), "money", required=False),
                        Field("struck", _("Struck-out price"), "money", required=False),
                    ),
                    rows=6,
                ),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the draft as it stands when one is edited."""
        if "change_id" not in key:
            return {}
        change = prices.price_change(change_id=key["change_id"], actor=actor)
        if change.lines > MOST_SHOWN:
            raise errors.TooLongToEdit(change.lines)
        shown = prices.price_figures(change_id=change.id, channel_id=change.channel_id, at=at)
        return {
            "channel": str(change.channel_id),
            "tier": change.tier,
            "reason": change.reason,
            "rival_note": change.rival_note,
            "starts_at": change.starts_at,
            "ends_at": change.ends_at,
            "lines": [
                {
                    "sku": line.code,
                    "price": line.new,
                    "rival": line.rival,
                    "struck": line.struck,
                }
                for line in shown.lines
            ],
        }

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        editing = "change_id" in key
        channel_id = (
            prices.price_change(change_id=key["change_id"], actor=actor).channel_id
            if editing
            else int(values["channel"])
        )
        lines = _lines(values["lines"], channel_id, tier=values["tier"] or "", at=at)
        if editing:
            change = pricing.edit_price_change(
                change_id=key["change_id"],
                reason=values["reason"],
                rival_note=values["rival_note"] or "",
                starts_at=values["starts_at"],
                ends_at=values["ends_at"],
                open_end=values["ends_at"] is None,
                lines=lines,
                actor=actor,
                at=at,
            )
        else:
            change = pricing.draft_price_change(
                channel_id=int(values["channel"]),
                reason=values["reason"],
                rival_note=values["rival_note"] or "",
                starts_at=values["starts_at"],
                ends_at=values["ends_at"],
                tier=values["tier"] or "",
                lines=lines,
                actor=actor,
                at=at,
            )
        return Done(
            message=gettext("Draft %(number)s is kept.") % {"number": change.number},
            href=reverse("catalog:price_change", args=[change.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the change, or to the list."""
        if "change_id" in key:
            return reverse("catalog:price_change", args=[key["change_id"]])
        return reverse("catalog:price_changes")


def _lines(
    rows: Sequence[Mapping[str, Any]], channel_id: int, *, tier: str, at: dt.datetime
) -> list[PriceLine]:
    known = codes.skus_by_code(codes=[row["sku"] for row in rows])
    for row in rows:
        if row["sku"] not in known:
            raise ThingMissing("sku", row["sku"])
    moved = [known[row["sku"]] for row in rows if row["price"].startswith("=")]
    now = prices.price_at(sku_ids=moved, channel_id=channel_id, tier=tier, at=at) if moved else {}
    return [
        PriceLine(
            sku_id=known[row["sku"]],
            price=_price(row, now.get(known[row["sku"]])),
            rival=row["rival"],
            struck=row["struck"],
        )
        for row in rows
    ]


def _price(row: Mapping[str, Any], now: Decimal | None) -> Decimal:
    """Read a price, or `=-5%`: so much per cent of the price now, half up to the cent."""
    text = unicodedata.normalize("NFKC", row["price"]).strip()
    try:
        if not text.startswith("="):
            return parse.money(loose_number(text))
        percent = parse.money(text[1:].removesuffix("%").removeprefix("+"), negative=True)
    except BadInput as error:
        raise BadInput(error.code, error.message, field="lines") from error
    if not text.endswith("%") or now is None:
        words = gettext("%(sku)s: %(text)s needs a per cent sign and a price that is in force.")
        raise BadInput(
            "catalog.percent_of_nothing",
            words % {"sku": row["sku"], "text": text[:12]},
            field="lines",
        )
    return endings.priced(now, percent=percent)

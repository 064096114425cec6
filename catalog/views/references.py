"""The proof of a struck-out price, and suggested prices with their evidence (CAT-4.2-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import ports
from catalog.errors.goods import ThingMissing
from catalog.models import ReferencePrice
from catalog.selectors import channels, lists, references
from catalog.services import references as service
from ops.engines.desk.screens import (
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    FormScreen,
    Group,
    Lines,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


class ReferencePriceScreen(RecordScreen):
    """`/reference-prices/<id>/`: the deals that prove a struck-out price, printable."""

    policy = _VIEW
    title = _("Reference price")
    nav = "prices"
    list_url_name = "catalog:price_changes"
    list_title = _("Prices")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the proof with its rows; each leads to its order."""
        row = references.visible(actor=actor).filter(pk=key["reference_id"]).first()
        if row is None:
            raise ThingMissing("reference", key["reference_id"])
        return Record(
            number=row.sku.code,
            title=row.name or row.get_kind_display(),
            facts=(_facts(row),),
            lines=(deals(row),),
            related=(
                Related(
                    title=f"{row.sku.code} {row.sku.name}",
                    href=reverse("catalog:sku", args=[row.sku_id]),
                    note=_("SKU"),
                ),
            ),
            clauses=("CAT-4.2-02",),
            subject=("catalog.referenceprice", row.pk),
            prints=(("reference_price", row.pk),),
        )


class SuggestedPriceForm(FormScreen):
    """`/skus/<id>/suggested-price/`: keep a suggested price under its name, with its file."""

    policy = may("catalog", "C")
    title = _("Record a suggested price")
    nav = "skus"
    lead = _("It may stand struck out under its name, up to this price; the file is its evidence.")

    def form_groups(self, *, actor: Actor, **key: Any) -> tuple[Group, ...]:
        """Ask for channel, name, price and file."""
        served = [(str(channel.id), channel.name) for channel in channels.visible(actor=actor)]
        return (
            Group(
                _("Suggested price"),
                (
                    Field("channel", _("Channel"), "choice", choices=served),
                    Field(
                        "name",
                        _("Name shown"),
                        most=80,
                        suggestions=[gettext("Manufacturer's suggested retail price")],
                    ),
                    Field("price", _("Price"), "money", unit=_("yuan")),
                    Field("file", _("Evidence"), "file", accept=".pdf,.png,.jpg,.jpeg"),
                ),
            ),
        )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin empty, for a SKU the actor sees."""
        if not lists.skus(actor=actor).filter(pk=key["sku_id"]).exists():
            raise ThingMissing("sku", key["sku_id"])
        return {}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep it."""
        made = service.record_suggested(
            sku_id=key["sku_id"],
            channel_id=int(values["channel"]),
            name=values["name"],
            price=values["price"],
            file_name=str(values["file"].name),
            data=values["file"].read(),
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("The suggested price is kept with its evidence."),
            href=reverse("catalog:reference_price", args=[made]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the SKU."""
        return reverse("catalog:sku", args=[key["sku_id"]])


def deals(row: ReferencePrice) -> Lines:
    """Return the real deals that prove a price, the cheapest first."""
    links = ports.order_links(numbers={deal["order"] for deal in row.evidence})
    return Lines(
        _("Lowest real deals of the window"),
        (
            Column(
                "order",
                _("Order"),
                "code",
                name=True,
                href=lambda deal: links.get(deal["order"], ""),
            ),
            Column("line", _("Line"), "number"),
            Column("price", _("Deal price"), "money"),
            Column("quantity", _("Quantity"), "number"),
            Column("at", _("Sold at"), "moment", value=moment_of),
        ),
        row.evidence,
        empty=_("A suggested price rests on its file, not on deals."),
    )


def moment_of(deal: Mapping[str, Any]) -> dt.datetime:
    """Return when a deal of the evidence was made."""
    return dt.datetime.fromisoformat(deal["at"])


def of_sku(*, sku_id: int, actor: Actor) -> Lines:
    """Return the proofs a SKU has in the actor's channels, the newest first."""
    return Lines(
        _("Reference prices"),
        (
            Column(
                "kind",
                _("Rests on"),
                name=True,
                value=lambda row: row.name or row.get_kind_display(),
                href=lambda row: reverse("catalog:reference_price", args=[row.pk]),
            ),
            Column("channel", _("Channel"), value=lambda row: row.channel.name),
            Column("price", _("May be struck out at most"), "money"),
            Column("since_at", _("From"), "moment"),
            Column("until_at", _("Until"), "moment"),
            Column("deals", _("Deals"), "number"),
        ),
        references.of_sku(sku_id=sku_id, actor=actor),
        empty=_("No price was struck out here."),
    )


def _facts(row: ReferencePrice) -> FactGroup:
    return FactGroup(
        title=_("Reference price"),
        facts=(
            Fact(title=_("Channel"), value=row.channel.name),
            Fact(title=_("Rests on"), value=row.get_kind_display()),
            Fact(title=_("Name shown"), value=row.name),
            Fact(title=_("May be struck out at most"), value=row.price, kind="money"),
            Fact(title=_("Window from"), value=row.since_at, kind="moment"),
            Fact(title=_("Window until"), value=row.until_at, kind="moment"),
            Fact(title=_("Deals in the window"), value=row.deals, kind="number"),
            Fact(title=_("Evidence file"), value=row.file.name if row.file else ""),
            Fact(title=_("Recorded by"), value=people.person_name(row.made_by)),
            Fact(title=_("Recorded at"), value=row.made_at, kind="moment"),
        ),
    )

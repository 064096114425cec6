"""Papers of the catalogue: the proof of a struck-out price (CAT-4.2-02), a product's life."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import ProductState
from catalog.desk import life as words
from catalog.errors.goods import ThingMissing
from catalog.selectors import life, owners, references
from ops.engines.desk import formats
from ops.engines.documents.papers import Paper, PaperColumn, PaperTable, PrintForm, print_form
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

MOST_LINES: Final = 400


def reference_price(pk: int, actor: Actor, at: dt.datetime) -> Paper:
    """Return the proof of one reference price with the deals it rests on. Raises ThingMissing."""
    del at
    row = references.visible(actor=actor).filter(pk=pk).first()
    if row is None:
        raise ThingMissing("reference", pk)
    return Paper(
        number=f"REF{row.pk:08d}",
        path=reverse("catalog:reference_price", args=[pk]),
        state=str(row.get_kind_display()),
        facts=[
            (_("SKU"), f"{row.sku.code} {row.sku.name}"),
            (_("Channel"), row.channel.name),
            (_("Name shown"), row.name or formats.MISSING),
            (_("May be struck out at most"), formats.money(row.price)),
            (_("Window from"), _moment(row.since_at)),
            (_("Window until"), _moment(row.until_at)),
            (_("Deals in the window"), str(row.deals)),
            (_("Evidence file"), row.file.name if row.file else formats.MISSING),
            (_("Recorded by"), identity.person_name(row.made_by)),
            (_("Recorded at"), formats.moment(row.made_at)),
        ],
        tables=[
            PaperTable(
                _("Lowest real deals of the window"),
                [
                    PaperColumn(_("Order"), 30),
                    PaperColumn(_("Line"), 10, is_number=True),
                    PaperColumn(_("Deal price"), 20, is_number=True),
                    PaperColumn(_("Quantity"), 12, is_number=True),
                    PaperColumn(_("Sold at"), 28),
                ],
                [
                    [
                        deal["order"],
                        str(deal["line"]),
                        formats.money(Decimal(deal["price"])),
                        str(deal["quantity"]),
                        formats.moment(dt.datetime.fromisoformat(deal["at"])),
                    ]
                    for deal in row.evidence
                ],
            )
        ],
        signatures=[_("Checked by")],
    )


def product_life(pk: int, actor: Actor, at: dt.datetime) -> Paper:
    """Return the life of a product, its newest lines, with its owner. Raises ThingMissing."""
    row = life.product(product_id=pk, actor=actor)
    owner = owners.owner(product_id=pk, at=at)
    things = life.things(of=row, actor=actor)
    found = life.facts(things=things).order_by("-pk")[:MOST_LINES]
    return Paper(
        number=row.code,
        path=reverse("catalog:product_life", args=[pk]),
        state=str(ProductState(row.state).label),
        facts=[
            (_("Product"), row.name),
            (_("Category"), row.category.name),
            (_("Owning department"), owner.department or formats.MISSING),
        ],
        tables=[
            PaperTable(
                _("Life of the product"),
                [
                    PaperColumn(_("When"), 16),
                    PaperColumn(_("What happened"), 38),
                    PaperColumn(_("Number"), 18),
                    PaperColumn(_("Who"), 10),
                    PaperColumn(_("Department then"), 14),
                ],
                [
                    [
                        formats.moment(one.at),
                        f"{one.what}: {one.detail}" if one.detail else one.what,
                        one.number,
                        one.who,
                        one.department,
                    ]
                    for one in words.lines(list(found), things, actor=actor)
                ],
            )
        ],
    )


def _moment(at: dt.datetime | None) -> str:
    return formats.MISSING if at is None else formats.moment(at)


print_form(
    PrintForm(
        key="reference_price",
        title=_("Proof of a reference price"),
        policy=may("catalog", "V"),
        load=reference_price,
    )
)
print_form(
    PrintForm(
        key="product_life",
        title=_("Life of the product"),
        policy=may("catalog", "V"),
        load=product_life,
    )
)

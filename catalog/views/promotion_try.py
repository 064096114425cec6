"""Step four of the builder: a basket tried under the draft and everything live with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.errors.goods import missing
from catalog.selectors import codes, promotion_rules, promotions, trials
from catalog.types.promotions import Trial, TriedLine, WantedLine
from catalog.views.promotion_form import steps
from ops.engines.desk import formats
from ops.engines.desk.fields import Reading, place_error, read_form
from ops.engines.desk.screens import Column, Field, FormScreen, Group, LineFields, Lines
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, may_read
from ops.engines.kernel.errors import NotFound, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may

Tables = Sequence[tuple[Lines, Any]]


class PromotionTry(FormScreen):
    """`/promotions/<id>/try/`: what a basket costs, line by line, and why; writes nothing."""

    policy = may("catalog", "V")
    title = _("Try a basket")
    nav = "promotions"
    template_name = "catalog/promotion_try.html"
    submit_label = _("Work it out")
    groups = (
        Group(
            _("Basket"),
            (
                LineFields(
                    "lines",
                    _("Lines"),
                    (
                        Field("sku", _("SKU"), "code", most=64),
                        Field("quantity", _("Pieces"), "quantity", least=1),
                    ),
                    rows=3,
                ),
                Field("tier", _("Member tier"), required=False, most=40),
                Field("has_coupon", _("With a coupon of this promotion"), "flag", required=False),
                Field("shipping", _("Shipping fee"), "money", required=False),
            ),
        ),
    )

    def post(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Work the basket out and show it under the form; nothing is written."""
        reading = read_form(
            [each for group in self.groups for each in group.fields],
            data=request.POST,
            files=request.FILES,
            actor=self.actor,
            today=business_day(self.at),
        )
        status = None
        if not reading.errors:
            try:
                reading.values["trial"] = self._trial(reading.values, key["promotion_id"])
            except OpsError as refusal:
                status = 422 if isinstance(refusal, NotFound) else refusal.status
                place_error(reading, refusal)
        return self._page(request, self.groups, reading, key, status=status)

    def extra(self, *, reading: Reading, actor: Actor, **key: Any) -> Mapping[str, Any]:
        """Return the sentence of the rule and, once worked out, the basket line by line."""
        row = promotions.promotion(promotion_id=key["promotion_id"], actor=actor)
        trial: Trial | None = reading.values.get("trial")
        check = reverse("catalog:promotion", args=[row.id])
        return {
            "steps": steps(3),
            "sentence": promotion_rules.words(row.rule),
            "promotion": row,
            "check": check,
            "tables": [] if trial is None else _tables(trial, actor, self.at),
            "sums": [] if trial is None else _sums(trial, actor),
        }

    def back_url(self, **key: Any) -> str:
        """Return to the promotion."""
        return reverse("catalog:promotion", args=[key["promotion_id"]])

    def _trial(self, values: Mapping[str, Any], promotion_id: int) -> Trial:
        row = promotions.row(promotion_id=promotion_id, actor=self.actor)
        asked = [line["sku"] for line in values["lines"]]
        ids = codes.skus_by_code(codes=asked)
        missing("sku", asked, ids)
        return trials.tried(
            row=row,
            lines=[
                WantedLine(sku_id=ids[line["sku"]], quantity=line["quantity"])
                for line in values["lines"]
            ],
            has_coupon=bool(values.get("has_coupon")),
            tier=values.get("tier") or "",
            shipping=values.get("shipping") or Decimal(0),
            at=self.at,
        )


def _off(line: TriedLine) -> str:
    return "，".join(f"{number} -{formats.money(amount)}" for number, amount in line.discounts)


def _tables(trial: Trial, actor: Actor, at: dt.datetime) -> Tables:
    lines = Lines(
        _("Line by line"),
        (
            Column("code", _("SKU"), "code", name=True, sub=lambda row: row.name),
            Column("quantity", _("Pieces"), "number"),
            Column("list_amount", _("At list price"), "money"),
            Column("off", _("Discounts"), "code", value=_off),
            Column("net_amount", _("To pay"), "money"),
            Column("each", _("Per piece")),
        ),
        trial.lines,
        total={
            "list_amount": trial.goods_total,
            "net_amount": trial.goods_total - trial.discount_total,
        },
    )
    rules = Lines(
        _("Offer by offer"),
        (
            Column("number", _("Promotion"), "code", name=True),
            Column("sentence", _("Rule")),
            Column("amount", _("Takes off"), "money"),
            Column("note", _("Why")),
        ),
        trial.rules,
        empty=_("No offer reaches these goods."),
    )
    return [(each, each.shown(at)) for each in (lines.known_to(actor), rules.known_to(actor))]


def _sums(trial: Trial, actor: Actor) -> list[tuple[str, str]]:
    """Return what the basket comes to, in the order one adds it up."""
    gifts = "，".join(f"{code} × {pieces}" for code, pieces in trial.gifts)
    pairs = [
        (gettext("Goods"), formats.money(trial.goods_total)),
        (gettext("Discounts"), formats.money(-trial.discount_total)),
        (gettext("Shipping"), formats.money(trial.shipping)),
        (gettext("To pay"), formats.money(trial.total)),
        (gettext("Points earned"), formats.number(trial.points)),
    ]
    if gifts:
        pairs.append((gettext("Gifts"), gifts))
    if trial.margin is not None and may_read(DataClass.COST, actor):
        pairs.append((gettext("Margin"), f"{trial.margin} %"))
    return pairs

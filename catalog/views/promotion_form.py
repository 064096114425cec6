"""The promotion builder: choose a type, write rule, scope, time and budget; then try and check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.promotions import PromotionType
from catalog.errors.goods import ThingMissing
from catalog.selectors import promotion_rules, promotions
from catalog.services import promotions as services
from catalog.types.promotions import PromotionPlan
from catalog.views import promotion_fields
from ops.engines.desk.fields import Reading
from ops.engines.desk.screens import Done, FormScreen, Group, Screen, StateStep
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.policy import may

_DRAFT = may("catalog", "C")
STEPS = (_("Rule"), _("Scope"), _("Time and budget"), _("Try a basket"), _("Check"))
ABOUT = {
    PromotionType.PERCENTAGE: _("10 % off for a category"),
    PromotionType.AMOUNT: _("20 off the order, or off each piece"),
    PromotionType.FIXED_PRICE: _("every piece at 99"),
    PromotionType.SPEND_AND_SAVE: _("300 less 40, 500 less 80"),
    PromotionType.NTH_ITEM: _("the second piece at half price"),
    PromotionType.BUNDLE: _("any three for 200"),
    PromotionType.BUY_X_GET_Y: _("buy two, get one"),
    PromotionType.GIFT: _("a gift from 300 on, with its own stock"),
    PromotionType.FLASH_SALE: _("200 pieces, two for each buyer"),
    PromotionType.MEMBER_PRICE: _("a price for member tiers"),
    PromotionType.FREE_SHIPPING: _("no shipping fee from 99 on"),
    PromotionType.POINTS: _("double points"),
}


def steps(now: int) -> list[StateStep]:
    """Return the five steps of the builder; `now` is where the reader is (from nought)."""
    return [
        StateStep(title=title, when="past" if place < now else "now" if place == now else "next")
        for place, title in enumerate(STEPS)
    ]


class PromotionTypes(Screen):
    """`/promotions/new/`: what kind of promotion it is to be."""

    policy = _DRAFT
    title = _("Draft a promotion")
    nav = "promotions"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the types, each with an example."""
        types = [
            (kind.label, ABOUT[kind], reverse("catalog:promotion_draft", args=[kind.value]))
            for kind in PromotionType
        ]
        back = reverse("catalog:promotions")
        context = {"screen": self, "title": self.title, "types": types, "back": back}
        return render(request, "catalog/promotion_types.html", context)


class PromotionForm(FormScreen):
    """`/promotions/new/<type>/` and `/promotions/<id>/edit/`: the first three steps."""

    policy = _DRAFT
    title = _("Draft a promotion")
    nav = "promotions"
    template_name = "catalog/promotion_form.html"
    submit_label = _("Keep the draft, then try it")
    keeps_draft = True
    initials: ClassVar[Mapping[str, Any]] = {"coupon_mode": "none", "gift_quantity": 1}

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the steps for this type of promotion; raises ThingMissing."""
        kind = self._kind(actor, key)
        if kind not in PromotionType.values:
            raise ThingMissing("promotion_type", kind)
        return promotion_fields.groups(kind)

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the draft as it stands when one is edited."""
        if "promotion_id" not in key:
            return self.initials
        row = promotions.promotion(promotion_id=key["promotion_id"], actor=actor)
        return {
            **promotion_fields.typed_from(row.rule),
            "channel": str(row.channel_id),
            "title": row.title,
            "aim": row.aim,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "coupon_mode": row.coupon_mode,
            "gift_stock": row.gift_stock,
            "materials": row.materials,
            "no_material": row.no_material,
            "stock_note": row.stock_note,
            "risk": row.risk,
        }

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        plan = PromotionPlan(
            title=values["title"],
            aim=values["aim"],
            rule=promotion_fields.rule_from(self._kind(actor, key), values),
            stock_note=values["stock_note"],
            risk=values["risk"],
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            coupon_mode=values["coupon_mode"],
            gift_stock=values.get("gift_stock"),
            materials=tuple(values["materials"] or ()),
            no_material=values["no_material"] or "",
        )
        if "promotion_id" in key:
            row = services.edit(promotion_id=key["promotion_id"], plan=plan, actor=actor, at=at)
        else:
            channel_id = int(values["channel"])
            row = services.draft(channel_id=channel_id, plan=plan, actor=actor, at=at)
        return Done(
            message=gettext("Draft %(number)s is kept.") % {"number": row.number},
            href=reverse("catalog:promotion_try", args=[row.id]),
        )

    def extra(self, *, reading: Reading, actor: Actor, **key: Any) -> Mapping[str, Any]:
        """Return the steps, and the rule as a sentence as far as it is known."""
        return {"steps": steps(0), "sentence": self._sentence(reading, actor, key)}

    def back_url(self, **key: Any) -> str:
        """Return to the promotion, or to the choice of types."""
        if "promotion_id" in key:
            return reverse("catalog:promotion", args=[key["promotion_id"]])
        return reverse("catalog:promotion_types")

    def _kind(self, actor: Actor, key: Mapping[str, Any]) -> str:
        if "promotion_id" in key:
            return promotions.promotion(promotion_id=key["promotion_id"], actor=actor).type
        return str(key["kind"])

    def _sentence(self, reading: Reading, actor: Actor, key: Mapping[str, Any]) -> str:
        if reading.values and not reading.errors:
            try:
                rule = promotion_fields.rule_from(self._kind(actor, key), reading.values)
                return promotion_rules.words(rule)
            except OpsError:
                return ""
        if "promotion_id" in key:
            row = promotions.promotion(promotion_id=key["promotion_id"], actor=actor)
            return promotion_rules.words(row.rule)
        return ""

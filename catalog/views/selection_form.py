"""The form of a proposal for a new product (SCM-2.4-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import selection
from catalog.services import selecting
from catalog.types.selection import ProposalDraft, RivalOffer
from catalog.views.selection import category_choices
from ops.engines.desk.screens import (
    Done,
    Field,
    FormScreen,
    Group,
    LineFields,
)
from ops.engines.kernel.actor import Actor

_PLAIN = (
    "name",
    "category_id",
    "demand",
    "trend",
    "target_group",
    "brand_fit",
    "rival_note",
    "risk",
    "price",
    "unit_cost",
    "monthly_sales",
    "demand_mark",
    "trend_mark",
    "fit_mark",
)


class ProposalForm(FormScreen):
    """`/selection-proposals/new/` and `/selection-proposals/<id>/edit/`."""

    policy = selecting.PROPOSE
    title = _("Propose a product")
    nav = "selection"
    submit_label = _("Keep the draft")
    lead = _(
        "Margin and price are scored beside policy and rivals; you mark what nobody can count."
    )
    groups = (
        Group(
            _("What and for whom"),
            (
                Field("name", _("Goods name"), most=200, least=1),
                Field("category_id", _("Category"), "choice", choices=category_choices),
                Field("target_group", _("Target group"), most=200, least=2),
                Field("brand_fit", _("Fit with the brand"), most=400, least=2),
            ),
        ),
        Group(
            _("Research"),
            (
                Field(
                    "demand",
                    _("Demand found"),
                    "lines",
                    most=2000,
                    hint=_("What customers ask for, with figures and where they come from."),
                ),
                Field("trend", _("Trend found"), "lines", most=2000),
                Field("demand_mark", _("Mark for demand"), "quantity", hint=_("0 to 100")),
                Field("trend_mark", _("Mark for trend"), "quantity", hint=_("0 to 100")),
                Field("fit_mark", _("Mark for fit"), "quantity", hint=_("0 to 100")),
            ),
        ),
        Group(
            _("Rivals"),
            (
                LineFields(
                    "rivals",
                    _("Rivals"),
                    (
                        Field("rival", _("Rival"), most=80, required=False),
                        Field("goods", _("Comparable goods"), most=200, required=False),
                        Field("price", _("Price"), "money", required=False),
                        Field("source", _("Source"), most=200, required=False),
                    ),
                    rows=3,
                    required=False,
                ),
                Field(
                    "rival_note",
                    _("Why no rival"),
                    required=False,
                    hint=_("Where you looked, when nobody sells anything like it."),
                ),
            ),
        ),
        Group(
            _("What we expect"),
            (
                Field("price", _("Expected price"), "money"),
                Field("unit_cost", _("Expected unit cost"), "money"),
                Field("monthly_sales", _("Pieces a month"), "quantity", least=1),
                Field("risk", _("Risk"), most=400, required=False),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the draft as it stands when one is edited."""
        if "proposal_id" not in key:
            return {"demand_mark": 50, "trend_mark": 50, "fit_mark": 50}
        row = selection.proposal(proposal_id=key["proposal_id"], actor=actor)
        return {name: getattr(row, name) for name in _PLAIN} | {"rivals": row.rivals}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep the draft through the service."""
        given = {name: values[name] for name in _PLAIN}
        draft = ProposalDraft(
            **given
            | {
                "category_id": int(values["category_id"]),
                "rival_note": values["rival_note"] or "",
                "risk": values["risk"] or "",
                "rivals": _offers(values["rivals"] or ()),
            }
        )
        if "proposal_id" in key:
            made = selecting.edit_proposal(
                proposal_id=key["proposal_id"], draft=draft, actor=actor, at=at
            )
        else:
            made = selecting.draft_proposal(draft=draft, actor=actor, at=at)
        return Done(
            message=gettext("Draft %(number)s is kept.") % {"number": made.number},
            href=reverse("catalog:selection_proposal", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the proposal, or to the list."""
        if "proposal_id" in key:
            return reverse("catalog:selection_proposal", args=[key["proposal_id"]])
        return reverse("catalog:selection_proposals")


def _offers(lines: Sequence[Mapping[str, Any]]) -> tuple[RivalOffer, ...]:
    return tuple(
        RivalOffer(
            rival=line["rival"] or "",
            goods=line["goods"] or "",
            price=line["price"],
            source=line["source"] or "",
        )
        for line in lines
    )

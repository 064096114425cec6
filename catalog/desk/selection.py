"""What new products put on the desk, and how a proposal is decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.choices.selection import ProposalState, SourcingState
from catalog.desk.selection_tables import rival_lines, score_lines
from catalog.rules.selection import GOOD
from catalog.selectors import selection
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    Chart,
    Column,
    DecisionKind,
    Lines,
    NavEntry,
    Place,
    Series,
    Tone,
    card,
    decision,
    nav,
    register_states,
    word_actions,
    word_figures,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")

nav(
    NavEntry(
        key="selection", title=_("New products"), url_name="catalog:selection_proposals",
        policy=_VIEW, roles=(Role.PURCHASING_OFFICER,), order=33,
        icon="box", group=_("Goods and prices"),
    )
)  # fmt: skip


def _to_source(actor: Actor, at: datetime) -> CardData:
    del actor, at
    rows = selection.sourcing_tasks().filter(state=SourcingState.OPEN).order_by("opened_at")[:6]
    return CardData(
        lines=[
            CardLine(
                title=row.proposal.name,
                number=row.proposal.number,
                href=reverse("catalog:selection_proposal", args=[row.proposal_id]),
                detail=row.proposal.category.name,
            )
            for row in rows
        ],
        href=f"{reverse('catalog:selection_proposals')}?state=approved",
    )


card(
    Card(
        key="sourcing", title=_("Products to source"), query=_to_source, policy=_VIEW,
        roles=(Role.PURCHASING_OFFICER,), place=Place.MINE,
    )
)  # fmt: skip

register_states(
    {
        ProposalState.DRAFT: Tone.NEUTRAL,
        ProposalState.SUBMITTED: Tone.WAITING,
        ProposalState.RETURNED: Tone.WAITING,
        ProposalState.APPROVED: Tone.DONE,
        ProposalState.WITHDRAWN: Tone.STOPPED,
    }
)


def _tables(request: RequestInfo) -> Sequence[Lines]:
    content = request.content
    return (
        Lines(
            _("Research"),
            (
                Column("title", _("What"), value=lambda pair: pair[0]),
                Column("words", _("Found"), value=lambda pair: pair[1]),
            ),
            [
                (_("Demand found"), content["demand"]),
                (_("Trend found"), content["trend"]),
                (_("Target group"), content["target_group"]),
                (_("Fit with the brand"), content["brand_fit"]),
                (_("Risk"), content["risk"]),
            ],
        ),
        score_lines(content["points"]),
        rival_lines(content["rivals"], content["rival_note"]),
    )


def _charts(request: RequestInfo) -> Sequence[Chart]:
    content = request.content
    rivals = content["rivals"]
    if not rivals:
        return ()
    return (
        Chart(
            key="rivals",
            title=_("Expected price beside the rivals"),
            kind="bar",
            categories=[_now("ours"), *(each["rival"] for each in rivals)],
            series=[
                Series(
                    _now("Price"),
                    [
                        Decimal(content["lines"][0]["price"]),
                        *(Decimal(each["price"]) for each in rivals),
                    ],
                )
            ],
            value_kind="money",
            unit=_now("yuan"),
        ),
    )


def _policy(request: RequestInfo) -> Sequence[str | Promise]:
    score = Decimal(str(request.figures["score"]))
    if score < GOOD:
        return [_now("The score is below %(good)s of 100.") % {"good": GOOD}]
    return [_now("The score reaches %(good)s of 100.") % {"good": GOOD}]


decision(
    DecisionKind(
        flow="product_selection",
        lines=_tables,
        charts=_charts,
        policy=_policy,
        says=(
            "name", "category", "points", "rivals", "rival_note", "demand", "trend",
            "target_group", "brand_fit", "risk",
        ),
        subject_href=lambda request: reverse(
            "catalog:selection_proposal", args=[request.subject_id]
        ),
    )
)  # fmt: skip

word_figures(
    {
        "score": (_("Score"), "number"),
        "selection_margin": (_("Expected margin (%)"), "number"),
        "monthly_sales": (_("Pieces a month"), "number"),
        "monthly_revenue": (_("Revenue a month"), "money"),
        "rivals": (_("Rivals compared"), "number"),
    }
)
word_actions(
    {
        "catalog.proposal_drafted": _("drafted the proposal"),
        "catalog.proposal_edited": _("changed the draft"),
        "catalog.proposal_withdrawn": _("gave the proposal up"),
        "catalog.proposal_sourcing_opened": _("opened the sourcing"),
        "catalog.proposal_sourcing_found": _("found a source"),
        "catalog.proposal_sourcing_given_up": _("found no source"),
        "catalog.proposal_product_named": _("named the product"),
    }
)

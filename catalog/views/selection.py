"""Proposals for new products: the list, one proposal with its score, the form (SCM-2.4-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.selection import ProposalState, SourcingState
from catalog.desk.selection_tables import rival_lines, score_lines
from catalog.errors.goods import ThingMissing
from catalog.models import Category, Product, SelectionProposal, SourcingTask
from catalog.models.selection import EDITABLE
from catalog.rules.selection import GOOD
from catalog.selectors import selection
from catalog.services import selecting
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
    Related,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")


def category_choices(_actor: Actor) -> list[tuple[str, str]]:
    """Return the shelves as id and indented name."""
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [(str(pk), f"{'— ' * path.count('.')}{name}") for pk, name, path in rows]


class ProposalList(ListScreen):
    """`/selection-proposals/`: what somebody wants in the range, and how far it has come."""

    policy = _VIEW
    title = _("New products")
    nav = "selection"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("name", _("Goods name"), sub=lambda row: row.category.name),
        Column("target_group", _("Target group"), optional=True),
        Column("price", _("Expected price"), "money"),
        Column("margin", _("Expected margin (%)"), "number"),
        Column("monthly_sales", _("Pieces a month"), "number"),
        Column("score", _("Score"), "number", sort=True),
        Column("state", _("State"), "badge", value=lambda row: ProposalState(row.state)),
        Column(
            "product",
            _("Became"),
            "code",
            value=lambda row: row.product.code if row.product else "",
        ),
    )
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("state", _("State"), choices=ProposalState.choices),
        Filter("category", _("Category"), choices=category_choices),
    )
    order = "-id"
    row_url = "catalog:selection_proposal"
    new = New(_("Propose a product"), "catalog:selection_draft", selecting.PROPOSE)
    export_policy = may("catalog", "E")
    empty = _("No proposal yet. New goods begin here: propose one with its research.")
    empty_href = "/selection-proposals/new/"
    empty_label = _("Propose a product")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the proposals of the actor's categories."""
        rows = query.narrow(
            selection.proposals(actor=actor), "number", "state", category="category_id"
        )
        return query.page(rows, orders={"id": "id", "score": "score"})


class ProposalScreen(RecordScreen):
    """`/selection-proposals/<id>/`: research, rivals, score, decision, sourcing, product."""

    policy = _VIEW
    title = _("Product proposal")
    nav = "selection"
    list_url_name = "catalog:selection_proposals"
    list_title = _("New products")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the proposal with all that belongs to it."""
        row = selection.proposal(proposal_id=key["proposal_id"], actor=actor)
        task = getattr(row, "sourcing", None)
        return Record(
            number=row.number,
            title=row.name,
            state=ProposalState(row.state),
            actions=_actions(row, task),
            notices=_notices(row),
            facts=(_research(row), _figures(row), *_sourcing(task)),
            lines=(score_lines(row.points), rival_lines(row.rivals, row.rival_note)),
            related=_related(row),
            clauses=("SCM-2.4-02",),
            subject=(selecting.SUBJECT, row.pk),
        )


def _notices(row: SelectionProposal) -> Sequence[tuple[str, Any]]:
    if row.state == ProposalState.APPROVED and row.product is None:
        words = _("Enter the product, then name it here: its SKUs may be bought from then on.")
        return [("info", words)]
    if row.state in EDITABLE and row.score < GOOD:
        return [
            ("warning", _("The score is low: say in the risk why it should be tried all the same."))
        ]
    return ()


def _research(row: SelectionProposal) -> FactGroup:
    return FactGroup(
        title=_("Research"),
        facts=(
            Fact(title=_("Demand found"), value=row.demand, is_wide=True),
            Fact(title=_("Trend found"), value=row.trend, is_wide=True),
            Fact(title=_("Target group"), value=row.target_group),
            Fact(title=_("Fit with the brand"), value=row.brand_fit),
            Fact(title=_("Risk"), value=row.risk),
            Fact(title=_("Proposed by"), value=people.person_name(row.drafted_by)),
        ),
    )


def _figures(row: SelectionProposal) -> FactGroup:
    unit = gettext("yuan")
    return FactGroup(
        title=_("What we expect"),
        facts=(
            Fact(title=_("Score"), value=row.score, kind="number"),
            Fact(title=_("Expected price"), value=row.price, kind="money"),
            Fact(
                title=_("Expected unit cost"),
                value=row.unit_cost,
                kind="money",
                data=DataClass.COST,
            ),
            Fact(
                title=_("Expected margin (%)"),
                value=row.margin,
                kind="number",
                data=DataClass.COST,
            ),
            Fact(title=_("Pieces a month"), value=row.monthly_sales, kind="number"),
            Fact(
                title=_("Revenue a month (%(unit)s)") % {"unit": unit},
                value=row.price * row.monthly_sales,
                kind="money",
            ),
        ),
    )


def _sourcing(task: SourcingTask | None) -> tuple[FactGroup, ...]:
    if task is None:
        return ()
    return (
        FactGroup(
            title=_("Sourcing"),
            facts=(
                Fact(title=_("State"), value=SourcingState(task.state).label),
                Fact(title=_("Opened"), value=task.opened_at, kind="moment"),
                Fact(title=_("Who supplies it"), value=task.source),
                Fact(
                    title=_("Unit cost offered"),
                    value=task.unit_cost,
                    kind="money",
                    data=DataClass.COST,
                ),
                Fact(title=_("Reason"), value=task.note),
                Fact(title=_("Ended"), value=task.ended_at, kind="moment"),
            ),
        ),
    )


def _related(row: SelectionProposal) -> Sequence[Related]:
    found = [Related(title=_("Category"), note=row.category.name)]
    if row.product is not None:
        found.append(
            Related(
                title=_("Product"),
                note=row.product.name,
                href=f"{reverse('catalog:skus')}?q={row.product.code}",
            )
        )
    return found


def _actions(row: SelectionProposal, task: SourcingTask | None) -> tuple[Action, ...]:
    fixed = "" if row.state in EDITABLE else _("This proposal was handed in and is fixed.")
    named = (
        _("Only an approved proposal becomes a product.")
        if row.state != ProposalState.APPROVED
        else _("The product is named already.")
        if row.product_id
        else ""
    )
    actions = [
        Action(
            key="submit",
            label=_("Hand in"),
            run=lambda _values, actor, at: _submit(row.pk, actor, at),
            policy=selecting.PROPOSE,
            why_not=fixed,
            confirm=_("The supervisor decides first, then the manager."),
            is_primary=not fixed,
        ),
        Action(
            key="edit",
            label=_("Edit"),
            href=reverse("catalog:selection_edit", args=[row.pk]),
            policy=selecting.PROPOSE,
            why_not=fixed,
        ),
        Action(
            key="withdraw",
            label=_("Give up"),
            run=lambda _values, actor, at: _withdraw(row.pk, actor, at),
            policy=selecting.PROPOSE,
            why_not=fixed,
            confirm=_("A proposal given up stays on record."),
        ),
        Action(
            key="name",
            label=_("Name the product"),
            run=lambda values, actor, at: _name(row.pk, values, actor, at),
            policy=selecting.NAME,
            fields=(Field("product", _("Code of the product"), "code", most=64),),
            why_not=named,
            is_primary=not named,
        ),
        *_sourcing_actions(task),
    ]
    if row.approval_id:
        actions.append(
            Action(
                key="approval",
                label=_("Who decided, with which figures"),
                href=reverse("desk:approval", args=[row.approval_id]),
            )
        )
    return tuple(actions)


def _sourcing_actions(task: SourcingTask | None) -> tuple[Action, ...]:
    if task is None:
        return ()
    over = "" if task.state == SourcingState.OPEN else _("This sourcing task has ended.")
    return (
        Action(
            key="found",
            label=_("A source is found"),
            run=lambda values, actor, at: _end(task.pk, SourcingState.FOUND, values, actor, at),
            policy=selecting.SOURCE,
            fields=(
                Field("source", _("Who supplies it"), most=200, least=1),
                Field("unit_cost", _("Unit cost offered"), "money"),
                Field("note", _("Note"), required=False),
            ),
            why_not=over,
        ),
        Action(
            key="give_up",
            label=_("No source"),
            run=lambda values, actor, at: _end(task.pk, SourcingState.GIVEN_UP, values, actor, at),
            policy=selecting.SOURCE,
            fields=(Field("note", _("Reason"), most=400, least=2),),
            why_not=over,
        ),
    )


def _submit(proposal_id: int, actor: Actor, at: dt.datetime) -> Done:
    made = selecting.submit_proposal(proposal_id=proposal_id, actor=actor, at=at)
    return Done(message=gettext("%(number)s waits for a decision.") % {"number": made.number})


def _withdraw(proposal_id: int, actor: Actor, at: dt.datetime) -> Done:
    made = selecting.withdraw_proposal(proposal_id=proposal_id, actor=actor, at=at)
    return Done(message=gettext("%(number)s is given up.") % {"number": made.number})


def _name(proposal_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    found = Product.objects.filter(code=values["product"]).values_list("pk", flat=True).first()
    if found is None:
        raise ThingMissing("product", values["product"])
    selecting.name_product(proposal_id=proposal_id, product_id=found, actor=actor, at=at)
    return Done(message=gettext("Its SKUs may be bought from now on."))


def _end(
    task_id: int, state: SourcingState, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> Done:
    selecting.end_sourcing(
        task_id=task_id,
        state=state,
        source=values.get("source") or "",
        unit_cost=values.get("unit_cost"),
        note=values.get("note") or "",
        actor=actor,
        at=at,
    )
    return Done(message=gettext("The sourcing task has ended."))

"""Cases of forbidden goods that were sold: confirm, tell buyers, penalise, close (CAT-4.3-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import bans as banned
from catalog.selectors import listings as shelves
from catalog.services import bans
from catalog.types.bans import BanInfo
from customers.choices import CaseState, ForbiddenKind, PenaltyMeasure
from customers.models import SalePenalty
from customers.selectors import forbidden as selected
from customers.services import forbidden
from inventory.selectors import supplied
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
)
from ops.engines.identity import selectors as people
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

# Buyers of every channel stand in a recall: only those see it who see all of them.
VIEW = may("inventory", "V", Role.COMPLIANCE_OFFICER, Role.OPERATIONS_DIRECTOR, Role.AUDITOR)
_SHOWN = 200


class ForbiddenList(ListScreen):
    """`/forbidden-sales/`: confirmed sales of goods that may not be sold."""

    policy = VIEW
    title = _("Sales of forbidden goods")
    nav = "forbidden_sales"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("product", _("Product"), value=lambda row: row.product.name),
        Column("kind", _("Why"), value=lambda row: ForbiddenKind(row.kind).label),
        Column("delisted", _("Listings taken off"), "number"),
        Column("blocked", _("Pieces blocked"), "number"),
        Column("untold", _("Buyers to tell"), "number"),
        Column("confirmed_at", _("Confirmed at"), "moment"),
        Column("state", _("State"), "badge", value=lambda row: CaseState(row.state)),
    )
    filters = (
        Filter("state", _("State"), choices=CaseState.choices),
        Filter("kind", _("Why"), choices=ForbiddenKind.choices),
    )
    order = "-id"
    new = New(_("Confirm a sale"), "customers:forbidden_sale_new", forbidden.HANDLE)
    empty = _(
        "No case. Confirm a sale of counterfeit, shoddy, infringing or prohibited goods here."
    )

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of cases."""
        del actor
        return query.page(query.narrow(selected.cases(), "state", "kind"), orders={"id": "id"})

    def row_href(self, row: Any) -> str:
        """Open the case."""
        return reverse("customers:forbidden_sale", args=[row.pk])


class ForbiddenForm(FormScreen):
    """`/forbidden-sales/new/`: what was established; everything else follows at once."""

    policy = forbidden.HANDLE
    title = _("Confirm a sale")
    submit_label = _("Confirm")
    nav = "forbidden_sales"
    lead = _(
        "The goods leave every shelf for good, all pieces go into quarantine, orders that hold them"
        " are stopped, and everybody who got them is listed for the recall."
    )
    groups = (
        Group(
            _("Goods"),
            (
                Field("sku", _("SKU"), "code", most=64,
                      hint=_("Any variant: the whole product is meant.")),
                Field("kind", _("Why"), "choice", choices=ForbiddenKind.choices),
                Field("facts", _("What was established"), most=400, least=2),
            ),
        ),
    )  # fmt: skip

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Open the case through the service."""
        case_id = forbidden.confirm(
            product_id=shelves.product_named(text=values["sku"]),
            kind=values["kind"],
            facts=values["facts"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("The case is open: tell the buyers, then decide the measures."),
            href=reverse("customers:forbidden_sale", args=[case_id]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("customers:forbidden_sales")


class ForbiddenScreen(RecordScreen):
    """`/forbidden-sales/<id>/`: one case with its recall and its measures."""

    policy = VIEW
    title = _("Sale of forbidden goods")
    nav = "forbidden_sales"
    list_url_name = "customers:forbidden_sales"
    list_title = _("Sales of forbidden goods")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the case."""
        del actor, at
        case = selected.case(case_id=key["case_id"])
        measures = list(selected.penalties(case_id=case.pk))
        ban = banned.newest(product_id=case.product_id, source=case.number)
        return Record(
            number=case.number,
            title=case.product.name,
            state=CaseState(case.state),
            actions=(*_actions(case, is_judged=bool(measures)), *_lifting(ban)),
            facts=(_facts(case), *_ban(ban)),
            lines=(_recall(case), _measures(measures)),
            clauses=("CAT-4.3-05",),
            subject=(forbidden.SUBJECT, case.pk),
        )


def _facts(case: Any) -> FactGroup:
    return FactGroup(
        title=_("What happened"),
        facts=(
            Fact(title=_("Why"), value=ForbiddenKind(case.kind).label),
            Fact(title=_("Confirmed by"), value=people.person_name(case.confirmed_by)),
            Fact(title=_("Confirmed at"), value=case.confirmed_at, kind="moment"),
            Fact(title=_("Listings taken off"), value=case.delisted, kind="number"),
            Fact(title=_("Pieces blocked"), value=case.blocked, kind="number"),
            Fact(title=_("Buyers to tell"), value=case.untold, kind="number"),
            Fact(title=_("What was established"), value=case.facts, is_wide=True),
            Fact(title=_("Outcome"), value=case.outcome, is_wide=True),
        ),
    )


def _ban(ban: BanInfo | None) -> Sequence[FactGroup]:
    if ban is None:  # another case banned the goods before
        return ()
    stands = ban.lifted_at is None
    facts = [
        Fact(
            title=_("State"),
            value=_("No channel may sell these goods") if stands else _("lifted"),
            is_wide=True,
        )
    ]
    if not stands:
        facts += [
            Fact(title=_("Ban lifted by"), value=people.person_name(ban.lifted_by or 0)),
            Fact(title=_("Ban lifted at"), value=ban.lifted_at, kind="moment"),
            Fact(title=_("Why the ban was lifted"), value=ban.lifted_why, is_wide=True),
        ]
    return (FactGroup(title=_("Ban"), facts=tuple(facts)),)


def _lifting(ban: BanInfo | None) -> Sequence[Action]:
    if ban is None or ban.lifted_at is not None:
        return ()
    return (
        Action(
            key="lift",
            label=_("Lift the ban"),
            run=lambda values, actor, at: _lift(ban, values, actor, at),
            policy=bans.HANDLE,
            fields=(Field("reason", _("Why the ban was lifted"), most=400, least=2),),
            confirm=_("The goods may be listed again, by the whole review."),
            is_danger=True,
        ),
    )


def _lift(ban: BanInfo, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    bans.lift(product_id=ban.product_id, reason=values["reason"], actor=actor, at=at)
    return Done(message=gettext("The ban is lifted."))


def _recall(case: Any) -> Lines:
    return Lines(
        _("Recall: %(told)s of %(all)s lines told")
        % {"told": case.listed - case.untold, "all": case.listed},
        (
            Column("order", _("Order of the buyer"), "code", name=True,
                   value=lambda row: row.order.number,
                   href=lambda row: reverse("customers:order", args=[row.order.number])),
            Column("channel", _("Channel"), value=lambda row: row.order.channel.name),
            Column("sku", _("SKU"), "code", value=lambda row: row.sku.code),
            Column("quantity", _("Pieces"), "number"),
            Column("told_at", _("Buyer told at"), "moment"),
            Column("how", _("How and what")),
        ),
        selected.recalls(case_id=case.pk, most=_SHOWN),
        empty=_("Nobody got these goods."),
    )  # fmt: skip


def _measures(decided: Sequence[SalePenalty]) -> Lines:
    return Lines(
        _("Measures"),
        (
            Column("who", _("Against"), name=True,
                   value=lambda row: row.supplier.name if row.supplier else row.seller),
            Column("measure", _("Measure"), value=lambda row: PenaltyMeasure(row.measure).label),
            Column("amount", _("Amount"), "money"),
            Column("reason", _("Reason")),
            Column("decided_at", _("Decided at"), "moment"),
        ),
        decided,
        empty=_("No measure was decided yet."),
    )  # fmt: skip


def _actions(case: Any, *, is_judged: bool) -> Sequence[Action]:
    closed = "" if case.state == CaseState.OPEN else _("This case was closed.")
    suppliers = supplied.suppliers_of(sku_ids=shelves.sku_ids_of(product_id=case.product_id))
    left = _("Tell every buyer and decide about who supplied the goods first.")
    is_ready = not case.untold and is_judged
    return (
        Action(
            key="tell",
            label=_("Buyers were told"),
            run=lambda values, actor, at: _tell(case.pk, values, actor, at),
            policy=forbidden.HANDLE,
            fields=(Field("how", _("How and what"), most=200, least=2),),
            why_not=closed or ("" if case.untold else _("Every buyer was told.")),
            is_primary=bool(case.untold) and not closed,
        ),
        Action(
            key="penalise",
            label=_("Decide a measure"),
            run=lambda values, actor, at: _penalise(case.pk, values, actor, at),
            policy=forbidden.HANDLE,
            fields=(
                Field("supplier", _("Supplier"), "choice", required=False,
                      choices=[(str(pk), name) for pk, name in suppliers]),
                Field("seller", _("Seller"), most=120, required=False,
                      hint=_("When the goods were not bought from a supplier.")),
                Field("measure", _("Measure"), "choice", choices=PenaltyMeasure.choices),
                Field("amount", _("Amount"), "money", required=False),
                Field("reason", _("Reason"), most=400, least=2),
            ),
            why_not=closed,
        ),
        Action(
            key="close",
            label=_("End the case"),
            run=lambda values, actor, at: _close(case.pk, values, actor, at),
            policy=forbidden.HANDLE,
            fields=(Field("outcome", _("Outcome"), most=400, least=2),),
            why_not=closed or ("" if is_ready else left),
        ),
    )  # fmt: skip


def _tell(case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    told = forbidden.tell(case_id=case_id, how=values["how"], actor=actor, at=at)
    return Done(message=gettext("%(count)s lines are recorded as told.") % {"count": told})


def _penalise(case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    forbidden.penalise(
        case_id=case_id,
        supplier_id=int(values["supplier"]) if values["supplier"] else None,
        seller=values["seller"] or "",
        measure=values["measure"],
        amount=values["amount"] or Decimal(0),
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    return Done(message=gettext("The measure is recorded."))


def _close(case_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    forbidden.close(case_id=case_id, outcome=values["outcome"], actor=actor, at=at)
    return Done(message=gettext("The case is closed."))

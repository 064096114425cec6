"""New products: proposed with research, scored, decided by two persons, sourced (SCM-2.4-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices.selection import ProposalState, SourcingState
from catalog.errors import selection as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import Category, Product, SelectionProposal, SourcingTask
from catalog.models.selection import EDITABLE
from catalog.rules import selection as rules
from catalog.selectors import selection
from catalog.types.selection import ProposalDraft, ProposalInfo, RivalOffer
from ops.engines.approvals import services as approvals
from ops.engines.approvals.choices import RequestState
from ops.engines.approvals.types import RequestInfo
from ops.engines.audit import services as audit
from ops.engines.clocks import services as clocks
from ops.engines.clocks.types import Subject
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.numbering import services as numbering

SUBJECT: Final = "catalog.selectionproposal"
TASK: Final = "catalog.sourcingtask"
FLOW: Final = "product_selection"
SOURCING: Final = "product_sourcing"
SERIES: Final = "SP"
PROPOSE: Final = may("catalog", "C", Role.OPERATIONS_SPECIALIST)
NAME: Final = may("catalog", "C", Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
SOURCE: Final = may("inventory", "C", Role.PURCHASING_OFFICER)
MOST_RIVALS: Final = 20
_WORDS: Final = {
    "name": 200,
    "demand": 2000,
    "trend": 2000,
    "target_group": 200,
    "brand_fit": 400,
}


def draft_proposal(*, draft: ProposalDraft, actor: Actor, at: dt.datetime) -> ProposalInfo:
    """Draft a proposal for a new product; its margin and score are worked out at once.

    Raises Forbidden, ThingMissing (the category, also out of scope), ProposalWrong, BadInput.
    """
    PROPOSE.require(actor)
    with transaction.atomic():
        row = SelectionProposal(drafted_by=actor.person_id or 0, drafted_at=at)
        _fill(row, draft, actor=actor, at=at)
        row.number = numbering.take_one(SERIES, at=at)
        row.save(force_insert=True)
        _record("drafted", row, actor=actor, at=at)
        return info(row)


def edit_proposal(
    *, proposal_id: int, draft: ProposalDraft, actor: Actor, at: dt.datetime
) -> ProposalInfo:
    """Change a draft or a returned proposal.

    Raises what `draft_proposal` raises, ProposalMissing, ProposalClosed.
    """
    PROPOSE.require(actor)
    with transaction.atomic():
        row = _editable(proposal_id, actor)
        _fill(row, draft, actor=actor, at=at)
        row.save()
        _record("edited", row, actor=actor, at=at)
        return info(row)


def submit_proposal(*, proposal_id: int, actor: Actor, at: dt.datetime) -> ProposalInfo:
    """Hand a proposal to the supervisor, then the manager; it is scored anew under today's policy.

    Raises Forbidden, ProposalMissing, ProposalClosed and what the approvals engine refuses.
    """
    PROPOSE.require(actor)
    with approvals.handing_in(FLOW, actor=actor, at=at):
        row = _editable(proposal_id, actor)
        _score(row, at=at)
        row.save(update_fields=["margin", "points", "score"])
        request = approvals.submit(
            flow=FLOW,
            subject=(SUBJECT, row.pk),
            number=row.number,
            title=row.name,
            content=_content(row),
            figures=_figures(row),
            actor=actor,
            at=at,
        )
        row.approval_id = request.id
        row.state = ProposalState.SUBMITTED
        row.save(update_fields=["approval", "state"])
        return info(row)


def withdraw_proposal(*, proposal_id: int, actor: Actor, at: dt.datetime) -> ProposalInfo:
    """Give a draft or a returned proposal up. Raises ProposalMissing, ProposalClosed."""
    PROPOSE.require(actor)
    with transaction.atomic():
        row = _editable(proposal_id, actor)
        row.state = ProposalState.WITHDRAWN
        row.save(update_fields=["state"])
        _record("withdrawn", row, actor=actor, at=at)
        return info(row)


def approve(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Let a proposal count and open its sourcing task, inside the deciding transaction."""
    row = _locked(request.subject_id)
    if row.state != ProposalState.SUBMITTED or row.approval_id != request.id:
        raise errors.ProposalClosed(row.state)
    row.state = ProposalState.APPROVED
    row.save(update_fields=["state"])
    task = SourcingTask.objects.create(proposal=row, approval_id=request.id, opened_at=at)
    clocks.start(
        kind=SOURCING,
        subjects=[
            Subject(
                type=TASK,
                id=task.pk,
                label=row.number,
                link=f"/selection-proposals/{row.pk}/",
                started_at=at,
            )
        ],
        actor=actor,
        at=at,
    )
    _record("sourcing_opened", row, actor=actor, at=at, task=task.pk)


def take_back(request: RequestInfo, actor: Actor, at: dt.datetime) -> None:
    """Give a returned proposal back to who drafted it; a withdrawn one is over."""
    row = _locked(request.subject_id)
    is_over = request.state == RequestState.WITHDRAWN
    row.state = ProposalState.WITHDRAWN if is_over else ProposalState.RETURNED
    row.save(update_fields=["state"])


def name_product(
    *, proposal_id: int, product_id: int, actor: Actor, at: dt.datetime
) -> ProposalInfo:
    """Say which product an approved proposal became: its SKUs may be bought from now on, once.

    Raises Forbidden, ProposalMissing, ProposalClosed, ThingMissing, ProductElsewhere.
    """
    NAME.require(actor)
    with transaction.atomic():
        row = _reached(proposal_id, actor)
        if row.state != ProposalState.APPROVED or row.product_id is not None:
            raise errors.ProposalClosed(row.state)
        product = Product.objects.select_related("category").filter(pk=product_id).first()
        if product is None:
            raise ThingMissing("product", product_id)
        is_taken = SelectionProposal.objects.filter(product=product).exists()
        if is_taken or not _stands_in(product.category, row.category):
            raise errors.ProductElsewhere
        row.product = product
        row.save(update_fields=["product"])
        _record("product_named", row, actor=actor, at=at, product=product.code)
        return info(row)


def end_sourcing(
    *,
    task_id: int,
    state: SourcingState,
    source: str = "",
    unit_cost: Decimal | None = None,
    note: str = "",
    actor: Actor,
    at: dt.datetime,
) -> None:
    """End a sourcing task: found names who supplies it at what cost, given up says why.

    Raises Forbidden, ThingMissing, SourcingOver, ReasonNeeded, ProposalWrong, BadInput.
    """
    SOURCE.require(actor)
    with transaction.atomic():
        rows = SourcingTask.objects.select_for_update(of=("self",), no_key=True)
        task = rows.select_related("proposal").filter(pk=task_id).first()
        if task is None:
            raise ThingMissing("sourcing_task", task_id)
        if task.state != SourcingState.OPEN or state == SourcingState.OPEN:
            raise errors.SourcingOver
        task.note = parse.text(note, most=400).strip()
        if state == SourcingState.FOUND:
            task.source = _said(source, "source", most=200)
            task.unit_cost = _paid(unit_cost, "unit_cost")
        elif not task.note:
            raise ReasonNeeded
        task.state, task.ended_by, task.ended_at = state, actor.person_id, at
        task.save()
        clocks.meet(kind=SOURCING, subjects=[(TASK, task.pk)], actor=actor, at=at)
        _record(f"sourcing_{state}", task.proposal, actor=actor, at=at, note=task.note)


def info(row: SelectionProposal) -> ProposalInfo:
    """Return the plain form of a proposal."""
    return ProposalInfo(
        id=row.pk,
        number=row.number,
        name=row.name,
        category_id=row.category_id,
        state=row.state,
        price=row.price,
        margin=row.margin,
        score=row.score,
        product_id=row.product_id,
    )


def _fill(row: SelectionProposal, draft: ProposalDraft, *, actor: Actor, at: dt.datetime) -> None:
    """Write a checked draft into a proposal, with its margin and score."""
    allowed = actor.scope_ids("category", "catalog", "C")
    category = Category.objects.filter(pk=draft.category_id).first()
    if category is None or (allowed is not None and allowed and category.pk not in allowed):
        raise ThingMissing("category", draft.category_id)
    row.category = category
    for field, most in _WORDS.items():
        setattr(row, field, _said(getattr(draft, field), field, most=most))
    row.risk = parse.text(draft.risk, most=400).strip()
    row.rivals = _rivals(draft.rivals)
    row.rival_note = parse.text(draft.rival_note, most=200).strip()
    if not row.rivals and not row.rival_note:
        raise errors.ProposalWrong(
            _("Compare at least one rival, or say where you looked and found none."), field="rivals"
        )
    row.price = _paid(draft.price, "price")
    row.unit_cost = _paid(draft.unit_cost, "unit_cost")
    row.monthly_sales = parse.quantity(draft.monthly_sales, least=1)
    if row.monthly_sales > 10**9:
        raise errors.ProposalWrong(_("That many pieces can't be."), field="monthly_sales")
    for field in ("demand_mark", "trend_mark", "fit_mark"):
        mark = parse.quantity(getattr(draft, field))
        if mark > 100:
            raise errors.ProposalWrong(_("Marks go from 0 to 100."), field=field)
        setattr(row, field, mark)
    _score(row, at=at)


def _score(row: SelectionProposal, *, at: dt.datetime) -> None:
    floor, target = selection.margins(category_id=row.category_id, at=at)
    row.margin = max(rules.margin(row.price, row.unit_cost), Decimal("-9999.9"))
    found = rules.score(
        demand=row.demand_mark,
        trend=row.trend_mark,
        fit=row.fit_mark,
        price=row.price,
        cost=row.unit_cost,
        rivals=[Decimal(rival["price"]) for rival in row.rivals],
        floor=floor,
        target=target,
    )
    row.score = found.total
    row.points = {part.key: str(part.points) for part in found.parts}


def _rivals(offers: Sequence[RivalOffer]) -> list[dict[str, str]]:
    if len(offers) > MOST_RIVALS:
        raise errors.ProposalWrong(_("Compare at most twenty rivals."), field="rivals")
    kept = []
    for offer in offers:
        words = asdict(offer)
        price = _paid(words.pop("price"), "rivals")
        kept.append(
            {key: _said(text, "rivals", most=200) for key, text in words.items()}
            | {"price": str(price)}
        )
    return kept


def _said(text: str, field: str, *, most: int) -> str:
    """Return what somebody wrote; raises ProposalWrong when nothing."""
    read = parse.text(text, most=most).strip()
    if not read:
        raise errors.ProposalWrong(
            _("Write something here: a proposal shows its research."), field=field
        )
    return read


def _paid(amount: Decimal | None, field: str) -> Decimal:
    """Return an amount above nothing; raises ProposalWrong, BadInput."""
    if amount is None:
        raise errors.ProposalWrong(_("Enter an amount above zero."), field=field)
    read = parse.money(amount, places=2)
    if read <= 0 or read >= 10**11:
        raise errors.ProposalWrong(_("Enter an amount above zero."), field=field)
    return read


def _stands_in(category: Category, above: Category) -> bool:
    return f"{category.path}.".startswith(f"{above.path}.")


def _locked(proposal_id: int) -> SelectionProposal:
    rows = SelectionProposal.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("category").filter(pk=proposal_id).first()
    if found is None:
        raise errors.ProposalMissing(proposal_id)
    return found


def _reached(proposal_id: int, actor: Actor) -> SelectionProposal:
    row = _locked(proposal_id)
    allowed = actor.scope_ids("category", "catalog", "C")
    if allowed and row.category_id not in allowed:
        raise errors.ProposalMissing(proposal_id)
    return row


def _editable(proposal_id: int, actor: Actor) -> SelectionProposal:
    row = _reached(proposal_id, actor)
    if row.state not in EDITABLE:
        raise errors.ProposalClosed(row.state)
    return row


def _content(row: SelectionProposal) -> dict[str, Any]:
    """Return what is asked for: everything the proposal says is fixed under its hash."""
    return {
        "category": row.category.name,
        "name": row.name,
        "demand": row.demand,
        "trend": row.trend,
        "target_group": row.target_group,
        "brand_fit": row.brand_fit,
        "rivals": row.rivals,
        "rival_note": row.rival_note,
        "risk": row.risk,
        "points": row.points,
        "lines": [
            {
                "proposal": row.pk,
                "category": row.category_id,
                "name": row.name,
                "price": str(row.price),
                "unit_cost": str(row.unit_cost),
                "monthly_sales": row.monthly_sales,
                "score": str(row.score),
            }
        ],
    }


def _figures(row: SelectionProposal) -> dict[str, Any]:
    return {
        "score": row.score,
        "selection_margin": row.margin,
        "monthly_sales": row.monthly_sales,
        "monthly_revenue": row.price * row.monthly_sales,
        "rivals": len(row.rivals),
    }


def _record(
    what: str, row: SelectionProposal, *, actor: Actor, at: dt.datetime, **more: object
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"catalog.proposal_{what}",
        obj=(SUBJECT, row.pk),
        body={"number": row.number, "name": row.name, "score": row.score, **more},
    )

"""Proposals for new products, sourcing tasks, and which goods may be bought (SCM-2.4-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from catalog.choices.selection import SelectionBasis
from catalog.errors import selection as errors
from catalog.errors.goods import ThingMissing
from catalog.models import Channel, SelectionProposal, SourcingTask
from catalog.selectors.price_sql import BY_CATEGORY, policy_values
from catalog.types.selection import Barred
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.arrays import array
from ops.engines.kernel.parse import business_day

_BARRED: Final = "SELECT sku_id, code, why FROM catalog_barred_from_purchase(%s::bigint[])"
_MARGINS: Final = f"""
WITH {BY_CATEGORY}
SELECT floor_margin, target_margin FROM by_category WHERE category_id = %(category)s
"""  # noqa: S608 - constants only


def proposals(*, actor: Actor) -> QuerySet[SelectionProposal]:
    """Return the proposals in the actor's categories; people without categories see all."""
    found = SelectionProposal.objects.select_related("category", "product")
    mine = actor.scope_ids("category", "catalog")
    return found.filter(category_id__in=mine) if mine else found


def proposal(*, proposal_id: int, actor: Actor) -> SelectionProposal:
    """Return one proposal with its sourcing task; raises ProposalMissing."""
    rows = proposals(actor=actor).select_related("sourcing")
    found = rows.filter(pk=proposal_id).first()
    if found is None:
        raise errors.ProposalMissing(proposal_id)
    return found


def sourcing_tasks() -> QuerySet[SourcingTask]:
    """Return every sourcing task with its proposal."""
    return SourcingTask.objects.select_related("proposal__category")


def basis_at(at: dt.datetime) -> SelectionBasis:
    """Return by what right goods entered at a moment may be bought. One query.

    What comes in before the first channel goes live is taken over; later goods need a proposal.
    """
    is_live = Channel.objects.filter(go_live_on__lte=business_day(at)).exists()
    return SelectionBasis.NEEDED if is_live else SelectionBasis.TAKEN_OVER


def barred_from_purchase(*, sku_ids: Collection[int]) -> list[Barred]:
    """Return which of some SKUs may not be bought, and why; what the database refuses. One query.

    Retired goods, and goods kept in stock that came after go-live without an approved proposal.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BARRED, [array(sku_ids)])
        return [Barred(sku_id=pk, code=code, why=why) for pk, code, why in cursor.fetchall()]


def margins(*, category_id: int, at: dt.datetime) -> tuple[Decimal, Decimal]:
    """Return floor and target margin of a category in percent; raises ThingMissing. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MARGINS, {**policy_values(at=at), "category": category_id})
        row = cursor.fetchone()
    if row is None:
        raise ThingMissing("category", category_id)
    return row[0], row[1]


def newest_approval() -> dt.datetime | None:
    """Return when a proposal was approved last, None when never."""
    newest = SourcingTask.objects.order_by("-opened_at").values_list("opened_at", flat=True)
    return newest.first()

"""Proposals for new products: drafted, handed in, sourced, named (SCM-2.4-02)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from catalog.api.fields import RefField, product_id_of
from catalog.choices.selection import SourcingState
from catalog.errors.goods import ThingMissing
from catalog.models import SelectionProposal, SourcingTask
from catalog.selectors import selection
from catalog.services import selecting
from catalog.types.selection import ProposalDraft, RivalOffer
from ops.engines.http import filters
from ops.engines.http.doors import DoorViewSet, Edit, Sent, Step
from ops.engines.http.serializers import (
    CodeField,
    IdField,
    MomentField,
    MoneyField,
    QuantityField,
    StrictCharField,
    StrictSerializer,
    WordField,
)
from ops.engines.kernel.policy import may

_ENDS = [one for one in SourcingState.choices if one[0] != SourcingState.OPEN]
_PLAIN = (
    "name",
    "demand",
    "trend",
    "target_group",
    "brand_fit",
    "price",
    "unit_cost",
    "monthly_sales",
    "demand_mark",
    "trend_mark",
    "fit_mark",
    "rivals",
    "rival_note",
    "risk",
)


class RivalOfferSerializer(StrictSerializer):
    """What a rival asks for comparable goods, and where it was seen."""

    rival = StrictCharField()
    goods = StrictCharField()
    price = MoneyField()
    source = StrictCharField()  # type: ignore[assignment]


class ProposalDraftSerializer(StrictSerializer):
    """What somebody proposes; the marks go from 0 to 100."""

    name = StrictCharField(max_length=200)
    category = IdField()
    demand = StrictCharField(max_length=2000, lines=True)
    trend = StrictCharField(max_length=2000, lines=True)
    target_group = StrictCharField(max_length=200)
    brand_fit = StrictCharField(max_length=400)
    price = MoneyField()
    unit_cost = MoneyField()
    monthly_sales = QuantityField(least=1)
    demand_mark = QuantityField()
    trend_mark = QuantityField()
    fit_mark = QuantityField()
    rivals = RivalOfferSerializer(  # type: ignore[call-arg]
        many=True, required=False, max_length=selecting.MOST_RIVALS
    )
    rival_note = StrictCharField(max_length=200, required=False, allow_blank=True)
    risk = StrictCharField(max_length=400, required=False, allow_blank=True)


class ProductNameSerializer(StrictSerializer):
    """The product an approved proposal became."""

    product = RefField()


class SourcingEndSerializer(StrictSerializer):
    """How the search for a supplier ended: found with a cost, or given up with a reason."""

    state = WordField(choices=_ENDS)
    source = StrictCharField(required=False, allow_blank=True)  # type: ignore[assignment]
    unit_cost = MoneyField(required=False, allow_null=True)
    note = StrictCharField(max_length=400, required=False, allow_blank=True)


class SourcingSerializer(StrictSerializer):
    """The search for a supplier that an approval opened."""

    state = CodeField()
    opened_at = MomentField()
    source = StrictCharField()  # type: ignore[assignment]
    unit_cost = MoneyField(allow_null=True)
    note = StrictCharField()
    ended_at = MomentField(allow_null=True)


class ProposalSerializer(StrictSerializer):
    """A proposal in a list; margin in percent of the price."""

    id = IdField()
    number = CodeField()
    name = StrictCharField()
    category = IdField(source="category_id")
    price = MoneyField()
    margin = MoneyField(places=1)
    monthly_sales = QuantityField()
    score = MoneyField(places=1)
    state = CodeField()
    product = IdField(source="product_id", allow_null=True)
    approval = IdField(source="approval_id", allow_null=True)
    drafted_by = IdField()
    drafted_at = MomentField()


class ProposalDetailSerializer(ProposalSerializer):
    """A proposal with its research and its sourcing."""

    demand = StrictCharField()
    trend = StrictCharField()
    target_group = StrictCharField()
    brand_fit = StrictCharField()
    unit_cost = MoneyField()
    demand_mark = QuantityField()
    trend_mark = QuantityField()
    fit_mark = QuantityField()
    points = serializers.DictField()
    rivals = RivalOfferSerializer(many=True)
    rival_note = StrictCharField()
    risk = StrictCharField()
    sourcing = serializers.SerializerMethodField()

    def get_sourcing(self, row: SelectionProposal) -> dict[str, Any] | None:
        """Return the search for a supplier, null before the approval."""
        task = getattr(row, "sourcing", None)
        return None if task is None else dict(SourcingSerializer(task).data)


def _drafted(sent: Sent) -> Mapping[str, Any]:
    offers = [{**one, "price": Decimal(one["price"])} for one in sent.pop("rivals", ())]
    category = sent.pop("category")
    rivals = tuple(RivalOffer(**one) for one in offers)
    return {"draft": ProposalDraft(**sent, category_id=category, rivals=rivals)}


def _named(sent: Sent) -> Mapping[str, Any]:
    return {"product_id": product_id_of(sent["product"])}


def _sourced(sent: Sent) -> Mapping[str, Any]:
    return {**sent, "state": SourcingState(sent["state"])}


def _task_of(row: SelectionProposal) -> Mapping[str, Any]:
    task: SourcingTask | None = getattr(row, "sourcing", None)
    if task is None:
        raise ThingMissing("sourcing_task", row.pk)
    return {"task_id": task.pk}


class ProposalViewSet(DoorViewSet):
    """Proposals in the caller's categories."""

    serializer_class = ProposalSerializer
    detail_class = ProposalDetailSerializer
    filters = {
        "number": filters.exact("number"),
        "state": filters.exact("state"),
        "category": filters.number("category_id"),
    }
    orderings = ("-id", "id")
    key = "proposal_id"
    read = may("catalog", "V")
    make = Step(
        run=selecting.draft_proposal,
        policy=selecting.PROPOSE,
        body=ProposalDraftSerializer,
        given=_drafted,
        title="Draft a proposal; its margin and score are worked out at once.",
    )
    edit = Edit(
        run=selecting.edit_proposal,
        policy=selecting.PROPOSE,
        body=ProposalDraftSerializer,
        given=_drafted,
        before=lambda row: {
            "category": row.category_id,
            **{name: getattr(row, name) for name in _PLAIN},
        },
        title="Change a draft or a returned proposal.",
    )
    steps = {
        "submit": Step(
            run=selecting.submit_proposal,
            policy=selecting.PROPOSE,
            title="Hand a proposal in, scored anew under today's policy.",
        ),
        "withdraw": Step(
            run=selecting.withdraw_proposal,
            policy=selecting.PROPOSE,
            title="Give a draft or a returned proposal up.",
        ),
        "name_product": Step(
            run=selecting.name_product,
            policy=selecting.NAME,
            body=ProductNameSerializer,
            given=_named,
            title="Say which product an approved proposal became; once.",
        ),
        "sourcing": Step(
            run=selecting.end_sourcing,
            policy=selecting.SOURCE,
            body=SourcingEndSerializer,
            given=_sourced,
            of=_task_of,
            title="End the search for a supplier: found at a cost, or given up with a reason.",
        ),
    }

    def get_queryset(self) -> QuerySet[SelectionProposal]:
        """Return the proposals of the caller's categories."""
        return selection.proposals(actor=self.actor)

"""Buyers over REST: masked, and one text at a time with a purpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.answers import CustomerAnswer, RevealAnswer, TierAnswer, TiersAnswer
from customers.api.questions import EndTierQuestion, RevealQuestion, TierQuestion
from customers.choices import PersonalField, Purpose, TierSource
from customers.models import Customer
from customers.policies import REVEAL, TIERS
from customers.selectors import book
from customers.selectors import people as buyers
from customers.selectors import tiers as stories
from customers.services import reveals, texts, tiers
from customers.services.steps import missing
from ops.engines.http import filters
from ops.engines.http.api import ReadViewSet
from ops.engines.kernel.policy import may


class CustomerViewSet(ReadViewSet):
    """Buyers of the caller's channels."""

    policies = {
        "list": may("customers", "V"),
        "retrieve": may("customers", "V"),
        "reveal": REVEAL,
        "tiers": may("customers", "V"),
        "tier": TIERS,
        "end_tier": TIERS,
    }
    queryset = Customer.objects.none()
    serializer_class = CustomerAnswer
    filters = {
        "channel": filters.exact("channel__code"),
        "code": filters.exact("code"),
        "country": filters.exact("country"),
    }
    orderings = ("-id", "id")

    def get_queryset(self) -> QuerySet[Any]:
        """Show the buyers of the caller's channels."""
        return buyers.customers(actor=self.actor)

    def list(self, request: Request) -> Response:
        """List buyers, masked."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._masked(rows))

    def retrieve(self, request: Request, pk: int) -> Response:
        """Show a buyer, masked."""
        return Response(self._masked([self.get_object()])[0])

    @extend_schema(request=RevealQuestion, responses=RevealAnswer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, pk: int) -> Response:
        """Show one personal text for one purpose; every look is recorded, thirty a day."""
        question = RevealQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        told = question.validated_data
        order_id = None
        if number := told.get("order"):
            found = book.orders(actor=self.actor).filter(number=number).first()
            if found is None:
                raise missing()
            order_id = found.pk
        value = reveals.reveal(
            customer_id=int(pk),
            order_id=order_id,
            field=PersonalField(told["field"]),
            purpose=Purpose(told["purpose"]),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(
            {"field": told["field"], "value": value}, headers={"Cache-Control": "no-store"}
        )

    @extend_schema(responses=TiersAnswer)
    @action(detail=True)
    def tiers(self, request: Request, pk: int) -> Response:
        """Show every tier the buyer had, has or is to have."""
        return self._tiers()

    @extend_schema(request=TierQuestion, responses=TiersAnswer)
    @action(detail=True, methods=["post"])
    def tier(self, request: Request, pk: int) -> Response:
        """Let the buyer belong to a tier that prices or promotions of the channel name."""
        question = TierQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        tiers.set_tier(
            customer_id=self.get_object().pk,
            **question.validated_data,
            source=TierSource.API,
            actor=self.actor,
            at=timezone.now(),
        )
        return self._tiers()

    @extend_schema(request=EndTierQuestion, responses=TiersAnswer)
    @action(detail=True, methods=["post"], url_path="end-tier")
    def end_tier(self, request: Request, pk: int) -> Response:
        """End the tier the buyer has."""
        question = EndTierQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        tiers.end_tier(
            customer_id=self.get_object().pk,
            **question.validated_data,
            actor=self.actor,
            at=timezone.now(),
        )
        return self._tiers()

    def _tiers(self) -> Response:
        rows = stories.story(customer_id=self.get_object().pk)
        return Response({"tiers": TierAnswer(rows, many=True).data})

    def _answer_once(self, key: str) -> None:
        # An answer that is kept for repeats would keep the plain text: every look is a new one.
        if self.action != "reveal":
            super()._answer_once(key)

    def _masked(self, rows: Sequence[Customer]) -> Sequence[dict[str, Any]]:
        masks = texts.masked(customer_ids=[row.pk for row in rows])
        return [
            {
                "id": row.pk,
                "uuid": str(row.uuid),
                "channel": row.channel.code,
                "code": row.code,
                "name": masks[row.pk].name,
                "phone": masks[row.pk].phone,
                "country": row.country,
                "created_at": row.created_at.isoformat(),
            }
            for row in rows
        ]

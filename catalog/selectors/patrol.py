"""Cases, suspended offers, outliers and competitor prices as an actor may see them."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max, QuerySet

from catalog.errors import prices as errors
from catalog.models import (
    CompetitorPrice,
    OfferSuspension,
    PriceOutlier,
    PriceViolation,
)
from ops.engines.kernel.actor import Actor


def violations(*, actor: Actor) -> QuerySet[PriceViolation]:
    """Return the cases in the actor's channels."""
    found = PriceViolation.objects.select_related("channel", "sku")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def violation(*, case_id: int, actor: Actor) -> PriceViolation:
    """Return one case; raises CaseMissing."""
    found = violations(actor=actor).filter(pk=case_id).first()
    if found is None:
        raise errors.CaseMissing(case_id)
    return found


def outliers(*, actor: Actor) -> QuerySet[PriceOutlier]:
    """Return the suggestions in the actor's channels."""
    found = PriceOutlier.objects.select_related("channel", "sku", "change")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def outlier(*, outlier_id: int, actor: Actor) -> PriceOutlier:
    """Return one suggestion; raises CaseMissing."""
    found = outliers(actor=actor).filter(pk=outlier_id).first()
    if found is None:
        raise errors.CaseMissing(outlier_id)
    return found


def competitor_prices() -> QuerySet[CompetitorPrice]:
    """Return what rivals asked, newest first."""
    return CompetitorPrice.objects.select_related("sku").order_by("-id")


def suspensions(*, sku_id: int) -> list[OfferSuspension]:
    """Return when a SKU was off sale, newest first."""
    return list(
        OfferSuspension.objects.filter(sku_id=sku_id).select_related("channel").order_by("-id")[:50]
    )


def newest_patrol() -> dt.datetime | None:
    """Return when the patrol last saw a violation."""
    found: dt.datetime | None = PriceViolation.objects.aggregate(at=Max("last_seen_at"))["at"]
    return found


def newest_outlier() -> dt.datetime | None:
    """Return when an outlier was last found."""
    return PriceOutlier.objects.order_by("-pk").values_list("found_at", flat=True).first()

"""Cases of forbidden goods, the buyers they list, and what was decided (CAT-4.3-05)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from customers.errors import ForbiddenSaleMissing
from customers.models import ForbiddenSale, RecallLine, SalePenalty


def cases() -> QuerySet[ForbiddenSale]:
    """Return the cases with how many buyers' lines there are, and how many are not yet told."""
    return ForbiddenSale.objects.select_related("product").annotate(
        listed=Count("recalls"), untold=Count("recalls", filter=Q(recalls__told_at__isnull=True))
    )


def case(*, case_id: int) -> ForbiddenSale:
    """Return one case; raises ForbiddenSaleMissing."""
    found = cases().filter(pk=case_id).first()
    if found is None:
        raise ForbiddenSaleMissing(
            "customers.case_missing", _("There is no such case of forbidden goods.")
        )
    return found


def recalls(*, case_id: int, most: int) -> list[RecallLine]:
    """Return lines of a case, those not yet told first."""
    rows = RecallLine.objects.filter(case_id=case_id).select_related("order__channel", "sku")
    return list(rows.order_by("told_at", "pk")[:most])


def penalties(*, case_id: int) -> list[SalePenalty]:
    """Return the measures of a case."""
    return list(SalePenalty.objects.filter(case_id=case_id).select_related("supplier"))


def newest() -> dt.datetime | None:
    """Return when a sale of forbidden goods was last confirmed: evidence of CAT-4.3-05."""
    return ForbiddenSale.objects.order_by("-pk").values_list("confirmed_at", flat=True).first()

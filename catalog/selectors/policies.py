"""Price policies as they are read: versions, the one in force, how many offers keep to them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog import ports
from catalog.choices.policies import PolicyState
from catalog.errors import prices as errors
from catalog.models import Category, PricePolicy
from catalog.selectors.price_sql import BY_CATEGORY, FLOOR, cost_values, policy_values
from catalog.types.patrol import BandShare
from ops.engines.kernel.actor import Actor

# An offer keeps to the policy of its category when its margin lies between floor and ceiling.
_SHARES: Final = f"""
WITH {BY_CATEGORY}, costs AS (
    SELECT * FROM unnest(%(costed)s::bigint[], %(costs)s::numeric[]) AS k(sku_id, cost)
)
SELECT c.name,
       count(*) FILTER (WHERE k.cost IS NOT NULL AND r.price >= {FLOOR}
                          AND coalesce((r.price - k.cost) * 100 <= y.ceiling_margin * r.price,
                                       true)),
       count(*) FILTER (WHERE k.cost IS NOT NULL), count(*) FILTER (WHERE k.cost IS NULL)
FROM catalog_pricerange r
JOIN catalog_channel c ON c.id = r.channel_id
JOIN catalog_sku s ON s.id = r.sku_id
JOIN catalog_product d ON d.id = s.product_id
JOIN by_category y ON y.category_id = d.category_id
JOIN catalog_category t ON t.id = d.category_id
LEFT JOIN costs k ON k.sku_id = r.sku_id
WHERE r.tier = '' AND r.valid @> %(at)s::timestamptz
  AND (%(channels)s::bigint[] IS NULL OR r.channel_id = ANY (%(channels)s::bigint[]))
  AND (%(path)s = '' OR starts_with(t.path || '.', %(path)s || '.'))
GROUP BY c.id, c.name ORDER BY c.name
"""  # noqa: S608 - constants only
_PRICED: Final = """
SELECT DISTINCT sku_id FROM catalog_pricerange WHERE tier = '' AND valid @> %s::timestamptz
"""


def policies() -> QuerySet[PricePolicy]:
    """Return all versions, newest first."""
    return PricePolicy.objects.select_related("category").order_by("-id")


def policy(policy_id: int) -> PricePolicy:
    """Return one version; raises PolicyMissing."""
    found = policies().filter(pk=policy_id).first()
    if found is None:
        raise errors.PolicyMissing(policy_id)
    return found


def in_force(*, day: dt.date) -> set[int]:
    """Return the ids of the versions that count on a day, one a category."""
    approved = PricePolicy.objects.filter(state=PolicyState.APPROVED, starts_on__lte=day)
    newest = approved.order_by("category_id", "-starts_on").distinct("category_id")
    return set(newest.values_list("pk", flat=True))


def shares(*, actor: Actor, at: dt.datetime, path: str = "") -> list[BandShare]:
    """Return by channel how many offers keep to the policy, of a category path or of all."""
    mine = actor.scope_ids("channel", "catalog")
    with connection.cursor() as cursor:
        cursor.execute(_PRICED, [at])
        sku_ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            _SHARES,
            {
                **policy_values(at=at),
                **cost_values(ports.unit_cost(sku_ids=sku_ids, at=at)),
                "at": at,
                "channels": None if mine is None else sorted(mine),
                "path": path,
            },
        )
        return [BandShare(*row) for row in cursor.fetchall()]


def category_choices(_actor: Actor | None = None) -> list[tuple[str, str]]:
    """Return the whole house and every category, in the order of their paths."""
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [("", str(_("The whole house")))] + [
        (str(pk), " ".join(["·" * path.count("."), name]).strip()) for pk, name, path in rows
    ]


def newest_approval() -> dt.datetime | None:
    """Return when a version was last confirmed."""
    return (
        PricePolicy.objects.filter(state=PolicyState.APPROVED)
        .order_by("-approval_id")
        .values_list("approval__closed_at", flat=True)
        .first()
    )

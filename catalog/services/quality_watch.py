"""Quality reports run out: warned of in time, then goods leave the shelf (CAT-4.3-06)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.choices.listings import DelistingReason
from catalog.services import delisting
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.notices import services as notices

WARN_DAYS: Final = (60, 30, 7)
_EXPIRING: Final = gettext_noop("A quality report is over on %(day)s: %(product)s")
_RENEW: Final = gettext_noop("Bring a new report; without one the goods leave the shelf that day.")

# The newest review of what is on a shelf, when it is over soon or already.
_NEAR: Final = """
SELECT q.id, q.expires_on, p.id, p.code || ' ' || p.name, array_agg(l.id ORDER BY l.id),
       array_agg(DISTINCT l.opened_by) FILTER (WHERE l.opened_by IS NOT NULL)
FROM catalog_product p
JOIN catalog_listing l ON l.product_id = p.id
JOIN catalog_listingshelf f ON f.listing_id = l.id AND f.during @> %(at)s::timestamptz
JOIN LATERAL (SELECT * FROM catalog_qualityreview n WHERE n.product_id = p.id
              ORDER BY n.id DESC LIMIT 1) q ON q.expires_on <= %(day)s::date + %(most)s::int
GROUP BY q.id, q.expires_on, p.id, p.code, p.name
ORDER BY q.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """How many reports are near their end, persons told of them, listings taken off."""

    near: int
    told: int
    taken_off: int


def watch(*, actor: Actor, at: datetime) -> WatchReport:
    """Warn 60, 30 and 7 days before a report is over, and take goods off when it is.

    Whoever opened the listings and compliance are told, each once a threshold. Goods taken over
    without any review are not touched: they never rested on one.
    """
    today = business_day(at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_NEAR, {"at": at, "day": today, "most": max(WARN_DAYS)})
            rows = cursor.fetchall()
        over = [pk for row in rows if row[1] <= today for pk in row[4]]
        told = sum(
            _warn(review, ends, product, opened or (), today, actor=actor, at=at)
            for review, ends, _product, product, _listings, opened in rows
            if ends > today
        )
        taken = delisting.take_off_at_once(
            listing_ids=over,
            reason=DelistingReason.CREDENTIAL,
            note=_("The report of the quality review is over."),
            actor=actor,
            at=at,
        )
        return WatchReport(near=len(rows), told=told, taken_off=len(taken))


def _warn(
    review: int,
    ends: date,
    product: str,
    opened: Collection[int],
    today: date,
    *,
    actor: Actor,
    at: datetime,
) -> int:
    threshold = min(days for days in WARN_DAYS if (ends - today).days <= days)
    return notices.notify(
        kind="act",
        title=_EXPIRING,
        body=_RENEW,
        params={"day": ends.isoformat(), "product": product},
        link="/quality-reviews/",
        subject=f"catalog.qualityreview:{review}",
        person_ids=opened,
        role=Role.COMPLIANCE_OFFICER,
        effect_key=f"quality-review:{review}:{threshold}",
        actor=actor,
        at=at,
    )

"""The patrol log and penalties; queries of the metrics that assess a channel (CAT-4.2-03).

A metric's query yields day, dimension, member, numerator, denominator for two days, both inside;
the whole house stands beside each channel. Days are business days in Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q, QuerySet

from catalog.models import PricePatrol, PricePenalty
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import BUSINESS_ZONE

_BY_CHANNEL: Final = """
SELECT s.day, g.dimension, g.member, sum(s.part)::numeric, sum(s.whole)::numeric
  FROM ({source}) AS s(day, channel_id, part, whole)
 CROSS JOIN LATERAL (VALUES ('', ''), ('channel', s.channel_id::text)) AS g(dimension, member)
 WHERE s.day BETWEEN %s AND %s
 GROUP BY 1, 2, 3
"""
# What a round found, of what it looked at: cases that stand are found again until put right.
RIGHT: Final = _BY_CHANNEL.format(
    source="""
    SELECT (p.patrolled_at AT TIME ZONE 'Asia/Shanghai')::date, p.channel_id,
           greatest(p.offers - p.opened - p.again, 0), p.offers
      FROM catalog_pricepatrol p WHERE p.offers > 0"""
)
# A channel that was patrolled and not blamed has none: its day says zero.
POINTS: Final = _BY_CHANNEL.format(
    source="""
    SELECT (p.patrolled_at AT TIME ZONE 'Asia/Shanghai')::date, p.channel_id, 0, NULL::int
      FROM catalog_pricepatrol p
     UNION ALL
    SELECT (y.confirmed_at AT TIME ZONE 'Asia/Shanghai')::date, v.channel_id, y.points, NULL::int
      FROM catalog_pricepenalty y JOIN catalog_priceviolation v ON v.id = y.violation_id
     WHERE y.revoked_at IS NULL"""
)


def visible(*, actor: Actor) -> QuerySet[PricePenalty]:
    """Return the penalties of the actor's channels."""
    found = PricePenalty.objects.select_related("violation__channel", "violation__sku")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(violation__channel_id__in=mine)


def of_case(case_id: int) -> PricePenalty | None:
    """Return the penalty of a case, taken back or not."""
    return PricePenalty.objects.filter(violation_id=case_id).first()


def patrols(*, actor: Actor) -> QuerySet[PricePatrol]:
    """Return the rounds through the actor's channels: the patrol log."""
    found = PricePatrol.objects.select_related("channel")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def rounds(named: Iterable[tuple[int, str]]) -> list[PricePatrol]:
    """Return rounds that opened something, by channel id and moment (ISO). One query."""
    asked = [Q(channel_id=channel, patrolled_at=moment) for channel, moment in named]
    if not asked:
        return []
    rows = PricePatrol.objects.filter(reduce(or_, asked), opened__gt=0)
    return list(rows.select_related("channel").order_by("pk"))


def patrolled_between(first: dt.date, last: dt.date) -> Iterator[tuple[int, str]]:
    """Return id and name of channels that were patrolled on these days, both inside."""
    rows = PricePatrol.objects.filter(
        patrolled_at__gte=dt.datetime.combine(first, dt.time.min, BUSINESS_ZONE),
        patrolled_at__lt=dt.datetime.combine(
            last + dt.timedelta(days=1), dt.time.min, BUSINESS_ZONE
        ),
    )
    named = rows.values_list("channel_id", "channel__name")
    return iter(named.order_by("channel_id").distinct())


def newest_round() -> dt.datetime | None:
    """Return when a channel was last patrolled."""
    return PricePatrol.objects.order_by("-pk").values_list("patrolled_at", flat=True).first()


def newest_penalty() -> dt.datetime | None:
    """Return when a violation was last confirmed."""
    return PricePenalty.objects.order_by("-pk").values_list("confirmed_at", flat=True).first()

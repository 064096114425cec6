"""Recommendations as they are read: by version, and beside a good (CAT-4.1-04)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from catalog.errors.goods import ThingMissing
from catalog.models import (
    RecommendationOutcome,
    RecommendationPair,
    RecommendationRule,
    RecommendationSet,
)
from catalog.selectors import restrictions, shown_figures
from catalog.types.recommendations import Outcome, Recommended, RuleFigures
from catalog.types.shown_figures import Counted
from ops.engines.kernel.actor import Actor

# The rule of the database is asked again: what was taken off sale or banned since is not shown.
_LIVE: Final = """
SELECT live.channel_id, p.sku_id, p.other_id, s.code, s.name, p.rank, p.together, p.confidence,
       p.lift
FROM (SELECT DISTINCT ON (channel_id) id, channel_id FROM catalog_recommendationset
      WHERE channel_id = ANY(%(channels)s) AND published_at <= %(at)s
      ORDER BY channel_id, no DESC) live
JOIN catalog_recommendationpair p ON p.set_id = live.id AND p.sku_id = ANY(%(skus)s)
JOIN catalog_sku s ON s.id = p.other_id
WHERE catalog_may_recommend(p.other_id, live.channel_id, %(at)s)
ORDER BY live.channel_id, p.sku_id, p.rank
"""
_CHANGED: Final = """
SELECT count(*) FILTER (WHERE b.other_id IS NULL), count(*) FILTER (WHERE a.other_id IS NULL)
FROM (SELECT sku_id, other_id FROM catalog_recommendationpair WHERE set_id = %(set)s) a
FULL JOIN (SELECT sku_id, other_id FROM catalog_recommendationpair WHERE set_id = %(former)s) b
    USING (sku_id, other_id)
"""
_OUTCOME: Final = (
    "orders",
    "hits",
    "former_orders",
    "former_hits",
    "impressions",
    "clicks",
    "former_impressions",
    "former_clicks",
)
# What came of a rule version: of each of its sets the newest outcome counts.
_OF_RULES: Final = """
SELECT s.rule_id, count(*), coalesce(sum(o.orders), 0)::bigint, coalesce(sum(o.hits), 0)::bigint
FROM catalog_recommendationset s
LEFT JOIN LATERAL (
    SELECT orders, hits FROM catalog_recommendationoutcome x
    WHERE x.set_id = s.id ORDER BY x.until DESC LIMIT 1) o ON true
WHERE s.rule_id = ANY(%(rules)s) GROUP BY s.rule_id
"""
_NO_SETS: Final = (0, 0, 0)


class PairRow(NamedTuple):
    """One pair of a set as shown, with what the former version ranked it."""

    sku_id: int
    other_id: int
    code: str
    name: str
    other_code: str
    other_name: str
    rank: int
    former_rank: int | None
    together: int
    confidence: Decimal
    lift: Decimal


def sets(*, actor: Actor) -> QuerySet[RecommendationSet]:
    """Return the sets of the actor's channels, each with its newest outcome (`orders`, ...)."""
    newest = RecommendationOutcome.objects.filter(set=OuterRef("pk")).order_by("-until")
    found = RecommendationSet.objects.select_related("channel", "rule", "former").annotate(
        **{key: Subquery(newest.values(key)[:1]) for key in _OUTCOME}
    )
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def one_set(*, set_id: int, actor: Actor) -> RecommendationSet:
    """Return one set; raises ThingMissing, also outside the actor's channels."""
    found = sets(actor=actor).filter(pk=set_id).first()
    if found is None:
        raise ThingMissing("recommendation_set", set_id)
    return found


def outcomes(*, set_id: int) -> list[Outcome]:
    """Return what became of a set, newest first."""
    rows = RecommendationOutcome.objects.filter(set_id=set_id).order_by("-until")
    return [Outcome(*row) for row in rows.values_list("set__published_at", "until", *_OUTCOME)]


def rules(*, actor: Actor) -> QuerySet[RecommendationRule]:
    """Return the versions of the rules of the actor's channels."""
    found = RecommendationRule.objects.select_related("channel")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def compared(found: Sequence[RecommendationRule]) -> list[RuleFigures]:
    """Return rule versions, each beside the former version of its channel. Three queries.

    What a version did is the sum over its sets: of each the newest outcome, and every click told.
    """
    asked = Q(pk__in=())
    for rule in found:
        asked |= Q(channel_id=rule.channel_id, no=rule.no - 1)
    before = {
        (channel_id, no): pk
        for pk, channel_id, no in RecommendationRule.objects.filter(asked).values_list(
            "pk", "channel_id", "no"
        )
    }
    ids = [*(rule.pk for rule in found), *before.values()]
    with connection.cursor() as cursor:
        cursor.execute(_OF_RULES, {"rules": ids})
        sums = {pk: row for pk, *row in cursor.fetchall()}
    clicks = shown_figures.of_rules(rule_ids=ids)
    return [
        RuleFigures(
            rule=rule,
            sets=sums.get(rule.pk, _NO_SETS)[0],
            orders=sums.get(rule.pk, _NO_SETS)[1],
            hits=sums.get(rule.pk, _NO_SETS)[2],
            counted=clicks.get(rule.pk, Counted()),
            former_orders=sums.get(former, _NO_SETS)[1],
            former_hits=sums.get(former, _NO_SETS)[2],
            former_counted=clicks.get(former, Counted()),
        )
        for rule in found
        for former in [before.get((rule.channel_id, rule.no - 1), 0)]
    ]


def changed(*, set_id: int, former_id: int) -> tuple[int, int]:
    """Return how many pairs a set added to its former version and how many it dropped."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"set": set_id, "former": former_id})
        added, dropped = cursor.fetchone()
    return int(added), int(dropped)


def pairs(*, kept: RecommendationSet, most: int) -> list[PairRow]:
    """Return the pairs of a set that were bought together most often."""
    former = RecommendationPair.objects.filter(
        set_id=kept.former_id, sku_id=OuterRef("sku_id"), other_id=OuterRef("other_id")
    )
    rows = RecommendationPair.objects.filter(set=kept).annotate(
        former_rank=Subquery(former.values("rank")[:1])
    )
    return [
        PairRow(*row)
        for row in rows.order_by("-together", "sku_id", "rank").values_list(
            "sku_id",
            "other_id",
            "sku__code",
            "sku__name",
            "other__code",
            "other__name",
            "rank",
            "former_rank",
            "together",
            "confidence",
            "lift",
        )[:most]
    ]


def recommended(*, sku_ids: Collection[int], channel_id: int, at: datetime) -> list[Recommended]:
    """Return what is shown beside some SKUs in a channel at a moment, best first.

    Never what is restricted, retired or off sale at that moment, whatever the set holds.
    """
    return [row for _, row in _shown(sku_ids, [channel_id], at)]


def beside(
    *, sku_id: int, channel_ids: Collection[int], at: datetime
) -> list[tuple[int, Recommended]]:
    """Return what is shown beside one SKU, each with its channel, under the same promise."""
    return _shown([sku_id], channel_ids, at)


def _shown(
    sku_ids: Collection[int], channel_ids: Collection[int], at: datetime
) -> list[tuple[int, Recommended]]:
    given: dict[str, Any] = {"skus": list(sku_ids), "channels": list(channel_ids), "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, given)
        found = [(channel, Recommended(*row)) for channel, *row in cursor.fetchall()]
    barred = restrictions.restricted(sku_ids={row.other_id for _channel, row in found}, at=at)
    return [(channel, row) for channel, row in found if row.other_id not in barred]


def newest_set() -> datetime | None:
    """Return when recommendations were last published."""
    rows = RecommendationSet.objects.order_by("-published_at")
    return rows.values_list("published_at", flat=True).first()


def newest_outcome() -> datetime | None:
    """Return up to when a version was last compared with its former one."""
    rows = RecommendationOutcome.objects.order_by("-until")
    return rows.values_list("until", flat=True).first()

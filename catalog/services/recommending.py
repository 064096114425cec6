"""What sells together: versioned rules, sets built every night, compared with the former one.

CAT-4.1-04. Everything is counted in the database from real orders; see ADR 25.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog import ports
from catalog.errors import recommendations as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import (
    Channel,
    RecommendationOutcome,
    RecommendationRule,
    RecommendationSet,
)
from catalog.selectors import restrictions, shown_figures
from catalog.services import recommendation_sql as sql
from catalog.types.recommendations import Pair, RuleInfo, SetInfo
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

SUBJECT: Final = "catalog.recommendationset"
_FIGURES: Final = ("window_days", "min_support", "min_lift", "top")


def set_rule(
    *,
    channel_id: int,
    window_days: int,
    min_support: int,
    min_lift: Decimal,
    top: int,
    why: str,
    actor: Actor,
    at: dt.datetime,
) -> RuleInfo:
    """Put a new version of a channel's rule in force; the next build follows it.

    Raises ThingMissing (also outside the actor's channels), ReasonNeeded, RuleUnchanged, BadInput
    naming the field.
    """
    reason = parse.text(why, most=200)
    if not reason.strip():
        raise ReasonNeeded
    _within("window_days", window_days, 1, 730)
    _within("min_support", min_support, 2, 10**6)
    _within("min_lift", min_lift, 0, 1000)
    _within("top", top, 1, 50)
    with transaction.atomic():
        _lock_channel(channel_id, actor)
        former = _newest_rule(channel_id)
        figures: dict[str, Any] = {
            "window_days": window_days,
            "min_support": min_support,
            "min_lift": min_lift,
            "top": top,
        }
        if former and all(getattr(former, key) == figures[key] for key in _FIGURES):
            raise errors.RuleUnchanged
        made = RecommendationRule.objects.create(
            channel_id=channel_id,
            no=former.no + 1 if former else 1,
            **figures,
            why=reason,
            set_by=actor.person_id,
            set_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.recommendation_rule_set",
            obj=("catalog.recommendationrule", made.pk),
            body={"channel": channel_id, "no": made.no, "why": reason}
            | {key: str(value) for key, value in figures.items()},
        )
        return _rule_info(made)


def build_due(*, day: dt.date, actor: Actor, at: dt.datetime) -> list[SetInfo]:
    """Note what every live set has done, and build the channels that have a rule, up to a day.

    Returns the sets that are new.
    """
    channels = RecommendationRule.objects.order_by("channel_id").values_list("channel_id")
    with transaction.atomic():
        found = [
            build(channel_id=channel_id, day=day, actor=actor, at=at)
            for (channel_id,) in channels.distinct()
        ]
    return [made for made in found if made is not None]


def build(*, channel_id: int, day: dt.date, actor: Actor, at: dt.datetime) -> SetInfo | None:
    """Publish what sold together in the days up to `day`; None when that is what stands already.

    The version that was live is measured up to `at` before anything replaces it. Raises
    ThingMissing for a channel without a rule or outside the actor's scope.
    """
    with transaction.atomic():
        _lock_channel(channel_id, actor)
        rule = _newest_rule(channel_id)
        if rule is None:
            raise ThingMissing("recommendation_rule", channel_id)
        live = RecommendationSet.objects.filter(channel_id=channel_id).order_by("-no").first()
        if live is not None:
            measure(set_id=live.pk, until=at, actor=actor)
        first = day - dt.timedelta(days=rule.window_days - 1)
        _take_baskets(channel_id, since=_start(first), until=_start(day + dt.timedelta(days=1)))
        _choose(rule, at)
        count, digest, baskets = _one(sql.DIGEST, {"top": rule.top})
        if live and (live.content_hash, live.rule_id) == (digest, rule.pk):
            return None
        made = RecommendationSet.objects.create(
            channel_id=channel_id,
            no=live.no + 1 if live else 1,
            rule=rule,
            former=live,
            first_day=first,
            last_day=day,
            baskets=baskets,
            pair_count=count,
            content_hash=digest,
            published_at=at,
        )
        _do(sql.KEEP, {"set": made.pk, "top": rule.top})
        audit.record(
            actor=actor,
            at=at,
            action="catalog.recommendations_published",
            obj=(SUBJECT, made.pk),
            body={
                "channel": channel_id,
                "no": made.no,
                "rule": rule.no,
                "baskets": baskets,
                "pairs": count,
                "content": digest,
            },
        )
        return _set_info(made)


def measure(*, set_id: int, until: dt.datetime, actor: Actor) -> RecommendationOutcome | None:
    """Note what a set has done from its publication until a moment, once for each moment.

    The former version is measured on the same orders; its clicks are those of its own days, for
    only one version is shown at a time. None when no time has passed. Expects the caller's
    transaction and its lock of the channel.
    """
    kept = RecommendationSet.objects.get(pk=set_id)
    known = RecommendationOutcome.objects.filter(set=kept, until=until).first()
    if known is not None or until <= kept.published_at:
        return known
    _take_baskets(kept.channel_id, since=kept.published_at, until=until)
    orders, hits = _one(sql.MEASURE, {"set": kept.pk})
    before: tuple[int | None, int | None] = (None, None)
    if kept.former_id is not None:
        before = _one(sql.MEASURE, {"set": kept.former_id})
    counted = shown_figures.of_sets(
        set_ids=[kept.pk, kept.former_id or 0], last=parse.business_day(until)
    )
    own, former = counted.get(kept.pk), counted.get(kept.former_id or 0)
    made = RecommendationOutcome.objects.create(
        set=kept,
        until=until,
        orders=orders,
        hits=hits,
        former_orders=before[0],
        former_hits=before[1],
        impressions=own.shown if own else None,
        clicks=own.clicks if own else None,
        former_impressions=former.shown if former else None,
        former_clicks=former.clicks if former else None,
    )
    audit.record(
        actor=actor,
        at=until,
        action="catalog.recommendations_measured",
        obj=(SUBJECT, kept.pk),
        body={
            "orders": orders,
            "hits": hits,
            "former": list(before),
            "shown": made.impressions,
            "clicks": made.clicks,
        },
    )
    return made


def mine(
    *, channel_id: int, first: dt.date, last: dt.date, min_support: int, most: int
) -> list[Pair]:
    """Return the pairs bought together most often in business days, both included; keeps nothing.

    The lower SKU id comes first. All goods that were sold count here, also those off sale now.
    """
    with transaction.atomic():
        _take_baskets(channel_id, since=_start(first), until=_start(last + dt.timedelta(days=1)))
        with connection.cursor() as cursor:
            cursor.execute(f"{sql.MINED} LIMIT %(most)s", {"support": min_support, "most": most})
            return [Pair(*row) for row in cursor.fetchall()]


def _take_baskets(channel_id: int, *, since: dt.datetime, until: dt.datetime) -> None:
    given = ports.order_baskets(channel_id=channel_id, since=since, until=until)
    with connection.cursor() as cursor:
        cursor.execute(sql.FORGET)
        cursor.execute(sql.BASKETS.format(given=given.sql), given.params)
        cursor.execute(sql.KNOW_BASKETS)


def _choose(rule: RecommendationRule, at: dt.datetime) -> None:
    _do(
        sql.CANDIDATES,
        {
            "support": rule.min_support,
            "lift": rule.min_lift,
            "channel": rule.channel_id,
            "at": at,
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.OTHERS)
        others = [sku_id for (sku_id,) in cursor.fetchall()]
    barred = restrictions.restricted(sku_ids=others, at=at)
    _do(sql.BAR, {"barred": list(barred)})


def _lock_channel(channel_id: int, actor: Actor) -> None:
    """Hold the channel: one hand at a time gives it rules and sets."""
    allowed = actor.scope_ids("channel", "catalog", "C")
    rows = Channel.objects.select_for_update(of=("self",), no_key=True).filter(pk=channel_id)
    if rows.first() is None or (allowed is not None and channel_id not in allowed):
        raise ThingMissing("channel", channel_id)


def _newest_rule(channel_id: int) -> RecommendationRule | None:
    return RecommendationRule.objects.filter(channel_id=channel_id).order_by("-no").first()


def _within(field: str, value: Decimal | int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadInput(
            "catalog.recommendation_figure",
            _("Enter a figure from %(least)s to %(most)s.") % {"least": least, "most": most},
            field=field,
        )


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), parse.BUSINESS_ZONE)


def _do(statement: str, params: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _one(statement: str, params: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return tuple(cursor.fetchone())


def _rule_info(rule: RecommendationRule) -> RuleInfo:
    return RuleInfo(
        id=rule.pk,
        channel_id=rule.channel_id,
        no=rule.no,
        window_days=rule.window_days,
        min_support=rule.min_support,
        min_lift=rule.min_lift,
        top=rule.top,
    )


def _set_info(made: RecommendationSet) -> SetInfo:
    return SetInfo(
        id=made.pk,
        channel_id=made.channel_id,
        no=made.no,
        rule_no=made.rule.no,
        first=made.first_day,
        last=made.last_day,
        baskets=made.baskets,
        pairs=made.pair_count,
        published_at=made.published_at,
    )

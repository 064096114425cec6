"""Delivery: claims, effects and receipts that live and die in one transaction.

A claim is a row lock, so a worker that dies leaves nothing behind but work that is due again. A
batch that fails is tried fact by fact; the fact that fails waits 2, 4, 8, ... seconds and is parked
after the eighth time. Within one handler and ordering key, facts are done strictly in order: an
earlier fact that is waiting or parked holds the later ones.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from ops.engines.events.facts import rebuilt
from ops.engines.events.handling import Handler, handlers
from ops.engines.events.models import DeliveryState, StoredFact
from ops.engines.events.types import DeliveryReport

BATCH = 1_000
MAX_ATTEMPTS = 8

logger = logging.getLogger(__name__)

_WITH_WORK = """
SELECT handler FROM unnest(%s::text[]) AS known(handler) WHERE EXISTS (
    SELECT FROM events_delivery d
     WHERE d.handler = known.handler AND d.state = 'pending' AND d.due_at <= %s)
"""
# The first unfinished fact of each key, and keyless facts. Its row lock guards the whole key.
_HEADS = """
SELECT d.id, d.fact_id, d.key FROM events_delivery d
 WHERE d.handler = %s AND d.state = 'pending' AND d.due_at <= %s
   AND (%s::bigint IS NULL OR d.id = %s)
   AND (d.key = '' OR NOT EXISTS (
        SELECT FROM events_delivery e
         WHERE e.handler = d.handler AND e.key = d.key AND e.key <> ''
           AND e.fact_id < d.fact_id AND e.state <> 'done'))
 ORDER BY d.fact_id LIMIT %s FOR NO KEY UPDATE OF d SKIP LOCKED
"""
# What follows the heads without a gap. Not SKIP LOCKED: a skipped fact would be overtaken.
_FOLLOWERS = """
SELECT d.id, d.fact_id, d.key FROM events_delivery d
 WHERE d.handler = %s AND d.state = 'pending' AND d.due_at <= %s
   AND d.key = ANY(%s) AND d.key <> '' AND d.id <> ALL(%s)
   AND NOT EXISTS (
        SELECT FROM events_delivery e
         WHERE e.handler = d.handler AND e.key = d.key AND e.key <> ''
           AND e.fact_id < d.fact_id
           AND (e.state = 'parked' OR (e.state = 'pending' AND e.due_at > %s)))
 ORDER BY d.fact_id LIMIT %s FOR NO KEY UPDATE OF d
"""
_RECEIPT = """
UPDATE events_delivery SET state = 'done', done_at = %s, error = '' WHERE id = ANY(%s)
"""
_FAILURE = """
UPDATE events_delivery
   SET attempts = attempts + 1, error = %s,
       state = CASE WHEN attempts + 1 >= %s THEN 'parked' ELSE 'pending' END,
       due_at = %s::timestamptz + make_interval(secs => 2 ^ (attempts + 1))
 WHERE id = %s AND state = 'pending' RETURNING state
"""


@dataclass(frozen=True, slots=True)
class _Claim:
    delivery_id: int
    fact_id: int
    key: str


def deliver_due(*, at: datetime, limit: int = BATCH) -> DeliveryReport:
    """Deliver one batch of at most `limit` facts to every handler that has some due.

    Any number of workers may call it at once. A handler that fails blocks no other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WITH_WORK, [list(handlers()), at])
        names = [row[0] for row in cursor.fetchall()]
    report = DeliveryReport()
    for name in names:
        report += _deliver_batch(handlers()[name], at=at, limit=min(limit, BATCH))
    return report


def drain(*, at: datetime) -> int:
    """Deliver until nothing more is due and return how many deliveries were done."""
    total = 0
    while delivered := deliver_due(at=at).delivered:
        total += delivered
    return total


def _deliver_batch(handler: Handler, *, at: datetime, limit: int) -> DeliveryReport:
    claims: list[_Claim] = []
    try:
        with transaction.atomic():
            claims = _claim(handler, at=at, limit=limit)
            _apply(handler, claims, at=at)
        return DeliveryReport(delivered=len(claims))
    except Exception as error:  # a handler may fail in any way, and must not fail the others
        if not claims:
            raise
        logger.warning("%s failed on %s facts", handler.name, len(claims), exc_info=True)
        if len(claims) == 1:
            return _note_failure(claims[0], error, at=at)
    report = DeliveryReport()
    for claim in claims:
        report += _deliver_one(handler, claim, at=at)
    return report


def _deliver_one(handler: Handler, wanted: _Claim, *, at: datetime) -> DeliveryReport:
    claims: list[_Claim] = []
    try:
        with transaction.atomic():
            # Claimed anew: another worker may have it, or an earlier fact of its key failed.
            claims = _claim(handler, at=at, limit=1, delivery_id=wanted.delivery_id)
            _apply(handler, claims, at=at)
        return DeliveryReport(delivered=len(claims))
    except Exception as error:  # as above
        if not claims:
            raise
        logger.warning("%s failed on fact %s", handler.name, wanted.fact_id, exc_info=True)
        return _note_failure(wanted, error, at=at)


def _claim(
    handler: Handler, *, at: datetime, limit: int, delivery_id: int | None = None
) -> list[_Claim]:
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [handler.name, at, delivery_id, delivery_id, limit])
        heads = [_Claim(*row) for row in cursor.fetchall()]
        keys = [claim.key for claim in heads if claim.key]
        room = limit - len(heads)
        if not keys or not room:
            return heads
        ids = [claim.delivery_id for claim in heads]
        cursor.execute(_FOLLOWERS, [handler.name, at, keys, ids, at, room])
        followers = [_Claim(*row) for row in cursor.fetchall()]
    return sorted([*heads, *followers], key=lambda claim: claim.fact_id)


def _apply(handler: Handler, claims: Sequence[_Claim], *, at: datetime) -> None:
    if not claims:
        return
    stored = StoredFact.objects.filter(id__in=[claim.fact_id for claim in claims]).order_by("id")
    handler.call([rebuilt(handler.kind, fact.payload, fact.dated_on) for fact in stored])
    with connection.cursor() as cursor:
        # What the handler left for the commit to refuse is refused here, where it can be told from
        # other handlers' work.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(_RECEIPT, [at, [claim.delivery_id for claim in claims]])


def _note_failure(claim: _Claim, error: Exception, *, at: datetime) -> DeliveryReport:
    text = f"{type(error).__name__}: {error}"[:2000].replace("\x00", "")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FAILURE, [text, MAX_ATTEMPTS, at, claim.delivery_id])
        row = cursor.fetchone()
    if row is None:  # another worker has done it meanwhile
        return DeliveryReport()
    if row[0] == DeliveryState.PARKED:
        logger.error("Delivery %s parked: %s", claim.delivery_id, text)
        return DeliveryReport(parked=1)
    return DeliveryReport(failed=1)

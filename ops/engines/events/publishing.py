"""Publishing: a fact and its deliveries, in the transaction that made the fact true."""

from __future__ import annotations

import json

from django.db import connection

from ops.engines.events import handling, nudging
from ops.engines.events.facts import Fact, payload_of

# Due since long ago: a delivery waits for nothing but its turn, whatever the caller's clock says.
_PUBLISH = """
WITH given AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[])
        WITH ORDINALITY AS given(name, key, payload, dated_on, place)
), fact AS (
    INSERT INTO events_fact (name, key, payload, dated_on, at)
    SELECT name, key, payload::jsonb, dated_on, clock_timestamp() FROM given ORDER BY place
    RETURNING id, name, key, dated_on
)
INSERT INTO events_delivery
    (fact_id, handler, key, dated_on, state, attempts, due_at, error)
SELECT fact.id, wish.handler, fact.key, fact.dated_on, 'pending', 0, '2000-01-01Z', ''
  FROM fact JOIN unnest(%s::text[], %s::text[]) AS wish(name, handler) ON wish.name = fact.name
"""


def publish(*facts: Fact) -> None:
    """Store facts and one delivery per subscriber; they exist only if the caller commits.

    One statement, in the order given; afterwards a worker is woken. Raises RuntimeError outside a
    transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish() needs the transaction that made the fact true")
    if not facts:
        return
    wishes = handling.subscribers(fact.name for fact in facts)
    with connection.cursor() as cursor:
        cursor.execute(
            _PUBLISH,
            [
                [fact.name for fact in facts],
                [fact.ordering_key for fact in facts],
                [json.dumps(payload_of(fact)) for fact in facts],
                [fact.dated_on for fact in facts],
                [name for name, _handler in wishes],
                [handler for _name, handler in wishes],
            ],
        )
    if wishes:
        nudging.after_commit()

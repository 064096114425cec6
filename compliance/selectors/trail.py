"""What was done and decided in a stretch of days, for reports and the auditor's lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final, Protocol

from django.db.models import QuerySet

from ops.engines.audit.models import Fact
from ops.engines.kernel.parse import BUSINESS_ZONE

_DECIDED: Final = """
SELECT r.number, r.title, r.flow, r.requester_name, r.submitted_at, d.step + 1, d.verdict,
       d.decider_name, d.role, d.at, d.opinion, r.state, d.content_hash,
       d.content_hash = r.content_hash, d.figures::text
  FROM approvals_decision d JOIN approvals_request r ON r.id = d.request_id
 WHERE d.at >= %s AND d.at < %s ORDER BY d.at, d.id
"""
# What was approved is in the request itself, under its hash: the lines and both prices.
_PRICES: Final = """
SELECT r.number, (r.content->>'channel')::bigint, l.line->>'code', (l.line->>'old')::numeric,
       (l.line->>'price')::numeric, (l.line->>'margin_old')::numeric,
       (l.line->>'margin')::numeric, (l.line->>'floor')::numeric, (l.line->>'rival')::numeric,
       (r.content->>'starts_at')::timestamptz, (r.content->>'ends_at')::timestamptz,
       r.content->>'reason', r.requester_name, d.decider_name, d.role, d.at, r.content_hash
  FROM approvals_request r
  JOIN LATERAL (SELECT decider_name, role, at FROM approvals_decision
                 WHERE request_id = r.id ORDER BY id DESC LIMIT 1) d ON true
 CROSS JOIN LATERAL jsonb_array_elements(r.content->'lines') AS l(line)
 WHERE r.flow = 'price_change' AND r.state = 'approved' AND r.kind = 'ordinary'
   AND d.at >= %s AND d.at < %s
 ORDER BY d.at, r.id, l.line->>'code'
"""
_FACTS: Final = """
SELECT action, actor_kind, count(*), count(DISTINCT person_id), min(at), max(at), min(id), max(id),
       encode(sha256(string_agg(leaf, ''::bytea ORDER BY id)), 'hex')
  FROM audit_fact WHERE at >= %s AND at < %s GROUP BY action, actor_kind ORDER BY 1, 2
"""


class Streams(Protocol):
    """What can run a constant statement: the query of a report."""

    def sql(self, statement: str, params: Any = None) -> Iterator[tuple[Any, ...]]:
        """Stream the rows."""
        ...


def bounds(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the half-open moments of business days `first` to `last`."""
    begin = dt.datetime.combine(first, dt.time(), BUSINESS_ZONE)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), BUSINESS_ZONE)
    return begin, end


def decided(stream: Streams, first: dt.date, last: dt.date) -> Iterator[tuple[Any, ...]]:
    """Stream the decisions of these days with the figures shown and both hashes compared."""
    return stream.sql(_DECIDED, list(bounds(first, last)))


def approved_prices(stream: Streams, first: dt.date, last: dt.date) -> Iterator[tuple[Any, ...]]:
    """Stream the lines of price changes approved in these days, with who asked and who decided."""
    return stream.sql(_PRICES, list(bounds(first, last)))


def fact_sums(stream: Streams, first: dt.date, last: dt.date) -> Iterator[tuple[Any, ...]]:
    """Stream the facts of these days summed by action; the hash covers every leaf in order."""
    return stream.sql(_FACTS, list(bounds(first, last)))


def facts(
    *,
    action: str = "",
    person: str = "",
    object_key: str = "",
    span: tuple[dt.date, dt.date] | None,
) -> QuerySet[Fact]:
    """Return facts narrowed by action, who, object and business days; the caller orders them."""
    found = Fact.objects.all()
    if action:
        found = found.filter(action__startswith=action)
    if person:
        found = found.filter(actor_name__icontains=person)
    if object_key:
        kind, _colon, key = object_key.rpartition(":")
        found = found.filter(object_id=key)
        if kind:
            found = found.filter(object_type=kind)
    if span:
        begin, end = bounds(*span)
        found = found.filter(at__gte=begin, at__lt=end)
    return found

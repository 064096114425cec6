"""The rules in force in a channel, compiled once for each version and kept by this process.

A look at the version costs one row. The runs that are kept know their seconds, so that a
promotion starts and ends exactly, whatever the minute at which the version was read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from catalog.rules.promotions.quoting import RuleSet, compile_rules
from catalog.rules.promotions.rules import Rule
from catalog.selectors.promotion_rules import rule_of

# A quote for an earlier moment reads the runs of that moment instead of those kept.
_BACK: Final = timedelta(hours=1)
_MOST_SETS: Final = 8

_VERSION: Final = "SELECT version FROM catalog_promotionversion WHERE channel_id = %(channel)s"
_RUNS: Final = """
SELECT r.promotion_id, p.number, p.title, r.rule, lower(r.valid), upper(r.valid)
  FROM catalog_promotionrun r JOIN catalog_promotion p ON p.id = r.promotion_id
 WHERE r.channel_id = %(channel)s AND upper(r.valid) > %(since)s
 ORDER BY r.promotion_id, lower(r.valid)
"""


@dataclass(frozen=True, slots=True)
class Live:
    """What is in force at one moment: the compiled rules, and each by its promotion."""

    rule_set: RuleSet
    rules: Mapping[int, Rule]


@dataclass(slots=True)
class _Kept:
    """The runs of a channel at one version, and the sets compiled from them."""

    version: int
    since: datetime
    runs: Sequence[tuple[Rule, datetime, datetime]]
    sets: dict[frozenset[int], Live] = field(default_factory=dict)

    def at(self, moment: datetime) -> Live:
        """Return what is in force at a moment."""
        rules = {rule.id: rule for rule, since, until in self.runs if since <= moment < until}
        key = frozenset(rules)
        if key not in self.sets:
            if len(self.sets) >= _MOST_SETS:
                self.sets.clear()
            self.sets[key] = Live(compile_rules(list(rules.values())), rules)
        return self.sets[key]


_NOTHING: Final = Live(compile_rules([]), {})
_kept: dict[int, _Kept] = {}


def live(*, channel_id: int, at: datetime) -> Live:
    """Return the rules in force in a channel at a moment.

    One row is read; more only when the version moved, or the moment lies far back.
    """
    return live_at(_version(channel_id), channel_id=channel_id, at=at)


def live_at(version: int | None, *, channel_id: int, at: datetime) -> Live:
    """Return the rules in force for somebody who has read the version with something else.

    Nothing is read while this process holds the rules of that version.
    """
    if version is None:
        return _NOTHING
    kept = _kept.get(channel_id)
    if kept is None or kept.version != version or at < kept.since:
        kept = _load(channel_id, version, at)
        _kept[channel_id] = kept
    return kept.at(at)


def forget() -> None:
    """Forget what was compiled, as a new process would."""
    _kept.clear()


def _version(channel_id: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"channel": channel_id})
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _load(channel_id: int, version: int, at: datetime) -> _Kept:
    since = at - _BACK
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, {"channel": channel_id, "since": since})
        rows = cursor.fetchall()
    runs = [
        # A cursor of our own hands JSON out as text.
        (rule_of(json.loads(content), promotion_id=pk, number=number, title=title), lower, upper)
        for pk, number, title, content, lower, upper in rows
    ]
    return _Kept(version, since, runs)

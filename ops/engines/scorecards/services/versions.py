"""Versions of a scorecard's rules: as declared, or with weights a person set from a day on."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel.actor import Actor
from ops.engines.scorecards import contents, rules
from ops.engines.scorecards.declarations import Scorecard, scorecard_named
from ops.engines.scorecards.errors import WeightsWrong
from ops.engines.scorecards.models import ScorecardVersion
from ops.engines.scorecards.types import Grade


def set_weights(
    *,
    key: str,
    weights: Mapping[str, Decimal],
    first_on: dt.date,
    reason: str,
    grades: Sequence[Grade] = (),
    actor: Actor,
    at: dt.datetime,
) -> int:
    """Give a scorecard other weights, and grades where given, from a day on; the new number.

    Cards that are open keep the version they were opened with.
    Raises ScorecardUnknown, Forbidden, WeightsWrong.
    """
    scorecard = scorecard_named(key)
    scorecard.work.require(actor)
    if set(weights) != {each.key for each in scorecard.criteria}:
        raise WeightsWrong(
            "scorecards.weights", _("Each criterion needs its weight."), field="weights"
        )
    told = tuple(grades) or scorecard.grades
    fault = rules.faults_of_weights(weights.values()) or rules.faults_of_grades(told)
    if fault:
        raise WeightsWrong(
            "scorecards.weights",
            _("The weights must each be above 0 and sum to exactly 100, grades fall to 0."),
            field="weights",
            fault=fault,
        )
    with transaction.atomic():
        former = _in_force(scorecard, first_on, at)
        made = dataclasses.replace(scorecard.declared_rules, weights=weights, grades=told)
        version = ScorecardVersion.objects.create(
            scorecard=key, number=_next(key), first_on=first_on, content=contents.write(made),
            is_declared=False, reason=reason, set_by=actor.person_id, set_at=at,
        )  # fmt: skip
        audit.record(
            actor=actor, at=at, action="scorecards.weights_set",
            obj=("scorecards.version", version.pk),
            body={"scorecard": key, "first_on": first_on, "reason": reason,
                  "before": former.content["weights"], "after": version.content["weights"]},
        )  # fmt: skip
    return version.number


def version_for(scorecard: Scorecard, day: dt.date, at: dt.datetime) -> ScorecardVersion:
    """Return the version in force on a day; a changed declaration becomes a version by itself."""
    with transaction.atomic():
        return _in_force(scorecard, day, at)


def _in_force(scorecard: Scorecard, day: dt.date, at: dt.datetime) -> ScorecardVersion:
    _lock(scorecard.key)
    rows = ScorecardVersion.objects.filter(scorecard=scorecard.key)
    declared = rows.filter(is_declared=True).order_by("-number").first()
    content = contents.write(scorecard.declared_rules)
    if declared is None or declared.content != content:
        first_on = dt.date(2000, 1, 1) if declared is None else day
        return ScorecardVersion.objects.create(
            scorecard=scorecard.key, number=_next(scorecard.key), first_on=first_on,
            content=content, is_declared=True, set_at=at,
        )  # fmt: skip
    return rows.filter(first_on__lte=day).order_by("-first_on", "-number")[0]


def _next(key: str) -> int:
    return ScorecardVersion.objects.filter(scorecard=key).count() + 1


def _lock(key: str) -> None:
    """Let one transaction at a time number versions of a scorecard."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"score:{key}"])

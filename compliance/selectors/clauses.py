"""Clauses as stored, with how they stood at the last scan."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance.choices import CHAPTERS, ClauseState
from compliance.errors import ClauseMissing
from compliance.models import Attestation, Clause
from compliance.types import Overview


def clauses(*, text: str = "") -> QuerySet[Clause]:
    """Return the clauses in the register's order; `text` narrows by number, title or words."""
    found = Clause.objects.select_related("standing")
    if text:
        found = found.filter(
            Q(code__istartswith=text)
            | Q(title_zh__icontains=text)
            | Q(title_en__icontains=text)
            | Q(requirement__icontains=text)
            | Q(requirement_zh__icontains=text)
        )
    return found


def clause_named(code: str) -> Clause:
    """Return one clause by its number; raises ClauseMissing."""
    found = clauses().filter(code=code.upper()).first()
    if found is None:
        raise ClauseMissing(
            "compliance.clause_missing",
            _("The register has no clause %(code)s.") % {"code": ascii(code[:20])[1:-1]},
        )
    return found


def overview() -> Overview:
    """Return the clauses by state and chapter as of the last scan; never scanned is missing."""
    rows = (
        Clause.objects.order_by()
        .values("chapter", state=F("standing__state"))
        .annotate(
            number=Count("id"),
            stale=Count("id", filter=Q(standing__is_stale=True)),
            scanned=Max("standing__scanned_at"),
        )
    )
    by_state: dict[str, int] = {str(state): 0 for state in ClauseState}
    by_chapter: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(by_state, 0))
    stale, moments = 0, []
    for row in rows:
        state = row["state"] or str(ClauseState.MISSING)
        by_state[state] += row["number"]
        by_chapter[row["chapter"]][state] += row["number"]
        stale += row["stale"]
        if row["scanned"]:
            moments.append(row["scanned"])
    return Overview(
        total=sum(by_state.values()),
        by_state=by_state,
        by_chapter={chapter: by_chapter[chapter] for chapter in CHAPTERS if chapter in by_chapter},
        stale=stale,
        scanned_at=max(moments, default=None),
    )


def attestations(*, clause_id: int) -> QuerySet[Attestation]:
    """Return who vouched for a clause, newest first."""
    return Attestation.objects.filter(clause_id=clause_id).select_related("person", "evidence")

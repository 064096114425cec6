"""Clauses as stored, with how they stood at the last scan."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance.choices import CHAPTERS, ClauseState
from compliance.errors import ClauseMissing
from compliance.models import Attestation, Clause
from compliance.types import Overview, StaleClause

_JUDGED: Final = ("state", "is_stale", "newest_at", "scanned_at")


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
    """Return the clauses by state and chapter as of the last scan; never scanned is missing.

    One statement: the register has some hundreds of clauses, and what is stale is named too.
    """
    by_state: dict[str, int] = {str(state): 0 for state in ClauseState}
    by_chapter: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(by_state, 0))
    stale, moments = [], []
    for code, title, chapter, judged, is_stale, newest_at, scanned_at in Clause.objects.values_list(
        "code", "title_zh", "chapter", *(f"standing__{name}" for name in _JUDGED)
    ):
        state = judged or str(ClauseState.MISSING)
        by_state[state] += 1
        by_chapter[chapter][state] += 1
        if is_stale:
            stale.append(StaleClause(code, title, newest_at))
        if scanned_at:
            moments.append(scanned_at)
    return Overview(
        total=sum(by_state.values()),
        by_state=by_state,
        by_chapter={chapter: by_chapter[chapter] for chapter in CHAPTERS if chapter in by_chapter},
        stale=sorted(stale, key=lambda each: (each.newest_at is None, each.newest_at, each.code)),
        scanned_at=max(moments, default=None),
    )


def attestations(*, clause_id: int) -> QuerySet[Attestation]:
    """Return who vouched for a clause, newest first."""
    return Attestation.objects.filter(clause_id=clause_id).select_related("person", "evidence")

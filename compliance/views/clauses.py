"""The clauses on screen: how each stands, by state and chapter (GEN-1.1-03)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.choices import CHAPTERS, ClauseKind, ClauseState
from compliance.models import Clause
from compliance.selectors import clauses
from compliance.types import Overview
from compliance.views.badges import state_badge
from ops.engines.desk.screens import (
    Chart,
    Column,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Series,
    Tab,
)
from ops.engines.desk.words import AREAS
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("compliance", "V")


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause of the list."""

    id: int
    code: str
    position: int
    pk: int
    title: str
    chapter: str
    priority: int
    state: Any
    newest_at: dt.datetime | None
    controls: int
    passed: int
    note: str


class ClauseList(ListScreen):
    """`/clauses/`: every clause, how it stands, by state and chapter (GEN-1.1-03)."""

    policy = _VIEW
    title = _("Clauses")
    nav = "clauses"
    template_name = "compliance/clauses.html"
    columns = (
        Column("code", _("Number"), name=True, sort=True),
        Column("title", _("Title"), sub=lambda row: row.chapter),
        Column("state", _("State"), "badge"),
        Column("newest_at", _("Newest evidence"), "moment", sub=lambda row: row.note),
        Column("controls", _("Controls"), "number"),
        Column("passed", _("Tests passed"), "number"),
        Column("priority", _("Priority"), "number"),
    )
    filters = (
        Filter("q", _("Number or words"), "text"),
        Filter("state", _("State"), choices=ClauseState.choices),
        Filter("chapter", _("Chapter"), choices=tuple(CHAPTERS.items())),
        Filter("kind", _("Kind"), choices=ClauseKind.choices),
        Filter("app", _("Area"), choices=tuple(AREAS.items())),
    )
    tabs = (
        Tab("all", _("All clauses")),
        Tab("missing", _("Missing"), count=lambda _actor, _at: _number(state="missing")),
        Tab("stale", _("Out of date"), count=lambda _actor, _at: _number(is_stale=True)),
    )
    order = "code"
    export_policy = may("compliance", "E")
    empty = _("No clause matches.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of clauses in the register's order."""
        found = clauses.clauses(text=query.get("q") or "")
        if query.tab == "stale":
            found = found.filter(standing__is_stale=True)
        state = query.get("state") or ("missing" if query.tab == "missing" else "")
        if state:
            found = _in_state(found, state)
        for key in ("chapter", "kind", "app"):
            if query.get(key):
                found = found.filter(**{key: query.get(key)})
        return query.page(found, orders={"code": "position"}, row=_row)

    def row_key(self, row: ClauseRow) -> str:
        """Return the clause's number."""
        return row.code

    def row_href(self, row: ClauseRow) -> str:
        """Open the clause."""
        return reverse("compliance:clause", args=[row.code])

    @cached_property
    def overview(self) -> Overview:
        """Return the counts above the list, asked once a page."""
        return clauses.overview()

    def tiles(self) -> list[tuple[str, int, str]]:
        """Return the states with their counts and addresses."""
        found = self.overview
        here = reverse("compliance:clauses")
        return [
            *(
                (str(state.label), found.by_state[state.value], f"{here}?state={state.value}")
                for state in ClauseState
            ),
            (gettext("Out of date"), len(found.stale), f"{here}?tab=stale"),
        ]

    def chart(self) -> Chart:
        """Return the clauses by chapter and state."""
        found = self.overview
        kept = found.total - found.by_state[ClauseState.MISSING]
        return Chart(
            key="coverage",
            title=_("Clauses by chapter"),
            kind="stack",
            categories=[CHAPTERS[chapter] for chapter in found.by_chapter],
            series=[
                Series(state.label, [counts[state.value] for counts in found.by_chapter.values()])
                for state in ClauseState
            ],
            finding=gettext("%(kept)s of %(total)s clauses are kept, %(missing)s are missing.")
            % {
                "kept": kept,
                "total": found.total,
                "missing": found.by_state[ClauseState.MISSING],
            },
        )


def _in_state(found: QuerySet[Clause], state: str) -> QuerySet[Clause]:
    """Narrow to a state; a clause that was never scanned counts as missing."""
    if state == ClauseState.MISSING:
        return found.exclude(
            standing__state__in=[s.value for s in ClauseState if s != ClauseState.MISSING]
        )
    return found.filter(standing__state=state)


def _number(*, state: str = "", is_stale: bool = False) -> int:
    found = clauses.clauses()
    found = found.filter(standing__is_stale=True) if is_stale else _in_state(found, state)
    return int(found.aggregate(number=Count("id"))["number"])


def _row(clause: Clause) -> ClauseRow:
    standing = getattr(clause, "standing", None)
    state = standing.state if standing else ClauseState.MISSING.value
    return ClauseRow(
        id=clause.pk,
        pk=clause.pk,
        code=clause.code,
        position=clause.position,
        title=clause.title_zh,
        chapter=str(CHAPTERS[clause.chapter]),
        priority=clause.priority,
        state=state_badge(state),
        newest_at=standing.newest_at if standing else None,
        controls=standing.controls if standing else 0,
        passed=standing.passed if standing else 0,
        note=gettext("too old") if standing and standing.is_stale else "",
    )

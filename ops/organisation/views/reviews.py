"""Reviews of rights: the list of reviews, and the lines to keep or take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.screens import (
    BulkAction,
    BulkOutcome,
    Column,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Refused,
    Tone,
    register_states,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.policy import may, only
from ops.organisation.choices import ReviewState, Verdict
from ops.organisation.selectors import reviewing as reading
from ops.organisation.services import reviewing

READ = may("ops", "V")
register_states(
    {
        ReviewState.OPEN: Tone.RUNNING,
        Verdict.KEPT: Tone.DONE,
        Verdict.REVOKED: Tone.STOPPED,
        Verdict.LAPSED: Tone.STOPPED,
    }
)


class ReviewList(ListScreen):
    """`/access-reviews/`: the reviews of rights one has a part in."""

    policy = READ
    title = _("Reviews of rights")
    nav = "access-reviews"
    row_url = "organisation:review"
    columns = (
        Column("period", _("Quarter"), "code", name=True, sort=True),
        Column("state", _("State"), "badge", value=lambda one: ReviewState(one.state)),
        Column("opened_at", _("Opened"), "moment"),
        Column("due_on", _("Due"), "day"),
        Column("lapses_on", _("Unanswered rights lapse"), "day"),
        Column("total", _("Rights"), "number"),
        Column("waiting", _("Waiting"), "number"),
    )
    order = "-period"
    empty = _("No review yet. The first one opens on the first day of the next quarter.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of reviews."""
        return query.page(reading.reviews(actor=actor), orders={"period": "period"})


def _answer(
    keys: Sequence[str], actor: Actor, at: dt.datetime, *, verdict: Verdict, reason: str = ""
) -> BulkOutcome:
    done, refused = 0, []
    for key in keys:
        try:
            done += reviewing.answer(
                line_ids=[int(key)], verdict=verdict, reason=reason, actor=actor, at=at
            )
        except OpsError as refusal:
            refused.append(Refused(key, str(refusal)))
    return BulkOutcome(done=done, refused=refused)


def _keep(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    return _answer(keys, actor, at, verdict=Verdict.KEPT)


def _revoke(keys: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
    words = gettext("Taken away in the review of rights.")
    return _answer(keys, actor, at, verdict=Verdict.REVOKED, reason=words)


def _nothing_refused(keys: Sequence[str], actor: Actor, at: dt.datetime) -> Sequence[Refused]:
    return ()


def _effect(keys: Sequence[str], actor: Actor, at: dt.datetime) -> str:
    return gettext("%(count)s rights end at once, with the sessions of their persons.") % {
        "count": len(keys)
    }


class ReviewScreen(ListScreen):
    """`/access-reviews/<id>/`: every right with who answers and the answer; keep or take away."""

    policy = READ
    title = _("Review of rights")
    nav = "access-reviews"
    review_id = 0
    columns = (
        Column("period", _("Quarter"), "code", value=lambda one: one.review.period),
        Column("person", _("Person"), value=lambda one: one.person.name, name=True),
        Column("right", _("Right"), value=lambda one: one.right_zh),
        Column(
            "reviewer",
            _("To be answered by"),
            value=lambda one: one.reviewer.name if one.reviewer else "",
        ),
        Column("verdict", _("Verdict"), "badge", value=lambda one: Verdict(one.verdict)),
        Column(
            "decided_by",
            _("Answered by"),
            value=lambda one: one.decided_by.name if one.decided_by else "",
            sub=lambda one: one.reason,
        ),
        Column("decided_at", _("Answered at"), "moment"),
        Column("id", _("Line"), "code", sort=True, optional=True),
        Column("signature", _("Signature"), "code", optional=True),
    )
    filters = (
        Filter("q", _("Person"), "text"),
        Filter("verdict", _("Verdict"), choices=Verdict.choices),
    )
    order = "id"
    export_policy = only(Role.COMPLIANCE_OFFICER, Role.AUDITOR)
    empty = _("No right waits here.")
    bulk = (
        BulkAction(key="keep", label=_("Keep"), run=_keep, policy=READ),
        BulkAction(
            key="revoke",
            label=_("Take away"),
            run=_revoke,
            check=_nothing_refused,
            effect=_effect,
            policy=READ,
            is_danger=True,
        ),
    )

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Remember which review the address names."""
        super().setup(request, *args, **kwargs)
        self.review_id = kwargs["review_id"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the lines; raises ReviewMissing."""
        reading.review(review_id=self.review_id, actor=self.actor)
        return super().get(request, *args, **kwargs)

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of lines."""
        found = reading.lines(review_id=self.review_id, actor=actor)
        if text := query.get("q"):
            found = found.filter(person__name__icontains=text)
        if verdict := query.get("verdict"):
            found = found.filter(verdict=verdict)
        return query.page(found, orders={"id": "pk"})

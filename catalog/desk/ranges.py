"""What the range review puts on the desk (CAT-4.1-05)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.ranges import LineState, Verdict
from catalog.selectors import ranges
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    NavEntry,
    Place,
    Tone,
    card,
    nav,
    register_states,
    word_actions,
    word_figures,
)
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")
_REVIEWERS = (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)

nav(
    NavEntry(
        key="ranges", title=_("Range review"), url_name="catalog:range_reviews", policy=_VIEW,
        roles=_REVIEWERS, order=34, icon="list", group=_("Goods and prices"),
    )
)  # fmt: skip


def _to_decide(actor: Actor, at: datetime) -> CardData:
    del actor, at
    return CardData(
        lines=[
            CardLine(
                title=gettext("%(count)s SKUs are not decided") % {"count": count},
                number=f"{row.month:%Y-%m}",
                href=reverse("catalog:range_review", args=[row.pk]),
                detail=gettext("%(push)s to push, %(drop)s to drop")
                % {"push": row.push_count, "drop": row.drop_count},
            )
            for row, count in ranges.undecided(most=3)
        ],
        href=reverse("catalog:range_reviews"),
    )


card(
    Card(
        key="ranges", title=_("Range review to decide"), query=_to_decide, policy=_VIEW,
        roles=_REVIEWERS, place=Place.MINE,
    )
)  # fmt: skip

register_states(
    {
        Verdict.KEEP: Tone.NEUTRAL,
        Verdict.PUSH: Tone.DONE,
        Verdict.DROP: Tone.STOPPED,
        LineState.ASKED: Tone.WAITING,
        LineState.STOPPED: Tone.STOPPED,
    }
)
word_actions(
    {
        "catalog.range_reviewed": _("ranked the range"),
        "catalog.range_keep": _("decided to keep SKUs"),
        "catalog.range_push": _("decided to push SKUs"),
        "catalog.range_dropped": _("took SKUs out of the range"),
    }
)
word_figures(
    {
        "dropped_skus": (_("SKUs that leave the range"), "number"),
        "leaving_listings": (_("Listings that leave the shelf"), "number"),
    }
)

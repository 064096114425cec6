"""The tier of a buyer on their page: its story, and the two acts that change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.selectors import tiers as declared
from customers.choices import TierSource
from customers.models import Customer, CustomerTier
from customers.policies import TIERS
from customers.services import tiers
from ops.engines.desk.screens import Action, Column, Done, Field, Lines
from ops.engines.kernel.actor import Actor

_REASON = Field("reason", _("Reason"), most=tiers.LONGEST_REASON)


def story_lines(rows: Sequence[CustomerTier]) -> Lines:
    """Return every tier of a buyer, newest record first."""
    return Lines(
        _("Member tiers"),
        (
            Column("tier", _("Member tier"), "code", name=True, sub=lambda row: row.reason),
            Column("since", _("From"), "moment", value=lambda row: row.valid.lower),
            Column("until", _("Until"), "moment", value=lambda row: row.valid.upper),
            Column("source", _("How it came"), value=lambda row: TierSource(row.source).label),
            Column("set_at", _("Set at"), "moment"),
            Column("end_reason", _("Why it ended"), value=_ending),
        ),
        rows,
        empty=_("No tier yet: the buyer pays what everybody pays."),
        anchor="tiers",
    )


def now_in_force(rows: Sequence[CustomerTier], *, at: dt.datetime) -> str:
    """Return the tier at a moment, nothing without one."""
    return next((row.tier for row in rows if not row.valid.isempty and at in row.valid), "")


def actions_of(
    buyer: Customer, rows: Sequence[CustomerTier], *, at: dt.datetime
) -> tuple[Action, ...]:
    """Return the acts on a buyer's tier; those that cannot be done say why."""
    known = declared.known(channel_id=buyer.channel_id)
    ends = any(
        not row.valid.isempty
        and row.ended_at is None
        and (row.valid.upper is None or row.valid.upper > at)
        for row in rows
    )

    def put(values: Mapping[str, Any], actor: Actor, moment: dt.datetime) -> Done:
        tiers.set_tier(
            customer_id=buyer.pk, **values, source=TierSource.SCREEN, actor=actor, at=moment
        )
        words = gettext("%(buyer)s belongs to tier %(tier)s.")
        return Done(message=words % {"buyer": buyer.code, "tier": values["tier"]})

    def end(values: Mapping[str, Any], actor: Actor, moment: dt.datetime) -> Done:
        was = tiers.end_tier(customer_id=buyer.pk, **values, actor=actor, at=moment)
        words = gettext("%(buyer)s leaves tier %(tier)s.")
        return Done(message=words % {"buyer": buyer.code, "tier": was})

    return (
        Action(
            key="tier",
            label=_("Set a tier"),
            run=put,
            policy=TIERS,
            why_not="" if known else gettext("No price and no promotion here names a tier."),
            fields=(
                Field(
                    "tier", _("Member tier"), "choice", choices=[(t.code, t.code) for t in known]
                ),
                Field("since", _("From"), "moment", required=False, hint=_("Empty: from now on.")),
                Field("until", _("Until"), "moment", required=False, hint=_("Empty: it stays.")),
                _REASON,
            ),
        ),
        Action(
            key="end_tier",
            label=_("End the tier"),
            run=end,
            policy=TIERS,
            why_not="" if ends else gettext("There is no tier that could end."),
            fields=(
                Field("on", _("Ends at"), "moment", required=False, hint=_("Empty: at once.")),
                _REASON,
            ),
            is_danger=True,
        ),
    )


def _ending(row: CustomerTier) -> str:
    if row.valid.isempty:
        return gettext("It never began: %(why)s") % {"why": row.end_reason}
    return row.end_reason

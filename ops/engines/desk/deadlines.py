"""Time limits on the desk: the entry, the card, and how their states look."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from ops.engines.clocks import selectors as clocks
from ops.engines.clocks.choices import ClockState
from ops.engines.clocks.kinds import kinds
from ops.engines.clocks.models import Clock
from ops.engines.desk.declarations import Card, CardData, CardLine, NavEntry, Place, card, nav
from ops.engines.desk.histories import word_actions
from ops.engines.desk.keyset import head_of
from ops.engines.desk.states import Tone, register_states
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN

ON_CARD: Final = 5

word_actions(
    {
        "clocks.started": gettext_lazy("time limit started"),
        "clocks.paused": gettext_lazy("stopped the time limit"),
        "clocks.resumed": gettext_lazy("let the time limit go on"),
        "clocks.extended": gettext_lazy("extended the time limit"),
        "clocks.met": gettext_lazy("time limit met"),
        "clocks.cancelled": gettext_lazy("time limit no longer needed"),
        "clocks.swept": gettext_lazy("looked at the time limits"),
        "clocks.calendar_changed": gettext_lazy("changed the working calendar"),
    }
)
register_states(
    {
        ClockState.RUNNING: Tone.RUNNING,
        ClockState.PAUSED: Tone.WAITING,
        ClockState.BREACHED: Tone.STOPPED,
        ClockState.MET: Tone.DONE,
        ClockState.CANCELLED: Tone.NEUTRAL,
    }
)


def title_of(clock: Clock) -> str:
    """Return the name of a clock's kind; one no longer declared shows its code."""
    kind = kinds().get(clock.kind)
    return gettext(kind.title) if kind is not None else clock.kind


def overdue(actor: Actor, at: datetime) -> int | None:
    """Count what this person should have done by now."""
    return clocks.overdue_count(actor=actor, at=at)


def due_work(actor: Actor, at: datetime) -> CardData:
    """Return what is due next, the longest overdue first. One query."""
    found, in_all = head_of(clocks.mine(actor=actor).order_by("due_at", "id"), ON_CARD)
    return CardData(
        lines=[
            CardLine(
                title=title_of(each),
                number=each.label,
                href=each.link or reverse("desk:clock", args=[each.pk]),
                due_at=each.due_at if each.state != ClockState.PAUSED else None,
                state=ClockState(each.state) if each.state != ClockState.RUNNING else None,
            )
            for each in found
        ],
        total=in_all,
        href=reverse("desk:clocks") if found else "",
    )


nav(
    NavEntry(
        key="clocks",
        title=gettext_lazy("Time limits"),
        url_name="desk:clocks",
        policy=SIGNED_IN,
        order=55,
        icon="clock",
        group=gettext_lazy("Everybody"),
        counter=overdue,
    )
)
card(
    Card(
        key="clocks",
        title=gettext_lazy("Due and overdue"),
        query=due_work,
        policy=SIGNED_IN,
        place=Place.WORK,
        order=10,
        url_name="desk:clocks",
    )
)

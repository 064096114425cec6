"""Periods: which business days may be posted, and leave to post where they may not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.fields import Field
from ops.engines.desk.records import Action, Done, Record, RecordScreen
from ops.engines.desk.states import Badge, Tone
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may
from ops.engines.periods import exceptions, selectors
from ops.engines.periods.choices import Module
from ops.engines.periods.types import ExceptionInfo, PeriodInfo

MOST_RANGES: Final = 60


class PeriodScreen(RecordScreen):
    """`/periods/`: the days of each book by state, and the exceptions in force and past."""

    policy = may("ops", "V")
    title = gettext_lazy("Periods")
    nav = "periods"

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the periods of every book."""
        given = selectors.exceptions()
        open_ones = selectors.exceptions(at=at)
        return Record(
            number=str(_("Periods")),
            actions=_actions(actor, open_ones),
            lines=[
                Lines(
                    pgettext_lazy("period", "Exceptions"),
                    (
                        Column("id", gettext_lazy("Number"), "code"),
                        Column("module", gettext_lazy("Books"), value=_module),
                        Column("first", gettext_lazy("From"), "day"),
                        Column("last", gettext_lazy("To"), "day"),
                        Column(
                            "state",
                            gettext_lazy("State"),
                            "badge",
                            value=lambda row: _badge(row, at),
                        ),
                        Column("until", gettext_lazy("Until"), "moment"),
                        Column("reason", gettext_lazy("Reason")),
                        Column(
                            "granted_by",
                            gettext_lazy("Given by"),
                            "code",
                            sub=lambda row: row.confirmed_by,
                        ),
                    ),
                    given,
                    empty=gettext_lazy("Nobody was given leave to post into shut days."),
                ),
                *(_ranges(module) for module in Module),
            ],
        )


def _ranges(module: Module) -> Lines:
    return Lines(
        module.label,
        (
            Column("first", gettext_lazy("From"), "day"),
            Column("last", gettext_lazy("To"), "day"),
            Column("state", gettext_lazy("State"), "badge"),
        ),
        _newest(selectors.periods(module=module.value)),
        empty=gettext_lazy("No day of these books was opened yet."),
    )


def _newest(found: list[PeriodInfo]) -> list[PeriodInfo]:
    return list(reversed(found))[:MOST_RANGES]


def _module(row: ExceptionInfo) -> str:
    return str(Module(row.module).label)


def _badge(row: ExceptionInfo, at: dt.datetime) -> Badge:
    if row.ended_at is not None or row.until <= at:
        return Badge(_("over"))
    if row.waits:
        return Badge(_("waits for a second person"), Tone.WAITING)
    return Badge(_("in force"), Tone.RUNNING)


def _actions(actor: Actor, open_ones: list[ExceptionInfo]) -> list[Action]:
    waiting = [each for each in open_ones if each.waits]
    lacks = not any(policy.allows(actor) for policy in exceptions.GIVERS.values())
    why_not = gettext_lazy("Approvers of stock or of finance may do this.") if lacks else ""
    return [
        Action(
            key="grant",
            label=gettext_lazy("Give leave to post"),
            run=_grant,
            why_not=why_not,
            fields=(
                Field(
                    "module",
                    gettext_lazy("Books"),
                    "choice",
                    choices=[(module.value, module.label) for module in Module],
                ),
                Field("first", gettext_lazy("From"), "day"),
                Field("last", gettext_lazy("To"), "day"),
                Field("until", gettext_lazy("Until"), "moment", hint="2026-12-31 18:00"),
                Field("reason", gettext_lazy("Reason"), least=2, most=500),
            ),
        ),
        _on_one(
            "confirm",
            gettext_lazy("Confirm"),
            waiting,
            exceptions.confirm,
            why_not or ("" if waiting else gettext_lazy("Nothing waits for a second person.")),
        ),
        _on_one(
            "end",
            gettext_lazy("Take back"),
            open_ones,
            exceptions.end,
            why_not or ("" if open_ones else gettext_lazy("No exception is in force.")),
        ),
    ]


def _grant(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = exceptions.grant(
        module=values["module"],
        first=values["first"],
        last=values["last"],
        until=values["until"],
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    words = (
        _("Exception %(number)s waits for a second person.")
        if made.waits
        else _("Exception %(number)s is in force.")
    )
    return Done(message=words % {"number": made.id})


def _on_one(
    key: str,
    label: Any,
    found: list[ExceptionInfo],
    service: Callable[..., ExceptionInfo],
    why_not: Any,
) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        if not str(values["exception"]).isdigit():
            raise BadInput("periods.exception", _("Choose an exception."))
        changed = service(exception_id=int(values["exception"]), actor=actor, at=at)
        return Done(message=_("Exception %(number)s: done.") % {"number": changed.id})

    choices = [(str(each.id), f"#{each.id} {_module(each)} {each.first}") for each in found]
    return Action(
        key=key,
        label=label,
        run=run,
        why_not=why_not,
        fields=(
            Field("exception", pgettext_lazy("period", "Exception"), "choice", choices=choices),
        ),
    )

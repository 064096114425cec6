"""Exceptions from the separation of duties: the list, and one with its two approvals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
)
from ops.engines.identity import selectors, services
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.policies import APPROVE_EXCEPTIONS, READ_EXCEPTIONS
from ops.engines.kernel.actor import Actor

from .people import exception_state, exception_title


def _last(one: Any) -> dt.date:
    last: dt.date = one.valid.upper - dt.timedelta(days=1)
    return last


class ExceptionList(ListScreen):
    """`/duty-exceptions/`: who may hold both sides of a pair, until when, by whose leave."""

    policy = READ_EXCEPTIONS
    title = _("Exceptions from separated duties")
    nav = "duty-exceptions"
    row_url = "organisation:exception"
    columns = (
        Column("id", _("Number"), "code", value=lambda one: f"E{one.pk:04}", name=True, sort=True),
        Column("person", _("Person"), value=lambda one: one.person.name),
        Column("rule", _("Duties"), value=exception_title),
        Column("first", _("First day"), "day", value=lambda one: one.valid.lower),
        Column("last", _("Last day"), "day", value=_last),
        Column("state", _("State"), "badge", value=exception_state),
    )
    order = "-id"
    export_policy = READ_EXCEPTIONS
    empty = _("No exception was asked for: every pair of duties is kept apart.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of exceptions."""
        return query.page(selectors.exceptions(), orders={"id": "pk"})


class ExceptionScreen(RecordScreen):
    """`/duty-exceptions/<id>/`: what is asked, by whom, and the two approvals."""

    policy = READ_EXCEPTIONS
    nav = "duty-exceptions"
    list_url_name = "organisation:exceptions"
    list_title = _("Exceptions from separated duties")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the exception; raises PersonMissing."""
        one = selectors.exceptions().filter(pk=key["exception_id"]).first()
        if one is None:
            raise PersonMissing(
                "identity.exception_missing", gettext("There is no such exception.")
            )
        return Record(
            number=f"E{one.pk:04}",
            title=one.person.name,
            state=exception_state(one),
            actions=[
                Action(
                    key="approve",
                    label=_("Approve the exception"),
                    policy=APPROVE_EXCEPTIONS,
                    why_not=_why_not(one, actor),
                    confirm=_(
                        "After the second approval both sides may be held until the last day."
                    ),
                    run=lambda _values, who, when: _approve(one.pk, who, when),
                    is_primary=True,
                ),
                Action(
                    key="revoke",
                    label=_("Withdraw the exception"),
                    policy=APPROVE_EXCEPTIONS,
                    why_not=gettext("It is withdrawn.") if one.revoked_at else "",
                    run=lambda _values, who, when: _revoke(one.pk, who, when),
                    is_danger=True,
                ),
            ],
            facts=[
                FactGroup(
                    title=_("What is asked for"),
                    facts=[
                        Fact(
                            title=_("Person"),
                            value=one.person.name,
                            href=reverse("organisation:person", args=[one.person_id]),
                        ),
                        Fact(title=_("Duties"), value=exception_title(one)),
                        Fact(title=_("First day"), value=one.valid.lower, kind="day"),
                        Fact(title=_("Last day"), value=_last(one), kind="day"),
                        Fact(title=_("Reason"), value=one.reason, is_wide=True),
                    ],
                ),
                FactGroup(
                    title=_("Who decided"),
                    facts=[
                        Fact(title=_("Asked by"), value=one.asked_by.name),
                        Fact(title=_("Asked at"), value=one.asked_at, kind="moment"),
                        Fact(title=_("First approval"), value=_name(one.first_by)),
                        Fact(title=_("Second approval"), value=_name(one.second_by)),
                    ],
                ),
            ],
            clauses=("FIN-7.3-07",),
        )


def _name(person: Any) -> str:
    return person.name if person else ""


def _why_not(one: Any, actor: Actor) -> str:
    if one.revoked_at is not None or one.second_by_id is not None:
        return gettext("This exception is decided already.")
    if actor.person_id in {one.person_id, one.asked_by_id}:
        return gettext("The person it is for and the person who asked do not approve it.")
    if actor.person_id == one.first_by_id:
        return gettext("The second approval needs another person than the first.")
    return ""


def _approve(exception_id: int, actor: Actor, at: dt.datetime) -> Done:
    info = services.approve_exception(exception_id=exception_id, actor=actor, at=at)
    words = (
        gettext("Approved twice: the exception stands.")
        if info.is_effective
        else gettext("Approved once; it waits for a second person.")
    )
    return Done(message=words)


def _revoke(exception_id: int, actor: Actor, at: dt.datetime) -> Done:
    services.revoke_exception(exception_id=exception_id, actor=actor, at=at)
    return Done(message=gettext("The exception is withdrawn."))

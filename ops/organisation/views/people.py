"""People: the list, one person with rights and conflicts, and a newcomer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.formats import day, moment
from ops.engines.desk.proofs import PROOF
from ops.engines.desk.screens import (
    Action,
    Badge,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Tone,
)
from ops.engines.desk.words import role_name
from ops.engines.identity import selectors, services
from ops.engines.identity.policies import (
    ASK_EXCEPTIONS,
    GIVE_RIGHTS,
    MANAGE_ACCOUNTS,
    READ_ACCESS,
)
from ops.engines.kernel.actor import Actor
from ops.organisation.selectors import handover
from ops.organisation.selectors.wording import KINDS, is_chinese

ON: Final = Badge(_("in use"), Tone.DONE)
OFF: Final = Badge(_("shut"), Tone.NEUTRAL)


def positions(_actor: Actor) -> Iterable[tuple[str, str]]:
    """Return the positions to choose from."""
    return [(one.key, role_name(one.key)) for one in selectors.givable_positions()]


def places(_actor: Actor) -> Iterable[tuple[str, str]]:
    """Return the departments to choose from."""
    return [(str(one.department_id), one.name) for one in selectors.departments()]


SEAT: Final = (
    Field("role", _("Position"), "choice", choices=positions),
    Field("department", _("Department"), "choice", required=False, choices=places),
)


def seat_of(values: Mapping[str, Any]) -> services.Seat:
    """Return the position a form names."""
    place = values.get("department")
    return services.Seat(role=values["role"], department_id=int(place) if place else None)


class PeopleList(ListScreen):
    """`/people/`: who works here, in which position, with which account."""

    policy = READ_ACCESS
    title = _("People and positions")
    nav = "people"
    row_url = "organisation:person"
    columns = (
        Column("name", _("Name"), name=True, sort=True),
        Column("employee_no", _("Employee number"), "code"),
        Column(
            "positions",
            _("Positions"),
            value=lambda one: "、".join(role_name(each.position.key) for each in one.held),
        ),
        Column(
            "departments",
            _("Departments"),
            value=lambda one: "、".join(
                sorted({each.department.name for each in one.held if each.department})
            ),
        ),
        Column(
            "accounts",
            _("Accounts"),
            "code",
            value=lambda one: "、".join(each.username for each in one.logins),
        ),
        Column("state", _("State"), "badge", value=lambda one: ON if one.is_active else OFF),
    )
    filters = (
        Filter("q", _("Name, number or account"), "text"),
        Filter("role", _("Position"), choices=positions),
        Filter("state", _("State"), choices=(("on", _("in use")), ("off", _("shut")))),
    )
    order = "name"
    export_policy = READ_ACCESS
    empty = _("Nobody matches.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of persons."""
        found = selectors.staff(at=query.at)
        if text := query.get("q"):
            found = found.filter(
                Q(name__icontains=text)
                | Q(employee_no__istartswith=text)
                | Q(accounts__username__istartswith=text)
            ).distinct()
        if role := query.get("role"):
            found = selectors.holding(found, role=role, at=query.at)
        if state := query.get("state"):
            found = selectors.in_use(found, is_active=state == "on")
        return query.page(found, orders={"name": "name"})

    def head_actions(self, *, actor: Actor) -> Sequence[Any]:
        """Offer to enter a newcomer."""
        return [
            Action(
                key="join",
                label=_("Enter a newcomer"),
                href=reverse("organisation:join"),
                policy=GIVE_RIGHTS,
                is_primary=True,
            )
        ]


class Join(FormScreen):
    """`/people/new/`: person, account and position in one act; another hand opens the account."""

    policy = GIVE_RIGHTS
    title = _("Enter a newcomer")
    nav = "people"
    lead = _(
        "Person, account and position are made together. The information supervisor then opens the"
        " account with a link."
    )
    submit_label = _("Enter the newcomer")
    groups = (
        Group(
            _("Person"),
            (
                Field("name", _("Name"), most=80),
                Field("employee_no", _("Employee number"), "code", required=False, most=40),
                Field("username", _("Username"), "code", most=64),
            ),
        ),
        Group(_("Position"), (*SEAT, Field("first", _("First day"), "day"), PROOF)),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Make all of it."""
        made = services.join(
            name=values["name"],
            username=values["username"],
            employee_no=values["employee_no"] or "",
            seats=[seat_of(values)],
            first=values["first"],
            code=values["code"],
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("%(name)s is entered. The account waits to be opened.")
            % {"name": made.person},
            href=reverse("organisation:person", args=[made.person_id]),
        )

    def back_url(self, **key: Any) -> str:
        """Go back to the list."""
        return reverse("organisation:people")


class PersonScreen(RecordScreen):
    """`/people/<id>/`: one person with positions, accounts, objects and conflicts."""

    policy = READ_ACCESS
    nav = "people"
    list_url_name = "organisation:people"
    list_title = _("People and positions")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the person; raises PersonMissing."""
        person = selectors.person(person_id=key["person_id"], at=at)
        conflicts = selectors.conflicts(at=at, person_id=person.pk)
        waiting = handover.open_work(person_id=person.pk, at=at)
        opened = [each for each in conflicts if each.kind == "open"]
        return Record(
            number=person.name,
            title=person.employee_no,
            state=ON if person.is_active else OFF,
            notices=[
                ("warning", gettext("Both sides of a duty are held without leave; see below."))
            ]
            if opened
            else [],
            actions=_actions(person, actor),
            facts=[
                FactGroup(
                    title=_("Accounts"),
                    facts=[fact for user in person.logins for fact in _account_facts(user, at=at)],
                )
            ],
            lines=[
                _held(person.pk, at),
                _objects(person.pk, at),
                _conflict_lines(conflicts),
                _exceptions(person.pk),
            ],
            related=[
                Related(title=_("Waits for this person's decision"), count=waiting.to_decide),
                Related(title=_("Own requests on the way"), count=waiting.asked),
                Related(
                    title=_("Reviews to answer"),
                    count=waiting.to_review,
                    href=reverse("organisation:reviews"),
                ),
            ],
            clauses=("GEN-1.2-04", "SYS-6.3-02", "FIN-7.3-07"),
            subject=("identity.person", person.pk),
        )


def _account_facts(user: Any, *, at: dt.datetime) -> list[Fact]:
    devices = len(selectors.live_devices(user=user, at=at))
    factor = gettext("second factor set up") if user.totp_confirmed_at else gettext("no factor")
    state = gettext("in use") if user.is_active else gettext("shut")
    return [
        Fact(
            title=user.username,
            value=gettext("%(state)s, %(factor)s, signed in on %(devices)s devices")
            % {"state": state, "factor": factor, "devices": devices},
            is_wide=True,
        )
    ]


def _held(person_id: int, at: dt.datetime) -> Lines:
    return Lines(
        _("Positions"),
        (
            Column("role", _("Position"), value=lambda one: role_name(one.position.key)),
            Column(
                "department",
                _("Department"),
                value=lambda one: one.department.name if one.department else "",
            ),
            Column("first", _("First day"), "day", value=lambda one: one.valid.lower),
            Column("last", _("Last day"), "day", value=_last),
            Column(
                "deputy",
                _("Deputy for"),
                value=lambda one: one.deputy_for.name if one.deputy_for else "",
            ),
        ),
        selectors.assignments_of(person_id=person_id),
        empty=_("No position: only what all staff may."),
    )


def _last(one: Any) -> dt.date | None:
    return one.valid.upper - dt.timedelta(days=1) if one.valid.upper else None


def _objects(person_id: int, at: dt.datetime) -> Lines:
    granted = [
        right
        for right in selectors.rights_in_force(at=at)
        if right.person_id == person_id and right.user_id is not None
    ]
    return Lines(
        _("Objects this person works in"),
        (Column("right", _("Object"), value=lambda one: one.zh if is_chinese() else one.en),),
        granted,
        empty=_("No object is granted."),
    )


def _conflict_lines(conflicts: Sequence[Any]) -> Lines:
    return Lines(
        _("Duties that two persons do"),
        (
            Column("one", _("Duty"), value=lambda c: c.one_zh if is_chinese() else c.one_en),
            Column(
                "other",
                _("Opposite duty"),
                value=lambda c: c.other_zh if is_chinese() else c.other_en,
            ),
            Column("positions", _("Through"), value=lambda c: c.positions),
            Column("kind", _("Held by"), "badge", value=lambda c: KINDS[c.kind]),
        ),
        conflicts,
        empty=_("No pair of opposite duties meets in this person."),
    )


def _exceptions(person_id: int) -> Lines:
    return Lines(
        _("Exceptions asked for"),
        (
            Column(
                "rule",
                _("Duties"),
                value=exception_title,
                href=lambda one: reverse("organisation:exception", args=[one.pk]),
            ),
            Column("first", _("First day"), "day", value=lambda one: one.valid.lower),
            Column("last", _("Last day"), "day", value=_last),
            Column("state", _("State"), "badge", value=exception_state),
        ),
        list(selectors.exceptions(person_id=person_id)[:20]),
        empty=_("No exception was asked for."),
    )


def exception_title(one: Any) -> str:
    """Name both duties of an exception."""
    pair = (one.rule.one, one.rule.other)
    return " × ".join(duty.name_zh if is_chinese() else duty.name_en for duty in pair)


def exception_state(one: Any) -> Badge:
    """Return how far an exception is."""
    if one.revoked_at is not None:
        return Badge(_("withdrawn"), Tone.STOPPED)
    if one.second_by_id is not None:
        return Badge(_("approved twice"), Tone.DONE)
    if one.first_by_id is not None:
        return Badge(_("approved once"), Tone.RUNNING)
    return Badge(_("asked"), Tone.WAITING)


def pairs(_actor: Actor) -> Iterable[tuple[str, str]]:
    """Return the separations to choose from."""
    found = []
    for rule in selectors.rules():
        names = (
            (rule.one.name_zh, rule.other.name_zh)
            if is_chinese()
            else (rule.one.name_en, rule.other.name_en)
        )
        found.append((rule.key, " × ".join(names)))
    return found


def _actions(person: Any, actor: Actor) -> list[Action]:
    own = gettext("Nobody gives rights to themselves.") if actor.person_id == person.pk else ""
    reason = Field("reason", _("Reason"), most=400)
    found = [
        Action(
            key="assign",
            label=_("Give a position"),
            policy=GIVE_RIGHTS,
            why_not=own,
            fields=(
                *SEAT,
                Field("first", _("First day"), "day"),
                Field("last", _("Last day"), "day", required=False),
                PROOF,
            ),
            run=lambda values, who, at: _assign(person.pk, values, who, at),
            is_primary=True,
        ),
        Action(
            key="move",
            label=_("Move to another position"),
            policy=GIVE_RIGHTS,
            why_not=own,
            fields=(*SEAT, Field("on", _("From this day"), "day"), PROOF),
            confirm=_("All positions held so far end the day before; the new one begins."),
            run=lambda values, who, at: _move(person, values, who, at),
        ),
        Action(
            key="except",
            label=_("Ask for an exception"),
            policy=ASK_EXCEPTIONS,
            why_not=own,
            fields=(
                Field("rule", _("Duties"), "choice", choices=pairs),
                Field("first", _("First day"), "day"),
                Field("last", _("Last day"), "day", hint=_("at most 92 days")),
                reason,
            ),
            run=lambda values, who, at: _except(person.pk, values, who, at),
        ),
    ]
    for user in person.logins:
        found += _account_actions(user, reason)
    found.append(
        Action(
            key="leave",
            label=_("Leave the company"),
            policy=GIVE_RIGHTS,
            why_not=own or ("" if person.is_placed or person.is_active else gettext("Has left.")),
            fields=(reason,),
            confirm=_(
                "Every position, account, session, key, deputy and object of this person ends now."
            ),
            run=lambda values, who, at: _leave(person, values, who, at),
            is_danger=True,
        )
    )
    return found


def _account_actions(user: Any, reason: Field) -> list[Action]:
    name = {"username": user.username}
    return [
        Action(
            key=f"invite-{user.pk}",
            label=gettext("Link for %(username)s") % name,
            policy=MANAGE_ACCOUNTS,
            confirm=_("A link is made that sets a new password; an earlier link ends."),
            run=lambda _values, who, at: _invite(user.pk, who, at),
        ),
        Action(
            key=f"factor-{user.pk}",
            label=gettext("Take the second factor of %(username)s away") % name,
            policy=MANAGE_ACCOUNTS,
            why_not="" if user.totp_confirmed_at else gettext("None is set up."),
            fields=(reason,),
            run=lambda values, who, at: _reset(user, values, who, at),
        ),
        Action(
            key=f"switch-{user.pk}",
            label=(gettext("Shut %(username)s") if user.is_active else gettext("Open %(username)s"))
            % name,
            policy=MANAGE_ACCOUNTS,
            confirm=_("Its sessions end at once.") if user.is_active else "",
            run=lambda _values, who, at: _switch(user, who, at),
        ),
    ]


def _assign(person_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    seat = seat_of(values)
    services.assign(
        person_id=person_id,
        role=seat.role,
        department_id=seat.department_id,
        first=values["first"],
        last=values["last"],
        code=values["code"],
        actor=actor,
        at=at,
    )
    return Done(message=gettext("The position is given."))


def _move(person: Any, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    services.move(
        person_id=person.pk,
        seats=[seat_of(values)],
        on=values["on"],
        code=values["code"],
        actor=actor,
        at=at,
    )
    return Done(
        message=gettext("%(name)s moves on %(day)s.")
        % {"name": person.name, "day": day(values["on"])}
    )


def _except(person_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = services.ask_exception(
        person_id=person_id,
        rule=values["rule"],
        first=values["first"],
        last=values["last"],
        reason=values["reason"],
        actor=actor,
        at=at,
    )
    return Done(
        message=gettext("The exception waits for two approvals."),
        href=reverse("organisation:exception", args=[made.exception_id]),
    )


def _leave(person: Any, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    left = services.leave(person_id=person.pk, reason=values["reason"], actor=actor, at=at)
    return Done(
        message=gettext(
            "%(name)s has left: %(positions)s positions, %(accounts)s accounts and %(tokens)s keys"
            " ended."
        )
        % {
            "name": person.name,
            "positions": left.assignments,
            "accounts": left.accounts,
            "tokens": left.tokens,
        }
    )


def _invite(user_id: int, actor: Actor, at: dt.datetime) -> Done:
    made = services.invite(user_id=user_id, actor=actor, at=at)
    link = f"{settings.SITE_URL}{reverse('accounts:welcome', args=[made.token])}"
    return Done(
        message=gettext("Hand this link over, it is shown once and good until %(until)s: %(link)s")
        % {"until": moment(made.expires_at), "link": link}
    )


def _reset(user: Any, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    services.reset_totp(user_id=user.pk, reason=values["reason"], actor=actor, at=at)
    return Done(message=gettext("The second factor is taken away; sessions ended."))


def _switch(user: Any, actor: Actor, at: dt.datetime) -> Done:
    services.set_active(user_id=user.pk, is_active=not user.is_active, actor=actor, at=at)
    return Done(message=gettext("The account is changed."))

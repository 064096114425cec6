"""What the organisation puts on the desk: people, reviews, exceptions, administrators' cards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.screens import (
    Card,
    CardCount,
    CardData,
    CardLine,
    Command,
    Hit,
    Look,
    NavEntry,
    Place,
    SearchKind,
    card,
    command,
    nav,
    search_kind,
    word_actions,
)
from ops.engines.identity import selectors
from ops.engines.identity.choices import Role
from ops.engines.identity.policies import READ_ACCESS, READ_EXCEPTIONS
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN, may, only
from ops.organisation.selectors import reviewing

_GROUP = _("People and access")
_DAY = timedelta(days=1)

nav(
    NavEntry(
        key="people",
        title=_("People and positions"),
        url_name="organisation:people",
        policy=READ_ACCESS,
        roles=(Role.HR_OFFICER, Role.INFORMATION_SUPERVISOR, Role.COMPLIANCE_OFFICER),
        order=15,
        icon="person",
        group=_GROUP,
    )
)
nav(
    NavEntry(
        key="access-reviews",
        title=_("Reviews of rights"),
        url_name="organisation:reviews",
        policy=may("ops", "V"),
        roles=(Role.DEPARTMENT_HEAD, Role.COMPLIANCE_OFFICER),
        order=25,
        icon="shield",
        group=_GROUP,
    )
)
nav(
    NavEntry(
        key="duty-exceptions",
        title=_("Exceptions from separated duties"),
        url_name="organisation:exceptions",
        policy=READ_EXCEPTIONS,
        roles=(Role.COMPLIANCE_OFFICER, Role.HR_OFFICER),
        order=35,
        icon="lock",
        group=_GROUP,
    )
)
command(
    Command(key="my-account", title=_("My account"), url_name="organisation:me", policy=SIGNED_IN)
)
word_actions(
    {
        "identity.person_created": _("entered the person"),
        "identity.account_created": _("opened an account"),
        "identity.account_invited": _("made a link for the account"),
        "identity.account_accepted": _("set the first password"),
        "identity.account_switched_on": _("opened the account"),
        "identity.account_switched_off": _("shut the account"),
        "identity.position_given": _("gave a position"),
        "identity.position_ended": _("ended a position"),
        "identity.joined": _("entered a newcomer"),
        "identity.moved": _("moved the person"),
        "identity.left": _("ended everything: the person left"),
        "identity.scope_granted": _("granted an object"),
        "identity.scope_revoked": _("took an object away"),
        "identity.password_set": _("set a password"),
        "identity.code_enrolled": _("began a second factor"),
        "identity.code_confirmed": _("set up the second factor"),
        "identity.code_reset": _("took the second factor away"),
        "identity.recovery_codes_made": _("made recovery codes"),
        "identity.recovery_code_used": _("used a recovery code"),
        "identity.token_created": _("made a key"),
        "identity.token_revoked": _("ended a key"),
        "identity.signed_in": _("signed in"),
        "identity.signed_out": _("signed out"),
        "identity.sign_in_refused": _("a sign-in was refused"),
        "identity.sign_in_throttled": _("a sign-in was held back"),
        "identity.spray_suspected": _("many names failed from one address"),
        "identity.device_ended": _("signed a device out"),
        "identity.device_opened": _("signed in on a device"),
        "identity.exception_asked": _("asked for an exception"),
        "identity.exception_approved_first": _("approved the exception first"),
        "identity.exception_approved_second": _("approved the exception second"),
        "identity.exception_revoked": _("withdrew the exception"),
        "organisation.review_opened": _("opened the review of rights"),
        "organisation.rights_kept": _("kept rights"),
        "organisation.rights_revoked": _("took rights away"),
        "organisation.rights_lapsed": _("rights lapsed unanswered"),
    }
)


def system_administrator(actor: Actor, at: datetime) -> CardData:
    """Return what waits for the system administrator: accounts to open."""
    waiting = list(selectors.accounts_to_open()[:200])
    return CardData(
        lines=[
            CardLine(
                title=user.person.name,
                detail=user.username,
                href=reverse("organisation:person", args=[user.person_id]),
            )
            for user in waiting[:5]
        ],
        total=len(waiting),
        empty="" if waiting else _("No account waits to be opened."),
        href=reverse("organisation:people"),
    )


def security_administrator(actor: Actor, at: datetime) -> CardData:
    """Return the figures the security administrator watches. One query."""
    watch = selectors.security_watch(since=at - _DAY, at=at)
    people = reverse("organisation:people")
    figures: tuple[tuple[Any, int, str, bool], ...] = (
        (
            _("Conflicts of duties without leave"),
            watch.conflicts,
            reverse("desk:report", args=["duty_conflicts"]),
            True,
        ),
        (
            _("Exceptions that wait for approval"),
            watch.exceptions,
            reverse("organisation:exceptions"),
            False,
        ),
        (_("Accounts without second factor"), watch.without_factor, people, False),
        (_("Sign-ins held back in 24 hours"), watch.throttled, "", True),
        (_("Addresses trying many names in 24 hours"), watch.sprays, "", True),
    )
    return CardData(
        counts=[
            CardCount(title=title, value=str(value), href=href, is_alarm=alarms and value > 0)
            for title, value, href, alarms in figures
        ]
    )


def rights_to_answer(actor: Actor, at: datetime) -> CardData:
    """Return the reviews in which rights wait for this person's answer."""
    waiting: dict[int, list[str]] = {}
    titles: dict[int, tuple[str, datetime]] = {}
    lines = list(reviewing.waiting_for(actor=actor)[:200])
    for line in lines:
        waiting.setdefault(line.review_id, []).append(line.right_zh)
        titles[line.review_id] = (line.review.period, line.review.opened_at)
    return CardData(
        lines=[
            CardLine(
                title=gettext("Review of rights %(period)s") % {"period": titles[review_id][0]},
                detail=gettext("%(count)s rights wait for your answer") % {"count": len(rights)},
                href=f"{reverse('organisation:review', args=[review_id])}?verdict=pending",
            )
            for review_id, rights in waiting.items()
        ],
        total=len(lines),
    )


card(
    Card(
        key="accounts-to-open",
        title=_("Accounts to open"),
        query=system_administrator,
        policy=only(Role.INFORMATION_SUPERVISOR),
        roles=(Role.INFORMATION_SUPERVISOR,),
        place=Place.WORK,
        order=10,
    )
)
card(
    Card(
        key="access-watch",
        title=_("Access"),
        query=security_administrator,
        policy=only(Role.COMPLIANCE_OFFICER),
        roles=(Role.COMPLIANCE_OFFICER,),
        place=Place.WATCH,
        look=Look.FIGURES,
        order=20,
    )
)
card(
    Card(
        key="rights-to-answer",
        title=_("Rights to confirm"),
        query=rights_to_answer,
        roles=(Role.DEPARTMENT_HEAD, Role.EXECUTIVE),
        place=Place.DECIDE,
        order=40,
    )
)


def _find(actor: Actor, text: str, most: int) -> list[Hit]:
    found = selectors.person_hits(text=text, most=most)
    return [
        Hit(
            title=name,
            note=number or "",
            href=reverse("organisation:person", args=[pk]),
            is_exact=text in {name, number},
        )
        for pk, name, number in found
    ]


search_kind(
    SearchKind(
        key="people",
        title=_("People"),
        find=_find,
        policy=READ_ACCESS,
        order=60,
    )
)

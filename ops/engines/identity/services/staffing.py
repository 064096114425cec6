"""Joiners, movers, leavers: each one act, audited as one (GEN-1.2-04, S12)."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from guardian.models import UserObjectPermission
from psycopg2.extras import DateRange

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing, translated
from ops.engines.identity.models import AccountLink, ApiToken, Assignment, Person, User
from ops.engines.identity.policies import GIVE_RIGHTS, MANAGE_ACCOUNTS, require_another
from ops.engines.identity.types import AccountInfo, AssignmentInfo, InvitationInfo, LeaveInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput

from .accounts import end_sessions, info, locked, take_password
from .assignments import Seat, give
from .duties import act
from .people import create_person
from .tokens import digest

INVITATION: Final = timedelta(hours=72)
_DAY: Final = timedelta(days=1)


def join(
    *,
    name: str,
    username: str,
    employee_no: str,
    seats: list[Seat],
    first: date,
    code: str = "",
    actor: Actor,
    at: datetime,
) -> AccountInfo:
    """Enter a newcomer with account and positions in one act; the account is still shut.

    The information supervisor opens it by `invite`: who gives rights opens no accounts.
    Raises NameTaken and what `assign` raises.
    """
    GIVE_RIGHTS.require(actor)
    with transaction.atomic(), translated():
        person = create_person(name=name, employee_no=employee_no, actor=actor, at=at)
        user = User(
            username=parse.code(username, most=64), person_id=person.person_id, is_active=False
        )
        user.set_unusable_password()
        user.save(force_insert=True)
        give(person_id=person.person_id, seats=seats, first=first, code=code, actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="identity.joined",
            obj=("identity.person", person.person_id),
            body={"username": user.username, "roles": [str(seat.role) for seat in seats]},
        )
    return info(User.objects.select_related("person").get(pk=user.pk))


def invite(*, user_id: int, actor: Actor, at: datetime) -> InvitationInfo:
    """Make the link by which a person sets the first password; good for 72 hours and once.

    The text is returned this once; an earlier unused link ends.
    Raises DutiesConflict (who gave this person a position opens no account), Forbidden,
    PersonMissing.
    """
    MANAGE_ACCOUNTS.require(actor)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        user = locked(user_id)
        act(duty="user_create", obj=("identity.person", user.person_id), actor=actor, at=at)
        user.links.filter(used_at__isnull=True).delete()
        made = AccountLink.objects.create(
            user=user, digest=digest(token), created_at=at, expires_at=at + INVITATION
        )
        audit.record(
            actor=actor, at=at, action="identity.account_invited", obj=("identity.user", user_id)
        )
    return InvitationInfo(user_id=user_id, token=token, expires_at=made.expires_at)


def invited(*, token: str, at: datetime) -> AccountInfo | None:
    """Return the account a link opens, or nothing when it is used, unknown or too old."""
    found = _open_links(token, at=at).select_related("user__person").first()
    return info(found.user) if found else None


def accept(*, token: str, password: str, at: datetime) -> AccountInfo:
    """Set the first password by a link and switch the account on.

    Sessions and tokens of before end; a second factor stays. Raises PersonMissing, WeakPassword.
    """
    with transaction.atomic():
        link = _open_links(token, at=at).select_for_update(of=("self",), no_key=True).first()
        if link is None:
            raise PersonMissing("identity.link_closed", _("This link is used or too old."))
        user = locked(link.user_id)
        take_password(user, password)
        user.is_active = True
        user.session_epoch += 1
        user.save(update_fields=["password", "is_active", "session_epoch"])
        link.used_at = at
        link.save(update_fields=["used_at"])
        audit.record(
            actor=Actor.system("account-link"),
            at=at,
            action="identity.account_accepted",
            obj=("identity.user", user.pk),
        )
    return info(user)


def move(
    *,
    person_id: int,
    seats: list[Seat],
    on: date,
    code: str = "",
    actor: Actor,
    at: datetime,
) -> list[AssignmentInfo]:
    """End a person's positions the day before a date and open new ones on it, in one act.

    Positions that begin on or after the date are taken away; deputies a person stands for stay
    with their own last day. Sessions end. Raises as `assign`; BadInput without a new position.
    """
    GIVE_RIGHTS.require(actor)
    require_another(actor, person_id)
    if not seats:
        raise BadInput("identity.no_seat", _("Name the new position."), field="role")
    with transaction.atomic(), translated():
        audit.acting(actor)
        _lock_person(person_id)
        ended = _end_from(
            Assignment.objects.filter(person_id=person_id, deputy_for__isnull=True), on
        )
        made = give(person_id=person_id, seats=seats, first=on, code=code, actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="identity.moved",
            obj=("identity.person", person_id),
            body={"on": on, "ended": ended, "roles": [str(seat.role) for seat in seats]},
        )
    return made


def leave(*, person_id: int, reason: str, actor: Actor, at: datetime) -> LeaveInfo:
    """End everything a person may, now: positions, deputies, accounts, sessions, tokens, scopes.

    Also the positions in which others stand in for this person. Repeating it changes nothing more.
    Raises Forbidden, NotYourself, PersonMissing.
    """
    GIVE_RIGHTS.require(actor)
    require_another(actor, person_id)
    today = parse.business_day(at)
    with transaction.atomic():
        audit.acting(actor)
        _lock_person(person_id)
        accounts = User.objects.filter(person_id=person_id)
        scopes, _by_model = UserObjectPermission.objects.filter(user__person_id=person_id).delete()
        deputies = _end_from(Assignment.objects.filter(deputy_for_id=person_id), today)
        # A link handed over before must not open the account again.
        AccountLink.objects.filter(user__person_id=person_id, used_at__isnull=True).delete()
        own = _end_from(Assignment.objects.filter(person_id=person_id), today)
        tokens = ApiToken.objects.filter(user__person_id=person_id, revoked_at__isnull=True)
        left = LeaveInfo(
            person_id=person_id,
            assignments=len(own),
            deputies=len(deputies),
            tokens=tokens.update(revoked_at=at),
            accounts=accounts.filter(is_active=True).update(is_active=False),
            sessions=end_sessions(person_id=person_id),
            scopes=scopes,
        )
        audit.record(
            actor=actor,
            at=at,
            action="identity.left",
            obj=("identity.person", person_id),
            body={
                "reason": parse.text(reason, most=400, least=1),
                "assignments": own,
                "deputies": deputies,
                "tokens": left.tokens,
                "scopes": left.scopes,
            },
        )
    return left


def end_now(*, assignment_ids: Sequence[int], actor: Actor, at: datetime) -> int:
    """Take positions away today, whatever their last day; sessions end. Returns how many.

    Raises Forbidden, NotYourself.
    """
    GIVE_RIGHTS.require(actor)
    with transaction.atomic():
        audit.acting(actor)
        held = Assignment.objects.filter(pk__in=assignment_ids)
        persons = sorted(set(held.values_list("person_id", flat=True)))
        for person_id in persons:
            require_another(actor, person_id)
            _lock_person(person_id)
        ended = _end_from(held, parse.business_day(at))
        for person_id in persons:
            end_sessions(person_id=person_id)
            audit.record(
                actor=actor,
                at=at,
                action="identity.position_ended",
                obj=("identity.person", person_id),
                body={"assignments": ended},
            )
    return len(ended)


def _open_links(token: str, *, at: datetime) -> QuerySet[AccountLink]:
    return AccountLink.objects.filter(digest=digest(token), used_at__isnull=True, expires_at__gt=at)


def _lock_person(person_id: int) -> None:
    if not Person.objects.select_for_update(no_key=True).filter(pk=person_id).exists():
        raise PersonMissing("identity.person_missing", _("There is no such person."))


def _end_from(held: QuerySet[Assignment], day: date) -> list[int]:
    """End positions before a day: those that begin later are taken away; return their ids."""
    running = held.filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=day))
    ended = []
    for each in running.select_for_update(of=("self",), no_key=True).order_by("pk"):
        ended.append(each.pk)
        first = each.valid.lower
        if first is None or first >= day:
            each.delete()
        else:
            each.valid = DateRange(first, day, "[)")
            each.save(update_fields=["valid"])
    return ended

"""Persons as the people screens read them: positions, accounts, grants."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from ops.engines.identity.choices import PositionKind
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.models import (
    ApiToken,
    Assignment,
    Person,
    Position,
    RecoveryCode,
    User,
)
from ops.engines.kernel.parse import business_day

from .duties import CONFLICTS

_WATCH = """
SELECT (SELECT count(*) FROM identity_user WHERE is_active AND totp_confirmed_at IS NULL),
       (SELECT count(*) FROM audit_fact
         WHERE action = 'identity.spray_suspected' AND recorded_at >= %(since)s),
       (SELECT count(*) FROM audit_fact
         WHERE action = 'identity.sign_in_throttled' AND recorded_at >= %(since)s),
       (SELECT count(*) FROM identity_dutyexception
         WHERE second_by_id IS NULL AND revoked_at IS NULL),
       (SELECT count(*) FROM (
"""
_OPEN = ") found WHERE kind = 'open')"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffInfo:
    """One person with the accounts and whether any of them is in use."""

    pk: int
    name: str
    employee_no: str
    is_active: bool
    is_placed: bool
    logins: list[User]


class Watch(NamedTuple):
    """What the security administrator looks at."""

    without_factor: int
    sprays: int
    throttled: int
    exceptions: int
    conflicts: int


def staff(*, at: datetime) -> QuerySet[Person]:
    """Return all persons with `held` (positions on the day) and `logins` (accounts) prefetched.

    Annotated: `is_active` (has a live account). Three queries a page.
    """
    today = (
        Assignment.objects.filter(valid__contains=business_day(at))
        .select_related("position", "department")
        .order_by("pk")
    )
    return (
        Person.objects.annotate(
            is_active=Exists(User.objects.filter(person_id=OuterRef("pk"), is_active=True))
        )
        .prefetch_related(
            Prefetch("assignments", queryset=today, to_attr="held"),
            Prefetch("accounts", queryset=User.objects.order_by("pk"), to_attr="logins"),
        )
        .order_by("pk")
    )


def holding(found: QuerySet[Person], *, role: str, at: datetime) -> QuerySet[Person]:
    """Narrow persons to those who hold a position on the day."""
    held = Assignment.objects.filter(
        person_id=OuterRef("pk"), position__key=role, valid__contains=business_day(at)
    )
    return found.filter(Exists(held))


def in_use(found: QuerySet[Person], *, is_active: bool) -> QuerySet[Person]:
    """Narrow persons to those with a live account, or without one."""
    live = Exists(User.objects.filter(person_id=OuterRef("pk"), is_active=True))
    return found.filter(live if is_active else ~live)


def person(*, person_id: int, at: datetime) -> StaffInfo:
    """Return one person with accounts. Raises PersonMissing."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise PersonMissing("identity.person_missing", _("There is no such person."))
    logins = logins_of(person_id=person_id)
    today = Assignment.objects.filter(person=found, valid__contains=business_day(at))
    return StaffInfo(
        pk=found.pk,
        name=found.name,
        employee_no=found.employee_no or "",
        is_active=any(user.is_active for user in logins),
        is_placed=today.exists(),
        logins=logins,
    )


def logins_of(*, person_id: int) -> list[User]:
    """Return every account of a person with the person, oldest first."""
    return list(User.objects.select_related("person").filter(person_id=person_id).order_by("pk"))


def assignments_of(*, person_id: int) -> list[Assignment]:
    """Return every assignment of a person, newest first."""
    return list(
        Assignment.objects.filter(person_id=person_id)
        .select_related("position", "department", "deputy_for")
        .order_by("-pk")
    )


def tokens_of(*, user_ids: Iterable[int], at: datetime) -> list[ApiToken]:
    """Return the live keys of accounts, newest first."""
    return list(
        ApiToken.objects.filter(
            user_id__in=list(user_ids), revoked_at__isnull=True, expires_at__gt=at
        )
        .select_related("user")
        .order_by("-pk")
    )


def codes_left(*, user: User) -> int:
    """Count the unused recovery codes that still count."""
    if user.totp_confirmed_at is None:
        return 0
    return RecoveryCode.objects.filter(
        user=user, used_at__isnull=True, made_at__gte=user.totp_confirmed_at
    ).count()


def accounts_to_open() -> QuerySet[User]:
    """Return accounts that nobody opened yet: off, and no password was ever set."""
    return (
        User.objects.filter(is_active=False, password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .filter(Exists(Assignment.objects.filter(person_id=OuterRef("person_id"))))
        .select_related("person")
        .order_by("pk")
    )


def security_watch(*, since: datetime, at: datetime) -> Watch:
    """Return the figures of the security administrator's card. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WATCH + CONFLICTS + _OPEN, {"since": since, "day": business_day(at), "person": None}
        )
        return Watch(*cursor.fetchone())


def givable_positions() -> list[Position]:
    """Return the positions a person may be given, in the register's order."""
    return list(
        Position.objects.filter(kind__in=[PositionKind.STAFF, PositionKind.EXTERNAL]).order_by("pk")
    )


def person_hits(*, text: str, most: int) -> list[tuple[int, str, str | None]]:
    """Return id, name and number of persons whose name or number begins with a text."""
    found = Person.objects.filter(Q(name__istartswith=text) | Q(employee_no__istartswith=text))
    return list(found.order_by("name", "pk").values_list("pk", "name", "employee_no")[:most])

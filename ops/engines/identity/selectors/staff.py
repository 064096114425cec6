"""Persons as the people screens read them: positions, accounts, grants."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from ops.engines.audit.models import Fact
from ops.engines.identity.choices import PositionKind
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.models import (
    ApiToken,
    Assignment,
    DutyException,
    Person,
    Position,
    RecoveryCode,
    User,
)
from ops.engines.kernel.parse import business_day


class Watch(NamedTuple):
    """What the two acting administrators look at."""

    to_open: int
    without_factor: int
    sprays: int
    throttled: int
    exceptions: int


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


def person(*, person_id: int, at: datetime) -> Person:
    """Return one person as `staff` does. Raises PersonMissing."""
    found = staff(at=at).filter(pk=person_id).first()
    if found is None:
        raise PersonMissing("identity.person_missing", _("There is no such person."))
    return found


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


def security_watch(*, since: datetime) -> Watch:
    """Return the figures of the administrators' cards. Five indexed queries."""
    facts = Fact.objects.filter(recorded_at__gte=since)
    return Watch(
        to_open=accounts_to_open().count(),
        without_factor=User.objects.filter(is_active=True, totp_confirmed_at__isnull=True).count(),
        sprays=facts.filter(action="identity.spray_suspected").count(),
        throttled=facts.filter(action="identity.sign_in_throttled").count(),
        exceptions=DutyException.objects.filter(
            second_by__isnull=True, revoked_at__isnull=True
        ).count(),
    )


def givable_positions() -> list[Position]:
    """Return the positions a person may be given, in the register's order."""
    return list(
        Position.objects.filter(kind__in=[PositionKind.STAFF, PositionKind.EXTERNAL]).order_by("pk")
    )


def person_hits(*, text: str, most: int) -> list[tuple[int, str, str | None]]:
    """Return id, name and number of persons whose name or number begins with a text."""
    found = Person.objects.filter(Q(name__istartswith=text) | Q(employee_no__istartswith=text))
    return list(found.order_by("name", "pk").values_list("pk", "name", "employee_no")[:most])

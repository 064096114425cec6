"""People for tests: a person with an account and positions, made through the services."""

from datetime import UTC, date, datetime, timedelta

import pyotp

from ops.engines.identity import services
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor

AT = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SYSTEM = Actor.system("tests")
PASSWORD = "a long enough passphrase"


def account(
    name: str, *roles: str, department_id: int | None = None, is_staff: bool = False
) -> User:
    """Make a person with an account of that name, holding the roles since 2026."""
    person = services.create_person(name=name, actor=SYSTEM, at=AT)
    made = services.create_account(
        person_id=person.person_id,
        username=name,
        password=PASSWORD,
        is_staff=is_staff,
        actor=SYSTEM,
        at=AT,
    )
    for role in roles:
        services.assign(
            person_id=person.person_id,
            role=role,
            first=date(2026, 1, 1),
            department_id=department_id,
            actor=SYSTEM,
            at=AT,
        )
    return User.objects.select_related("person").get(pk=made.user_id)


def authenticator(user: User, *, at: datetime = AT) -> pyotp.TOTP:
    """Set up the app of an account an hour ago, and return it."""
    made = services.enrol_totp(
        user_id=user.pk, actor=SYSTEM, at=at - timedelta(hours=1), trusted=True
    )
    return pyotp.TOTP(made.secret)

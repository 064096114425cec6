"""An empty company: a one-time link makes it, its separate administrators and its owner."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.choices import ADMINISTRATORS, Role
from ops.engines.identity.errors import PersonMissing, translated
from ops.engines.identity.models import SetupLink, User
from ops.engines.identity.types import AccountInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Conflict

from .accounts import create_account
from .assignments import assign
from .people import create_department, create_person
from .tokens import digest

LIFETIME = timedelta(hours=24)
SETUP_ROLES = (*ADMINISTRATORS, Role.EXECUTIVE)
_SETUP = Actor.system("set-up")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAccount:
    """One of the first accounts, as typed on the set-up page."""

    name: str
    username: str
    password: str


def make_setup_link(*, at: datetime) -> str:
    """Return the secret part of a new set-up link, good for a day and for one use.

    Raises Conflict when somebody has an account already.
    """
    if User.objects.exists():
        raise Conflict("identity.company_exists", _("The company is set up already."))
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        SetupLink.objects.create(digest=digest(token), created_at=at, expires_at=at + LIFETIME)
        audit.record(actor=_SETUP, at=at, action="identity.setup_link_made")
    return token


def setup_is_open(*, token: str, at: datetime) -> bool:
    """Say whether the link may still be used."""
    return SetupLink.objects.filter(
        digest=digest(token), used_at__isnull=True, expires_at__gt=at
    ).exists()


def complete_setup(
    *, token: str, company: str, accounts: Mapping[str, FirstAccount], at: datetime
) -> list[AccountInfo]:
    """Make the company, its three administrators and its owner, each another person.

    `accounts` has one entry for each of `SETUP_ROLES`. All or nothing.
    Raises BadInput, NameTaken, PersonMissing (link used, unknown or too old), WeakPassword.
    """
    if set(accounts) != set(SETUP_ROLES):
        raise BadInput("identity.setup_roles", _("Each first account is needed once."))
    if len({parse.code_key(entry.username) for entry in accounts.values()}) < len(accounts):
        raise BadInput("identity.setup_same_name", _("Each account needs a name of its own."))
    with transaction.atomic(), translated():
        link = (
            SetupLink.objects.select_for_update(no_key=True)
            .filter(digest=digest(token), used_at__isnull=True, expires_at__gt=at)
            .first()
        )
        if link is None or User.objects.exists():
            raise PersonMissing("identity.setup_closed", _("This link is used or too old."))
        link.used_at = at
        link.save(update_fields=["used_at"])
        create_department(code="company", name=company, actor=_SETUP, at=at)
        return [_first(role, accounts[role], at=at) for role in SETUP_ROLES]


def _first(role: Role, entry: FirstAccount, *, at: datetime) -> AccountInfo:
    person = create_person(name=entry.name, actor=_SETUP, at=at)
    account = create_account(
        person_id=person.person_id,
        username=entry.username,
        password=entry.password,
        is_staff=True,
        actor=_SETUP,
        at=at,
    )
    assign(person_id=person.person_id, role=role, first=parse.business_day(at), actor=_SETUP, at=at)
    return account

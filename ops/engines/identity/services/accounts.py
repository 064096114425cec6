"""Accounts: made, given a password, switched on and off."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing, WeakPassword, translated
from ops.engines.identity.models import Person, User
from ops.engines.identity.policies import MANAGE_ACCOUNTS
from ops.engines.identity.types import AccountInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden, RuleViolation

from .duties import act


def create_account(
    *,
    person_id: int,
    username: str,
    password: str,
    is_staff: bool = False,
    is_demo: bool = False,
    actor: Actor,
    at: datetime,
) -> AccountInfo:
    """Give a person an account; `is_staff` opens the record screens and grants nothing else.

    Raises BadInput, DutiesConflict, Forbidden, NameTaken, PersonMissing, WeakPassword.
    """
    MANAGE_ACCOUNTS.require(actor)
    with transaction.atomic(), translated():
        person = Person.objects.filter(pk=person_id).first()
        if person is None:
            raise PersonMissing("identity.person_missing", _("There is no such person."))
        user = User(
            username=parse.code(username, most=64),
            person=person,
            is_staff=is_staff,
            is_demo=is_demo,
        )
        take_password(user, password)
        user.save(force_insert=True)
        act(duty="user_create", obj=("identity.person", person_id), actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="identity.account_created",
            obj=("identity.user", user.pk),
            body={"username": user.username, "person": person_id, "is_staff": is_staff},
        )
    return info(user)


def set_password(*, user_id: int, password: str, actor: Actor, at: datetime) -> None:
    """Set a password; every session of the account ends.

    One's own, or anybody's as the information supervisor.
    Raises Forbidden, PersonMissing, WeakPassword.
    """
    if actor.user_id != user_id:
        MANAGE_ACCOUNTS.require(actor)
    with transaction.atomic():
        user = locked(user_id)
        take_password(user, password)
        user.session_epoch += 1
        user.save(update_fields=["password", "session_epoch"])
        audit.record(
            actor=actor,
            at=at,
            action="identity.password_set",
            obj=("identity.user", user_id),
        )


def change_own_password(*, user_id: int, old: str, new: str, actor: Actor, at: datetime) -> None:
    """Change the caller's password, who knows the old one; every session of the account ends.

    Raises Forbidden (another's account), RuleViolation (old one wrong), WeakPassword.
    """
    if actor.user_id != user_id:
        raise Forbidden("identity.password_not_yours", _("This is another person's account."))
    if not User.objects.get(pk=user_id).check_password(old):
        raise RuleViolation("identity.password_wrong", _("The old password is not right."))
    set_password(user_id=user_id, password=new, actor=actor, at=at)


def set_active(*, user_id: int, is_active: bool, actor: Actor, at: datetime) -> AccountInfo:
    """Switch an account on or off; off ends its sessions, tokens and links at once.

    Raises Forbidden, PersonMissing.
    """
    MANAGE_ACCOUNTS.require(actor)
    with transaction.atomic():
        audit.acting(actor)
        user = locked(user_id)
        user.is_active = is_active
        user.session_epoch += 1
        user.save(update_fields=["is_active", "session_epoch"])
        if not is_active:
            user.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=at)
            user.links.filter(used_at__isnull=True).delete()
        audit.record(
            actor=actor,
            at=at,
            action="identity.account_switched_on" if is_active else "identity.account_switched_off",
            obj=("identity.user", user_id),
        )
    return info(user)


def end_sessions(*, person_id: int) -> int:
    """End every session of a person's accounts and return how many accounts they have.

    Part of each service that changes what a person may: sessions, and downloads that run.
    """
    return User.objects.filter(person_id=person_id).update(session_epoch=F("session_epoch") + 1)


def locked(user_id: int) -> User:
    """Lock and return an account.

    Raises PersonMissing.
    """
    found = (
        User.objects.select_related("person")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=user_id)
        .first()
    )
    if found is None:
        raise PersonMissing("identity.account_missing", _("There is no such account."))
    return found


def take_password(user: User, password: str) -> None:
    """Put a new password into an unsaved account. Raises WeakPassword."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword("identity.password_weak", " ".join(error.messages)) from error
    user.set_password(password)


def info(user: User) -> AccountInfo:
    """Return an account as it is handed out."""
    return AccountInfo(
        user_id=user.pk,
        username=user.username,
        person_id=user.person_id,
        person=user.person.name,
        is_active=user.is_active,
    )

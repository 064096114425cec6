"""What mail a person wants, when, and where to; the address is kept sealed."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.kernel import crypto
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.notices.choices import MailMode
from ops.engines.notices.models import MailPreference, NoticeMail


def prefer(
    *,
    address: str,
    act_mode: str,
    fyi_mode: str,
    run_mode: str,
    digest_hour: int,
    quiet_from: int | None = None,
    quiet_until: int | None = None,
    language: str = "zh-hans",
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Keep one's own wishes; an empty address ends all mail. Hours are 0 to 23, Asia/Shanghai.

    Raises Forbidden for a machine, BadInput with `field` for what cannot be.
    """
    if actor.person_id is None:
        raise Forbidden("notices.person_needed", _("Only a person reads mail."))
    if (quiet_from is None) != (quiet_until is None) or (
        quiet_from is not None and quiet_from == quiet_until
    ):
        raise BadInput(
            "notices.quiet", _("Quiet hours have a beginning and another end."), field="quiet_until"
        )
    with transaction.atomic():
        if not address:
            NoticeMail.objects.filter(person_id=actor.person_id, sent_at__isnull=True).delete()
            MailPreference.objects.filter(person_id=actor.person_id).delete()
        else:
            _check(address)
            MailPreference.objects.update_or_create(
                person_id=actor.person_id,
                defaults={
                    "address": crypto.wrap(address.encode(), aad=_place(actor.person_id)),
                    "act_mode": MailMode(act_mode),
                    "fyi_mode": MailMode(fyi_mode),
                    "run_mode": MailMode(run_mode),
                    "digest_hour": digest_hour,
                    "quiet_from": quiet_from,
                    "quiet_until": quiet_until,
                    "language": language,
                },
            )
        audit.record(
            actor=actor,
            at=at,
            action="notices.preferred",
            obj=("identity.person", actor.person_id),
            body={
                "mail": bool(address),
                "act": act_mode,
                "fyi": fyi_mode,
                "run": run_mode,
                "digest_hour": digest_hour,
                "quiet": [quiet_from, quiet_until],
            },
        )


def address_of(wish: MailPreference) -> str:
    """Return the address in clear text; it never leaves for a list or a log."""
    return crypto.unwrap(wish.address, aad=_place(wish.person_id)).decode()


def _check(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadInput("notices.address", _("This is no mail address."), field="address") from error


def _place(person_id: int) -> str:
    return f"notices_mailpreference.address.{person_id}"

"""Where an account is signed in: at most two browsers at once (SYS-6.3-03)."""

from datetime import datetime
from typing import Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity import selectors
from ops.engines.identity.errors import PersonMissing
from ops.engines.identity.models import Device
from ops.engines.identity.policies import MANAGE_ACCOUNTS
from ops.engines.kernel.actor import Actor

from .accounts import locked

DEVICES_AT_ONCE: Final = 2


def open_device(
    *, user_id: int, session_key: str, label: str, address: str, actor: Actor, at: datetime
) -> int:
    """Enter a sign-in of a browser and end the oldest beyond two; return how many ended.

    Demo accounts are shared on purpose and count no devices.
    """
    with transaction.atomic():
        user = locked(user_id)
        live = selectors.live_devices(user=user, at=at)
        Device.objects.create(
            user=user,
            session_key=session_key,
            epoch=user.session_epoch,
            label=label[:80],
            address=address[:45],
            opened_at=at,
        )
        beyond = len(live) + 1 - DEVICES_AT_ONCE
        oldest = sorted(live, key=lambda one: one.opened_at)[: max(beyond, 0)]
        ended = [] if user.is_demo else [device.device_id for device in oldest]
        if ended:
            _end(ended)
        audit.record(
            actor=actor,
            at=at,
            action="identity.device_opened",
            obj=("identity.user", user_id),
            body={"label": label[:80], "address": address[:45], "ended": ended},
        )
    return len(ended)


def end_device(*, device_id: int, actor: Actor, at: datetime) -> None:
    """Sign one browser out now; its next request leads to the sign-in page.

    One's own, or anybody's as the information supervisor. Raises Forbidden, PersonMissing.
    """
    with transaction.atomic():
        device = Device.objects.filter(pk=device_id).first()
        if device is None or (
            device.user_id != actor.user_id and not MANAGE_ACCOUNTS.allows(actor)
        ):
            raise PersonMissing("identity.device_missing", _("There is no such device."))
        _end([device_id])
        audit.record(
            actor=actor,
            at=at,
            action="identity.device_ended",
            obj=("identity.user", device.user_id),
            body={"device": device_id, "label": device.label},
        )


def _end(device_ids: list[int]) -> None:
    keys = Device.objects.filter(pk__in=device_ids).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()

"""Devices that are signed in now, and whether what began with a right may go on."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.sessions.models import Session

from ops.engines.identity.choices import SESSION_OPENED, SESSION_SEEN
from ops.engines.identity.models import ApiToken, Device, User
from ops.engines.identity.types import DeviceInfo

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)


def live_devices(*, user: User, at: datetime, this: str = "") -> list[DeviceInfo]:
    """Return where an account is signed in, newest first: sessions that time did not end.

    `this` is the session key of the request that asks. Two queries.
    """
    held = {
        device.session_key: device
        for device in Device.objects.filter(
            user=user, epoch=user.session_epoch, opened_at__gt=at - ABSOLUTE
        )
    }
    sessions = Session.objects.filter(session_key__in=list(held)) if held else []
    found = []
    for session in sessions:
        kept = session.get_decoded()
        opened, seen = kept.get(SESSION_OPENED), kept.get(SESSION_SEEN)
        if opened is None or seen is None:
            continue
        seen_at = datetime.fromtimestamp(seen, tz=at.tzinfo)
        if at - seen_at > IDLE:
            continue
        device = held[session.session_key]
        found.append(
            DeviceInfo(
                device_id=device.pk,
                label=device.label,
                address=device.address,
                opened_at=device.opened_at,
                seen_at=seen_at,
                is_this=device.session_key == this,
            )
        )
    return sorted(found, key=lambda one: one.opened_at, reverse=True)


def epoch_of(user_id: int | None) -> int | None:
    """Return the epoch of a live account, None when it is switched off or gone. One query.

    What began under one epoch must stop when this answers another: every change of rights, of the
    password, of activity moves it.
    """
    return (
        User.objects.filter(pk=user_id or 0, is_active=True)
        .values_list("session_epoch", flat=True)
        .first()
    )


def is_signed_in(*, token_id: int | None, session_key: str) -> bool:
    """Say whether the key or the session a request came with has not been ended since. One query.

    True when it came with neither: nobody can have signed it out.
    """
    if token_id is not None:
        return ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True).exists()
    return not session_key or Session.objects.filter(session_key=session_key).exists()

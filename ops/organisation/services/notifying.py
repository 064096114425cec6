"""Tell a person of a sign-in on a browser that the account was never used on."""

from datetime import datetime

from django.utils.translation import gettext_noop

from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind

_TITLE = gettext_noop("Signed in on a new device: %(label)s")
_BODY = gettext_noop(
    "From %(address)s at %(when)s. If that was not you, sign the device out and change the"
    " password."
)


def new_device(
    *, person_id: int, label: str, address: str, when: str, actor: Actor, at: datetime
) -> None:
    """Put it into the person's inbox, with the way to the page that signs devices out."""
    notices.notify(
        kind=NoticeKind.ACT,
        title=_TITLE,
        body=_BODY,
        params={"label": label or "?", "address": address, "when": when},
        link="/me/",
        subject="organisation.devices",
        person_ids=(person_id,),
        actor=actor,
        at=at,
    )

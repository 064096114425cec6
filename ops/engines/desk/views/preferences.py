"""What mail I want: where to, when, and the hours nobody disturbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ops.engines.desk.fields import Choice, Field, Group
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.records import Done
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.notices import selectors, services
from ops.engines.notices.choices import MailMode

HOURS: Final[Sequence[Choice]] = [(str(hour), f"{hour:02}:00") for hour in range(24)]


class MailForm(FormScreen):
    """`/inbox/preferences/`: one's own wishes; alarms are mailed at once whatever is chosen."""

    policy = SIGNED_IN
    title = gettext_lazy("My mail")
    nav = "inbox"
    lead = gettext_lazy("The inbox always holds everything; mail is a copy.")
    groups = (
        Group(
            gettext_lazy("Address"),
            (
                Field(
                    "address",
                    gettext_lazy("Mail address"),
                    required=False,
                    most=254,
                    hint=gettext_lazy("Without an address nothing is mailed."),
                    autocomplete="email",
                ),
            ),
        ),
        Group(
            gettext_lazy("When"),
            (
                Field("act_mode", gettext_lazy("To act on"), "choice", choices=MailMode.choices),
                Field(
                    "fyi_mode",
                    gettext_lazy("For information"),
                    "choice",
                    choices=MailMode.choices,
                ),
                Field("run_mode", gettext_lazy("Runs"), "choice", choices=MailMode.choices),
                Field(
                    "digest_hour", gettext_lazy("Hour of the daily mail"), "choice", choices=HOURS
                ),
            ),
        ),
        Group(
            gettext_lazy("Quiet hours"),
            (
                Field("quiet_from", gettext_lazy("From"), "choice", required=False, choices=HOURS),
                Field(
                    "quiet_until", gettext_lazy("Until"), "choice", required=False, choices=HOURS
                ),
            ),
            hint=gettext_lazy("What falls into them is mailed at their end; alarms never wait."),
        ),
    )

    def initial(self, *, actor: Actor, at: datetime, **key: Any) -> Mapping[str, Any]:
        """Show what was wished, else the usual."""
        wish = selectors.preference(actor=actor)
        if wish is None:
            return {"act_mode": "now", "fyi_mode": "daily", "run_mode": "never", "digest_hour": 9}
        names = ("act_mode", "fyi_mode", "run_mode", "digest_hour", "quiet_from", "quiet_until")
        return {"address": services.address_of(wish), **{n: getattr(wish, n) for n in names}}

    def submit(self, *, values: Mapping[str, Any], actor: Actor, at: datetime, **key: Any) -> Done:
        """Keep the wishes, in the language they were made in."""
        services.prefer(
            address=values["address"] or "",
            act_mode=values["act_mode"],
            fyi_mode=values["fyi_mode"],
            run_mode=values["run_mode"],
            digest_hour=int(values["digest_hour"]),
            quiet_from=_hour(values["quiet_from"]),
            quiet_until=_hour(values["quiet_until"]),
            language=get_language() or "zh-hans",
            actor=actor,
            at=at,
        )
        return Done(message=_("Your wishes are kept."), href=reverse("desk:inbox"))

    def back_url(self, **key: Any) -> str:
        """Lead to the inbox."""
        return reverse("desk:inbox")


def _hour(text: str | None) -> int | None:
    return int(text) if text else None

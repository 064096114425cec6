"""What every screen shares: who acts, when, what to say, and why something is not allowed."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ops.engines.desk import refusals
from ops.engines.desk.words import area_name, right_name, role_name
from ops.engines.http.actors import actor_of
from ops.engines.http.policing import verbs_of
from ops.engines.http.views import PolicyView
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.policy import Policy

Text = str | Promise
_LEVELS = {
    "info": messages.INFO,
    "success": messages.SUCCESS,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


class Screen(PolicyView, abstract=True):
    """A work screen: set `policy`, `title`, and `nav` (the key of its navigation entry).

    `policy` holds for every verb that `policies` does not name. `self.actor` and `self.at` are
    there in every handler; `at` is the one moment of the request. A class to be subclassed says
    `abstract=True`.
    """

    policy: ClassVar[Policy | None] = None
    title: ClassVar[Text] = ""
    nav: ClassVar[str] = ""
    actor: Actor
    at: dt.datetime

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        if not abstract and cls.policy is not None:
            cls.policies = {**dict.fromkeys(verbs_of(cls), cls.policy), **cls.policies}
        super().__init_subclass__(abstract=abstract, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer; what a service refuses becomes a page that says what, why and what to do."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except OpsError as refusal:
            return refusals.page(request, refusal)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Resolve who acts and when, once."""
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        if request.user.is_authenticated:
            self.actor = actor_of(request)

    def say(self, request: HttpRequest, level: str, words: str) -> None:
        """Leave one line for the next page: info, success, warning or error."""
        messages.add_message(request, _LEVELS[level], words)

    def lacking(self, policy: Policy | None) -> str:
        """Say which right is missing and who holds it."""
        return why_lacking(policy) if policy is not None else ""


def why_lacking(policy: Policy) -> str:
    """Say in a sentence what a policy asks for."""
    if policy.roles:
        chinese = (get_language() or "").startswith("zh")
        names = ("、" if chinese else ", ").join(sorted(role_name(role) for role in policy.roles))
        return _("Only %(roles)s may do this.") % {"roles": names}
    return _("This needs the right “%(right)s” in %(area)s.") % {
        "right": right_name(policy.right),
        "area": area_name(policy.area),
    }

"""One's own account: where it is signed in, the second factor, passkeys, recovery codes, keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from ops.engines.desk.base import Screen
from ops.engines.desk.refusals import page
from ops.engines.desk.words import role_name
from ops.engines.http import passkeys
from ops.engines.http.actors import demo_code
from ops.engines.identity import selectors, services
from ops.engines.identity.errors import StepUpRefused, TooManyTries
from ops.engines.kernel.errors import BadInput, OpsError
from ops.engines.kernel.policy import SIGNED_IN


class MyAccount(Screen):
    """`/me/`: see the devices and sign them out; passkeys; recovery codes; end keys."""

    policy = SIGNED_IN
    title = _("My account")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign a device out, end a key, add or remove a passkey, or make new recovery codes.

        `step=challenge` returns what the browser is asked to make a passkey for.
        """
        if request.POST.get("step") == "challenge":
            return self._challenge(request)
        try:
            match request.POST.get("step"):
                case "device":
                    services.end_device(
                        device_id=_number(request, "device"), actor=self.actor, at=self.at
                    )
                    self.say(request, "success", str(_("The device is signed out.")))
                case "token":
                    services.revoke_api_token(
                        token_id=_number(request, "token"), actor=self.actor, at=self.at
                    )
                    self.say(request, "success", str(_("The key is ended.")))
                case "passkey":
                    self._add_passkey(request)
                case "passkey-end":
                    services.remove_passkey(
                        passkey_id=_number(request, "key"),
                        code=request.POST.get("code", ""),
                        actor=self.actor,
                        at=self.at,
                    )
                    self.say(request, "success", str(_("The passkey is removed.")))
                case "codes":
                    codes = services.make_recovery_codes(
                        user_id=self.actor.user_id or 0, actor=self.actor, at=self.at
                    )
                    return self._page(request, codes=codes)
                case _:
                    raise BadInput("me.step", str(_("This page has no such action.")))
        except (StepUpRefused, TooManyTries) as refusal:
            self.say(request, "error", str(refusal))
        except OpsError as refusal:
            return page(request, refusal)
        return HttpResponseRedirect(request.path)

    def _challenge(self, request: HttpRequest) -> HttpResponse:
        try:
            ceremony = services.ask_to_add(actor=self.actor, at=self.at)
        except OpsError as refusal:
            return passkeys.refused(refusal)
        return passkeys.asked(request, ceremony)

    def _add_passkey(self, request: HttpRequest) -> None:
        answer = passkeys.answered(request)
        if answer is None:
            raise BadInput("me.passkey", str(_("The device made no passkey. Try again.")))
        made = services.add_passkey(
            answer=answer,
            name=request.POST.get("name", ""),
            code=request.POST.get("code", ""),
            actor=self.actor,
            at=self.at,
        )
        words = _("The passkey “%(name)s” is added.") % {"name": made.name}
        self.say(request, "success", str(words))

    def _page(self, request: HttpRequest, codes: list[str] | None = None) -> HttpResponse:
        user: Any = request.user
        context: dict[str, Any] = {
            "screen": self,
            "title": self.title,
            "codes": codes or [],
            "username": user.username,
            "roles": [role_name(role) for role in sorted(self.actor.roles)],
            "devices": selectors.live_devices(
                user=user, at=self.at, this=request.session.session_key or ""
            ),
            "most": services.DEVICES_AT_ONCE,
            "factor_since": user.totp_confirmed_at,
            "passkeys": selectors.passkeys_of(user.pk),
            "rp_id": settings.PASSKEY_RP_ID,
            "demo_code": demo_code(request, self.actor, at=self.at),
            "left": selectors.codes_left(user=user),
            "tokens": selectors.tokens_of(user_ids=[user.pk], at=self.at),
        }
        return render(request, "organisation/me.html", context)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadInput("me.number", str(_("This page has no such action.")))
    return int(text)

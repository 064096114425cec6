"""Screens of the door: sign in and out, the second factor, the password, the first set-up."""

from collections.abc import Mapping
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from ops.engines.events.publishing import publish
from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.errors import BadInput, NotFound, OpsError
from ops.engines.kernel.policy import PUBLIC, SIGNED_IN

from . import devices, passkeys
from .actors import actor_of, actor_or_none, client_address, request_id
from .events import SignedInOnNewDevice
from .middleware import MUST_ENROL, open_session
from .views import PolicyView, policy_view

_BACKEND = "ops.engines.identity.backends.AccountBackend"


class SignIn(PolicyView):
    """Name, password and one-time code in one form; demo roles with one click on this machine."""

    policies = {"get": PUBLIC, "post": PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        if actor_or_none(request) is not None:
            return redirect(_target(request))
        return _form(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Try the name, password and code, or a passkey; `step=challenge` asks what to sign."""
        if request.POST.get("step") == "challenge":
            return passkeys.asked_at_the_door(services.ask_to_sign_in(at=timezone.now()))
        try:
            signed_in = _proved(request)
        except OpsError as refusal:
            return _form(request, refusal=refusal)
        entered = devices.remember(_enter(request, signed_in), signed_in.user.username)
        return passkeys.forgotten(entered)


class EnterDemo(PolicyView):
    """One click into a demo account."""

    policies = {"post": PUBLIC}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Enter, or say that there is no such demo account."""
        try:
            signed_in = services.enter_demo(
                user_id=_number(request.POST.get("user", "")),
                address=client_address(request),
                at=timezone.now(),
                request_id=request_id(request),
            )
        except OpsError as refusal:
            return _form(request, refusal=refusal)
        return _enter(request, signed_in)


class SignOut(PolicyView):
    """Leave."""

    policies = {"post": PUBLIC}

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the session; doing it twice does no harm."""
        if (actor := actor_or_none(request)) is not None:
            services.signed_out(actor=actor, at=timezone.now())
        logout(request)
        return redirect("accounts:login")


class Code(PolicyView):
    """Enrol the second factor: scan, type one code, done."""

    policies = {"get": SIGNED_IN, "post": SIGNED_IN}

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the secret to scan, or that one is enrolled."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the first code."""
        actor = actor_of(request)
        try:
            services.confirm_totp(
                user_id=_own_id(request),
                code=request.POST.get("code", ""),
                actor=actor,
                at=timezone.now(),
            )
        except OpsError as refusal:
            return self._page(request, refusal=refusal)
        request.session[MUST_ENROL] = False
        messages.success(request, _("The second factor is set up."))
        return redirect("/")

    def _page(self, request: HttpRequest, refusal: OpsError | None = None) -> HttpResponse:
        context: dict[str, Any] = {"refusal": refusal, "is_enrolled": True}
        user = request.user
        if isinstance(user, User) and user.totp_confirmed_at is None:
            secret = services.pending_totp(
                user_id=user.pk, actor=actor_of(request), at=timezone.now()
            )
            picture = segno.make(secret.uri, error="m").svg_data_uri(scale=5, border=2)
            context |= {"is_enrolled": False, "secret": secret.secret, "picture": picture}
        return render(request, "identity/code.html", context, status=_status(refusal))


class Password(PolicyView):
    """Change one's own password."""

    policies = {"get": SIGNED_IN, "post": SIGNED_IN}

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return render(request, "identity/password.html", {"refusal": None})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the new password; all sessions of the account end, this one too."""
        try:
            services.change_own_password(
                old=request.POST.get("old", ""),
                new=request.POST.get("new", ""),
                user_id=_own_id(request),
                actor=actor_of(request),
                at=timezone.now(),
            )
        except OpsError as refusal:
            return render(
                request, "identity/password.html", {"refusal": refusal}, status=_status(refusal)
            )
        logout(request)
        messages.success(request, _("The password is changed. Sign in again."))
        return redirect("accounts:login")


class SetUp(PolicyView):
    """The first page of an empty installation, behind a one-time link."""

    policies = {"get": PUBLIC, "post": PUBLIC}

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the form while the link is good."""
        if not services.setup_is_open(token=token, at=timezone.now()):
            raise NotFound("identity.setup_closed", _("This link is used or too old."))
        return self._page(request)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Make the company and its first accounts."""
        accounts: dict[str, services.FirstAccount] = {
            role: services.FirstAccount(
                name=request.POST.get(f"{role}-name", ""),
                username=request.POST.get(f"{role}-username", ""),
                password=request.POST.get(f"{role}-password", ""),
            )
            for role in services.SETUP_ROLES
        }
        try:
            services.complete_setup(
                token=token,
                company=request.POST.get("company", ""),
                accounts=accounts,
                at=timezone.now(),
            )
        except NotFound:
            raise
        except OpsError as refusal:
            return self._page(request, refusal=refusal)
        messages.success(request, _("The company is set up. Sign in with the first account."))
        return redirect("accounts:login")

    def _page(self, request: HttpRequest, refusal: OpsError | None = None) -> HttpResponse:
        names = {role.key: role for role in selectors.role_names()}
        context = {
            "refusal": refusal,
            "company": request.POST.get("company", ""),
            "rows": [_row(request.POST, role, names[role.value]) for role in services.SETUP_ROLES],
        }
        return render(request, "identity/setup.html", context, status=_status(refusal))


class Welcome(PolicyView):
    """A newcomer's first page, behind a one-time link: set the password, the account opens."""

    policies = {"get": PUBLIC, "post": PUBLIC}

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the form while the link is good."""
        return self._page(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Set the first password."""
        try:
            services.accept(
                token=token, password=request.POST.get("password", ""), at=timezone.now()
            )
        except NotFound:
            raise
        except OpsError as refusal:
            return self._page(request, token, refusal=refusal)
        logout(request)
        messages.success(request, _("The password is set. Sign in."))
        return redirect("accounts:login")

    def _page(
        self, request: HttpRequest, token: str, refusal: OpsError | None = None
    ) -> HttpResponse:
        found = services.invited(token=token, at=timezone.now())
        if found is None:
            raise NotFound("identity.link_closed", _("This link is used or too old."))
        context = {"refusal": refusal, "account": found}
        return render(request, "identity/welcome.html", context, status=_status(refusal))


@policy_view(PUBLIC)
def who_may_enter(request: HttpRequest) -> HttpResponse:
    """Lead the bare address of this section to the sign-in form."""
    return redirect("accounts:login")


def _proved(request: HttpRequest) -> services.SignedIn:
    """Prove who is at the door; a passkey without a name and password is enough by itself."""
    passkey = passkeys.answered_at_the_door(request)
    username, password = request.POST.get("username", ""), request.POST.get("password", "")
    at, address, mark = timezone.now(), client_address(request), request_id(request)
    if passkey is not None and not password:
        return services.sign_in_with_passkey(
            answer=passkey, address=address, at=at, request_id=mark
        )
    return services.sign_in(
        username=username,
        password=password,
        code=request.POST.get("code", ""),
        passkey=passkey,
        address=address,
        device=devices.mark_of(request, username),
        at=at,
        request_id=mark,
    )


def _row(typed: Mapping[str, Any], role: Role, names: Any) -> dict[str, Any]:
    return {
        "role": role.value,
        "title_zh": names.name_zh,
        "title_en": names.name_en,
        "name": typed.get(f"{role}-name", ""),
        "username": typed.get(f"{role}-username", ""),
    }


def _form(request: HttpRequest, refusal: OpsError | None = None) -> HttpResponse:
    now, address = timezone.now(), client_address(request)
    context = {
        "refusal": refusal,
        "username": request.POST.get("username", ""),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "demo": selectors.demo_accounts(at=now) if services.demo_is_open(address) else [],
        "rp_id": settings.PASSKEY_RP_ID,
    }
    response = render(request, "identity/login.html", context, status=_status(refusal))
    if refusal is not None and "retry_after" in refusal.context:
        response["Retry-After"] = str(refusal.context["retry_after"])
    return response


def _enter(request: HttpRequest, signed_in: services.SignedIn) -> HttpResponse:
    now, user = timezone.now(), signed_in.user
    is_known = bool(devices.mark_of(request, user.username)) or not user.devices.exists()
    logout(request)  # the framework would go on under the same id for the same account
    login(request, user, backend=_BACKEND)
    open_session(request, must_enrol=signed_in.must_enrol, at=now)
    label, address = devices.label_of(request), client_address(request)
    with transaction.atomic():
        services.open_device(
            user_id=user.pk,
            session_key=request.session.session_key or "",
            label=label,
            address=address,
            actor=actor_of(request),
            at=now,
        )
        if not is_known and not user.is_demo:
            publish(
                SignedInOnNewDevice(
                    user_id=user.pk,
                    person_id=user.person_id,
                    label=label,
                    address=address,
                    signed_in_at=now.isoformat(),
                )
            )
    return redirect("accounts:code" if signed_in.must_enrol else _target(request))


def _target(request: HttpRequest) -> str:
    """Return where to go after signing in: only addresses of our own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and safe else str(settings.LOGIN_REDIRECT_URL)


def _status(refusal: OpsError | None) -> int:
    return refusal.status if refusal is not None else 200


def _own_id(request: HttpRequest) -> int:
    return actor_of(request).user_id or 0


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadInput("input.id", _("There is no such demo account."))
    return int(text)

"""Doors of the screens: function views and class views with a policy."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, Protocol, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views import View
from rest_framework.request import Request

from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.policy import Policy, declare

from .actors import NotSignedIn, plain_request
from .policing import declare_all, enforce, verbs_of

LOGIN = "/accounts/login/"


class PolicedView(Protocol):
    """A view function that carries its policy."""

    policy: Policy

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request."""


def policy_view(policy: Policy) -> Callable[[Callable[..., HttpResponseBase]], PolicedView]:
    """Guard a function view: who is not signed in is led to the sign-in page.

    Raises TypeError at import when no policy is given.
    """

    def guard(view: Callable[..., HttpResponseBase]) -> PolicedView:
        declare("screen", _name(view), policy)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                enforce(policy, request)
            except NotSignedIn:
                return to_sign_in(request)
            return view(request, *args, **kwargs)

        policed = cast("PolicedView", guarded)
        policed.policy = policy
        return policed

    return guard


class PolicyView(View):
    """Class view of a screen: `policies = {"get": may(...), "post": may(...)}`."""

    policies: ClassVar[Mapping[str, Policy]] = {}

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract:
            declare_all(cls, cls.policies, needed=verbs_of(cls), kind="screen")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Enforce the policy of the verb, then answer."""
        verb = (request.method or "").lower()
        policy = self.policies.get("get" if verb == "head" else verb)
        if policy is None:
            return self.http_method_not_allowed(request, *args, **kwargs)
        try:
            enforce(policy, request)
        except NotSignedIn:
            return to_sign_in(request)
        return super().dispatch(request, *args, **kwargs)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page and back to where the person wanted to go."""
    answer = sign_in_redirect(request.get_full_path() if request.method == "GET" else "")
    if request.headers.get("HX-Request"):
        # A fragment must not swallow the sign-in page: the whole window goes there.
        return HttpResponse(status=401, headers={"HX-Redirect": answer["Location"]})
    return answer


def sign_in_redirect(back: str) -> HttpResponse:
    """Return the redirect to the sign-in page that remembers where to go afterwards."""
    query = f"?{urlencode({'next': back})}" if back not in {"", "/"} else ""
    return HttpResponse(status=302, headers={"Location": LOGIN + query})


def explain(request: HttpRequest | Request, error: OpsError) -> None:
    """Show a refusal as a message on the next page."""
    messages.error(plain_request(request), str(error.message))


def _name(view: Callable[..., Any]) -> str:
    inner = getattr(view, "view_class", view)
    return f"{inner.__module__}.{getattr(inner, '__qualname__', type(inner).__qualname__)}"

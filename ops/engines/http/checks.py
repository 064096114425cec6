"""Nothing undeclared may exist: every route of the URLconf has a policy, or nothing starts."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from ops.engines.kernel.classified import unguarded
from ops.engines.kernel.policy import Policy, unconfined

from .admin_base import PolicyAdmin
from .api import PolicyMixin
from .site import RecordSite
from .views import PolicyView

# Routes of other people's code that cannot carry a policy themselves, by dotted name of the view.
THIRD_PARTY: Final[dict[str, Policy]] = {}


def undeclared() -> list[str]:
    """Return what stops the start: routes without a policy, areas and data without their rules."""
    return [
        *(
            f"route {path} -> {dotted(callback)} has no policy"
            for path, callback in url_routes()
            if not has_policy(callback)
        ),
        *(f"area {area} is confined to no kind of object" for area in unconfined()),
        *unguarded(apps.get_models()),
    ]


def routes() -> list[tuple[str, str]]:
    """Return every route: its path pattern and the dotted name of its view."""
    return [(path, dotted(callback)) for path, callback in url_routes()]


def url_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Return every route of the URLconf: its path pattern and what answers it."""
    return list(_routes(get_resolver().url_patterns, "/"))


def require_declared() -> None:
    """Refuse to start with anything undeclared.

    Raises ImproperlyConfigured.
    """
    if missing := undeclared():
        raise ImproperlyConfigured("not declared: " + "; ".join(missing))


def check_routes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """List what is undeclared as errors of `manage.py check`."""
    return [Error(f"not declared: {what}", id="http.E001") for what in undeclared()]


def has_policy(callback: Callable[..., Any]) -> bool:
    """Say whether a view is guarded by a declared policy."""
    if isinstance(getattr(callback, "policy", None), Policy):
        return True
    if dotted(callback) in THIRD_PARTY:
        return True
    owner = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if owner is not None and issubclass(owner, PolicyView | PolicyMixin):
        return bool(owner.policies)
    return record_policy(callback) is not None


def record_policy(callback: Callable[..., Any]) -> Policy | None:
    """Return the policy of a record screen or of the site around it; None for other people's."""
    model_admin, site = getattr(callback, "model_admin", None), None
    inner: Any = callback
    while inner is not None:
        bound = getattr(inner, "__self__", None)
        model_admin = model_admin or (bound if isinstance(bound, ModelAdmin) else None)
        site = site or (
            bound if isinstance(bound, AdminSite) else getattr(inner, "admin_site", None)
        )
        inner = getattr(inner, "__wrapped__", None) or getattr(inner, "func", None)
    if model_admin is not None:
        policy = getattr(model_admin, "policy", None)
        return policy if isinstance(model_admin, PolicyAdmin) else None
    site = _real(site)
    return site.policy if isinstance(site, RecordSite) else None


def _real(site: Any) -> Any:
    """Return the site behind the framework's lazy default."""
    return getattr(site, "_wrapped", site)


def _routes(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def dotted(callback: Callable[..., Any]) -> str:
    """Return the dotted name of what answers a route."""
    owner = getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback
    return f"{owner.__module__}.{getattr(owner, '__qualname__', type(owner).__qualname__)}"

"""Nothing undeclared may exist: every route of the URLconf has a policy, or nothing starts."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from ops.engines.kernel.policy import Policy

from .admin_base import PolicyAdmin
from .api import PolicyMixin
from .site import RecordSite
from .views import PolicyView

# Routes of other people's code that cannot carry a policy themselves, by dotted name of the view.
THIRD_PARTY: Final[dict[str, Policy]] = {}


def undeclared() -> list[str]:
    """Return the routes without a policy, as `path -> view`."""
    return [
        f"{path} -> {_dotted(callback)}"
        for path, callback in _routes(get_resolver().url_patterns, "/")
        if not has_policy(callback)
    ]


def routes() -> list[tuple[str, str]]:
    """Return every route: its path pattern and the dotted name of its view."""
    found = _routes(get_resolver().url_patterns, "/")
    return [(path, _dotted(callback)) for path, callback in found]


def require_declared() -> None:
    """Refuse to start with an undeclared route.

    Raises ImproperlyConfigured.
    """
    if missing := undeclared():
        raise ImproperlyConfigured("routes without a policy: " + "; ".join(missing))


def check_routes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """List undeclared routes as errors of `manage.py check`."""
    return [Error(f"no policy: {route}", id="http.E001") for route in undeclared()]


def has_policy(callback: Callable[..., Any]) -> bool:
    """Say whether a view is guarded by a declared policy."""
    if isinstance(getattr(callback, "policy", None), Policy):
        return True
    if _dotted(callback) in THIRD_PARTY:
        return True
    owner = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if owner is not None and issubclass(owner, PolicyView | PolicyMixin):
        return bool(owner.policies)
    return _is_record_screen(callback)


def _is_record_screen(callback: Callable[..., Any]) -> bool:
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
        return isinstance(model_admin, PolicyAdmin) and isinstance(model_admin.policy, Policy)
    return isinstance(_real(site), RecordSite)


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


def _dotted(callback: Callable[..., Any]) -> str:
    owner = getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback
    return f"{owner.__module__}.{getattr(owner, '__qualname__', type(owner).__qualname__)}"

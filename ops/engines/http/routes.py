"""Where the apps' routes come together: `api` and `urlpatterns` of each app's `urls.py`."""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

ApiRoute = tuple[str, type[ViewSetMixin], str]
_OURS = ("ops", "catalog", "inventory", "customers", "marketing", "finance", "compliance")

api_routes: list[ApiRoute] = []
"""Routes of the API: prefix, view set, base name. Filled from the apps' `urls.py`."""


class Router(SimpleRouter):
    """A router whose addresses work with and without a closing slash."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"


def screens() -> list[URLResolver | URLPattern]:
    """Mount `urlpatterns` of every app that has screens."""
    return [path("", include(module.__name__)) for module in _modules("urlpatterns")]


def api() -> list[URLResolver | URLPattern]:
    """Mount `api` (view sets) and `api_urlpatterns` (single views) of every app.

    Raises ValueError when two apps claim one prefix.
    """
    router = Router()
    for module in _modules("api"):
        api_routes.extend(route for route in module.api if route not in api_routes)
    prefixes = [prefix for prefix, _view, _name in api_routes]
    if twice := {prefix for prefix in prefixes if prefixes.count(prefix) > 1}:
        raise ValueError(f"API prefixes claimed twice: {sorted(twice)}")
    # Longer prefixes first: `stock/moves` must not be read as a `stock` with the id "moves".
    for prefix, view_set, name in sorted(api_routes, key=lambda route: -len(route[0])):
        router.register(prefix, view_set, basename=name)
    single: list[URLResolver | URLPattern] = []
    for module in _modules("api_urlpatterns"):
        single.extend(module.api_urlpatterns)
    return [*single, *router.urls]


def _modules(attribute: str) -> Iterable[Any]:
    for config in apps.get_app_configs():
        name = f"{config.name}.urls"
        if config.name == "ops" or not config.name.startswith(_OURS) or find_spec(name) is None:
            continue
        module = import_module(name)
        if getattr(module, attribute, None):
            yield module

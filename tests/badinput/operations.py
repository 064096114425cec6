"""Every operation of the API, read from the routes themselves; nobody keeps a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from rest_framework.parsers import MultiPartParser
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from ops.engines.http.api import PolicyMixin, PolicyViewSet
from ops.engines.http.checks import url_routes
from ops.engines.kernel.policy import Policy

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_GROUP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, eq=False)
class Operation:
    """One verb of one address, with the view behind it."""

    method: str
    path: str
    view: PolicyMixin
    action: str
    serializer: Serializer[Any] | None

    @property
    def name(self) -> str:
        """Return how reports and tables name it, such as `POST /orders/{number}/hold/`."""
        return f"{self.method} {self.path.removeprefix('/api/v1')}"

    @property
    def policy(self) -> Policy:
        """Return who may."""
        return self.view.policies[self.action]

    @property
    def keys(self) -> list[str]:
        """Return the names in its path."""
        return _GROUP.findall(self.path)

    @property
    def prefix(self) -> str:
        """Return the path before the first key: the list it belongs to."""
        return self.path.split("{")[0]

    @property
    def is_list(self) -> bool:
        """Say whether it pages and filters."""
        return self.action == "list" and isinstance(self.view, PolicyViewSet)

    @property
    def is_form(self) -> bool:
        """Say whether it takes a form with a file instead of JSON."""
        return MultiPartParser in self.view.parser_classes

    @property
    def query(self) -> frozenset[str]:
        """Return the query parameters it takes."""
        return self.view.allowed_query(self.action)

    def address(self, keys: dict[str, Any]) -> str:
        """Return the address for these keys."""
        return _GROUP.sub(lambda found: str(keys[found[1]]), self.path)


def name_of(operation: Operation) -> str:
    """Return the name verdicts use."""
    return operation.name


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation under `/api/v1/`, in a fixed order."""
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    generator._initialise_endpoints()
    found = [
        _operation(path, pattern, method, view)
        for path, pattern, method, view in generator._get_paths_and_endpoints()
        if path.startswith("/api/v1/")
    ]
    return tuple(sorted(found, key=lambda one: (one.path, one.method)))


def mounted() -> set[tuple[str, str]]:
    """Return every (view class, action) that the resolver mounts under `/api/v1/`."""
    found: set[tuple[str, str]] = set()
    for path, callback in url_routes():
        if not path.startswith("/api/v1/"):
            continue
        owner: Any = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
        actions = getattr(callback, "actions", None)
        names = actions.values() if actions else getattr(owner, "policies", {})
        found |= {(owner.__qualname__, name) for name in names}
    return found


def fields_of(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    """Return what may be written into a serializer, list or not."""
    inner: Any = serializer.child if isinstance(serializer, ListSerializer) else serializer
    return {name: one for name, one in inner.fields.items() if not one.read_only}


def _operation(path: str, pattern: str, method: str, view: Any) -> Operation:
    schema = view.schema
    schema.path, schema.path_regex, schema.path_prefix = path, pattern, "/api/v1"
    schema.method = method.upper()
    serializer = schema.get_request_serializer() if schema.method in UNSAFE else None
    if isinstance(serializer, type):
        serializer = serializer()
    if not isinstance(serializer, Serializer) or not serializer.fields:
        serializer = None
    action = str(getattr(view, "action", "") or method.lower())
    return Operation(schema.method, path, view, action, serializer)

"""The API's default permission; it must not import views, which read it while they load."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class NothingUndeclared(BasePermission):
    """A view without policies lets nobody in; those with policies enforce them themselves."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the view enforces policies."""
        return bool(getattr(view, "policies", None))

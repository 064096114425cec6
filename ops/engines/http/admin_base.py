"""Base classes of the record screens: they show through selectors and act through services."""

from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ops.engines.kernel.policy import Policy

from .actors import actor_or_none


class PolicyAdmin(ModelAdmin):  # type: ignore[misc]
    """Record screens with a policy: `policy` to see; `act_policy` for its actions.

    An action declares `permissions=["act"]`. Nothing is added, changed or deleted here.
    """

    policy: ClassVar[Policy]
    act_policy: ClassVar[Policy | None] = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the app's records are listed for this actor."""
        return self.policy.allows(actor_or_none(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say whether this actor may see records; which ones is `get_queryset`'s work."""
        return self.policy.allows(actor_or_none(request))

    def has_act_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Say whether this actor may run the actions."""
        return self.act_policy is not None and self.act_policy.allows(actor_or_none(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: new records are made on work screens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: records change through services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: records are corrected, not deleted."""
        return False

    def save_model(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to write around the services."""
        raise NotImplementedError("record screens do not save models; call a service")

    def delete_model(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to write around the services."""
        raise NotImplementedError("record screens do not delete models; call a service")


class ReadOnlyAdmin(PolicyAdmin):
    """Record screens that only show."""

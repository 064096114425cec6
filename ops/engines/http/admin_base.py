"""Base classes of the record screens: they show through selectors and act through services."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from ops.engines.kernel.classified import DataClass, classified, may_read, readable
from ops.engines.kernel.errors import BadInput
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

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Show the columns this actor may read; the list orders by no others."""
        shown: Sequence[Any] = super().get_list_display(request)
        return [name for name in shown if self._is_readable(name, request)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[Any]:
        """Show the fields this actor may read."""
        shown: Sequence[Any] = super().get_fields(request, obj)
        return [name for name in shown if self._is_readable(name, request)]

    def _is_readable(self, name: Any, request: HttpRequest) -> bool:
        actor = actor_or_none(request)
        held = classified().get((self.opts.label, str(name)))
        if held is not None:
            return held.data is not DataClass.COST or may_read(held.data, actor)
        return readable(str(name), actor)

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

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Filter by what the list offers, by nothing else.

        The framework lets any column of the model be searched from the address, a password's too.
        """
        offered = {name for one in self.list_filter if isinstance(name := _column(one), str)}
        offered |= {self.date_hierarchy} if self.date_hierarchy else set()
        return any(lookup == name or lookup.startswith(f"{name}__") for name in offered)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list or run one of its actions; what is no action of it is refused."""
        if request.method == "POST" and request.POST.get("action") not in self.get_actions(request):
            raise BadInput("http.action_unknown", _("There is no such action here."))
        shown: HttpResponse = super().changelist_view(request, extra_context)
        return shown

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Return a record by its key as we write it: other digits name nothing."""
        return super().get_object(request, object_id, from_field) if object_id.isascii() else None

    def save_model(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to write around the services."""
        raise NotImplementedError("record screens do not save models; call a service")

    def delete_model(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to write around the services."""
        raise NotImplementedError("record screens do not delete models; call a service")


def _column(offered: Any) -> Any:
    """Return the column of an entry of `list_filter`."""
    return offered[0] if isinstance(offered, tuple | list) else offered


class ReadOnlyAdmin(PolicyAdmin):
    """Record screens that only show."""

"""The record screens' site: signed-in staff, our sign-in form, only models with a policy."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from ops.engines.kernel.policy import SIGNED_IN, Policy, declare

from .actors import actor_or_none
from .admin_base import PolicyAdmin
from .views import sign_in_redirect

# Their own admins write models directly; our screens replace or omit them.
_FOREIGN = ("django.", "guardian.", "unfold.", "rest_framework.", "django_filters.")


class RecordSite(UnfoldAdminSite):  # type: ignore[misc]
    """`/admin/`: opens to accounts with `is_staff`, shows what each policy allows."""

    policy: ClassVar[Policy] = SIGNED_IN

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether this account may open the record screens at all."""
        user = request.user
        return bool(user.is_active and getattr(user, "is_staff", False)) and self.policy.allows(
            actor_or_none(request)
        )

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page gets; colours come from our stylesheet, never from the page."""
        context: dict[str, Any] = super().each_context(request)
        return {**context, "colors": {}}

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Mount the screens of a model.

        Raises TypeError for an admin that declares no policy; foreign ones are left out.
        """
        if admin_class is not None and admin_class.__module__.startswith(_FOREIGN):
            return
        if admin_class is None or not issubclass(admin_class, PolicyAdmin):
            raise TypeError(f"{admin_class} must derive from ReadOnlyAdmin or PolicyAdmin")
        name = f"{admin_class.__module__}.{admin_class.__qualname__}"
        declare("record", name, getattr(admin_class, "policy", None))
        super().register(model_or_iterable, admin_class, **options)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one sign-in form, and back."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        return sign_in_redirect(request.GET.get("next", request.path))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Hand over to the product's own sign-out."""
        return redirect("accounts:login")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Hand over to the product's own password page."""
        return redirect("accounts:password")

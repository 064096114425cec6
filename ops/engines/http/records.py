"""Record screens of people and access: the identity engine lies below and knows no screens."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ops.engines.identity.models import (
    ApiToken,
    Assignment,
    Department,
    Person,
    Position,
    PositionConflict,
    PositionRight,
    User,
)
from ops.engines.identity.policies import READ_ACCESS

from .admin_base import ReadOnlyAdmin


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """Persons."""

    policy = READ_ACCESS
    list_display = ("name", "name_en", "employee_no")
    search_fields = ("name", "name_en", "employee_no")
    ordering = ("id",)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Accounts, without anything that proves them."""

    policy = READ_ACCESS
    list_display = ("username", "person", "is_active", "is_staff", "last_login", "has_code")
    list_filter = ("is_active", "is_staff")
    list_select_related = ("person",)
    search_fields = ("username", "person__name")
    ordering = ("id",)
    fields = ("username", "person", "is_active", "is_staff", "is_demo", "last_login", "has_code")
    readonly_fields = fields

    @admin.display(description=_("one-time code"), boolean=True)
    def has_code(self, user: User) -> bool:
        """Say whether the account has a confirmed second factor."""
        return user.totp_confirmed_at is not None


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    """Departments."""

    policy = READ_ACCESS
    list_display = ("code", "name", "parent")
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    ordering = ("code",)


class RightInline(admin.TabularInline[PositionRight, Position]):
    """Rights of a position."""

    model = PositionRight
    fields = ("area", "written", "note")
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show to whom the position is shown."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    """The 25 positions and their rights."""

    policy = READ_ACCESS
    list_display = ("key", "name_zh", "name_en", "kind")
    inlines = (RightInline,)
    ordering = ("id",)


@admin.register(PositionConflict)
class PositionConflictAdmin(ReadOnlyAdmin):
    """Positions that exclude each other."""

    policy = READ_ACCESS
    list_display = ("one", "other", "reason")
    list_select_related = ("one", "other")
    ordering = ("id",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """Who holds which position when."""

    policy = READ_ACCESS
    list_display = ("person", "position", "department", "valid", "deputy_for")
    list_select_related = ("person", "position", "department", "deputy_for")
    search_fields = ("person__name",)
    ordering = ("-id",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens: who has one and until when, never the key or its hash."""

    policy = READ_ACCESS
    list_display = ("label", "user", "created_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    fields = list_display
    readonly_fields = list_display
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """Leave the hash in the database."""
        tokens: QuerySet[ApiToken] = super().get_queryset(request)
        return tokens.defer("digest")

"""Who may what, on screen: position by position, from the registry the doors themselves read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.selectors import permissions
from ops.engines.desk.keyset import Count
from ops.engines.desk.screens import Column, Filter, ListPage, ListQuery, ListScreen
from ops.engines.desk.words import AREAS, ROLES, area_name, right_name
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import may

READ = may("compliance", "V", Role.AUDITOR, Role.COMPLIANCE_OFFICER)
KINDS = {
    "action": _("Bulk action"),
    "card": _("Card"),
    "command": _("Command"),
    "clock": _("Time limit"),
    "content": _("Versioned content"),
    "data": _("Class of data"),
    "export": _("List export"),
    "field": _("Stored field"),
    "files": _("Files"),
    "flow": _("Approval flow"),
    "import": _("Import"),
    "job": _("Job"),
    "metric": _("Metric"),
    "navigation": _("Navigation"),
    "print": _("Printed form"),
    "record": _("Record screen"),
    "report": _("Report"),
    "route": _("API"),
    "screen": _("Screen"),
    "search": _("Search"),
    "sheet": _("Sheet"),
    "tile": _("Figure"),
}
REACHES = {"all": _("Everywhere"), "scope": _("Granted objects only")}
OBJECTS = {
    "channel": _("Channel"),
    "warehouse": _("Warehouse"),
    "category": _("Category"),
    "department": _("Department"),
}
CLASSES = {
    "internal": pgettext_lazy("class of data", "Internal"),
    "cost": pgettext_lazy("class of data", "Cost"),
    "personal": pgettext_lazy("class of data", "Personal"),
}


class PermissionList(ListScreen):
    """`/permissions/`: every position at everything declared (SYS-6.3-02)."""

    policy = READ
    title = _("Permission matrix")
    nav = "permissions"
    lead = _("Read from the registry that every door asks; what is declared nowhere cannot start.")
    columns = (
        Column("position", _("Position"), name=True),
        Column("kind", _("Kind"), value=lambda row: KINDS.get(row.kind, row.kind)),
        Column("where", _("What"), "code"),
        Column("area", _("Area"), value=lambda row: area_name(row.area) if row.area else ""),
        Column("right", _("Right"), value=lambda row: right_name(row.right) if row.right else ""),
        Column("reach", _("Reach"), value=lambda row: REACHES[row.reach]),
        Column("objects", _("Confined by"), value=lambda row: OBJECTS.get(row.objects, "")),
        Column("data", _("Class of data"), value=lambda row: CLASSES[row.data]),
        Column("name", _("Declared as"), "code", optional=True),
    )
    filters = (
        Filter("q", _("Name or address"), "text"),
        Filter("role", _("Position"), choices=tuple(ROLES.items())),
        Filter("area", _("Area"), choices=tuple(AREAS.items())),
        Filter("kind", _("Kind"), choices=tuple(KINDS.items())),
    )
    export_policy = READ
    empty = _("No position may do this.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the matrix; a cursor is the place of the first row."""
        found = permissions.matrix(
            role=query.get("role") or "",
            area=query.get("area") or "",
            kind=query.get("kind") or "",
            text=query.get("q") or "",
        )
        start = _place(query.before or query.after)
        end = start + query.limit
        return ListPage(
            rows=found[start:end],
            after=str(end) if end < len(found) else "",
            before=str(max(0, start - query.limit)) if start else "",
            count=Count(len(found)) if query.is_counted else None,
        )

    def row_key(self, row: Any) -> str:
        """Return what names the row."""
        return f"{row.role}:{row.kind}:{row.name}"


def _place(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 7):
        raise BadInput("list.cursor", str(_("This place in the list does not exist.")))
    return int(cursor)

"""Names of areas, rights, roles and time limits, as screens print them."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ops.engines.clocks.limits import Limit, LimitKind

AREAS: Final = {
    "ops": _("operations"),
    "catalog": _("catalogue"),
    "inventory": _("stock"),
    "customers": _("customers and orders"),
    "marketing": _("marketing"),
    "finance": _("finance"),
    "compliance": _("compliance"),
}
RIGHTS: Final = {
    "V": _("view"),
    "C": _("create"),
    "P": _("post"),
    "A": _("approve"),
    "E": _("export"),
    "M": _("manage"),
}
ROLES: Final = {
    "executive": _("Executive"),
    "operations_director": _("Operations director"),
    "operations_manager": _("Operations manager"),
    "store_manager": _("Store manager"),
    "operations_supervisor": _("Operations supervisor"),
    "operations_specialist": _("Operations specialist"),
    "data_analyst": _("Data analyst"),
    "information_supervisor": _("Information supervisor"),
    "web_editing_supervisor": _("Web editing supervisor"),
    "editor": _("Editor"),
    "designer": _("Designer"),
    "customer_service_agent": _("Customer service agent"),
    "warehouse_keeper": _("Warehouse keeper"),
    "purchasing_officer": _("Purchasing officer"),
    "finance_officer": _("Finance officer"),
    "finance_manager": _("Finance manager"),
    "hr_officer": _("HR officer"),
    "compliance_officer": _("Compliance officer"),
    "auditor": _("Auditor"),
    "department_head": _("Department head"),
    "all_staff": _("All staff"),
    "system": _("The system"),
    "seller": _("Seller"),
    "buyer": _("Buyer"),
    "supplier": _("Supplier"),
}


def area_name(area: str) -> str:
    """Return the name of an area."""
    return str(AREAS.get(area, area))


def right_name(right: str) -> str:
    """Return the name of a right, by its letter."""
    return str(RIGHTS.get(str(right).upper(), right))


def role_name(role: str) -> str:
    """Return the name of a role, by its key."""
    return str(ROLES.get(str(role), role))


def limit_words(limit: Limit) -> str:
    """Say how long a step may take."""
    count = limit.amount
    match limit.kind:
        case LimitKind.WORKING_DAYS:
            words = ngettext("%(count)s working day", "%(count)s working days", count)
        case LimitKind.DAYS:
            words = ngettext("%(count)s day", "%(count)s days", count)
        case LimitKind.SECONDS if count % 3600 == 0:
            count //= 3600
            words = ngettext("%(count)s hour", "%(count)s hours", count)
        case LimitKind.SECONDS:
            count //= 60
            words = ngettext("%(count)s minute", "%(count)s minutes", count)
        case _:
            return limit.text
    return words % {"count": count}

"""Words of people and access."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """The 25 positions of the register; the value is `Position.key`."""

    EXECUTIVE = "executive"
    OPERATIONS_DIRECTOR = "operations_director"
    OPERATIONS_MANAGER = "operations_manager"
    STORE_MANAGER = "store_manager"
    OPERATIONS_SUPERVISOR = "operations_supervisor"
    OPERATIONS_SPECIALIST = "operations_specialist"
    DATA_ANALYST = "data_analyst"
    INFORMATION_SUPERVISOR = "information_supervisor"
    WEB_EDITING_SUPERVISOR = "web_editing_supervisor"
    EDITOR = "editor"
    DESIGNER = "designer"
    CUSTOMER_SERVICE_AGENT = "customer_service_agent"
    WAREHOUSE_KEEPER = "warehouse_keeper"
    PURCHASING_OFFICER = "purchasing_officer"
    FINANCE_OFFICER = "finance_officer"
    FINANCE_MANAGER = "finance_manager"
    HR_OFFICER = "hr_officer"
    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"
    DEPARTMENT_HEAD = "department_head"
    ALL_STAFF = "all_staff"
    SYSTEM = "system"
    SELLER = "seller"
    BUYER = "buyer"
    SUPPLIER = "supplier"


class PositionKind(models.TextChoices):
    """Who may hold a position."""

    STAFF = "staff", _("staff")
    EXTERNAL = "external", _("outsider")
    EVERYONE = "everyone", _("all staff")
    MACHINE = "machine", _("machine")


class Administration(models.TextChoices):
    """What each of the three administrators looks after (S24)."""

    SYSTEM = "system", _("system")
    SECURITY = "security", _("security")
    AUDIT = "audit", _("audit")


AREAS = ("ops", "catalog", "inventory", "customers", "marketing", "finance", "compliance")

# The three administrators of a company, separated by law: each excludes the others (S24).
SYSTEM_ADMINISTRATOR = Role.INFORMATION_SUPERVISOR
SECURITY_ADMINISTRATOR = Role.COMPLIANCE_OFFICER
AUDIT_ADMINISTRATOR = Role.AUDITOR
ADMINISTRATORS = (SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR, AUDIT_ADMINISTRATOR)

# Names under which a session keeps its clocks.
SESSION_OPENED, SESSION_SEEN = "opened_at", "seen_at"

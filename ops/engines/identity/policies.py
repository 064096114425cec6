"""Who may change people and access: making accounts and giving rights are two hands."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, classify, guard
from ops.engines.kernel.policy import only

from .choices import Role
from .errors import NotYourself

MANAGE_PEOPLE: Final = only(Role.HR_OFFICER, Role.INFORMATION_SUPERVISOR)
MANAGE_ACCOUNTS: Final = only(Role.INFORMATION_SUPERVISOR)
GIVE_RIGHTS: Final = only(Role.HR_OFFICER, Role.COMPLIANCE_OFFICER)
ASK_EXCEPTIONS: Final = only(Role.HR_OFFICER)
APPROVE_EXCEPTIONS: Final = only(
    Role.COMPLIANCE_OFFICER, Role.EXECUTIVE, Role.OPERATIONS_DIRECTOR, Role.FINANCE_MANAGER
)
READ_ACCESS: Final = only(
    Role.INFORMATION_SUPERVISOR, Role.HR_OFFICER, Role.COMPLIANCE_OFFICER, Role.AUDITOR
)
READ_EXCEPTIONS: Final = only(*READ_ACCESS.roles, *APPROVE_EXCEPTIONS.roles, *ASK_EXCEPTIONS.roles)
# What goods cost and what is left of a price: for those who buy, price, keep and account for goods,
# who decide over them, and who check them. Service, content, people and systems do without.
SEE_COST: Final = guard(
    DataClass.COST,
    only(
        Role.EXECUTIVE,
        Role.OPERATIONS_DIRECTOR,
        Role.OPERATIONS_MANAGER,
        Role.STORE_MANAGER,
        Role.OPERATIONS_SUPERVISOR,
        Role.OPERATIONS_SPECIALIST,
        Role.DATA_ANALYST,
        Role.WAREHOUSE_KEEPER,
        Role.PURCHASING_OFFICER,
        Role.FINANCE_OFFICER,
        Role.FINANCE_MANAGER,
        Role.COMPLIANCE_OFFICER,
        Role.AUDITOR,
    ),
)
classify("identity.SignInTry", DataClass.INTERNAL, "address")  # of a machine; shown nowhere
classify("identity.Device", DataClass.INTERNAL, "address")  # of a machine; shown to its owner


def require_another(actor: Actor, person_id: int) -> None:
    """Refuse when the person whose rights change is the one who changes them.

    Raises NotYourself.
    """
    if actor.person_id == person_id:
        raise NotYourself("identity.not_yourself", str(_("Nobody gives rights to themselves.")))

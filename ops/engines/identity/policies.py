"""Who may change people and access: making accounts and giving rights are two hands."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import Actor
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


def require_another(actor: Actor, person_id: int) -> None:
    """Refuse when the person whose rights change is the one who changes them.

    Raises NotYourself.
    """
    if actor.person_id == person_id:
        raise NotYourself("identity.not_yourself", str(_("Nobody gives rights to themselves.")))

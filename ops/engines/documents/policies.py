"""Who reads and who writes the rules of the house."""

from __future__ import annotations

from typing import Final

from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import SIGNED_IN, may

WRITERS: Final = (
    Role.DEPARTMENT_HEAD,
    Role.STORE_MANAGER,
    Role.OPERATIONS_SUPERVISOR,
    Role.INFORMATION_SUPERVISOR,
    Role.HR_OFFICER,
    Role.COMPLIANCE_OFFICER,
)
READ: Final = SIGNED_IN
WRITE: Final = may("compliance", "C", *WRITERS)

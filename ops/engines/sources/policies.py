"""Who looks after outside sources."""

from __future__ import annotations

from typing import Final

from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import Policy, only

KEEP: Final[Policy] = only(
    Role.DATA_ANALYST,
    Role.OPERATIONS_SUPERVISOR,
    Role.OPERATIONS_MANAGER,
    Role.INFORMATION_SUPERVISOR,
)

"""Who may touch the outbox."""

from typing import Final

from ops.engines.identity.choices import SYSTEM_ADMINISTRATOR, Role
from ops.engines.kernel.policy import only

# A retry makes an effect happen: the system administrator's work, and nobody else's.
RETRY: Final = only(SYSTEM_ADMINISTRATOR)
READ: Final = only(SYSTEM_ADMINISTRATOR, Role.AUDITOR)

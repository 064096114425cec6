"""The doors of notices."""

from ops.engines.notices.services.mailing import send_due
from ops.engines.notices.services.preferring import address_of, prefer
from ops.engines.notices.services.telling import acknowledge, notify, read, settle, settle_all

__all__ = [
    "acknowledge",
    "address_of",
    "notify",
    "prefer",
    "read",
    "send_due",
    "settle",
    "settle_all",
]

"""The write doors of approvals: hand in, change, decide, ask, take back, escalate."""

from ops.engines.approvals.services.asking import answer, ask, comment
from ops.engines.approvals.services.deciding import (
    MOST_AT_ONCE,
    approve,
    approve_many,
    challenge,
    send_back,
)
from ops.engines.approvals.services.escalating import escalate_due
from ops.engines.approvals.services.refusing import handing_in
from ops.engines.approvals.services.submitting import amend, open_as_history, submit, withdraw

__all__ = [
    "MOST_AT_ONCE",
    "amend",
    "answer",
    "approve",
    "approve_many",
    "ask",
    "challenge",
    "comment",
    "escalate_due",
    "handing_in",
    "open_as_history",
    "send_back",
    "submit",
    "withdraw",
]

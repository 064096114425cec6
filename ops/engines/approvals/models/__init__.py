"""Tables of approvals: what was asked, who may decide, what was decided."""

from ops.engines.approvals.models.decisions import (
    Approver,
    Comment,
    Decision,
    Question,
    StepUpRule,
)
from ops.engines.approvals.models.requests import Request

__all__ = ["Approver", "Comment", "Decision", "Question", "Request", "StepUpRule"]

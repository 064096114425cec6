"""Addresses of approvals."""

from ops.engines.approvals.api import ApprovalViewSet

api = [("approvals", ApprovalViewSet, "approval")]

"""What the live parts of the demo share: who acts, on what, and what was planted."""

from __future__ import annotations

from dataclasses import dataclass, field

from ops.demo.company import Company
from ops.demo.goods import Item
from ops.demo.people import Staff
from ops.demo.plan import Plan
from ops.demo.planted import Planted
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Scene:
    """The company on its go-live day."""

    plan: Plan
    company: Company
    staff: Staff
    items: list[Item]
    planted: Planted = field(default_factory=Planted)

    def actor(self, username: str) -> Actor:
        """Return who an account is now."""
        return self.staff.actor(username, at=self.plan.at)

    def approve(self, request_id: int | None, *usernames: str) -> None:
        """Approve a request as these people in turn."""
        request = Request.objects.get(pk=request_id or 0)
        for username in usernames:
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                actor=self.actor(username),
                at=self.plan.at,
                opinion="同意",
            )

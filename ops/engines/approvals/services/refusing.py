"""Keep a fact of every refusal: what was refused is undone, that it was tried is not."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

from ops.engines.audit import refusals as refused
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, Forbidden
from ops.engines.kernel.errors import NotFound as Missing


def refusals(
    deed: str, *, actor: Actor, at: datetime, request_id: int | None = None, flow: str = ""
) -> AbstractContextManager[None]:
    """Record a refusal of the block after it was undone, then let it go on (S2, S22).

    Only what an actor may not do, and what came too late, is kept; input that cannot be read is
    not.
    """
    return refused.kept(
        "approvals.refused",
        of=(Forbidden, Conflict, Missing),
        obj=("approvals.request", request_id or ""),
        body={"deed": deed, "flow": flow},
        actor=actor,
        at=at,
    )

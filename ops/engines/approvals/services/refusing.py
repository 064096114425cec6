"""Keep a fact of every refusal: what was refused is undone, that it was tried is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from django.db import transaction

from ops.engines.audit import refusals as refused
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, Forbidden
from ops.engines.kernel.errors import NotFound as Missing


def refusals(
    deed: str, *, actor: Actor, at: datetime, request_id: int | None = None, flow: str = ""
) -> AbstractContextManager[None]:
    """Record a refusal of the block after it was undone, then let it go on (S2, S22).

    Only what an actor may not do, and what came too late, is kept; input that cannot be read is
    not. The fact is lost when a transaction around the caller is undone too: an app that hands in
    opens its own with `handing_in`.
    """
    return refused.kept(
        "approvals.refused",
        of=(Forbidden, Conflict, Missing),
        obj=("approvals.request", request_id or ""),
        body={"deed": deed, "flow": flow},
        actor=actor,
        at=at,
    )


@contextmanager
def handing_in(flow: str, *, actor: Actor, at: datetime) -> Iterator[None]:
    """Open the transaction in which an app hands a document in.

    What an app writes beside the request is undone with a refusal, and the refusal stays known: its
    fact is kept after the app's transaction is over, not within.
    """
    with refusals("submit", actor=actor, at=at, flow=flow), transaction.atomic():
        yield

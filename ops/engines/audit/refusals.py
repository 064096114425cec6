"""What was tried and refused: the deed is undone, that it was tried is kept (S2, S22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from ops.engines.audit import services
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError


@contextmanager
def kept(
    action: str,
    *,
    of: tuple[type[OpsError], ...],
    obj: tuple[str, object],
    body: Mapping[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> Iterator[None]:
    """Record a refusal of the block after it was undone, with its code, then let it go on.

    `of` names the refusals worth a fact. Stand it outside the transaction of the deed: the fact is
    lost when a transaction around the caller is undone too.
    """
    try:
        yield
    except of as refusal:
        with transaction.atomic():
            services.record(
                actor=actor,
                at=at,
                action=action,
                obj=obj,
                body={"code": refusal.code, **(body or {})},
            )
        raise

"""Facts the warehouse waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils import timezone

from catalog.events import SkusDropped
from inventory.services import disposals
from ops.engines.events.handling import subscribe
from ops.engines.kernel.actor import Actor

_CLERK: Final = Actor.system("inventory.disposals")


@subscribe(SkusDropped)
def open_disposals(facts: Sequence[SkusDropped]) -> None:
    """Open the disposal of what is left of goods that left the range (CAT-4.1-05)."""
    for drop_id in sorted({fact.drop_id for fact in facts}):
        disposals.open_for_drop(drop_id=drop_id, actor=_CLERK, at=timezone.now())

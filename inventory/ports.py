"""Questions inventory asks apps above it."""

from __future__ import annotations

from inventory.types import Source as Document
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.ports import Source


def _nobody(*, number: str, actor: Actor) -> Document | None:
    return None


find_order = Source(
    "inventory.find_order",
    "The document behind an order number that the actor may see, as goods are held and shipped for"
    " it; None when there is none.",
    absent=_nobody,
)

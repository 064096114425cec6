"""What the events engine refuses."""

from __future__ import annotations

from ops.engines.kernel.errors import Conflict, NotFound


class DeliveryMissing(NotFound):
    """No such delivery."""


class DeliveryNotParked(Conflict):
    """Only a parked delivery can be tried again by hand."""

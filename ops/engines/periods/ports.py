"""Where apps may veto a close."""

from __future__ import annotations

from datetime import date

from ops.engines.kernel.ports import Checkpoint

closing: Checkpoint[[str, date, date]] = Checkpoint(
    "periods.closing",
    "Asked with (module, first, last) when these days are about to close, while their posting is"
    " held: raise an OpsError to keep them open.",
)

"""What listings put on the desk, and how one is decided (CAT-4.3-07, CAT-4.3-08)."""

from __future__ import annotations

from catalog.selectors import listings as selectors
from ops.engines.files.holders import declare_holder
from ops.engines.kernel.policy import may

_VIEW = may("catalog", "V")

declare_holder("catalog.listing", policy=_VIEW, visible=selectors.is_visible)
declare_holder("catalog.product", policy=_VIEW)

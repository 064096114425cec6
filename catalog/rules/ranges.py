"""By what a range review ranks SKUs and what it proposes; kept with each review as its basis.

A SKU earns points by its places among all SKUs of the month: what it earned, how often its stock
turned over, how seldom it came back. The best fifth is to be pushed where it earns and stays with
the buyers; of the last tenth, what sells badly, loses or comes back is to be dropped. Goods that
came in within the month are not judged.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

MARGIN_WEIGHT: Final = Decimal("0.4")
TURNOVER_WEIGHT: Final = Decimal("0.4")
RETURNS_WEIGHT: Final = Decimal("0.2")
PUSH_SHARE: Final = Decimal("0.2")
DROP_SHARE: Final = Decimal("0.1")
# Below this the stock turns over less often than every half year.
SLOW_TURNS: Final = Decimal(2)
HIGH_RETURNS: Final = Decimal(15)


def basis() -> dict[str, str]:
    """Return the weights, shares and limits of today by their names."""
    return {
        "margin_weight": str(MARGIN_WEIGHT),
        "turnover_weight": str(TURNOVER_WEIGHT),
        "returns_weight": str(RETURNS_WEIGHT),
        "push_share": str(PUSH_SHARE),
        "drop_share": str(DROP_SHARE),
        "slow_turns": str(SLOW_TURNS),
        "high_returns": str(HIGH_RETURNS),
    }

"""What the house asks of a promotion's plan before anybody decides it (CAT-4.4-01)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

# Above this budget the operations manager decides. The owner is the operations manager.
SUPERVISOR_BUDGET: Final = Decimal(50_000)


def above_budget(budget: Decimal) -> bool:
    """Say whether a budget is more than the supervisor may decide."""
    return budget > SUPERVISOR_BUDGET

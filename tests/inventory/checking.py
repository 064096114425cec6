"""What must be true of the ledger at every moment (R8)."""

from __future__ import annotations

from inventory.selectors import verification


def assert_sound() -> None:
    """Fail with every difference between what is kept and what replay says."""
    assert verification.differences() == []

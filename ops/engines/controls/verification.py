"""Proofs on demand: apps register how they compare what they keep with its replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

Check = Callable[[], Sequence[str]]

_checks: dict[str, list[Check]] = {}


def register(name: str, check: Check) -> None:
    """Register a proof under a name ("stock", "ledger", "points", "audit").

    The check returns one line per difference, nothing when all agree. A name may have several
    checks; registering the same again changes nothing.
    """
    known = _checks.setdefault(name, [])
    if check not in known:
        known.append(check)


def checks() -> Mapping[str, tuple[Check, ...]]:
    """Return the registered proofs by name."""
    return MappingProxyType({name: tuple(known) for name, known in sorted(_checks.items())})


def differences(name: str) -> list[str]:
    """Run the proofs of one name and return every difference.

    Raises KeyError for a name nobody registered.
    """
    return [line for check in _checks[name] for line in check()]

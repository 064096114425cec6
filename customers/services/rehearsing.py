"""A step tried out: the very service runs, its report is kept and its effects are not.

A preview can so never promise what the service then refuses for another reason.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from customers.types import StepReport


def rehearsed(step: Callable[[], StepReport]) -> StepReport:
    """Return what a step would do; nothing of it stays, no fact is told."""
    with transaction.atomic():
        report = step()
        transaction.set_rollback(True)
    return report

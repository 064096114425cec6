"""What the catalogue does when something happened in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils import timezone

from catalog.events import CategoryMoved, PricesPatrolled
from catalog.services import penalties, upkeep
from ops.engines.events.handling import subscribe
from ops.engines.kernel.actor import Actor

_CLERK: Final = Actor.system("catalog.listings")
_PATROL: Final = Actor.system("catalog.patrol")


@subscribe(CategoryMoved)
def recheck_listings(facts: Sequence[CategoryMoved]) -> None:
    """Judge the listings below a moved category by what it inherits now (CAT-4.1-02)."""
    upkeep.recheck_categories(
        category_ids={fact.category_id for fact in facts}, actor=_CLERK, at=timezone.now()
    )


@subscribe(PricesPatrolled)
def tell_of_cases(facts: Sequence[PricesPatrolled]) -> None:
    """Tell who handles and who judges what patrols opened (CAT-4.2-03)."""
    rounds = {(fact.channel_id, fact.patrolled_at) for fact in facts}
    penalties.tell_patrols(rounds=sorted(rounds), actor=_PATROL, at=timezone.now())

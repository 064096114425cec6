"""Several people at one card at once: one result, and nothing after it."""

from __future__ import annotations

from functools import partial

from ops.engines.kernel.errors import OpsError
from ops.engines.scorecards import selectors, services
from ops.engines.scorecards.models import Card, Mark
from tests.engines.scorecards.toy import (
    AT,
    MANAGER,
    MARKER,
    QUARTER,
    SYSTEM,
    draft,
    fresh,
    marked_card,
    person,
)
from tests.inventory.test_races import together
from tests.support.cluster import OwnDatabase

OTHER = person(7, "operations_manager")


def test_one_of_many_confirmations_counts(own_database: OwnDatabase) -> None:
    card = marked_card()

    done = together(
        [
            partial(services.confirm, card_id=card.pk, actor=actor, at=AT)
            for actor in (MANAGER, OTHER) * 8
        ]
    )

    assert sum(not isinstance(one, OpsError) for one in done) == 1
    assert fresh(card).state == "confirmed"


def test_marks_and_a_confirmation_at_once_leave_a_score_that_adds_up(
    own_database: OwnDatabase,
) -> None:
    card = marked_card()
    marks = [
        partial(services.mark, card_id=card.pk, draft=draft(str(n)), actor=MARKER, at=AT)
        for n in range(40, 52)
    ]

    done = together([*marks[:6], partial(services.confirm, card_id=card.pk, actor=MANAGER, at=AT),
                     *marks[6:]])  # fmt: skip

    after = fresh(card)
    kept = Mark.objects.filter(card=card).count()
    assert kept == 1 + sum(not isinstance(one, OpsError) for one in done) - 1
    assert after.state == "confirmed"
    assert selectors.recomputed(after).score == after.score


def test_a_period_opened_by_many_at_once_has_each_card_once(own_database: OwnDatabase) -> None:
    work = partial(services.open_period, key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)

    together([work] * 8)

    assert Card.objects.count() == 3

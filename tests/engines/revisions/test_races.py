"""Two people at one piece at once, with real threads."""

from __future__ import annotations

import pytest

from ops.engines.approvals.models import Request
from ops.engines.revisions import errors, selectors, services
from ops.engines.revisions.models import Publication, Revision
from tests.engines.revisions import toys
from tests.engines.revisions.toys import AT, CHANGED, HELLO, KIND, LATER, MUCH_LATER, Team
from tests.engines.sheets.test_races import together
from tests.support import cluster


@pytest.fixture(name="crew")
def fixture_crew(own_database: cluster.OwnDatabase) -> Team:
    """Return the people in a database of this test's own."""
    toys.enter()
    return toys.team()


def test_of_two_drafts_at_once_one_is_told_of_the_other(crew: Team) -> None:
    actors = [crew.actor("specialist"), crew.actor("editor")]

    def begin(place: int) -> object:
        return services.draft(
            kind=KIND,
            subject_id=crew.here.pk,
            content=(HELLO, CHANGED)[place],
            why="x",
            actor=actors[place],
            at=AT,
        )

    results = together(lambda: begin(0), lambda: begin(1))

    assert sum(isinstance(each, errors.AlreadyOpen) for each in results) == 1
    assert Revision.objects.count() == 1


def test_of_two_ways_back_at_once_one_version_lives(crew: Team) -> None:
    first = toys.published(crew)
    second = toys.published(crew, CHANGED, at=LATER)
    toys.published(crew, {**HELLO, "title": "Third"}, at=LATER + (LATER - AT))
    supervisor = crew.actor("supervisor")

    def back(revision_id: int) -> object:
        return services.restore(
            revision_id=revision_id, why="broken", actor=supervisor, at=MUCH_LATER
        )

    together(lambda: back(first.id), lambda: back(second.id))

    found = selectors.live(kind=KIND, subject_ids=[crew.here.pk], at=MUCH_LATER)
    assert found[crew.here.pk].no in {1, 2}
    assert Publication.objects.filter(during__contains=MUCH_LATER).count() == 1
    assert Request.objects.count() == 3

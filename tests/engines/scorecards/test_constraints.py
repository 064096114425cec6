"""Each promise of a card, broken with the services bypassed: the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from ops.engines.scorecards import services
from ops.engines.scorecards.choices import CARD_STEPS, CardState
from ops.engines.scorecards.models import Card, CardLine, Mark, Objection, ScorecardVersion
from tests.engines.scorecards.toy import (
    AT,
    MANAGER,
    MARKER,
    fresh,
    marked_card,
    opened,
    published_card,
)

pytestmark = pytest.mark.django_db


def refused(name: str, work: Callable[[], object]) -> None:
    """Expect a refusal by name, at once or when the transaction would end."""
    with pytest.raises(DatabaseError, match=name):
        _try(work)


def _try(work: Callable[[], object]) -> None:
    with transaction.atomic():
        work()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def sql(statement: str, *values: int) -> None:
    """Run a statement behind Django's back."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def confirm(card: Card, **changed: object) -> int:
    """Confirm a card behind the service's back."""
    given = {"state": "confirmed", "confirmed_by": 2, "confirmed_at": AT} | changed
    return Card.objects.filter(pk=card.pk).update(**given)


def test_database_refuses_a_score_that_its_lines_do_not_add_up_to() -> None:
    card = marked_card()

    refused("card_score_adds_up|not that of its lines", lambda: confirm(card, score="84.01"))

    assert fresh(card).state == CardState.MARKED


def test_database_refuses_a_confirmed_card_whose_weights_do_not_make_100() -> None:
    card = marked_card()
    version = card.version
    bare = Card.objects.create(
        scorecard="x", subject_type="x", subject_id=1, subject_name="x", period="2026-Q3",
        first_on=card.first_on, last_on=card.last_on, version=version, opened_at=AT,
        mark_by_on=card.last_on,
    )  # fmt: skip
    CardLine.objects.create(card=bare, place=1, criterion="a", weight="99")

    Card.objects.filter(pk=bare.pk).update(state="marked")
    refused("weights of a card make 100", lambda: confirm(bare))


def test_database_refuses_to_change_a_confirmed_result() -> None:
    card = marked_card()
    services.confirm(card_id=card.pk, actor=MANAGER, at=AT)
    rows = Card.objects.filter(pk=card.pk)

    changes: list[dict[str, object]] = [
        {"score": "90"}, {"grade": "A"}, {"confirmed_by": 7}, {"comment": "x"},
    ]  # fmt: skip
    for changed in changes:
        refused("confirmed result never changes", partial(rows.update, **changed))
    refused("whom a card judges", lambda: rows.update(subject_id=9))
    refused("permanent", lambda: sql("DELETE FROM scorecards_card WHERE id = %s", card.pk))
    lines = CardLine.objects.filter(card=card)
    refused("card is confirmed", lambda: lines.update(points=1))
    refused("card is confirmed", lines.delete)
    refused(
        "card is confirmed",
        lambda: Mark.objects.create(
            card=card, criterion="service", revision=2, points=1, comment="x", marked_by=1,
            marked_at=AT,
        ),
    )  # fmt: skip


def test_database_refuses_steps_that_no_service_takes() -> None:
    for start, follow in CARD_STEPS.items():
        for end in CardState:
            if end in follow or end == start:
                continue
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_get_functiondef('scorecards_card_course'::regproc)")
                assert f"('{start}', '{end}')" not in cursor.fetchone()[0]
    card = opened()
    refused("does not go from open", lambda: confirm(card))
    refused("does not go from open", lambda: confirm(card, state="final"))


def test_database_refuses_a_marker_who_confirms_and_a_confirmation_by_nobody() -> None:
    card = marked_card()

    refused("who marked does not confirm", lambda: confirm(card, confirmed_by=MARKER.person_id))
    refused("card_decided_by_someone", lambda: confirm(card, confirmed_by=None))


def test_database_refuses_a_subject_who_marks_or_confirms() -> None:
    card = marked_card(3)

    refused("card_not_confirmed_by_its_subject", lambda: confirm(card, confirmed_by=33))
    refused(
        "nobody marks oneself",
        lambda: Mark.objects.create(
            card=card, criterion="service", revision=2, points=100, comment="x", marked_by=33,
            marked_at=AT,
        ),
    )  # fmt: skip


def test_database_refuses_to_rewrite_marks_and_versions() -> None:
    marked_card()

    refused("denied|append-only", lambda: Mark.objects.update(points=100))
    refused("denied|append-only", lambda: sql("DELETE FROM scorecards_mark WHERE id > %s", 0))
    refused("denied|append-only", lambda: ScorecardVersion.objects.update(reason="x"))


def test_database_refuses_points_from_nowhere_and_other_than_the_mark() -> None:
    card = marked_card()
    line = CardLine.objects.filter(card=card, criterion="service")

    refused("points of its mark", lambda: line.update(points=99))
    refused("line_points_have_a_source", lambda: line.update(points=99, mark=None))
    refused("what a line weighs", lambda: line.update(weight=1))


@pytest.mark.parametrize("decider", [1, 2, 8, 33])
def test_database_refuses_an_objection_decided_by_somebody_involved(decider: int) -> None:
    card = published_card(3)
    Card.objects.filter(pk=card.pk).update(state="objected")
    filed = Objection.objects.create(card=card, reason="x", filed_by=8, filed_at=AT)

    refused(
        "independently|do not decide|not_decided_by_its_author",
        lambda: Objection.objects.filter(pk=filed.pk).update(
            state="upheld", finding="x", decided_by=decider, decided_at=AT
        ),
    )

    assert Objection.objects.get().state == "open"


def test_database_refuses_an_end_without_a_decided_objection() -> None:
    card = published_card()
    rows = Card.objects.filter(pk=card.pk)
    refused("objection starts open", lambda: Objection.objects.create(
        card=marked_card(2), reason="x", filed_by=8, filed_at=AT))  # fmt: skip
    rows.update(state="objected")

    refused("decided first", lambda: rows.update(state="final"))
    refused("decided first", lambda: rows.update(state="revised"))


def test_database_refuses_two_cards_in_force_and_a_card_that_starts_confirmed() -> None:
    card = opened()
    again = {
        field: getattr(card, field)
        for field in ("scorecard", "subject_type", "subject_id", "subject_name", "period",
                      "first_on", "last_on", "version", "opened_at", "mark_by_on")
    }  # fmt: skip

    refused("card_once|card_one_in_force", lambda: Card.objects.create(**again))
    refused(
        "replaces its own",
        lambda: Card.objects.create(**again, revision=2, revises=card),
    )
    refused(
        "starts open",
        lambda: Card.objects.create(
            **again | {"subject_id": 99}, state="confirmed", confirmed_by=1, confirmed_at=AT
        ),
    )

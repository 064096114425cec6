"""From an open period to a final score, and every refusal on the way."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from ops.engines.kernel.actor import Actor
from ops.engines.metrics import services as metrics
from ops.engines.metrics.types import Point
from ops.engines.scorecards import selectors, services
from ops.engines.scorecards.choices import CardState
from ops.engines.scorecards.errors import CardClosed, CardMissing, MarkWrong, NotYours, TooLate
from ops.engines.scorecards.models import Card, CardLine, Mark, Objection
from ops.engines.scorecards.types import MarkDraft, Subject
from tests.engines.scorecards import toy
from tests.engines.scorecards.toy import (
    AT,
    DIRECTOR,
    MANAGER,
    MARKER,
    OUTSIDER,
    QUARTER,
    SCOPED,
    SYSTEM,
    draft,
    fresh,
    marked_card,
    measure,
    opened,
    person,
    published_card,
)

pytestmark = pytest.mark.django_db


def test_a_period_opens_once_for_every_subject() -> None:
    first = services.open_period(key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)
    again = services.open_period(key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)

    assert (first.opened, first.standing) == (3, 0)
    assert (again.opened, again.standing) == (0, 3)
    assert Card.objects.count() == 3
    assert CardLine.objects.count() == 9


def test_opening_costs_the_same_for_many_subjects(
    django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [Subject(n, f"S{n}") for n in range(100, 300)]
    monkeypatch.setattr(toy, "SUBJECTS", many)
    metrics.store(
        key="toy_prompt", rows=[Point(toy.DAY, 9, 10, "supplier", str(s.id)) for s in many], at=AT
    )

    with django_assert_max_num_queries(32):
        services.open_period(key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)

    assert CardLine.objects.filter(criterion="prompt", points=100).count() == 200


def test_a_marked_card_has_the_score_of_its_parts() -> None:
    card = marked_card()

    assert (card.state, card.score, card.grade) == (CardState.MARKED, Decimal("84.00"), "B")
    shown = selectors.lines_of(card)
    assert [(line.key, line.value, line.points) for line in shown] == [
        ("prompt", Decimal("0.9"), Decimal(100)),
        ("faults", Decimal(3), Decimal(50)),
        ("service", None, Decimal(80)),
    ]
    assert selectors.recomputed(card).score == card.score


def test_without_activity_there_are_no_points_and_the_others_carry_the_weight() -> None:
    measure(prompt=(0, 0), faults=None)
    card = opened()
    services.mark(card_id=card.pk, draft=draft("80"), actor=MARKER, at=AT)

    silent = CardLine.objects.get(card=card, criterion="prompt")
    assert (silent.points, silent.numerator) == (None, None)
    assert fresh(card).score is None  # 30 of 100: less than half of the weight

    measure(prompt=(5, 10), faults=None)
    services.compute(key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)
    assert fresh(card).score == Decimal("67.50")  # (50x60 + 30x80) / 80


def test_without_the_mark_there_is_no_score() -> None:
    measure()

    card = opened()

    assert (card.state, card.score, card.grade) == (CardState.OPEN, None, "")


def test_a_ratio_of_a_quarter_is_its_summed_parts_and_never_a_mean() -> None:
    days = [(dt.date(2026, 7, 1), 1, 1), (dt.date(2026, 9, 30), 0, 9)]
    metrics.store(
        key="toy_prompt", rows=[Point(d, n, m, "supplier", "1") for d, n, m in days], at=AT
    )

    line = CardLine.objects.get(card=opened(), criterion="prompt")

    assert (line.numerator, line.denominator, line.points) == (
        Decimal(1), Decimal(10), Decimal(10),
    )  # fmt: skip


def test_a_new_mark_is_a_revision_and_the_newest_counts() -> None:
    card = marked_card()

    services.mark(card_id=card.pk, draft=draft("40"), actor=MARKER, at=AT)

    assert list(Mark.objects.order_by("revision").values_list("revision", "points")) == [
        (1, Decimal(80)),
        (2, Decimal(40)),
    ]
    assert fresh(card).score == Decimal("72.00")


@pytest.mark.parametrize(
    ("given", "actor", "error"),
    [
        (draft("100.5"), MARKER, MarkWrong),
        (draft("-1"), MARKER, MarkWrong),
        (draft(comment=" "), MARKER, MarkWrong),
        (draft(evidence=""), MARKER, MarkWrong),
        (draft(criterion="prompt"), MARKER, MarkWrong),
        (draft(criterion="nothing"), MARKER, MarkWrong),
        (draft(), MANAGER, NotYours),
        (draft(), SYSTEM, NotYours),
        (draft(), OUTSIDER, CardMissing),
    ],
)
def test_a_refused_mark_changes_nothing(
    given: MarkDraft, actor: Actor, error: type[Exception]
) -> None:
    measure()
    card = opened()

    with pytest.raises(error):
        services.mark(card_id=card.pk, draft=given, actor=actor, at=AT)

    assert Mark.objects.count() == 0
    assert fresh(card).state == CardState.OPEN


def test_nobody_marks_confirms_or_decides_their_own_card() -> None:
    self_marker = person(33, "purchasing_officer", "operations_manager", "operations_director")
    card = opened(3)
    with pytest.raises(NotYours):
        services.mark(card_id=card.pk, draft=draft(), actor=self_marker, at=AT)

    card = published_card(3)
    services.object_to(card_id=card.pk, reason="Late was the carrier", actor=MARKER, at=AT)
    with pytest.raises(NotYours):
        services.decide(card_id=card.pk, is_upheld=True, finding="x", actor=self_marker, at=AT)

    assert fresh(card).state == CardState.OBJECTED


def test_who_marked_does_not_confirm() -> None:
    both = person(6, "purchasing_officer", "operations_manager")
    measure()
    card = opened()
    services.mark(card_id=card.pk, draft=draft(), actor=both, at=AT)

    for actor in (both, MARKER):
        with pytest.raises(NotYours):
            services.confirm(card_id=card.pk, actor=actor, at=AT)

    assert fresh(card).state == CardState.MARKED


def test_only_a_card_with_all_marks_is_confirmed_and_then_no_mark_comes() -> None:
    measure()
    card = opened()
    with pytest.raises(CardClosed):
        services.confirm(card_id=card.pk, actor=MANAGER, at=AT)
    services.mark(card_id=card.pk, draft=draft(), actor=MARKER, at=AT)
    services.confirm(card_id=card.pk, comment="Agreed", actor=MANAGER, at=AT)

    with pytest.raises(CardClosed):
        services.mark(card_id=card.pk, draft=draft("10"), actor=MARKER, at=AT)

    after = fresh(card)
    assert (after.state, after.score, after.comment) == (
        CardState.CONFIRMED, Decimal("84.00"), "Agreed",
    )  # fmt: skip


def test_new_figures_do_not_reach_a_confirmed_card() -> None:
    card = published_card()
    measure(prompt=(0, 10))

    services.open_period(key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)

    assert fresh(card).score == Decimal("84.00")


def test_a_published_result_becomes_final_when_the_days_to_object_are_over() -> None:
    card = published_card()
    assert card.objection_until == dt.date(
        2026, 10, 13
    )  # 8 to 10 October and 12, 13: after the holiday
    assert card.shown_until == dt.date(2026, 11, 4)

    last_day = dt.datetime(2026, 10, 13, 9, tzinfo=dt.UTC)
    assert services.finalise(actor=SYSTEM, at=last_day) == 0
    assert services.finalise(actor=SYSTEM, at=last_day + dt.timedelta(days=1)) == 1
    assert fresh(card).state == CardState.FINAL


def test_an_objection_after_its_days_is_refused() -> None:
    card = published_card()

    with pytest.raises(TooLate):
        services.object_to(
            card_id=card.pk, reason="Late", actor=MARKER, at=AT + dt.timedelta(days=9)
        )

    assert Objection.objects.count() == 0
    assert fresh(card).state == CardState.PUBLISHED


def test_a_rejected_objection_leaves_the_result_and_makes_it_final() -> None:
    card = published_card()
    services.object_to(
        card_id=card.pk, reason="The carrier was late", on_behalf_of="恒源", actor=MARKER, at=AT
    )

    after = services.decide(
        card_id=card.pk, is_upheld=False, finding="The note says otherwise", actor=DIRECTOR, at=AT
    )

    assert (after.id, after.state, after.score) == (card.pk, CardState.FINAL, Decimal("84.00"))


def test_an_upheld_objection_makes_a_revision_and_both_stay() -> None:
    card = published_card()
    services.object_to(card_id=card.pk, reason="Receipts corrected", actor=MARKER, at=AT)
    measure(faults=0)

    after = services.decide(
        card_id=card.pk, is_upheld=True, finding="Right: no fault was theirs", actor=DIRECTOR, at=AT
    )

    old, new = fresh(card), Card.objects.get(pk=after.id)
    assert (old.state, old.score) == (CardState.REVISED, Decimal("84.00"))
    assert (new.revision, new.revises_id, new.state) == (2, old.pk, CardState.MARKED)
    assert new.score == Decimal("94.00")
    services.confirm(card_id=new.pk, actor=MANAGER, at=AT)
    services.publish(card_id=new.pk, actor=MANAGER, at=AT)
    assert [c.pk for c in selectors.history(fresh(new))] == [new.pk]


@pytest.mark.parametrize("actor", [MARKER, MANAGER, SCOPED])
def test_an_objection_is_decided_by_somebody_independent(actor: Actor) -> None:
    card = published_card()
    services.object_to(card_id=card.pk, reason="Why", actor=person(8), at=AT)

    with pytest.raises(NotYours):
        services.decide(card_id=card.pk, is_upheld=True, finding="x", actor=actor, at=AT)

    assert Objection.objects.get().state == "open"
    assert Card.objects.count() == 3


def test_a_card_is_seen_in_its_area_and_scope_and_by_whom_it_judges() -> None:
    card = published_card(3)

    def seen(actor: Actor) -> list[int]:
        return sorted(selectors.cards(actor=actor).values_list("subject_id", flat=True))

    assert seen(MANAGER) == [1, 2, 3]
    assert seen(SCOPED) == [1]
    assert seen(OUTSIDER) == []
    subject = Actor(kind=OUTSIDER.kind, name="王敏", person_id=33)
    assert seen(subject) == [3]
    with pytest.raises(CardMissing):
        selectors.card(card_id=card.pk, actor=SCOPED)


def test_the_index_counts_what_waits_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    marked_card()

    with django_assert_num_queries(1):
        rows = {row.scorecard.key: row for row in selectors.overview(actor=MANAGER)}

    assert (rows["toy_score"].cards, rows["toy_score"].waiting) == (3, 3)
    assert selectors.overview(actor=OUTSIDER) == []

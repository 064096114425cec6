"""A toy scorecard: two measured criteria, one mark with evidence, one person subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from ops.engines.identity.models import Person
from ops.engines.kernel.actor import Actor, ActorKind
from ops.engines.kernel.policy import may
from ops.engines.metrics import definitions
from ops.engines.metrics import services as metrics
from ops.engines.metrics.choices import MetricKind
from ops.engines.metrics.types import Point
from ops.engines.scorecards import declarations, services
from ops.engines.scorecards.choices import PeriodKind
from ops.engines.scorecards.declarations import (
    Objection,
    Publication,
    Scorecard,
    at_least,
    at_most,
    grades,
    marked,
    measured,
    register,
)
from ops.engines.scorecards.models import Card
from ops.engines.scorecards.types import MarkDraft, Span, Subject

AT = dt.datetime(2026, 10, 5, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 8, 3)
QUARTER = "2026-Q3"
SYSTEM = Actor.system("tests")
MAYOR = Subject(3, "王敏", person_id=33)
SUBJECTS = [Subject(1, "恒源", scope_id=7), Subject(2, "远达", scope_id=8), MAYOR]


def person(number: int, *roles: str, letters: str = "V", **scopes: int) -> Actor:
    """Return a person with roles and rights in the toy's area."""
    return Actor(
        kind=ActorKind.PERSON,
        name=f"人{number}",
        person_id=number,
        user_id=number,
        roles=frozenset(roles),
        rights={"inventory": frozenset(letters)},
        scopes={kind: frozenset({each}) for kind, each in scopes.items()},
    )


MARKER = person(1, "purchasing_officer")
MANAGER = person(2, "operations_manager")
DIRECTOR = person(4, "operations_director")
SCOPED = person(5, "warehouse_keeper", letters="v", warehouse=7)
OUTSIDER = Actor(kind=ActorKind.PERSON, name="路人", person_id=9)


def declare() -> Scorecard:
    """Define the toy's metrics and the toy."""
    see = may("inventory", "V")
    for key, kind in (("toy_prompt", MetricKind.RATIO), ("toy_faults", MetricKind.SUM)):
        definitions.define(
            key, key, "x", "data_analyst", "x", policy=see, kind=kind, dimensions=("supplier",),
            parts=("good", "all") if kind is MetricKind.RATIO else ("", ""),
        )  # fmt: skip
    return register(
        Scorecard(
            key="toy_score",
            title="Toy",
            subject="inventory.supplier",
            subjects=subjects,
            area="inventory",
            period=PeriodKind.QUARTER,
            dimension="supplier",
            scope="warehouse",
            criteria=(
                measured(
                    "prompt", "Prompt", 50, metric="toy_prompt",
                    points=at_least(("0.9", 100), ("0.5", 60), otherwise=10),
                ),
                measured("faults", "Faults", 20, metric="toy_faults",
                         points=at_most((0, 100), (5, 50))),
                marked("service", "Service", 30, role="purchasing_officer", evidence=True),
            ),
            grades=grades(A=90, B=75, C=60, D=0),
            confirmed_by="operations_manager",
            objection=Objection(days=5, decided_by="operations_director"),
            publication=Publication(audience=("purchasing_officer",), days=30),
        )
    )  # fmt: skip


def subjects(span: Span) -> list[Subject]:
    """Return whom the toy judges."""
    assert span.text.startswith("2026-Q")
    return SUBJECTS


@contextmanager
def declared() -> Iterator[Scorecard]:
    """Declare the toy and take it out again."""
    metrics_before = dict(definitions._metrics)
    scorecards_before = dict(declarations._scorecards)
    try:
        yield declare()
    finally:
        definitions._metrics.clear()
        definitions._metrics.update(metrics_before)
        declarations._scorecards.clear()
        declarations._scorecards.update(scorecards_before)


def measure(prompt: tuple[int, int] | None = (9, 10), faults: int | None = 3, who: int = 1) -> None:
    """Store what is measured of one subject."""
    if prompt is not None:
        metrics.store(key="toy_prompt", rows=[Point(DAY, *prompt, "supplier", str(who))], at=AT)
    if faults is not None:
        metrics.store(
            key="toy_faults", rows=[Point(DAY, faults, None, "supplier", str(who))], at=AT
        )


def opened(who: int = 1) -> Card:
    """Open the quarter and return a subject's card; the third is one of us."""
    Person.objects.get_or_create(pk=MAYOR.person_id or 0, defaults={"name": MAYOR.name})
    services.open_period(key="toy_score", period=QUARTER, actor=SYSTEM, at=AT)
    return Card.objects.get(subject_id=who, period=QUARTER, revision=1)


def draft(points: str = "80", **more: str) -> MarkDraft:
    """Return a mark for the service."""
    given = {"criterion": "service", "comment": "Answers at once", "evidence": "PO-1"} | more
    return MarkDraft(points=Decimal(points), **given)


def marked_card(who: int = 1) -> Card:
    """Return a card that is measured and marked: 50x100 + 20x50 + 30x80 = 84.00, B."""
    measure(who=who)
    card = opened(who)
    services.mark(card_id=card.pk, draft=draft(), actor=MARKER, at=AT)
    return fresh(card)


def published_card(who: int = 1) -> Card:
    """Return a card that was confirmed and published."""
    card = marked_card(who)
    services.confirm(card_id=card.pk, actor=MANAGER, at=AT)
    services.publish(card_id=card.pk, actor=MANAGER, at=AT)
    return fresh(card)


def fresh(card: Card) -> Card:
    """Return the card as the database has it."""
    return Card.objects.get(pk=card.pk)

"""What a declaration must be, and what a person may edit."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ops.engines.kernel.errors import Forbidden
from ops.engines.scorecards import declarations, services
from ops.engines.scorecards.declarations import (
    Criterion,
    Scorecard,
    at_least,
    grades,
    marked,
    measured,
    register,
)
from ops.engines.scorecards.errors import WeightsWrong
from ops.engines.scorecards.models import Card, CardLine, ScorecardVersion
from tests.engines.scorecards.toy import AT, MANAGER, MARKER, SYSTEM, fresh, opened

MARK = marked("m", "M", 100, role="r")
BANDS = at_least((1, 100))


@pytest.mark.parametrize(
    "changed",
    [
        {"criteria": (marked("m", "M", 99, role="r"),)},
        {"criteria": (marked("m", "M", 50, role="r"), marked("m", "M", 50, role="r"))},
        {"criteria": (Criterion(key="m", title="M", weight=Decimal(100)),)},
        {"criteria": (measured("m", "M", 100, metric="toy_faults", points=at_least()),)},
        {"criteria": (measured("m", "M", 100, metric="toy_faults", points=BANDS),),
         "dimension": "channel"},
        {"grades": grades(A=90, B=1)},
        {"key": "toy_score"},
    ],
)  # fmt: skip
def test_a_scorecard_that_makes_no_scale_is_refused(
    toy: Scorecard, changed: dict[str, Any]
) -> None:
    good: dict[str, Any] = {"key": "other", "criteria": (MARK,)}

    with pytest.raises(ValueError, match="scorecard"):
        register(dataclasses.replace(toy, **good | changed))


@pytest.mark.django_db
def test_edited_weights_hold_from_their_day_and_open_cards_keep_theirs() -> None:
    before = opened()
    weights = {"prompt": Decimal(30), "faults": Decimal(20), "service": Decimal(50)}

    number = services.set_weights(
        key="toy_score", weights=weights, first_on=dt.date(2026, 10, 1), reason="Service counts",
        actor=MANAGER, at=AT,
    )  # fmt: skip
    services.open_period(key="toy_score", period="2026-Q3", actor=SYSTEM, at=AT)
    services.open_period(key="toy_score", period="2026-Q4", actor=SYSTEM, at=AT)

    later = Card.objects.get(subject_id=1, period="2026-Q4")
    shown = CardLine.objects.filter(card=later).values_list("criterion", "weight")
    assert number == 2
    assert (fresh(before).version.number, later.version.number) == (1, 2)
    assert dict(shown) == weights


@pytest.mark.django_db
def test_weights_that_do_not_make_100_are_refused_and_nothing_is_kept() -> None:
    opened()
    good = {"prompt": Decimal(30), "faults": Decimal(20), "service": Decimal(50)}
    for weights in (good | {"service": Decimal(49)}, {"prompt": Decimal(100)}):
        with pytest.raises(WeightsWrong):
            services.set_weights(
                key="toy_score", weights=weights, first_on=AT.date(), reason="x",
                actor=MANAGER, at=AT,
            )  # fmt: skip
    with pytest.raises(Forbidden):
        services.set_weights(
            key="toy_score", weights=good, first_on=AT.date(), reason="x", actor=MARKER, at=AT
        )

    assert ScorecardVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_changed_declaration_becomes_a_version_by_itself(toy: Scorecard) -> None:
    opened()
    changed = dataclasses.replace(toy, grades=grades(A=95, B=75, C=60, D=0))
    declarations._scorecards["toy_score"] = changed

    services.open_period(key="toy_score", period="2026-Q4", actor=SYSTEM, at=AT)

    later = Card.objects.get(subject_id=1, period="2026-Q4").version
    assert later.number == 2
    assert later.content["grades"][0] == ["A", "95"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"weights": {"a": "60", "b": "39"}}, "version_weights_make_100"),
        ({"weights": {"a": "110", "b": "-10"}}, "version_weights_make_100"),
        ({"weights": {}}, "version_weights_make_100"),
        ({"grades": [["A", "90"], ["B", "10"]]}, "version_grades_leave_no_gap"),
        ({"grades": [["A", "0"], ["B", "90"]]}, "version_grades_leave_no_gap"),
        ({"grades": [["A", "90"], ["A", "0"]]}, "version_grades_leave_no_gap"),
        ({"grades": []}, "version_grades_leave_no_gap"),
    ],
)
def test_database_refuses_rules_that_make_no_scale(changed: dict[str, Any], name: str) -> None:
    content = {"weights": {"a": "60", "b": "40"}, "grades": [["A", "90"], ["B", "0"]]} | changed

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ScorecardVersion.objects.create(
            scorecard="x", number=1, first_on=AT.date(), content=content, is_declared=True,
            set_at=AT,
        )  # fmt: skip

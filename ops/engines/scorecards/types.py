"""What the scorecards engine takes and hands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ops.engines.scorecards.choices import Better, PeriodKind, Without


@dataclass(frozen=True, slots=True)
class Banding:
    """Thresholds to points, as data: the first limit met gives its points.

    `steps` run from the best to the worst; `better` says whether a value meets a limit from above
    (MORE: value >= limit) or from below (LESS: value <= limit).
    """

    steps: tuple[tuple[Decimal, Decimal], ...]
    better: Better = Better.MORE
    otherwise: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: it holds from its least score up to the least of the grade above."""

    letter: str
    least: Decimal


@dataclass(frozen=True, slots=True)
class Scored:
    """One criterion of a card: what it weighs and its points, None without activity."""

    weight: Decimal
    points: Decimal | None
    without: Without = Without.REDISTRIBUTE


@dataclass(frozen=True, slots=True)
class Outcome:
    """A judged card; no score means not rated. `carried` is the weight that had points."""

    score: Decimal | None
    grade: str
    carried: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """The days a card judges, both inside, under their written name (2026-11, 2026-Q4, 2026)."""

    kind: PeriodKind
    text: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what is judged; `person_id` when it is one of us, `scope_id` for object scopes."""

    id: int
    name: str
    person_id: int | None = None
    scope_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpeningInfo:
    """What opening a period did: new cards, cards that stood already."""

    period: str
    opened: int
    standing: int


@dataclass(frozen=True, slots=True)
class CardInfo:
    """A card after a service touched it."""

    id: int
    scorecard: str
    state: str
    score: Decimal | None
    grade: str
    revision: int


@dataclass(frozen=True, slots=True)
class MarkDraft:
    """A person's mark for one criterion: points from 0 to 100, why, and what shows it."""

    criterion: str
    points: Decimal
    comment: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a version of a scorecard says: weights, grades and the rest, enough to recompute."""

    weights: Mapping[str, Decimal]
    without: Mapping[str, Without]
    bandings: Mapping[str, Banding]
    grades: tuple[Grade, ...]
    least: Decimal
    metrics: Mapping[str, str] = field(default_factory=dict)

"""The steps of content production, declared for each kind: their order, limits, whose turn it is.

The database keeps the same moves in `catalog_contentmove` and refuses any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalog.choices.content_tasks import About, ContentKind, Material, TaskStep
from catalog.rules.listing.content import PARTS
from ops.engines.identity.choices import Role

S = TaskStep
SUPERVISOR: Final = Role.WEB_EDITING_SUPERVISOR
WORKERS: Final[Mapping[str, Role]] = {
    ContentKind.COPY: Role.EDITOR,
    ContentKind.POST: Role.EDITOR,
    ContentKind.DESIGN: Role.DESIGNER,
}
MADE_AS: Final[Mapping[str, ContentKind]] = {
    Material.PAGE: ContentKind.DESIGN,
    Material.IMAGES: ContentKind.DESIGN,
    Material.COPY: ContentKind.COPY,
    Material.POSTS: ContentKind.POST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step: how many working hours the next may take, and whether the worker takes it."""

    step: TaskStep
    hours: int
    is_workers: bool


def _stage(step: TaskStep, hours: int, *, supervisor: bool = False) -> Stage:
    return Stage(step=step, hours=hours, is_workers=not supervisor)


_WRITING: Final = (
    _stage(S.WANTED, 8, supervisor=True),
    _stage(S.ASSIGNED, 16),
    _stage(S.DRAFTED, 8),
    _stage(S.SUBMITTED, 8, supervisor=True),
    _stage(S.RETURNED, 8),
    _stage(S.APPROVED, 8),
)
STAGES: Final[Mapping[str, Sequence[Stage]]] = {
    ContentKind.COPY: _WRITING,
    ContentKind.DESIGN: (
        _stage(S.WANTED, 8, supervisor=True),
        _stage(S.BRIEFED, 4),
        _stage(S.ACCEPTED, 24),
        _stage(S.DRAFTED, 8),
        _stage(S.SUBMITTED, 8, supervisor=True),
        _stage(S.RETURNED, 8),
        _stage(S.APPROVED, 4),
    ),
    ContentKind.POST: _WRITING,
}
_REVIEW: Final = (
    (S.DRAFTED, S.SUBMITTED),
    (S.SUBMITTED, S.RETURNED),
    (S.RETURNED, S.DRAFTED),
    (S.SUBMITTED, S.APPROVED),
)
_COPY: Final = (
    (S.WANTED, S.ASSIGNED),
    (S.ASSIGNED, S.ASSIGNED),
    (S.DRAFTED, S.ASSIGNED),
    (S.RETURNED, S.ASSIGNED),
    (S.ASSIGNED, S.DRAFTED),
    *_REVIEW,
    (S.APPROVED, S.PUBLISHED),
)
_DESIGN: Final = (
    (S.WANTED, S.BRIEFED),
    (S.BRIEFED, S.BRIEFED),
    (S.ACCEPTED, S.BRIEFED),
    (S.DRAFTED, S.BRIEFED),
    (S.RETURNED, S.BRIEFED),
    (S.BRIEFED, S.ACCEPTED),
    (S.ACCEPTED, S.DRAFTED),
    *_REVIEW,
    (S.APPROVED, S.DELIVERED),
)
FINISHED: Final = frozenset({S.PUBLISHED, S.DELIVERED})
OVER: Final = FINISHED | {S.CANCELLED}
READY: Final = FINISHED | {S.APPROVED}
# While it is the worker's turn to write, the thing itself may be written.
WRITABLE: Final = frozenset({S.ASSIGNED, S.ACCEPTED, S.DRAFTED, S.RETURNED})
GIVEN: Final = frozenset({S.ASSIGNED, S.BRIEFED})


def _with_ends(
    moves: Sequence[tuple[TaskStep, TaskStep]],
) -> frozenset[tuple[TaskStep, TaskStep]]:
    """Let whatever is not over be called off."""
    return frozenset({*moves, *((before, S.CANCELLED) for before, _after in moves)})


MOVES: Final[Mapping[str, frozenset[tuple[TaskStep, TaskStep]]]] = {
    ContentKind.COPY: _with_ends(_COPY),
    ContentKind.DESIGN: _with_ends(_DESIGN),
    ContentKind.POST: _with_ends(_COPY),
}
# What the result of a task may touch of the thing it is about, part by part.
_WHOLE: Final = frozenset({"page", "guidance", "module"})
TOUCHES: Final[Mapping[str, frozenset[str]]] = {
    ContentKind.COPY: frozenset({"copy"}) | _WHOLE,
    ContentKind.DESIGN: frozenset({"images"}) | _WHOLE,
    ContentKind.POST: frozenset(),
}
# The kind of versioned content behind each thing a task may be about.
CONTENT_OF: Final[Mapping[str, str]] = {
    About.LISTING: "catalog.listing",
    About.PAGE: "catalog.page_design",
    About.TRADE_STEP: "catalog.trade_step",
    About.MODULE: "catalog.page_module",
}
ABOUT_OF: Final[Mapping[str, About]] = {kind: About(about) for about, kind in CONTENT_OF.items()}


def stage(kind: str, step: str) -> Stage | None:
    """Return the stage of a step; None once the task is over."""
    return next((one for one in STAGES[kind] if one.step == step), None)


def may_move(kind: str, before: str, after: str) -> bool:
    """Say whether one step may follow another."""
    return (before, after) in MOVES[kind]


def given_step(kind: str) -> TaskStep:
    """Return the step by which a task gets its worker: copy is assigned, a design is briefed."""
    return S.BRIEFED if kind == ContentKind.DESIGN else S.ASSIGNED


def last_step(kind: str) -> TaskStep:
    """Return the step that ends a task well."""
    return S.DELIVERED if kind == ContentKind.DESIGN else S.PUBLISHED


def path(kind: str) -> list[TaskStep]:
    """Return the steps of a task that is never sent back, in order."""
    steps = [one.step for one in STAGES[kind] if one.step != S.RETURNED]
    return [*steps, last_step(kind)]


def touched_listing_parts(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> frozenset[str]:
    """Return the parts of a listing that somebody writes; what stays empty is not written."""
    before = old or {}
    return frozenset(
        part
        for part, fields in PARTS.items()
        if any(_said(before.get(name)) != _said(new.get(name)) for name in fields)
    )


def _said(value: Any) -> Any:
    """Return a value, nothing for what holds nothing."""
    if isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if inner} or None
    return value or None

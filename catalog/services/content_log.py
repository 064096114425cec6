"""Write one step of content tasks: the line of the log, the clock, the audit fact.

The database moves the task by the line and refuses what does not follow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from catalog.choices.content_tasks import About, TaskStep
from catalog.errors import content_tasks as errors
from catalog.models import ContentStep, ContentTask, ContentVersion
from catalog.rules import content_tasks as rules
from catalog.types.content_tasks import ContentTaskInfo
from ops.engines.audit import services as audit
from ops.engines.clocks import rules as clock_rules
from ops.engines.clocks import selectors as calendars
from ops.engines.clocks import services as clocks
from ops.engines.clocks.limits import working_hours
from ops.engines.clocks.types import Subject
from ops.engines.kernel.actor import Actor

SUBJECT: Final = "catalog.contenttask"
SERIES: Final = "CT"


def clock_of(kind: str, step: str) -> str:
    """Return the kind of clock that runs while a task stands at a step."""
    return f"content_{kind}_{step}"


def move(
    task: ContentTask,
    step: TaskStep,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    person_id: int | None = None,
    version: ContentVersion | None = None,
) -> ContentTaskInfo:
    """Let a locked task take a step; the clock of the former step ends, the next one starts.

    Raises StepSkipped.
    """
    before = TaskStep(task.step)
    if not rules.may_move(task.kind, before, step):
        raise errors.StepSkipped(before.label, step.label)
    task.step_no, task.step, task.step_at = task.step_no + 1, step, at
    task.person = person_id or task.person
    task.step_due_at = due(task.kind, [step], at=at)[0]
    ContentStep.objects.create(
        task_id=task.pk,
        no=task.step_no,
        before=before,
        step=step,
        person=person_id,
        version=version,
        note=note,
        done_by=actor.person_id,
        at=at,
        due_at=task.step_due_at,
    )
    _end_clock(task, before, is_over=step == TaskStep.CANCELLED, note=note, actor=actor, at=at)
    start_clocks([task], actor=actor, at=at)
    audit.record(
        actor=actor,
        at=at,
        action=f"catalog.content_{step.value}",
        obj=(SUBJECT, task.pk),
        body={
            "number": task.number,
            "kind": task.kind,
            "from": before.value,
            "person": task.person,
            "version": None if version is None else version.no,
            "reason": note,
        },
    )
    return info(task)


def due(kind: str, steps: Sequence[str], *, at: datetime) -> list[datetime | None]:
    """Return until when each step may last that begins now; None: it ends the task."""
    stages = [rules.stage(kind, step) for step in steps]
    calendar = calendars.calendar() if any(stages) else None
    return [
        None if one is None else clock_rules.due(at, working_hours(one.hours), calendar)
        for one in stages
    ]


def start_clocks(tasks: Collection[ContentTask], *, actor: Actor, at: datetime) -> None:
    """Start the clock of the step at which each task stands; none runs once it is over."""
    subjects: dict[str, list[Subject]] = {}
    for task in tasks:
        stage = rules.stage(task.kind, task.step)
        if stage is None:
            continue
        subjects.setdefault(clock_of(task.kind, task.step), []).append(
            Subject(
                type=SUBJECT,
                id=task.pk,
                label=task.number,
                link=f"/content-tasks/{task.pk}/",
                person_id=task.person if stage.is_workers else None,
                role="" if stage.is_workers else rules.SUPERVISOR,
                scope=("channel", task.channel_id),
                started_at=at,
            )
        )
    for kind, each in subjects.items():
        clocks.start(kind=kind, subjects=each, actor=actor, at=at)


def _end_clock(
    task: ContentTask, before: str, *, is_over: bool, note: str, actor: Actor, at: datetime
) -> None:
    """End the clock of a step that is done, or of a task that is called off."""
    kind, subjects = clock_of(task.kind, before), [(SUBJECT, task.pk)]
    if is_over:
        clocks.cancel(kind=kind, subjects=subjects, reason=note, actor=actor, at=at)
    else:
        clocks.meet(kind=kind, subjects=subjects, actor=actor, at=at)


def info(task: ContentTask) -> ContentTaskInfo:
    """Return the plain form of a task."""
    return ContentTaskInfo(
        id=task.pk,
        number=task.number,
        kind=task.kind,
        channel_id=task.channel_id,
        about=task.about,
        about_id=getattr(task, f"{About(task.about).value}_id"),
        material=task.material,
        title=task.title,
        step=task.step,
        step_no=task.step_no,
        person_id=task.person,
        due_at=task.due_at,
    )

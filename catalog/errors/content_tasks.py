"""What the catalogue refuses of content tasks, each refusal once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, Forbidden, NotFound, RuleViolation


class ContentTaskMissing(NotFound):
    """No such task, or in a channel outside this actor's scope."""

    def __init__(self, task_id: int) -> None:
        super().__init__(
            "catalog.content_task_missing", _("There is no such content task."), task_id=task_id
        )


class StepSkipped(Conflict):
    """The step does not follow the one the task stands at (CAT-4.3-11, CAT-4.3-12)."""

    def __init__(self, before: Any, after: Any) -> None:
        super().__init__(
            "catalog.step_skipped",
            _("“%(after)s” does not follow “%(before)s”: no step is skipped.")
            % {"before": before, "after": after},
        )


class NotAssigned(Forbidden):
    """Only whom a task was assigned to works on it, and on what it is about (HR-1.2-28, -29)."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.not_assigned",
            _("Without a task of yours you can only read this: ask your supervisor for one."),
        )


class OwnContent(RuleViolation):
    """Nobody reviews what they made (HR-1.2-27)."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.own_content", _("You made this: somebody else has to decide about it.")
        )


class BriefIncomplete(RuleViolation):
    """A brief lacks what it must name: size, purpose, due date; or contradicts itself."""

    def __init__(self, words: Any, *, field: str) -> None:
        super().__init__("catalog.brief_incomplete", words, field=field)


class WorkerWrong(RuleViolation):
    """The person does not hold the position that does such work."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.worker_wrong",
            _("Copy and posts go to an editor, designs to a designer."),
            field="person",
        )


class VersionWrong(RuleViolation):
    """A version is not what the brief asks for."""

    def __init__(self, words: Any, *, field: str) -> None:
        super().__init__("catalog.version_wrong", words, field=field)


class NotLiveYet(RuleViolation):
    """Copy is published only when what the worker wrote is live."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.not_live_yet",
            _("What you wrote is not live yet: hand it in, and publish once it is approved."),
        )


class MaterialMissing(RuleViolation):
    """A promotion is held while material it needs is not approved (CAT-4.4-05)."""

    def __init__(self, number: str, lacking: str) -> None:
        super().__init__(
            "catalog.material_missing",
            _("%(number)s is held: not approved yet are %(lacking)s.")
            % {"number": number, "lacking": lacking},
        )


class VersionFollowed(Conflict):
    """Another version came in while this one was looked at."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.version_followed",
            _("Another version came in meanwhile. Load the page again."),
        )

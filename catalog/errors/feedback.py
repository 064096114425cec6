"""What the catalogue refuses of feedback and of the departments that own products."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict, Forbidden, NotFound, RuleViolation


class FeedbackMissing(NotFound):
    """No such item, or in a channel outside this actor's scope."""

    def __init__(self, feedback_id: int) -> None:
        super().__init__(
            "catalog.feedback_missing", _("There is no such feedback."), feedback_id=feedback_id
        )


class FeedbackStepSkipped(Conflict):
    """The step does not follow the one the item stands at."""

    def __init__(self, before: Any, after: Any) -> None:
        super().__init__(
            "catalog.feedback_step",
            _("“%(after)s” does not follow “%(before)s”.") % {"before": before, "after": after},
        )


class NamesPerson(BadInput):
    """Feedback never holds what reaches a person: no phone, identity number or address."""

    def __init__(self, field: str) -> None:
        super().__init__(
            "catalog.feedback_person",
            _(
                "Leave out phone numbers, identity numbers and mail addresses: say what is wrong"
                " with the goods, and name the order in its own field."
            ),
            field=field,
        )


class NothingSoNumbered(RuleViolation):
    """An answer names something it led to that is not there, or is about another product."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "catalog.feedback_led_to_missing",
            _("%(number)s is not there, or it is about another product.") % {"number": number},
            field="led_number",
        )


class NotOfDepartment(Forbidden):
    """Only members of the department that owns a product work on its listings (HR-1.2-02)."""

    def __init__(self, department: str) -> None:
        super().__init__(
            "catalog.not_of_department",
            _(
                "%(department)s owns this product: only its members write its listings, ask to"
                " delist it and answer feedback on it."
            )
            % {"department": department},
            department=department,
        )


class NotOwnersHead(Forbidden):
    """Only the head of the department that owns a product gives it to another one."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.not_owners_head",
            _("The head of the department that owns it, or operations management, gives it away."),
        )


class OwnerUnchanged(RuleViolation):
    """The department owns it already, and by its own entry."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.owner_unchanged", _("That department owns it already."), field="department"
        )


class OwnerAhead(RuleViolation):
    """A change of owner begins after every change that is entered already, and not in the past."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.owner_ahead",
            _("A department owns a product from now on or from later, after earlier entries."),
            field="since",
        )


class ReplyTimeUnchanged(RuleViolation):
    """The rule says so already."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.reply_time_unchanged",
            _("That is how long an answer may take already."),
            field="working_days",
        )

"""What sheets refuse, by name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import Conflict, Forbidden, NotFound, RuleViolation


class SheetMissing(NotFound):
    """No such sheet or case, or not yours."""

    def __init__(self) -> None:
        super().__init__("sheets.missing", _("There is no such sheet."))


class SheetSettled(Conflict):
    """Somebody has signed, or the sheet is void: entries stay as they are."""

    def __init__(self) -> None:
        super().__init__(
            "sheets.settled", _("This sheet is signed or void; its entries stay as they are.")
        )


class NotFilled(RuleViolation):
    """Required items have no entry; `context["items"]` names them."""


class NotYourTurn(Forbidden):
    """Another position signs or fills this, or somebody else comes first."""


class SamePerson(RuleViolation):
    """The second hand must be another person's."""


class EntriesMoved(Conflict):
    """The entries are not those that were shown to the signer."""

    def __init__(self) -> None:
        super().__init__(
            "sheets.entries_moved",
            _("The entries changed after you saw them. Look at them again before you sign."),
        )


class AnsweredByAnother(Conflict):
    """Another person answered this item since the device last saw it."""


class ReasonMissing(RuleViolation):
    """A return, a void sheet or a closed case needs words."""

    def __init__(self, field: str = "reason") -> None:
        super().__init__(
            "sheets.reason_missing", _("Say why: the words are kept as evidence."), field=field
        )


class CaseSettled(Conflict):
    """The case has moved on; reload."""

    def __init__(self) -> None:
        super().__init__("sheets.case_settled", _("This case has moved on. Load the page again."))


class NotDrawn(RuleViolation):
    """The sheet has no drawn sample, or there is nothing to draw from."""


class NotSigned(RuleViolation):
    """Work waits for a signed sheet; `context` names template, scope and period."""

"""What revisions refuse, by name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation
from ops.engines.revisions.types import Finding


class RevisionMissing(NotFound):
    """No such content or version, or not yours."""

    def __init__(self) -> None:
        super().__init__("revisions.missing", _("There is no such version."))


class RevisionClosed(Conflict):
    """The version is not (or no longer) in the state this deed needs."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "revisions.closed",
            _("This version has moved on; what was handed in stays as it is. Load the page again."),
            state=state,
        )


class AlreadyOpen(Conflict):
    """Another version of this content is drafted or in review; `context["revision_id"]`."""

    def __init__(self, revision_id: int) -> None:
        super().__init__(
            "revisions.already_open",
            _("Another version of this content is being drafted or reviewed. Finish that first."),
            revision_id=revision_id,
        )


class DraftMoved(Conflict):
    """Somebody else changed the draft after it was loaded."""

    def __init__(self) -> None:
        super().__init__(
            "revisions.draft_moved",
            _("Somebody changed this draft after you loaded it. Compare, then save again."),
        )


class NothingChanged(RuleViolation):
    """The content is what is live already."""

    def __init__(self) -> None:
        super().__init__(
            "revisions.nothing_changed", _("This is what is live already; there is nothing new.")
        )


class FindingsStop(RuleViolation):
    """Findings must be mended first; `context["findings"]` lists them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        words = "; ".join(str(each.words) for each in findings)
        super().__init__(
            "revisions.findings_stop",
            _("Mend this first: %(findings)s") % {"findings": words},
            field=findings[0].field,
            findings=[
                {"field": each.field, "code": each.code, "words": str(each.words)}
                for each in findings
            ],
        )


class NeverApproved(RuleViolation):
    """Only a version that was approved can be brought back."""

    def __init__(self) -> None:
        super().__init__(
            "revisions.never_approved",
            _("This version was never approved; it cannot be brought back."),
        )


class LiveAlready(Conflict):
    """The version is live already."""

    def __init__(self) -> None:
        super().__init__("revisions.live_already", _("This version is live already."))


class NothingLive(Conflict):
    """Nothing of this content is live or will be."""

    def __init__(self) -> None:
        super().__init__("revisions.nothing_live", _("Nothing of this content is live."))


class InEffect(Conflict):
    """What is live is changed by a new version, not by changing its request."""

    def __init__(self) -> None:
        super().__init__(
            "revisions.in_effect",
            _("An approved version is changed by drafting the next one."),
        )


class ReasonMissing(RuleViolation):
    """Words are needed: they are kept as evidence."""

    def __init__(self, field: str = "why") -> None:
        super().__init__(
            "revisions.reason_missing", _("Say why: the words are kept as evidence."), field=field
        )


class OwnDoor(RuleViolation):
    """This kind of content is written through a door of its own."""

    def __init__(self) -> None:
        super().__init__(
            "revisions.own_door",
            _("Content of this kind is written through its own resource, not here."),
        )

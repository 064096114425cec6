"""What listings refuse, by name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class ListingMissing(NotFound):
    """No such listing, or none in the actor's channels."""

    def __init__(self, listing_id: int) -> None:
        super().__init__(
            "catalog.listing_missing", _("There is no such listing."), listing_id=listing_id
        )


class ListedAlready(Conflict):
    """The product has a listing in this channel; `context["listing_id"]`."""

    def __init__(self, listing_id: int) -> None:
        super().__init__(
            "catalog.listed_already",
            _("The product has a listing in this channel already: edit that one."),
            listing_id=listing_id,
        )


class ListingRetired(Conflict):
    """The goods were retired for good."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.listing_retired", _("This listing was retired for good; it stays as it is.")
        )


class NotOnShelf(Conflict):
    """Nothing to take off: the goods are not on the shelf."""

    def __init__(self) -> None:
        super().__init__("catalog.not_on_shelf", _("The goods are not on the shelf."))


class DelistingMissing(NotFound):
    """No such delisting, or none in the actor's channels."""

    def __init__(self, delisting_id: int) -> None:
        super().__init__(
            "catalog.delisting_missing",
            _("There is no such delisting."),
            delisting_id=delisting_id,
        )


class DelistingClosed(Conflict):
    """The delisting is past the state this deed needs."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.delisting_closed", _("This delisting has moved on. Load the page again.")
        )


class DelistingOpen(Conflict):
    """Another delisting of the goods waits for a decision."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.delisting_open", _("Another delisting of these goods waits for a decision.")
        )


class ReasonUnstated(RuleViolation):
    """A reason from the list and words are needed."""

    def __init__(self, field: str = "note") -> None:
        super().__init__(
            "catalog.reason_unstated",
            _("Name the reason and say in words what happened."),
            field=field,
        )


class EffectPast(RuleViolation):
    """Goods cannot leave the shelf in the past."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.effect_past", _("Choose a moment that has not passed."), field="effective_at"
        )


class EntryTwice(Conflict):
    """The list has this entry already."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "catalog.entry_twice", _("The list has this already: %(text)s.") % {"text": text}
        )


class EntryMissing(NotFound):
    """No such entry in force."""

    def __init__(self) -> None:
        super().__init__("catalog.entry_missing", _("There is no such entry in force."))


class PictureRefused(RuleViolation):
    """The picture does not fit the rule of its category."""

    def __init__(self, words: str) -> None:
        super().__init__("catalog.picture_refused", words, field="file")


class TruthIncomplete(RuleViolation):
    """The list of truthfulness has lines that nobody attested."""

    def __init__(self, words: str) -> None:
        super().__init__("catalog.truth_incomplete", words, field="ticks")


class NotAttested(RuleViolation):
    """New pictures need the truthfulness list of a reviewer first."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.not_attested",
            _("Nobody has attested the pictures of this version yet: open the listing and tick."),
        )


class OwnWork(RuleViolation):
    """Who drafted a version does not attest its pictures."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.own_work", _("Somebody else attests what you drafted or uploaded.")
        )


class TaskMissing(NotFound):
    """No such open task, or none in the actor's channels."""

    def __init__(self, task_id: int) -> None:
        super().__init__("catalog.task_missing", _("There is no such open task."), task_id=task_id)


class NothingDrafted(NotFound):
    """The listing has no draft and nothing in review."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.nothing_drafted",
            _("Nothing is drafted: write a version of the listing first."),
        )


class StillWrong(RuleViolation):
    """What is incomplete or contradicts the facts is changed, not verified."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.still_wrong",
            _("The listing is incomplete or contradicts price, stock or facts: change it."),
        )

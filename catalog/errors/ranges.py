"""What the catalogue refuses of range reviews, each refusal once."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class ReviewMissing(NotFound):
    """No such range review, or no such row in it for this actor."""

    def __init__(self) -> None:
        super().__init__("catalog.range_review_missing", _("There is no such range review."))


class DropMissing(NotFound):
    """No such request to drop SKUs."""

    def __init__(self, drop_id: int) -> None:
        super().__init__("catalog.range_drop_missing", _("There is no such drop."), drop_id=drop_id)


class DropDecided(Conflict):
    """SKUs that wait to be dropped, or are dropped, are not decided otherwise beside it."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            "catalog.range_drop_decided",
            _("%(codes)s: a drop is handed in or decided already.")
            % {"codes": ", ".join(codes[:5])},
            skus=list(codes),
        )


class NothingChosen(RuleViolation):
    """A decision is about at least one SKU."""

    def __init__(self) -> None:
        super().__init__("catalog.range_nothing_chosen", _("Choose at least one SKU."))

"""What the catalogue refuses of prices, each refusal once."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import Conflict, NotFound, RuleViolation


class PriceChangeMissing(NotFound):
    """No such price change, or in a channel outside this actor's scope."""

    def __init__(self, change_id: int) -> None:
        super().__init__(
            "catalog.price_change_missing",
            _("There is no such price change."),
            price_change_id=change_id,
        )


class PriceChangeClosed(Conflict):
    """The price change is not in a state in which this may be done."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "catalog.price_change_closed",
            _("In its present state this price change can't be changed this way."),
            state=state,
        )


class PriceChangeEmpty(RuleViolation):
    """A price change needs lines, each SKU once."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.price_change_empty", _("Name at least one SKU, and each SKU once.")
        )


class RivalNeeded(RuleViolation):
    """Every line states the competitor's price, or the change says where none was found."""

    def __init__(self, sku_ids: Collection[int]) -> None:
        super().__init__(
            "catalog.rival_needed",
            _("%(count)s lines have no competitor price: say where you looked and found none.")
            % {"count": len(sku_ids)},
            sku_ids=sorted(sku_ids)[:50],
        )


class WindowWrong(RuleViolation):
    """The end is before the start, or has passed."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.window_wrong", _("The end must lie after the start and in the future.")
        )


class PriceUnchanged(RuleViolation):
    """Lines that ask for the price that is in force."""

    def __init__(self, sku_ids: Collection[int]) -> None:
        super().__init__(
            "catalog.price_unchanged",
            _("%(count)s lines ask for the price that is in force already.")
            % {"count": len(sku_ids)},
            sku_ids=sorted(sku_ids)[:50],
        )


class ChangesOverlap(Conflict):
    """Another approved price change of the same SKU lies in the window."""

    def __init__(self, *, number: str, sku_ids: Collection[int]) -> None:
        super().__init__(
            "catalog.changes_overlap",
            _("%(number)s already sets the price of %(count)s of these SKUs in that time.")
            % {"number": number, "count": len(sku_ids)},
            other=number,
            sku_ids=sorted(sku_ids)[:50],
        )

"""What the catalogue refuses of prices, each refusal once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.errors import BadInput, Conflict, NotFound, RuleViolation


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

    def __init__(self, sku_ids: Collection[int], *, count: int) -> None:
        super().__init__(
            "catalog.rival_needed",
            _("%(count)s lines have no competitor price: say where you looked and found none.")
            % {"count": count},
            sku_ids=sorted(sku_ids)[:50],
        )


class TooLongToEdit(RuleViolation):
    """A draft of more lines than a form holds."""

    def __init__(self, lines: int) -> None:
        super().__init__(
            "catalog.too_long_to_edit",
            _(
                "This draft has %(count)s lines, more than a form holds: give it up and draft it"
                " anew by rule or from a file."
            )
            % {"count": lines},
        )


class WindowWrong(RuleViolation):
    """The end is before the start, or has passed."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.window_wrong", _("The end must lie after the start and in the future.")
        )


class PriceUnchanged(RuleViolation):
    """Lines that ask for the price that is in force."""

    def __init__(self, sku_ids: Collection[int], *, count: int) -> None:
        super().__init__(
            "catalog.price_unchanged",
            _("%(count)s lines ask for the price that is in force already.") % {"count": count},
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


class StruckUnproved(RuleViolation):
    """A struck-out price above the lowest real deal price of the window, or without any deal."""

    def __init__(self, *, proofs: Mapping[int, Decimal | None], days: int) -> None:
        lowest = [price for price in proofs.values() if price is not None]
        words = (
            _(
                "%(count)s struck-out prices are not proved by real deals of the %(days)s days"
                " before the start. The lowest deal price was %(price)s."
            )
            if lowest
            else _(
                "%(count)s struck-out prices are not proved: nothing was sold in the %(days)s days"
                " before the start. Leave them out, or name a suggested price with its evidence."
            )
        )
        super().__init__(
            "catalog.struck_unproved",
            words % {"count": len(proofs), "days": days, "price": min(lowest, default="")},
            field="lines",
            lowest={
                str(sku): None if price is None else str(price)
                for sku, price in sorted(proofs.items())[:50]
            },
        )


class PolicyMissing(NotFound):
    """No such price policy."""

    def __init__(self, policy_id: int) -> None:
        super().__init__(
            "catalog.policy_missing", _("There is no such price policy."), policy_id=policy_id
        )


class PolicyClosed(Conflict):
    """The policy was handed in and is fixed."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "catalog.policy_closed",
            _("This version was handed in and is fixed; draft a new one."),
            state=state,
        )


class PolicyWrong(RuleViolation):
    """Figures of a policy that contradict each other."""

    def __init__(self, message: Any, *, field: str) -> None:
        super().__init__("catalog.policy_wrong", message, field=field)


class CaseMissing(NotFound):
    """No such case or suggestion, or in a channel outside this actor's scope."""

    def __init__(self, case_id: int) -> None:
        super().__init__("catalog.case_missing", _("There is no such case."), case_id=case_id)


class CaseClosed(Conflict):
    """The case was handled, or the suggestion decided."""

    def __init__(self) -> None:
        super().__init__("catalog.case_closed", _("This was decided already."))


class OfferSuspended(Conflict):
    """The offer is off sale already."""

    def __init__(self) -> None:
        super().__init__("catalog.offer_suspended", _("This offer is off sale already."))


class SamePerson(RuleViolation):
    """Whoever took an offer off sale does not put it back."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.same_person",
            _("You took this offer off sale: another person puts it back on sale."),
        )


class RuleMatchesNothing(RuleViolation):
    """No SKU with a price fits the rule, or every price stays as it is."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.rule_matches_nothing",
            _("No priced SKU of this category would get another price by this rule."),
        )


class TierUnreadable(BadInput):
    """A tier is a short code."""

    def __init__(self) -> None:
        super().__init__(
            "catalog.tier_unreadable",
            _("A price tier is at most 16 lower-case letters, digits or underscores."),
            field="tier",
        )

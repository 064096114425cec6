"""What every offer of a case may say beside its kind: goods, conditions, caps, what is used up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from catalog.rules.price_cases import vocabulary as words
from catalog.rules.price_cases.baskets import CLOSED, Shelf
from catalog.rules.price_cases.vocabulary import Case, figure, first, text, whole
from catalog.rules.promotions.baskets import Usage

_GOODS: Final = (
    "goods", "range", "benefit_range", "products", "product", "skus", "sku", "applies_to", "on",
    "category", "categories", "collection", "target_products", "only", "lines", "target_goods",
)  # fmt: skip
_COUNTED: Final = ("range", "goods", "products", "product", "category", "skus", "condition_range")


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule in the making: its JSON, what its caps have left, and how often it may come again.

    `copies` > 1 are applications one after the other that use pieces up, as django-oscar has
    them; `whole_budget` drops the rule where the budget can't pay all of it, as Medusa does.
    """

    rule: Mapping[str, Any]
    usage: Usage = field(default_factory=Usage)
    copies: int = 1
    whole_budget: bool = False
    label: str = ""

    def merged(self, **parts: Any) -> Draft:
        """Return the draft with more of its rule filled in."""
        return replace(self, rule={**self.rule, **parts})


def draft(offer: Case, shelf: Shelf, dialect: str, **own: Any) -> Draft:
    """Return a rule with everything an offer may say beside its kind."""
    rule: dict[str, Any] = {
        "goods": {**_goods(offer, shelf), "except_categories": [CLOSED]},
        "condition": condition(offer, shelf),
        "caps": _caps(offer),
        "stacking": {"combines_with": ["*"]},
        **own,
    }
    if offer.get("cheapest_first") is not None or offer.get("take"):
        rule["take"] = offer.get("take") or ("cheapest" if offer["cheapest_first"] else "dearest")
    elif dialect == "woocommerce":
        rule["take"] = "dearest"
    budget = offer.get("budget") or offer.get("campaign_budget")
    usage = _usage(offer, budget)
    if code := first(offer, ("code", "coupon", "coupon_code")):
        rule["coupon"] = True
        usage = replace(usage, coupons=(str(code),))
    spends = isinstance(budget, Mapping) and budget.get("type", "spend") == "spend"
    label = str(first(offer, ("name", "id", "title", "phrase", "kind", "type")) or "")
    return Draft(rule, usage, whole_budget=dialect == "medusa" and spends, label=label)


def _goods(offer: Case, shelf: Shelf) -> dict[str, Any]:
    found = first(offer, _GOODS)
    chosen: dict[str, Any] = {}
    if found is not None and str(found).lower() not in {"all", "*", "order", "basket", "cart"}:
        chosen["skus"] = shelf.find(found)
    left_out = first(offer, ("exclude", "excluded", "except", "exclude_products", "not_on"))
    if left_out is not None:
        chosen["except_skus"] = shelf.find(left_out)
        chosen["skus"] = [sku for sku in chosen.get("skus", ()) if sku not in chosen["except_skus"]]
    return chosen


def condition(offer: Case, shelf: Shelf) -> dict[str, Any]:
    """Return the condition of an offer, from its own object or from fields beside it."""
    given = offer.get("condition", offer.get("conditions", {}))
    given = given if isinstance(given, Mapping) else {}
    found: dict[str, Any] = {}
    kind = given.get("type", given.get("kind"))
    if kind is not None and given.get("value") is not None:
        given = {**given, str(kind).lower(): given["value"]}
    amount = figure(given, ("amount", "value_amount", *words.MINIMUM, "total", "subtotal"))
    amount = figure(given, ("value",)) if amount is None and kind is None else amount
    amount = figure(offer, words.MINIMUM) if amount is None else amount
    if amount:
        more = str(given.get("operator", offer.get("operator", ""))).lower() in {"gt", ">"}
        found["amount"] = text(amount + (Decimal("0.01") if more else 0))
    count = whole(given, ("count", "quantity", "items", *words.LEAST_PIECES))
    count = whole(offer, words.LEAST_PIECES) if count is None else count
    if count:
        found["count"] = count
    distinct = whole(given, ("coverage", "distinct", "different"))
    if distinct:
        found["distinct"] = distinct
    counted = first(given, _COUNTED) or offer.get("condition_range")
    if counted is not None and str(counted).lower() not in {"all", "*"}:
        found["goods"] = {"skus": shelf.find(counted)}
    found |= _who(offer, given)
    return found


def _who(offer: Case, given: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    tiers = first(given, ("tiers", "tier", "customer_tier")) or first(
        offer, ("for_tiers", "customer_tiers", "tier", "customer_group")
    )
    if tiers:
        found["tiers"] = tiers if isinstance(tiers, list) else [tiers]
    if given.get("first_order") or offer.get("first_order_only"):
        found["first_order"] = True
    for name in ("channels", "weekdays"):
        if given.get(name):
            found[name] = given[name]
    hours = given.get("hours") or offer.get("hours")
    if hours:
        found["hours"] = [_stretch(one) for one in (hours if isinstance(hours, list) else [hours])]
    if given.get("before_discounts"):
        found["before_discounts"] = True
    return found


def _stretch(written: object) -> object:
    if isinstance(written, str):
        since, _dash, until = written.partition("-")
        return {"since": since.strip(), "until": until.strip()}
    return written


def _caps(offer: Case) -> dict[str, Any]:
    caps = dict(offer["caps"]) if isinstance(offer.get("caps"), Mapping) else {}
    if (most := figure(offer, words.MOST_OFF)) is not None:
        caps["order"] = text(most)
    if (line := figure(offer, ("line_cap", "max_per_line"))) is not None:
        caps["line"] = text(line)
    if pieces := whole(offer, words.MOST_PIECES):
        caps["order_pieces"] = pieces
    if times := whole(offer, words.MOST_TIMES):
        caps["times"] = times
    return caps


def _usage(offer: Case, budget: Any) -> Usage:
    used, buyer_used = whole(offer, words.USED) or 0, whole(offer, words.BUYER_USED) or 0
    uses, buyer_uses = whole(offer, words.USES), whole(offer, words.BUYER_USES)
    left: Decimal | None = None
    if isinstance(budget, Mapping):
        limit = words.needed(budget, ("limit", "amount", "value", "total"))
        gone = figure(budget, ("used", "spent")) or Decimal(0)
        if budget.get("type", "spend") == "usage":
            uses, used = int(limit), int(gone)
        else:
            left = limit - gone
    elif budget is not None:
        left = words.number(budget) - (figure(offer, ("spent", "budget_used")) or Decimal(0))
    return Usage(
        uses_left=None if uses is None else max(0, uses - used),
        buyer_uses_left=None if buyer_uses is None else max(0, buyer_uses - buyer_used),
        budget_left=None if left is None else max(Decimal(0), left),
        pieces_left=_left(whole(offer, ("quantity_cap", "flash_stock", "pieces")), offer),
        buyer_pieces_left=whole(offer, ("per_buyer_limit", "pieces_per_buyer", "limit_per_buyer")),
        gift_pieces_left=whole(offer, ("gift_stock", "gifts_left")),
    )


def _left(pieces: int | None, offer: Case) -> int | None:
    return None if pieces is None else max(0, pieces - (whole(offer, ("sold",)) or 0))

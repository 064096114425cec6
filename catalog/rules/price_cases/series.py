"""Several offers at once: one after the other, by discount classes, the best, or one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from catalog.rules.price_cases import phrases
from catalog.rules.price_cases.kinds import Setting, drafts
from catalog.rules.price_cases.offers import Draft
from catalog.rules.price_cases.vocabulary import Case, Unknown, first, kind_of

SERIES: Final = frozenset({"sequence", "combination", "stack", "best", "exclusive"})
_CLASS_ORDER: Final = {"product": 0, "order": 1, "shipping": 2}
_SAME: Final = 50


def all_drafts(rule: Any, setting: Setting) -> list[Draft]:
    """Return the rules of a case, in the order in which they apply. Raises Unknown."""
    if isinstance(rule, str):
        rule = {**phrases.read(rule), "phrase": rule}
    if isinstance(rule, Sequence):
        return _in_turn([_offer(one) for one in rule], setting)
    listed = first(rule, ("offers", "rules", "promotions", "discounts"))
    single = first(rule, ("offer", "promotion", "base_rule"))
    if listed is None and isinstance(single, Mapping | str):
        listed = [single]
    try:
        kind = kind_of(rule)
    except Unknown:
        if not isinstance(listed, Sequence):
            raise
        kind = "sequence"
    if kind not in SERIES:
        return _own_series(rule, setting)
    offers = [_offer(one) for one in listed or ()]
    if kind == "combination" and any("combine" in one or "class" in one for one in offers):
        return _classes(offers, setting)
    if kind == "best" or rule.get("choose") == "best":
        return _alternatives(offers, setting)
    if kind == "exclusive":
        return _exclusive(offers, setting)
    return _in_turn(offers, setting)


def _own_series(rule: Case, setting: Setting) -> list[Draft]:
    return [_prioritised(one, 1) for one in drafts(rule, setting)]


def _offer(one: Any) -> dict[str, Any]:
    if isinstance(one, str):
        return {**phrases.read(one), "phrase": one}
    if not isinstance(one, Mapping):
        raise Unknown(str(one))
    found = dict(one)
    for name in ("combines_with", "combine_with", "combinesWith", "combine"):
        if name in found:
            found["combine"] = _names(found.pop(name))
    return found


def _names(given: Any) -> list[str]:
    if isinstance(given, Mapping):
        given = [word for word, yes in given.items() if yes]
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Sequence):
        return ["product", "order", "shipping"] if given else []
    return [
        str(word).lower().removesuffix("discounts").removesuffix("_").rstrip("s") for word in given
    ]


def _prioritised(one: Draft, priority: int, **stacking: Any) -> Draft:
    return one.merged(stacking={**one.rule["stacking"], "priority": priority, **stacking})


def _order(offers: Sequence[Case]) -> list[Case]:
    """Return offers by their priority where they have one: the higher first."""
    if any("priority" in one for one in offers):
        return sorted(offers, key=lambda one: -int(one.get("priority", 0)))
    return list(offers)


def _in_turn(offers: Sequence[Case], setting: Setting) -> list[Draft]:
    """Return offers one after the other, each on what the former left."""
    found = []
    for place, offer in enumerate(_order(offers), start=1):
        alone = _is_exclusive(offer)
        for one in drafts(offer, setting):
            made = _prioritised(one, place)
            found.append(_alone(made) if alone else made)
    return found


def _is_exclusive(offer: Case) -> bool:
    return any(offer.get(word) is True for word in ("exclusive", "individual_use"))


def _alone(one: Draft) -> Draft:
    stacking = {k: v for k, v in one.rule["stacking"].items() if k != "combines_with"}
    return one.merged(stacking={**stacking, "exclusive": True})


def _exclusive(offers: Sequence[Case], setting: Setting) -> list[Draft]:
    """Return offers of which one stands alone: the first by priority, else the best."""
    found = []
    for place, offer in enumerate(_order(offers), start=1):
        turn = place if "priority" in offer else _SAME
        found += [_alone(_prioritised(one, turn)) for one in drafts(offer, setting)]
    return found


def _alternatives(offers: Sequence[Case], setting: Setting) -> list[Draft]:
    """Return offers of which the one that saves most counts."""
    found = []
    for place, offer in enumerate(offers):
        own = {"group": f"choice{place}", "combines_with": [f"choice{place}"], "within": "order"}
        found += [_prioritised(one, _SAME, **own) for one in drafts(offer, setting)]
    return found


def _classes(offers: Sequence[Case], setting: Setting) -> list[Draft]:
    """Return offers of discount classes: two meet when each combines with the other's class.

    One product discount counts on a line, even where product discounts combine in the order.
    """
    placed = [(_class(offer), offer) for offer in offers]
    found = []
    for name, offer in sorted(placed, key=lambda one: _CLASS_ORDER[one[0]]):
        meets = set(offer.get("combine", ()))
        wide = not (name == "product" and "product" in meets)
        stacking = {
            "group": name,
            "combines_with": sorted(meets - ({"product"} if name == "product" else set())),
            "within": "order" if wide else "goods",
        }
        found += [_prioritised(one, _SAME, **stacking) for one in drafts(offer, setting)]
    return found


def _class(offer: Case) -> str:
    named = str(first(offer, ("class", "discount_class")) or "").lower().rstrip("s")
    if named in _CLASS_ORDER:
        return named
    kind = kind_of(offer)
    if kind.startswith("shipping"):
        return "shipping"
    return (
        "order"
        if kind in {"fixed_off_basket", "spend_and_save"} or "goods" not in offer
        else "product"
    )


def copied(found: Sequence[Draft]) -> list[Draft]:
    """Return drafts with those that come again and again written out."""
    return [replace(one, copies=1) for one in found for _copy in range(one.copies)]

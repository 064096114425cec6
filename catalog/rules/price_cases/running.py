"""One case through the engine: its rules, its quote, its returns, and the facts to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from catalog.rules.price_cases import baskets, series
from catalog.rules.price_cases.kinds import Setting
from catalog.rules.price_cases.offers import Draft
from catalog.rules.price_cases.vocabulary import Case, Unknown, dialect_of, first
from catalog.rules.promotions.baskets import Basket, Usage
from catalog.rules.promotions.quotes import Cut, Quote
from catalog.rules.promotions.quoting import RuleSet, compile_rules, quote
from catalog.rules.promotions.reading import parse_rule
from catalog.rules.promotions.refunds import Refund, refund


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to."""

    basket: Basket
    quote: Quote
    drafts: Sequence[Draft]
    refunds: Sequence[Refund] = field(default_factory=tuple)
    gifts_kept: bool = False


def run(case: Case) -> Outcome:
    """Return what a case comes to.

    Raises Unknown for a word that is not in the vocabulary, BadInput for a rule or figure the
    engine refuses.
    """
    basket, shelf = baskets.read(case)
    rule = case.get("rule", case.get("rules", case.get("offers")))
    if rule is None:
        raise Unknown("(no rule)")
    if isinstance(rule, Mapping) and "engine" in rule:
        given = rule["engine"]
        found = [Draft(one) for one in (given if isinstance(given, list) else [given])]
    else:
        setting = Setting(basket, shelf, dialect_of(case))
        found = series.copied(series.all_drafts(rule, setting))
    basket = _presenting(basket, found)
    answer, rules, usage = _quoted(basket, found)
    answer, rules, usage = _within_budgets(basket, found, answer, (rules, usage))
    return Outcome(
        basket=basket,
        quote=answer,
        drafts=found,
        refunds=_refunds(case, (basket, answer), shelf, rules, usage),
        gifts_kept=bool(case.get("gifts_kept")),
    )


def _presenting(basket: Basket, found: Sequence[Draft]) -> Basket:
    """Present the codes of the offers where a case does not say which codes are presented."""
    if basket.coupons:
        return basket
    codes = dict.fromkeys(code for one in found for code in one.usage.coupons)
    return replace(basket, coupons=tuple(codes))


def _quoted(basket: Basket, found: Sequence[Draft]) -> tuple[Quote, RuleSet, dict[int, Usage]]:
    rules = compile_rules(
        [parse_rule(one.rule, id=place, number=f"R{place}") for place, one in enumerate(found, 1)]
    )
    usage = {place: one.usage for place, one in enumerate(found, 1)}
    return quote(basket, rules, usage), rules, usage


def _within_budgets(
    basket: Basket,
    found: Sequence[Draft],
    answer: Quote,
    made: tuple[RuleSet, dict[int, Usage]],
) -> tuple[Quote, RuleSet, dict[int, Usage]]:
    """Drop the rules that their budget cuts, where a budget pays all or nothing."""
    cut = {done.rule_id for done in answer.discounts if Cut.BUDGET in done.cuts}
    dropped = {place for place in cut if found[place - 1].whole_budget}
    if not dropped:
        return answer, *made
    usage = {
        place: replace(one, budget_left=Decimal(0)) if place in dropped else one
        for place, one in made[1].items()
    }
    return quote(basket, made[0], usage), made[0], usage


def _refunds(
    case: Case,
    order: tuple[Basket, Quote],
    shelf: baskets.Shelf,
    rules: RuleSet,
    usage: Mapping[int, Usage],
) -> tuple[Refund, ...]:
    basket, answer = order
    rule = case.get("rule")
    given = first(case, ("returns", "return", "returned", "refund"))
    if given is None and isinstance(rule, Mapping):
        given = first(rule, ("returns", "return", "returned", "refund"))
    if given is None:
        return ()
    rows = given if isinstance(given, list) else [given]
    turns = rows if rows and all(isinstance(row, list) for row in rows) else [rows]
    if case.get("one_by_one"):
        turns = [[row] for row in rows]
    found: list[Refund] = []
    before: dict[str, int] = {}
    for turn in turns:
        back: dict[str, int] = {}
        for row in turn:
            key, pieces = _returned(row, basket, shelf)
            back[key] = back.get(key, 0) + pieces
        found.append(refund(answer, basket, rules, back, before=before, usage=usage))
        before = {key: before.get(key, 0) + back.get(key, 0) for key in {*before, *back}}
    return tuple(found)


def _returned(row: Any, basket: Basket, shelf: baskets.Shelf) -> tuple[str, int]:
    if isinstance(row, int):
        row = {"line": row}
    if not isinstance(row, Mapping):
        raise Unknown(f"return {row}")
    pieces = first(row, ("qty", "quantity", "count", "pieces"))
    line = first(row, ("line", "index", "line_no"))
    if line is None:
        (sku_id, *_rest) = shelf.find(first(row, ("sku", "product", "name", "item", "id")))
        line = next(n for n, one in enumerate(basket.lines) if one.sku_id == sku_id)
    quantity = basket.lines[int(line)].quantity if pieces is None else int(pieces)
    return str(line), quantity

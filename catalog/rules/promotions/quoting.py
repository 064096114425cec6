"""The quote: rules compiled once, run over a basket in their order (docs/promotions.md).

Pure: the same basket, rules and usage give the same quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Final

from catalog.rules.promotions.baskets import UNUSED, Basket, Usage
from catalog.rules.promotions.cents import cents, money
from catalog.rules.promotions.entries import Entry, reach, woken
from catalog.rules.promotions.goods import GoodsIndex, index
from catalog.rules.promotions.pieces import Board
from catalog.rules.promotions.quotes import (
    Discount,
    LineDiscount,
    Quote,
    QuotedGift,
    QuotedLine,
    Reason,
    Skipped,
)
from catalog.rules.promotions.rules import Points, Rule
from catalog.rules.promotions.running import Applied, Run
from catalog.rules.promotions.stacking import Relations, Trial, chosen, mask, relations, stage

NO_USAGE: Final[Mapping[int, Usage]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Live rules in their order of application, found by the goods of a basket."""

    rules: tuple[Rule, ...]
    index: GoodsIndex
    relations: Relations
    points_rate: Decimal


def compile_rules(rules: Iterable[Rule], *, points_rate: Decimal = Decimal(1)) -> RuleSet:
    """Return rules ready for quotes; `points_rate` is the points of one whole unit of money.

    Order: prices, gifts, shipping, points; in each smaller priority first, then lower id.
    """
    ordered = tuple(sorted(rules, key=lambda rule: (stage(rule), rule.priority, rule.id)))
    return RuleSet(
        rules=ordered,
        index=index([reach(rule) for rule in ordered]),
        relations=relations(ordered),
        points_rate=points_rate,
    )


def quote(basket: Basket, rules: RuleSet, usage: Mapping[int, Usage] = NO_USAGE) -> Quote:
    """Return what the basket costs under the rules, with every discount as its own line.

    `usage` says by rule id what caps and coupons have left; a rule without an entry has its
    caps whole and no coupon. Every net amount is at least zero and at least floor x quantity
    (unless the list price is under the floor already).
    """
    entries, skipped = _woken(basket, rules, usage)
    if any(rules.relations.foes[place] & mask(entries) for place in entries):
        stay = _plan(basket, rules, entries)
        skipped += [(place, Reason.NOT_COMBINED) for place in entries if place not in stay]
        entries = {place: entries[place] for place in stay}
    run = _run(basket, rules, entries)
    return _answer(basket, rules, run, skipped, usage)


def _woken(
    basket: Basket, rules: RuleSet, usage: Mapping[int, Usage]
) -> tuple[dict[int, Entry], list[tuple[int, Reason]]]:
    """Return the rules whose goods are in the basket and that are open to it, by place."""
    reached: set[int] = set()
    for line in basket.lines:
        reached |= rules.index.places(line.sku_id, line.category)
    entries: dict[int, Entry] = {}
    skipped: list[tuple[int, Reason]] = []
    for place in sorted(reached):
        rule = rules.rules[place]
        found = woken(place, rule, basket, usage.get(rule.id, UNUSED))
        if isinstance(found, Reason):
            skipped.append((place, found))
        elif found is not None:
            entries[place] = found
    return entries, skipped


def _plan(basket: Basket, rules: RuleSet, entries: Mapping[int, Entry]) -> tuple[int, ...]:
    def trial(places: Sequence[int]) -> Trial:
        run = _run(basket, rules, {place: entries[place] for place in places})
        return Trial(run.saving, frozenset(done.entry.place for done in run.applied))

    priorities = {place: rules.rules[place].priority for place in entries}
    return chosen(tuple(entries), priorities, rules.relations.foes, trial)


def _run(basket: Basket, rules: RuleSet, entries: Mapping[int, Entry]) -> Run:
    run = Run(Board(basket), basket, rules.relations.friends, cents(basket.shipping))
    for _turn, level in groupby(entries.values(), _turn_of):
        waiting = list(level)
        if len(waiting) > 1 and _compete(waiting, rules.relations.friends):
            savings = {entry.place: run.trial(entry) for entry in waiting}
            waiting.sort(key=lambda entry: -savings[entry.place])
        for entry in waiting:
            run.take(entry)
    return run


def _turn_of(entry: Entry) -> tuple[int, int]:
    return stage(entry.rule), entry.rule.priority


def _compete(entries: Sequence[Entry], friends: Sequence[int]) -> bool:
    """Say whether two of these rules want the same line and do not meet on it."""
    for place, one in enumerate(entries):
        for other in entries[place + 1 :]:
            if friends[one.place] >> other.place & 1:
                continue
            if not set(one.lines).isdisjoint(other.lines):
                return True
    return False


def _answer(
    basket: Basket,
    rules: RuleSet,
    run: Run,
    skipped: list[tuple[int, Reason]],
    usage: Mapping[int, Usage],
) -> Quote:
    goods = sum(line.listed for line in run.board.lines)
    net = sum(line.net for line in run.board.lines)
    factors = _factors(basket, run)
    return Quote(
        lines=_quoted_lines(basket, run),
        discounts=tuple(_discount(basket, done) for done in run.applied),
        gifts=_quoted_gifts(run),
        skipped=_skipped(basket, rules, [*skipped, *run.skipped], usage),
        shipping_before=money(cents(basket.shipping)),
        shipping_after=money(run.shipping),
        goods_total=money(goods),
        discount_total=money(goods - net),
        total=money(net + run.shipping),
        points=_points(run, factors, rules.points_rate),
        points_factor=max(factors, default=Decimal(1)),
        currency=basket.currency,
    )


def _quoted_lines(basket: Basket, run: Run) -> tuple[QuotedLine, ...]:
    discounts: list[list[LineDiscount]] = [[] for _line in basket.lines]
    for done in run.applied:
        for place, amount in done.by_line.items():
            discounts[place].append(LineDiscount(done.entry.rule.id, money(amount)))
    return tuple(
        QuotedLine(
            key=line.key,
            quantity=line.quantity,
            list_amount=money(work.listed),
            discounts=tuple(off),
            net_amount=money(work.net),
        )
        for line, work, off in zip(basket.lines, run.board.lines, discounts, strict=True)
    )


def _discount(basket: Basket, done: Applied) -> Discount:
    return Discount(
        rule=done.entry.rule,
        amount=money(done.amount),
        spread={basket.lines[place].key: money(cut) for place, cut in done.by_line.items()},
        times=done.times,
        pieces=done.pieces,
        consumed=done.consumed,
        coupon=done.entry.coupon,
        cuts=done.cuts,
        on_shipping=done.on_shipping,
    )


def _quoted_gifts(run: Run) -> tuple[QuotedGift, ...]:
    return tuple(
        QuotedGift(
            rule_id=done.entry.rule.id,
            sku_id=gift.sku_id,
            quantity=gift.quantity,
            value=gift.value,
        )
        for done in run.applied
        for gift in done.gifts
    )


def _factors(basket: Basket, run: Run) -> list[Decimal]:
    """Return the points factor of each line: one, and what each rule adds to one."""
    factors = [Decimal(1)] * len(basket.lines)
    for done in run.applied:
        benefit = done.entry.rule.benefit
        if isinstance(benefit, Points):
            for place in done.entry.lines:
                factors[place] += benefit.factor - 1
    return factors


def _points(run: Run, factors: Sequence[Decimal], rate: Decimal) -> int:
    earned = sum(
        (money(line.net) * factor for line, factor in zip(run.board.lines, factors, strict=True)),
        Decimal(0),
    )
    extra = sum(
        done.entry.rule.benefit.extra
        for done in run.applied
        if isinstance(done.entry.rule.benefit, Points)
    )
    return int((earned * rate).to_integral_value(ROUND_FLOOR)) + extra


def _skipped(
    basket: Basket,
    rules: RuleSet,
    found: Sequence[tuple[int, Reason]],
    usage: Mapping[int, Usage],
) -> tuple[Skipped, ...]:
    why = [Skipped(rule_id=rules.rules[place].id, reason=reason) for place, reason in sorted(found)]
    if basket.coupons:
        known = {code for one in usage.values() for code in one.coupons}
        why += [
            Skipped(rule_id=None, reason=Reason.UNKNOWN_COUPON, coupon=code)
            for code in basket.coupons
            if code not in known
        ]
    return tuple(why)

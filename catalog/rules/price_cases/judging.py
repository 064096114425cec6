"""What a case expects beside what it got: every expected word is answered, none is passed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from catalog.rules.price_cases.running import Outcome, run
from catalog.rules.price_cases.vocabulary import Case, Unknown
from catalog.rules.promotions.cents import cents, money
from ops.engines.kernel.errors import OpsError


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case judged; `unknown` names the word that is not in the vocabulary."""

    id: str
    expected: Mapping[str, Any]
    got: Mapping[str, Any]
    equal: bool
    unknown: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as it is printed."""
        plain = {"id": self.id, "expected": self.expected, "got": self.got, "equal": self.equal}
        return {**plain, "unknown": self.unknown} if self.unknown else plain


def judge(case: Case) -> Verdict:
    """Run a case and compare; what can't be read is a verdict too."""
    name, expected = str(case.get("id", "?")), dict(case.get("expect", case.get("expected", {})))
    refusal = _refusal_wanted(expected)
    try:
        outcome = run(case)
    except Unknown as error:
        return Verdict(name, expected, {}, equal=False, unknown=str(error))
    except (OpsError, ArithmeticError, ValueError, KeyError, TypeError, IndexError) as error:
        got = {"refused": str(error)}
        return Verdict(name, expected, got, equal=refusal)
    if not expected:
        return Verdict(name, expected, {}, equal=False, unknown="(nothing expected)")
    return _compared(name, expected, outcome)


def _compared(name: str, expected: Mapping[str, Any], outcome: Outcome) -> Verdict:
    got: dict[str, Any] = {}
    strange: list[str] = []
    for word, wanted in expected.items():
        if word in _NOTES:
            continue
        read = FACTS.get(word)
        if read is None:
            strange.append(word)
            got[word] = None
        else:
            got[word] = _shown(read(outcome), wanted)
    equal = bool(got) and not strange and all(same(expected[word], got[word]) for word in got)
    return Verdict(name, expected, got, equal, unknown=", ".join(f"expect {w}" for w in strange))


_NOTES: Final = frozenset({"note", "notes", "why", "arithmetic", "explanation", "comment"})


def _refusal_wanted(expected: Mapping[str, Any]) -> bool:
    return any(bool(expected.get(word)) for word in ("refused", "error", "invalid", "rejected"))


def same(expected: Any, got: Any) -> bool:
    """Say whether two values are equal: figures by their worth, lists part by part."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return bool(expected) == bool(got)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return all(same(wanted, got.get(word)) for word, wanted in expected.items())
    try:
        return Decimal(str(expected)) == Decimal(str(got))
    except InvalidOperation:
        return str(expected) == str(got)


def _shown(value: Any, wanted: Any) -> Any:
    """Return a fact in the form in which it is expected: a list of one as its only value."""
    if isinstance(value, list) and not isinstance(wanted, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Forms | Named):
        value = value.like(wanted)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Forms:
    """A fact that is told in several forms: by line, by unlike price, by piece."""

    forms: tuple[list[Any], ...]

    def like(self, wanted: Any) -> Any:
        """Return the first form as long as what is expected."""
        length = len(wanted) if isinstance(wanted, list) else 1
        fitting = next((form for form in self.forms if len(form) == length), self.forms[0])
        return fitting if isinstance(wanted, list) else fitting[0] if fitting else None


def _discount(outcome: Outcome) -> Decimal:
    """Return what came off the goods; of offers on shipping alone, what came off the fee."""
    return outcome.quote.discount_total or _shipping_off(outcome)


def _shipping_off(outcome: Outcome) -> Decimal:
    return outcome.quote.shipping_before - outcome.quote.shipping_after


def _net(outcome: Outcome) -> Decimal:
    return outcome.quote.goods_total - outcome.quote.discount_total


def _touched(outcome: Outcome) -> int:
    """Return the pieces with a discount, each counted once."""
    whole = sum(line.quantity for line in outcome.quote.lines)
    pieces = 0
    for done in outcome.quote.discounts:
        is_free = done.rule.type == "percentage" and done.rule.condition.consumes
        pieces += done.consumed if is_free and _is_all_off(done.rule.benefit) else done.pieces
    return min(whole, pieces)


def _is_all_off(benefit: Any) -> bool:
    return benefit.off is not None and benefit.off.percent == 100


def _units(outcome: Outcome) -> Forms:
    by_line, by_price, by_piece = [], [], []
    for line in outcome.quote.lines:
        low, above = divmod(cents(line.net_amount), line.quantity)
        pieces = [money(low + 1)] * above + [money(low)] * (line.quantity - above)
        by_line.append(line.net_amount / line.quantity)
        by_price += list(dict.fromkeys(pieces))
        by_piece += pieces
    return Forms((by_line, by_price, by_piece))


def _line_discounts(outcome: Outcome) -> list[Decimal]:
    return [line.list_amount - line.net_amount for line in outcome.quote.lines]


def _applied(outcome: Outcome) -> int:
    """Return how often offers were applied."""
    return sum(done.times for done in outcome.quote.discounts)


def _refunds(outcome: Outcome) -> list[Decimal]:
    kept = outcome.gifts_kept
    return [back.total - (back.gift_value if kept else 0) for back in outcome.refunds]


def _refund_total(outcome: Outcome) -> Decimal:
    return sum(_refunds(outcome), Decimal(0))


def _gifts(outcome: Outcome) -> int:
    return sum(gift.quantity for gift in outcome.quote.gifts)


def _reasons(outcome: Outcome) -> list[str]:
    return list(dict.fromkeys(one.reason.value for one in outcome.quote.skipped))


@dataclass(frozen=True, slots=True)
class Named:
    """Whether anything applied, or by name what did, as the case asks."""

    names: list[str]

    def like(self, wanted: Any) -> Any:
        """Return the names where a list is expected, the only name for a name, else yes or no."""
        if isinstance(wanted, list):
            return self.names
        return ", ".join(self.names) if isinstance(wanted, str) else bool(self.names)


def _named(outcome: Outcome) -> Named:
    labels = [outcome.drafts[done.rule_id - 1].label for done in outcome.quote.discounts]
    return Named(list(dict.fromkeys(labels)))


def _cuts(outcome: Outcome) -> list[str]:
    return [cut.value for done in outcome.quote.discounts for cut in done.cuts]


def _facts(rows: Mapping[str, Callable[[Outcome], Any]]) -> Mapping[str, Callable[[Outcome], Any]]:
    return MappingProxyType({word: fact for words, fact in rows.items() for word in words.split()})


def _shipping_after(outcome: Outcome) -> Decimal:
    return outcome.quote.shipping_after


def _each(outcome: Outcome) -> list[Decimal]:
    return [done.amount for done in outcome.quote.discounts]


def _nets(outcome: Outcome) -> list[Decimal]:
    return [line.net_amount for line in outcome.quote.lines]


def _kept(outcome: Outcome) -> Decimal:
    return outcome.quote.total - _refund_total(outcome)


FACTS: Final = _facts(
    {
        "discount discount_total total_discount goods_discount order_discount saving savings": (
            _discount
        ),
        "total total_after order_total pay payable amount_due grand_total paid to_pay": (
            lambda outcome: outcome.quote.total
        ),
        "basket_total subtotal subtotal_after goods_total_after net goods_net net_total cart_total "
        "total_without_shipping goods_total goods": _net,
        "goods_before list_total subtotal_before total_before": (
            lambda outcome: outcome.quote.goods_total
        ),
        "shipping shipping_after shipping_charge shipping_fee shipping_total": _shipping_after,
        "shipping_discount shipping_off": _shipping_off,
        "items_with_discount discounted_items": _touched,
        "items_without_discount": lambda outcome: (
            sum(line.quantity for line in outcome.quote.lines) - _touched(outcome)
        ),
        "unit_price_after unit_prices_after unit_prices unit_price prices_after": _units,
        "line_discounts discounts_by_line allocation spread allocations": _line_discounts,
        "line_totals lines_after net_lines line_net lines line_amounts line_totals_after": _nets,
        "discounts offer_discounts amounts": _each,
        "applications times applied_times freq num_applications": _applied,
        "applied is_applied eligible condition_met applied_rules winner": _named,
        "applied_offers offers_applied discount_count": lambda outcome: len(
            outcome.quote.discounts
        ),
        "gifts gift_count gift_quantity gift_pieces": _gifts,
        "points": lambda outcome: outcome.quote.points,
        "refund refunds refund_amount refund_amounts": _refunds,
        "refund_total refunded": _refund_total,
        "kept paid_after_refund remaining": _kept,
        "gift_value": lambda outcome: sum((b.gift_value for b in outcome.refunds), Decimal(0)),
        "gifts_due": lambda outcome: sum(
            gift.quantity for back in outcome.refunds for gift in back.gifts_due
        ),
        "cuts cut": _cuts,
        "reasons reason": _reasons,
        "refused error invalid rejected": lambda _outcome: False,
    }
)


def judge_all(cases: Sequence[Case]) -> list[Verdict]:
    """Judge cases in their order."""
    return [judge(case) for case in cases]

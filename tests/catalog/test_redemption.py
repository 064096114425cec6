"""What orders take of promotions: all or nothing, never beyond a cap, and back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.errors import promotions as errors
from catalog.errors.goods import CodeTaken
from catalog.models import Coupon, PromotionUse
from catalog.rules import coupon_codes
from catalog.selectors import promotions as selectors
from catalog.services import coupons, promotions, redemption
from catalog.services.redemption import OnRefusal
from catalog.types.promotions import PromotionInfo, UseWanted
from ops.engines.kernel.errors import BadInput, Forbidden
from tests.catalog.promos import DURING, draft, running, wish
from tests.catalog.shop import Shop, actor
from tests.engines.identity.factories import AT, SYSTEM

FLASH: dict[str, Any] = {
    "type": "flash_sale",
    "price": "150.00",
    "caps": {"budget": "1000", "pieces": 5, "pieces_per_buyer": 2, "uses": 4, "buyer_uses": 2},
}


def take(*wanted: UseWanted, on_refusal: OnRefusal = "report") -> tuple[list[int], list[str]]:
    """Return the orders that got what they wanted, and why the others did not."""
    done = redemption.consume(wanted=wanted, on_refusal=on_refusal, actor=SYSTEM, at=DURING)
    return [pk for _kind, pk in done.taken], [one.why for one in done.refused]


def used(made: PromotionInfo) -> tuple[int, int, Decimal]:
    found = selectors.standing(promotion_id=made.id)
    return found.uses, found.pieces, found.amount


def test_uses_count_and_come_back_once(shop: Shop) -> None:
    made = running(shop)
    take(wish(made, 1, amount="30.00", pieces=3), wish(made, 2))
    assert used(made) == (2, 4, Decimal("40.00"))

    assert redemption.release(sources=[("customers.order", 1)], actor=SYSTEM, at=DURING) == 1
    assert redemption.release(sources=[("customers.order", 1)], actor=SYSTEM, at=DURING) == 0

    assert used(made) == (1, 1, Decimal("10.00"))
    assert PromotionUse.objects.count() == 3
    assert selectors.differences() == []


def test_asking_twice_has_one_effect_and_what_came_back_does_not_come_again(shop: Shop) -> None:
    made = running(shop)

    assert take(wish(made, 1)) == ([1], [])
    assert take(wish(made, 1)) == ([1], [])
    assert used(made) == (1, 1, Decimal("10.00"))
    redemption.release(sources=[("customers.order", 1)], actor=SYSTEM, at=DURING)
    assert take(wish(made, 1)) == ([], ["given_back"])
    assert used(made) == (0, 0, Decimal(0))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"pieces": 6}, "pieces"),
        ({"times": 5}, "uses"),
        ({"amount": Decimal("1000.01")}, "budget"),
        ({"pieces": 3}, "buyer_pieces"),
        ({"times": 3}, "buyer_uses"),
        ({"buyer_key": ""}, "buyer"),
        ({"coupon": "NOTHERE1"}, "coupon"),
    ],
)
def test_beyond_a_cap_nothing_is_taken(shop: Shop, wanted: dict[str, Any], why: str) -> None:
    made = running(shop, FLASH)

    assert take(wish(made, 1, **{"buyer_key": "anna", **wanted})) == ([], [why])

    assert used(made) == (0, 0, Decimal(0))
    assert not PromotionUse.objects.exists()


def test_of_a_batch_the_earlier_orders_get_the_last_pieces(shop: Shop) -> None:
    made = running(shop, FLASH)
    buyers = [wish(made, n, buyer_key=f"b{n}", pieces=2) for n in (1, 2, 3)]

    assert take(*buyers) == ([1, 2], ["pieces"])
    assert take(wish(made, 4, buyer_key="b4")) == ([4], [])

    assert used(made)[1] == 5


def test_an_order_gets_all_its_promotions_or_none(shop: Shop) -> None:
    open_, full = running(shop), running(shop, FLASH)

    assert take(wish(open_, 1), wish(full, 1, buyer_key="anna", pieces=3)) == ([], ["buyer_pieces"])
    with pytest.raises(errors.UsedUp):
        take(wish(open_, 1), wish(full, 1, buyer_key="anna", pieces=3), on_refusal="raise")

    assert used(open_) == (0, 0, Decimal(0))


def test_a_promotion_that_does_not_run_gives_nothing(shop: Shop) -> None:
    made = running(shop)
    promotions.pause(promotion_id=made.id, reason="x", actor=actor(shop.supervisor), at=DURING)

    assert take(wish(made, 1)) == ([], ["not_live"])


def test_codes_differ_by_more_than_case_and_width(shop: Shop) -> None:
    made = draft(shop, coupon_mode="single")
    who = actor(shop.specialist)
    coupons.name_code(promotion_id=made.id, code="Double１１", most=2, actor=who, at=AT)

    for twin in ("double11", "DOUBLE11", "ｄｏｕｂｌｅ11"):
        with pytest.raises(CodeTaken):
            coupons.name_code(promotion_id=made.id, code=twin, actor=who, at=AT)
    for unfit in ("双十一大促", "A-B-C-D", "abc", "x" * 33, ""):
        with pytest.raises(errors.CodeUnfit):
            coupons.name_code(promotion_id=made.id, code=unfit, actor=who, at=AT)

    assert list(Coupon.objects.values_list("code", "uses_limit")) == [("DOUBLE11", 2)]


def test_drawn_codes_check_and_a_slip_of_the_finger_does_not(shop: Shop) -> None:
    made = draft(shop, coupon_mode="batch")

    coupons.make_batch(promotion_id=made.id, count=200, actor=actor(shop.specialist), at=AT)

    codes = list(Coupon.objects.values_list("code", flat=True))
    assert len(codes) == 200
    assert all(coupon_codes.is_made(code) for code in codes)
    for code in codes[:20]:
        for place, letter in enumerate(code):
            for other in coupon_codes.ALPHABET:
                slip = code[:place] + other + code[place + 1 :]
                assert coupon_codes.is_made(slip) == (other == letter)
        swapped = code[1] + code[0] + code[2:]
        assert (
            code[0] == code[1]
            or {code[0], code[1]} == {"0", "Z"}
            or not coupon_codes.is_made(swapped)
        )
    assert selectors.masked_codes(promotion_id=made.id)[0][0][2:-2] == "*" * 8


def test_a_coupon_is_used_once_and_by_its_buyer(shop: Shop) -> None:
    made = running(shop, coupon_mode="per_customer")
    who = actor(shop.specialist)
    coupons.make_for_buyers(promotion_id=made.id, buyer_keys=["anna", "bo"], actor=who, at=AT)
    code = Coupon.objects.get(buyer_key="anna").code

    assert take(wish(made, 1, buyer_key="bo", coupon=code)) == ([], ["coupon"])
    assert take(wish(made, 1, buyer_key="anna")) == ([], ["coupon"])
    assert take(wish(made, 1, buyer_key="anna", coupon=code.lower())) == ([1], [])
    assert take(wish(made, 2, buyer_key="anna", coupon=code)) == ([], ["coupon"])
    redemption.release(sources=[("customers.order", 1)], actor=SYSTEM, at=DURING)
    assert take(wish(made, 3, buyer_key="anna", coupon=code)) == ([3], [])

    assert Coupon.objects.get(code=code).uses == 1
    assert selectors.differences() == []


def test_codes_are_made_as_the_plan_says_and_handed_out_by_right(shop: Shop) -> None:
    made = draft(shop, coupon_mode="batch")
    plain = draft(shop)
    who = actor(shop.specialist)

    with pytest.raises(errors.CouponsNotAsked):
        coupons.name_code(promotion_id=made.id, code="CODE1", actor=who, at=AT)
    with pytest.raises(errors.CouponsNotAsked):
        coupons.make_batch(promotion_id=plain.id, count=1, actor=who, at=AT)
    for count in (0, 100_001):
        with pytest.raises(BadInput):
            coupons.make_batch(promotion_id=made.id, count=count, actor=who, at=AT)
    batch = coupons.make_batch(promotion_id=made.id, count=3, actor=who, at=AT)
    with pytest.raises(Forbidden):
        coupons.hand_out(batch_id=batch.id, actor=who, at=AT)
    rows = list(coupons.hand_out(batch_id=batch.id, actor=actor(shop.supervisor), at=AT))

    assert len({code for code, _buyer in rows}) == 3
    assert Coupon.objects.count() == 3


def test_uses_may_be_given_back_after_the_end(shop: Shop) -> None:
    made = running(shop)
    take(wish(made, 1))
    later = made.ends_at + timedelta(days=3)
    promotions.run_clock(actor=SYSTEM, at=later)

    assert redemption.release(sources=[("customers.order", 1)], actor=SYSTEM, at=later) == 1

    assert used(made) == (0, 0, Decimal(0))

"""The words of case files: names that mean the same, and numbers as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

Case = Mapping[str, Any]


class Unknown(ValueError):
    """A word of a case that is not in the vocabulary."""


class NoFigure(ValueError):
    """What stands where a figure belongs is none: refused, as the engine refuses it."""


def _table(rows: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(
        {word: name for name, words in rows.items() for word in (name, *words.split())}
    )


# Each canonical kind with the names other products and people have for it.
KINDS: Final = _table(
    {
        "percentage": "percent percent_off percentage_off percentage_discount percent_discount "
        "flat_percent flat_percent_item_total percent_on_line_item by_percent order_percent "
        "order_percentage basket_percentage percent_off_basket percentage_off_basket "
        "percent_basket product_percentage product_percent percent_item percent_off_item "
        "entire_order_percentage discount_percent percent_off_order percent_off_product 打折 折扣",
        "fixed_off_basket": "fixed_off absolute absolute_off absolute_discount fixed amount "
        "amount_off amount_off_order fixed_cart flat_rate flat_amount flat_off order_fixed "
        "fixed_amount cart_fixed fixed_off_order order_amount absolute_basket basket_fixed "
        "fixed_order entire_order_fixed whole_cart_fixed money_off entire_order 立减 直减",
        "fixed_off_item": "fixed_off_each fixed_off_unit fixed_unit fixed_product fixed_per_item "
        "absolute_per_item amount_off_item amount_off_each per_quantity per_item by_fixed "
        "fixed_off_product product_fixed amount_off_product fixed_off_per_item "
        "absolute_product specific_product_fixed fixed_item 单品立减",
        "fixed_off_line": "fixed_off_per_line amount_off_line absolute_per_line",
        "bundle": "fixed_price fixed_price_bundle n_for_price x_for_price multi_price bundle_price "
        "set_price any_n_for_price n_for x_for_y mix_and_match meal_deal package N元任选 n元任选 "
        "任选 套装",
        "fixed_price_each": "fixed_unit_price special_price unit_price to_fixed flash_sale "
        "fixed_price_item price_each limited_time_sale 秒杀 限时抢购 一口价 特价",
        "multibuy": "cheapest_free multi_buy cheapest_item_free n_for_m x_for_y_free 最低价免费",
        "shipping_free": "free_shipping shipping_percentage_100 包邮 免邮",
        "shipping_percentage": "shipping_percent percent_off_shipping shipping_percent_off",
        "shipping_fixed_off": "shipping_absolute shipping_amount shipping_off amount_off_shipping "
        "shipping_amount_off fixed_off_shipping",
        "shipping_fixed_price": "shipping_fixed shipping_price fixed_shipping flat_shipping",
        "spend_and_save": "tiered tiers tiered_fixed tiered_flat_rate threshold spend_save "
        "spend_x_save_y steps tiered_amount spend_steps every_full 满减 满额减 阶梯满减 每满减 "
        "跨店满减 跨店 满折 满件折 满件减 tiered_percent tiered_percentage quantity_break "
        "quantity_tiers volume",
        "nth_item": "nth_item_percent nth_item_off second_item second_half_price "
        "second_item_half_price nth 第二件半价 第n件 第N件",
        "buy_x_get_y": "buyget buy_get bogo buy_one_get_one buy_x_get_x bxgy buy_x_get_y_free "
        "buy_x_get_x_free buy_x_get_cheapest 买一送一 买赠 买X送Y",
        "cheapest_off": "cheapest_item cheapest_percent apply_once once_per_order once "
        "discount_cheapest cheapest",
        "gift": "free_gift gift_with_purchase free_product 赠品 满赠",
        "member_price": "tier_price customer_group_price 会员价",
        "points": "points_multiplier loyalty_points double_points 积分 积分倍数",
        "voucher": "coupon promotion discount standard cart_rule cart_price_rule reward "
        "saleor_voucher 优惠券 店铺券",
        "flexi_rate": "flexirate flexible_rate",
        "price_sack": "pricesack",
        "sequence": "in_sequence successive serial chain offers",
        "combination": "combine combined combinations shopify_combination discount_classes",
        "stack": "stacked stacking stackable together 叠加 同享",
        "best": "best_of best_offer max_of choose_best highest",
        "exclusive": "exclusives 互斥",
        "none": "no_offer empty no_rule",
    }
)
# Words for one figure of an offer, the first that is there counts.
VALUE: Final = (
    "value", "percent", "percentage", "amount", "discount", "off", "rate", "price", "reduce",
    "save", "discount_value", "discount_amount", "amount_off", "percent_off", "fixed_price",
)  # fmt: skip
MINIMUM: Final = (
    "min_spend", "min_amount", "minimum", "min_spent", "minimum_spend", "minimum_amount",
    "min_subtotal", "minimum_subtotal", "threshold", "min_total", "min_order", "min_order_value",
    "basket_amount", "minimum_order_amount", "spend", "min_basket", "full", "满",
)  # fmt: skip
LEAST_PIECES: Final = (
    "min_quantity", "min_items", "minimum_quantity", "min_count", "min_qty",
    "min_checkout_items_quantity", "minimum_items",
)  # fmt: skip
MOST_OFF: Final = (
    "max_discount", "maximum_discount", "max_discount_amount", "discount_max_amount", "cap",
    "max_total_discount", "max_amount", "maximum_amount", "max_off", "order_cap", "封顶",
)  # fmt: skip
MOST_PIECES: Final = (
    "max_affected_items", "limit_usage_to_x_items", "max_items", "max_pieces", "items_limit",
    "limit_items", "max_affected",
)  # fmt: skip
MOST_TIMES: Final = (
    "apply_times", "max_basket_applications", "max_times", "max_applications", "times",
    "max_uses_per_order", "uses_per_order_limit", "usesPerOrderLimit",
)  # fmt: skip
USES: Final = (
    "max_global", "max_global_applications", "usage_limit", "use_limit", "max_uses", "uses",
)  # fmt: skip
USED: Final = ("used", "num_applications", "usage_count", "times_used", "used_count", "uses_so_far")
BUYER_USES: Final = (
    "max_user_applications", "usage_limit_per_user", "usage_limit_per_customer", "per_customer",
    "max_per_customer", "uses_per_customer", "buyer_uses",
)  # fmt: skip
BUYER_USED: Final = (
    "used_by_user",
    "used_by_customer",
    "buyer_used",
    "user_applications",
    "customer_used",
)
FREE_PIECES: Final = ("get", "get_quantity", "y", "free", "apply_to_quantity", "get_qty", "n_free")
BOUGHT_PIECES: Final = (
    "buy", "buy_quantity", "x", "step", "buy_rules_min_quantity", "buy_qty", "discount_step",
)  # fmt: skip


def kind_of(offer: Case) -> str:
    """Return the canonical kind of an offer. Raises Unknown, naming it."""
    for field in ("kind", "type", "calculator", "action"):
        named = offer.get(field)
        if isinstance(named, str):
            found = _canonical(re.sub(r"[\s\-]+", "_", named.strip()))
            if found is None:
                raise Unknown(named)
            return found
    raise Unknown("(no kind)")


def _canonical(word: str) -> str | None:
    """Return the kind of a word, also with its product before it or what it is behind it."""
    plain = word.lower()
    bare = re.sub(rf"^(?:{'|'.join(sorted(DIALECTS, key=len, reverse=True))})_", "", plain)
    short = re.sub(
        r"_(?:benefit|discount|offer|rule|coupon|voucher|promotion|calculator)$", "", bare
    )
    return next((KINDS[one] for one in (word, plain, bare, short) if one in KINDS), None)


def number(value: object) -> Decimal:
    """Read a figure as people write it: "3.00", 3, "10%", "¥ 20", "8.5元". Raises NoFigure."""
    if isinstance(value, bool) or value is None:
        raise NoFigure(f"no number: {value}")
    text = re.sub(r"[,%¥￥$€£元\s]|(?:USD|EUR|CNY|GBP)", "", str(value))
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise NoFigure(f"no number: {value}") from error
    if not found.is_finite():
        raise NoFigure(f"no number: {value}")
    return found


def first(offer: Case, names: Iterable[str]) -> Any:
    """Return the first field that is there, None without any."""
    return next((offer[name] for name in names if offer.get(name) is not None), None)


def figure(offer: Case, names: Iterable[str]) -> Decimal | None:
    """Return the first field that is there as a number, None without any."""
    found = first(offer, names)
    return None if found is None else number(found)


def whole(offer: Case, names: Iterable[str]) -> int | None:
    """Return the first field that is there as a whole number, None without any."""
    found = figure(offer, names)
    return None if found is None else int(found)


def needed(offer: Case, names: Iterable[str]) -> Decimal:
    """Return the first field that is there as a number. Raises Unknown."""
    names = tuple(names)
    found = figure(offer, names)
    if found is None:
        raise Unknown(f"none of {', '.join(names)}")
    return found


def text(amount: Decimal, places: int = 2) -> str:
    """Return an amount as the rule JSON wants it."""
    return f"{amount.quantize(Decimal(1).scaleb(-places)):f}"


# Whose documented behaviour a case describes: the first of these words in its source.
DIALECTS: Final = _table(
    {
        "oscar": "django-oscar",
        "shopify": "",
        "saleor": "",
        "medusa": "medusajs",
        "spree": "solidus",
        "odoo": "",
        "magento": "adobe",
        "woocommerce": "woo",
    }
)


def dialect_of(case: Case) -> str:
    """Return whose behaviour a case describes, "" for nobody's in particular."""
    named = str(case.get("dialect") or case.get("source") or "").lower()
    found = [(named.find(word), name) for word, name in DIALECTS.items() if word in named]
    return min(found)[1] if found else ""

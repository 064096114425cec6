"""The fields of the promotion builder: one group a step, and a rule from what was typed and back.

Each type asks only for what it gives; scope, conditions, stacking and caps are the same for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from catalog.choices.content_tasks import Material
from catalog.choices.promotions import CouponMode, PromotionType
from catalog.errors.goods import missing
from catalog.rules.promotions.words import GROUPS
from catalog.selectors import channels, codes
from ops.engines.desk.screens import Field, Group, LineFields

Values = Mapping[str, Any]
Fields = Sequence[Field | LineFields]

_PERCENT = Field("value", _("Percent off"), "money", unit="%")
_REPEAT = Field("repeat", _("Again for every full amount"), "flag", required=False)
GIVES: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        PromotionType.PERCENTAGE: (_PERCENT,),
        PromotionType.AMOUNT: (
            Field("value", _("Amount off"), "money"),
            Field(
                "per", _("Taken off"), "choice",
                choices=(
                    ("order", _("the order")), ("line", _("each line")), ("piece", _("each piece")),
                ),
            ),
        ),
        PromotionType.FIXED_PRICE: (Field("value", _("Price of a piece"), "money"),),
        PromotionType.SPEND_AND_SAVE: (
            LineFields(
                "steps",
                _("Steps"),
                (
                    Field("amount", _("Spend"), "money"),
                    Field("save", _("Saves"), "money"),
                ),
                rows=3,
            ),
            _REPEAT,
        ),
        PromotionType.NTH_ITEM: (
            Field("n", _("Every so many pieces"), "quantity", least=2),
            Field("percent", _("Percent off that piece"), "money", unit="%"),
        ),
        PromotionType.BUNDLE: (
            Field("pick", _("Pieces of a bundle"), "quantity", least=2),
            Field("price", _("Price of the bundle"), "money"),
        ),
        PromotionType.BUY_X_GET_Y: (
            Field("buy", _("Buy pieces"), "quantity", least=1),
            Field("get", _("Get pieces"), "quantity", least=1),
            Field("percent", _("Percent off those"), "money", unit="%", required=False),
        ),
        PromotionType.GIFT: (
            Field("gift", _("Gift SKU"), "code"),
            Field("gift_quantity", _("Pieces of it"), "quantity", least=1),
            Field("gift_value", _("What a piece is worth"), "money", required=False),
            Field("gift_stock", _("Gift pieces set aside"), "quantity", least=1),
        ),
        PromotionType.FLASH_SALE: (
            Field("price", _("Flash price of a piece"), "money"),
            Field("pieces", _("Pieces in all"), "quantity", least=1),
            Field("pieces_per_buyer", _("Pieces for one buyer"), "quantity", least=1),
        ),
        PromotionType.MEMBER_PRICE: (
            Field("percent", _("Percent off"), "money", unit="%", required=False),
        ),
        PromotionType.FREE_SHIPPING: (),
        PromotionType.POINTS: (Field("factor", _("Points times"), "money"),),
    }
)  # fmt: skip


SCOPE: Final[Fields] = (
    Field("channel", _("Channel"), "choice", choices=channels.choices),
    Field(
        "categories", _("Categories"), "lines", required=False, most=2000,
        hint=_("One category code a line; empty means all goods."),
    ),
    Field(
        "skus", _("SKUs"), "lines", required=False, most=20_000,
        hint=_("One code a line, beside the categories."),
    ),
    Field(
        "except_skus", _("Except these SKUs"), "lines", required=False, most=20_000,
        hint=_("One code a line."),
    ),
    Field(
        "tiers", _("Member tiers"), required=False,
        hint=_("Codes with commas between; empty means everybody."),
    ),
    Field("first_order", _("For the first order only"), "flag", required=False),
)  # fmt: skip
STACKING: Final[Fields] = (
    Field("least_amount", _("From an amount of"), "money", required=False),
    Field("least_count", _("From so many pieces"), "quantity", least=1, required=False),
    Field("exclusive", _("Stands alone"), "flag", required=False),
    Field(
        "combines_with", _("May be used with"), "choices", required=False,
        choices=[("*", _("everything")), *GROUPS.items()],
    ),
)  # fmt: skip
BUDGET: Final[Fields] = (
    Field("title", _("Title"), most=120, least=2),
    Field("aim", _("Aim"), most=400, least=2),
    Field("starts_at", _("From"), "moment", hint=_("Such as 2026-12-01 00:00")),
    Field("ends_at", _("Until"), "moment"),
    Field("budget", _("Budget"), "money", hint=_("It pauses when the budget is used up.")),
    Field("order_cap", _("Most for one order"), "money", required=False),
    Field("uses", _("Most uses in all"), "quantity", least=1, required=False),
    Field("buyer_uses", _("Most uses for one buyer"), "quantity", least=1, required=False),
    Field("coupon_mode", _("Coupon"), "choice", choices=CouponMode.choices),
    Field(
        "materials", _("Material it needs"), "choices", required=False, choices=Material.choices,
        hint=_("Each becomes a task once it is approved; it starts when all are approved."),
    ),
    Field("no_material", _("Why no material"), most=200, required=False),
    Field("stock_note", _("On stock"), most=400, least=2),
    Field("risk", _("Risk"), most=400, least=2),
)  # fmt: skip


def groups(kind: str) -> tuple[Group, ...]:
    """Return the steps that are filled in: rule, scope, time and budget."""
    return (
        Group(_("1 Rule"), (*GIVES[kind], *STACKING)),
        Group(_("2 Scope"), SCOPE),
        Group(_("3 Time and budget"), BUDGET),
    )


def rule_from(kind: str, values: Values) -> dict[str, Any]:
    """Return the rule somebody typed; raises ThingMissing for codes nobody has."""
    rule: dict[str, Any] = {"type": kind, **_benefit(kind, values)}
    goods = _goods(values)
    condition = _given(
        amount=values.get("least_amount"),
        count=values.get("least_count"),
        tiers=_split(values.get("tiers")),
        first_order=values.get("first_order") or None,
    )
    stacking = _given(
        exclusive=values.get("exclusive") or None, combines_with=values.get("combines_with")
    )
    caps = _given(
        budget=values.get("budget"),
        order=values.get("order_cap"),
        uses=values.get("uses"),
        buyer_uses=values.get("buyer_uses"),
        pieces=values.get("pieces"),
        pieces_per_buyer=values.get("pieces_per_buyer"),
    )
    parts = (("goods", goods), ("condition", condition), ("stacking", stacking), ("caps", caps))
    return {**rule, **{name: part for name, part in parts if part}}


def typed_from(rule: Values) -> dict[str, Any]:
    """Return what stands in the fields for a rule."""
    goods, condition = rule.get("goods", {}), rule.get("condition", {})
    caps, stacking = rule.get("caps", {}), rule.get("stacking", {})
    gift = (rule.get("gifts") or [{}])[0]
    sku_ids = [*goods.get("skus", ()), *goods.get("except_skus", ())]
    names = codes.sku_names(sku_ids=[*sku_ids, *([gift["sku_id"]] if gift else [])])
    plain = ("value", "per", "steps", "repeat", "n", "percent", "pick", "price", "buy", "get",
             "factor")  # fmt: skip
    return {
        **{name: rule[name] for name in plain if name in rule},
        "gift": names[gift["sku_id"]][0] if gift else "",
        "gift_quantity": gift.get("quantity", 1) if gift else None,
        "gift_value": gift.get("value") if gift else None,
        "categories": "\n".join(path.rpartition(".")[2] for path in goods.get("categories", ())),
        "skus": _lines(goods.get("skus", ()), names),
        "except_skus": _lines(goods.get("except_skus", ()), names),
        "tiers": ", ".join(condition.get("tiers", ())),
        "first_order": condition.get("first_order", False),
        "least_amount": condition.get("amount"),
        "least_count": condition.get("count"),
        "exclusive": stacking.get("exclusive", False),
        "combines_with": stacking.get("combines_with", ()),
        "budget": caps.get("budget"),
        "order_cap": caps.get("order"),
        **{name: caps.get(name) for name in ("uses", "buyer_uses", "pieces", "pieces_per_buyer")},
    }


def _benefit(kind: str, values: Values) -> dict[str, Any]:
    if kind == PromotionType.GIFT:
        code = values["gift"]
        found = codes.skus_by_code(codes=[code])
        missing("sku", [code], found)
        gift = {"sku_id": found[code], "quantity": values["gift_quantity"]}
        return {"gifts": [{**gift, **_given(value=_text(values.get("gift_value")))}]}
    if kind == PromotionType.SPEND_AND_SAVE:
        steps = [
            {"amount": _text(row["amount"]), "save": _text(row["save"])} for row in values["steps"]
        ]
        return {"steps": steps, **_given(repeat=values.get("repeat") or None)}
    own = {each.key for each in GIVES[kind]} - {"pieces", "pieces_per_buyer"}
    return _given(**{name: values.get(name) for name in own})


def _goods(values: Values) -> dict[str, Any]:
    chosen, left_out = _split(values.get("skus")), _split(values.get("except_skus"))
    ids = codes.skus_by_code(codes=[*chosen, *left_out])
    missing("sku", [*chosen, *left_out], ids)
    tops = _split(values.get("categories"))
    paths = codes.category_paths(codes=tops)
    missing("category", tops, paths)
    return _given(
        skus=[ids[code] for code in chosen],
        except_skus=[ids[code] for code in left_out],
        categories=[paths[code] for code in tops],
    )


def _given(**values: Any) -> dict[str, Any]:
    """Return what was given, money as text."""
    return {name: _text(value) for name, value in values.items() if value not in (None, "", [], ())}


def _text(value: Any) -> Any:
    return value if isinstance(value, bool | int | str | list | dict | None) else str(value)


def _split(text: str | None) -> list[str]:
    parts = (text or "").replace("，", ",").replace(",", "\n").split("\n")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _lines(sku_ids: Iterable[int], names: Mapping[int, tuple[str, str]]) -> str:
    return "\n".join(names[pk][0] for pk in sku_ids if pk in names)

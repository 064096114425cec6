"""The figures of a promotion as tables and sentences, for its page and for the decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.choices.content_tasks import TaskStep
from catalog.choices.promotions import CheckOccasion, PromotionState
from catalog.models import PromotionCheck
from catalog.types.content_tasks import CheckLine
from catalog.types.promotions import (
    CouponBatchInfo,
    Exposure,
    Overlap,
    PromotionFigures,
    RunInfo,
    Standing,
    UseInfo,
)
from ops.engines.desk.screens import Chart, Column, Lines, Series
from ops.engines.identity import selectors as people

HUNDRED = Decimal(100)
MOST_IN_CHART = 12


def _share(key: str) -> Any:
    def read(row: Any) -> Decimal | None:
        value = getattr(row, key)
        return None if value is None else Decimal(value) / HUNDRED

    return read


def _warn(row: Exposure) -> str:
    return gettext("below the floor") if row.is_below_floor else ""


EXPOSURES = (
    Column(
        "code",
        _("SKU"),
        "code",
        name=True,
        sub=_warn,
        href=lambda row: reverse("catalog:sku", args=[row.sku_id]),
    ),
    Column("name", _("Goods name")),
    Column("price", _("Now"), "money"),
    Column("lowest", _("Lowest with all offers"), "money"),
    Column("margin_old", _("Margin now"), "pct", value=_share("margin_old")),
    Column("margin_new", _("Margin at worst"), "pct", value=_share("margin_new")),
    Column("floor", _("Floor"), "money"),
    Column("cover_days", _("Days of cover"), "number"),
    Column("together", _("With offers"), "code", value=lambda row: ", ".join(row.together)),
)


def exposures(rows: Sequence[Exposure]) -> Lines:
    """Return how low each SKU can end, the one nearest to its floor first."""
    return Lines(
        _("Worst basket of each SKU"),
        EXPOSURES,
        rows,
        empty=_("None of these goods has a price in this channel."),
    )


def _clash(row: Overlap) -> str:
    return gettext("both exclusive") if row.is_conflict else ""


def overlaps(rows: Sequence[Overlap]) -> Lines:
    """Return the promotions that reach some of the same goods in the same time."""
    columns = (
        Column(
            "number",
            _("Promotion"),
            "code",
            name=True,
            sub=_clash,
            href=lambda row: reverse("catalog:promotion", args=[row.promotion_id]),
        ),
        Column("title", _("Title")),
        Column("skus", _("SKUs in both"), "number"),
        Column("state", _("State"), "badge", value=lambda row: PromotionState(row.state)),
    )
    return Lines(
        _("Overlaps"), columns, rows, empty=_("No other promotion has these goods in this time.")
    )


def charts(rows: Sequence[Exposure]) -> tuple[Chart, ...]:
    """Return the margin of the thinnest goods before and in the worst basket."""
    shown = [row for row in rows if row.margin_new is not None][:MOST_IN_CHART]
    if not shown:
        return ()
    lowest = min(shown, key=lambda row: row.margin_new or Decimal(0))
    finding = gettext("Lowest margin: %(code)s with %(margin)s %%.") % {
        "code": lowest.code,
        "margin": lowest.margin_new,
    }
    return (
        Chart(
            key="margins",
            title=_("Margin now and in the worst basket"),
            kind="bar",
            categories=[row.code for row in shown],
            series=(
                Series(_("Now"), [row.margin_old for row in shown], is_muted=True),
                Series(_("Worst basket"), [row.margin_new for row in shown]),
            ),
            unit="%",
            finding=finding,
        ),
    )


def runs(rows: Sequence[RunInfo]) -> Lines:
    """Return when the promotion was in force and what cut it."""
    columns = (
        Column("since", _("From"), "moment", name=True),
        Column("until", _("Until"), "moment"),
        Column(
            "cut_why",
            _("Cut because"),
            value=lambda row: gettext(row.cut_why) if row.cut_why else "",
        ),
    )
    return Lines(_("Running log"), columns, rows, empty=_("It has not been in force yet."))


_LIMITS: Mapping[str, str | Promise] = {
    "floor": _("%(code)s: could end at %(value)s, floor %(bound)s"),
    "reference": _("%(code)s: promises %(value)s, sold for %(bound)s before"),
}
MOST_NAMED = 3


def _crossed(row: PromotionCheck) -> str:
    """Name the first goods beyond a limit, with what they were measured against."""
    named = [str(_LIMITS[each["limit"]]) % each for each in row.findings[:MOST_NAMED]]
    return "; ".join([*named, *(["…"] if len(row.findings) > MOST_NAMED else [])])


def checks(rows: Sequence[PromotionCheck]) -> Lines:
    """Return what each look at the limits found, the newest first (CAT-4.4-04)."""
    columns = (
        Column("checked_at", _("Checked at"), "moment", name=True),
        Column("occasion", _("Occasion"), value=lambda row: CheckOccasion(row.occasion).label),
        Column("examined", _("Examined"), "number"),
        Column("below_floor", _("Below the floor"), "number"),
        Column("above_reference", _("Above the reference price"), "number"),
        Column("without_stock", _("Out of stock"), "number"),
        Column("used", _("Budget used"), "money"),
        Column(
            "why",
            _("Result"),
            value=lambda row: gettext(row.why) if row.why else gettext("within its limits"),
            sub=_crossed,
        ),
    )
    empty = _("It was not checked yet: that is done before the start, then every hour.")
    return Lines(_("Check log"), columns, rows, empty=empty)


_CAPS: Mapping[str, str | Promise] = {
    "uses": _("Uses"),
    "pieces": _("Pieces"),
    "gifts": _("Gifts"),
    "budget": _("Budget"),
}


def used(standing: Standing) -> Lines:
    """Return what was used beside the caps."""
    rows: list[dict[str, Any]] = [
        {"what": _CAPS["uses"], "used": standing.uses, "most": standing.uses_limit},
        {"what": _CAPS["pieces"], "used": standing.pieces, "most": standing.pieces_limit},
        {"what": _CAPS["gifts"], "used": standing.gift_pieces, "most": standing.gift_limit},
        {"what": _CAPS["budget"], "used": standing.amount, "most": standing.budget},
    ]
    columns = (
        Column("what", _("Cap"), name=True),
        Column("used", _("Used"), "number"),
        Column("most", _("At most"), "number"),
        Column("share", _("Share"), "pct", value=_part),
    )
    return Lines(_("Used of its caps"), columns, [row for row in rows if row["most"] is not None])


def _part(row: Mapping[str, Any]) -> Decimal | None:
    return Decimal(row["used"]) / Decimal(row["most"]) if row["most"] else None


def uses(rows: Sequence[UseInfo], *, count: int) -> Lines:
    """Return the newest uses, each with the order that used it."""
    columns = (
        Column(
            "document",
            pgettext_lazy("promotions", "Order"),
            "code",
            name=True,
            href=lambda row: row.href,
            sub=lambda row: gettext("given back") if row.is_back else "",
        ),
        Column("at", _("At"), "moment"),
        Column("times", pgettext_lazy("promotions", "Times"), "number"),
        Column("pieces", _("Pieces"), "number"),
        Column("gift_pieces", _("Gifts"), "number"),
        Column("amount", _("Discount"), "money"),
    )
    words = gettext("The newest %(shown)s of %(count)s uses.") % {
        "shown": len(rows),
        "count": count,
    }
    return Lines(
        _("Used by"),
        columns,
        rows,
        empty=_("No order has used it yet."),
        note=words if count > len(rows) else "",
        anchor="uses",
    )


def batches(rows: Sequence[CouponBatchInfo]) -> Lines:
    """Return the codes that were made, by whom."""
    names = people.person_names({row.made_by for row in rows})
    columns = (
        Column("made_at", _("Made at"), "moment", name=True),
        Column("count", _("Codes"), "number"),
        Column("made_by", _("By"), value=lambda row: names.get(row.made_by, "")),
    )
    return Lines(
        _("Coupons"), columns, rows, empty=_("No codes yet. Without codes nobody can use it.")
    )


def codes(rows: Sequence[tuple[str, int, int | None]]) -> Lines:
    """Return codes, masked, with what was used of each."""
    columns = (
        Column("code", _("Code"), "code", name=True, value=lambda row: row[0]),
        Column("uses", _("Used"), "number", value=lambda row: row[1]),
        Column("most", _("At most"), "number", value=lambda row: row[2]),
    )
    return Lines(_("Newest codes"), columns, rows)


def warnings(
    *, below_floor: int, conflicts: int, short_of_stock: int, without_cost: int
) -> list[tuple[str, str]]:
    """Say what stands in the way and what to be careful about."""
    words: list[tuple[str, str]] = []
    if below_floor:
        words.append(
            (
                "error",
                ngettext(
                    "%(count)s SKU could end below its floor: it can't be handed in like this.",
                    "%(count)s SKUs could end below their floor: it can't be handed in like this.",
                    below_floor,
                )
                % {"count": below_floor},
            )
        )
    if conflicts:
        words.append(
            (
                "error",
                ngettext(
                    "%(count)s other exclusive promotion has some of these goods.",
                    "%(count)s other exclusive promotions have some of these goods.",
                    conflicts,
                )
                % {"count": conflicts},
            )
        )
    if short_of_stock:
        words.append(
            (
                "warning",
                ngettext(
                    "%(count)s SKU may sell out before the end.",
                    "%(count)s SKUs may sell out before the end.",
                    short_of_stock,
                )
                % {"count": short_of_stock},
            )
        )
    if without_cost:
        words.append(
            (
                "warning",
                ngettext(
                    "%(count)s SKU has no known cost: its margin and floor are unknown.",
                    "%(count)s SKUs have no known cost: their margin and floor are unknown.",
                    without_cost,
                )
                % {"count": without_cost},
            )
        )
    return words


def warnings_of(found: PromotionFigures) -> list[tuple[str, str]]:
    """Say it of figures of now."""
    return warnings(
        below_floor=found.below_floor,
        conflicts=found.conflicts,
        short_of_stock=found.short_of_stock,
        without_cost=found.without_cost,
    )


def publicity(lines: Sequence[CheckLine]) -> Lines:
    """Return the publicity checklist: each material, who makes it, how far it is (CAT-4.4-05)."""
    return Lines(
        _("Publicity checklist"),
        (
            Column("material", _("Publicity material")),
            Column(
                "number", _("Content task"), "code",
                href=lambda one: (
                    reverse("catalog:content_task", args=[one.task_id]) if one.task_id else ""
                ),
            ),
            Column("person", _("Worked on by")),
            Column(
                "step", _("State"), "badge",
                value=lambda one: TaskStep(one.step) if one.step else None,
            ),
            Column("since", _("Since"), "moment"),
            Column("due_at", _("Needed by"), "moment"),
            Column("is_ready", _("Approved"), "flag"),
        ),
        lines,
    )  # fmt: skip


def kept_exposures(
    lines: Sequence[Mapping[str, Any]], names: Mapping[int, tuple[str, str]]
) -> list[Exposure]:
    """Return the exposures as they were handed in."""
    return [
        Exposure(
            sku_id=line["sku"],
            code=line["code"],
            name=names.get(line["sku"], ("", ""))[1],
            price=Decimal(line["price"]),
            lowest=Decimal(line["lowest"]),
            floor=_number(line, "floor"),
            margin_old=_number(line, "margin_old"),
            margin_new=_number(line, "margin"),
            cover_days=_number(line, "cover"),
            together=tuple(line.get("together", ())),
        )
        for line in lines
        if "lowest" in line
    ]


def sku_ids(lines: Collection[Mapping[str, Any]]) -> list[int]:
    """Return the SKUs of kept lines."""
    return [line["sku"] for line in lines if "sku" in line]


def _number(line: Mapping[str, Any], key: str) -> Decimal | None:
    return None if line.get(key) is None else Decimal(line[key])

"""What goods and price changes put on the desk, and how a price is decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import figures
from catalog.choices.impact import ImpactKind
from catalog.choices.prices import PriceChangeState
from catalog.desk import impact_tables
from catalog.selectors import codes, impact, lists, prices, references, search
from catalog.types.prices import LineFigures
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import (
    Card,
    CardData,
    CardLine,
    Chart,
    Command,
    DecisionKind,
    Hit,
    Lines,
    NavEntry,
    Place,
    SearchKind,
    card,
    command,
    decision,
    nav,
    search_kind,
    word_actions,
    word_figures,
)
from ops.engines.files.holders import declare_holder
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN, may

_VIEW = may("catalog", "V")
_PRICERS = (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)

nav(
    NavEntry(
        key="skus", title=_("Goods"), url_name="catalog:skus", policy=_VIEW, roles=_PRICERS,
        order=30, icon="box", group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="categories", title=_("Categories"), url_name="catalog:categories", policy=_VIEW,
        roles=(Role.WEB_EDITING_SUPERVISOR, Role.OPERATIONS_SUPERVISOR), order=32, icon="box",
        group=_("Goods and prices"),
    )
)  # fmt: skip
command(
    Command(
        key="code_rules", title=_("Coding rules"), url_name="catalog:code_rules", policy=SIGNED_IN,
    )
)  # fmt: skip
nav(
    NavEntry(
        key="prices", title=_("Prices"), url_name="catalog:price_changes", policy=_VIEW,
        roles=_PRICERS, order=40, icon="tag", group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="recommendations", title=_("Recommendations"),
        url_name="catalog:recommendation_sets", policy=_VIEW, roles=(Role.DATA_ANALYST,),
        order=45, icon="chart", group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="price_cases", title=_("Price patrol"), url_name="catalog:price_violations",
        policy=_VIEW, roles=(Role.OPERATIONS_SUPERVISOR, Role.COMPLIANCE_OFFICER), order=41,
        icon="shield", group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="price_outliers", title=_("Price outliers"), url_name="catalog:price_outliers",
        policy=_VIEW, roles=(Role.OPERATIONS_SUPERVISOR, Role.DATA_ANALYST), order=42,
        icon="chart", group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="rivals", title=_("Competitor prices"), url_name="catalog:competitor_prices",
        policy=_VIEW, roles=(*_PRICERS, Role.DATA_ANALYST), order=43, icon="search",
        group=_("Goods and prices"),
    )
)  # fmt: skip
nav(
    NavEntry(
        key="price_policies", title=_("Price policies"), url_name="catalog:price_policies",
        policy=_VIEW, roles=(Role.OPERATIONS_MANAGER, Role.FINANCE_MANAGER), order=44,
        icon="file", group=_("Goods and prices"),
    )
)  # fmt: skip
command(
    Command(
        key="price_rule", title=_("Change prices by rule"),
        url_name="catalog:price_change_by_rule", policy=may("catalog", "C"),
    )
)  # fmt: skip
command(
    Command(
        key="price_change", title=_("Draft a price change"),
        url_name="catalog:price_change_draft", policy=may("catalog", "C"),
    )
)  # fmt: skip


def _open_changes(actor: Actor, _at: datetime) -> CardData:
    waiting = (PriceChangeState.DRAFT, PriceChangeState.RETURNED, PriceChangeState.SUBMITTED)
    found = lists.price_changes(actor=actor).filter(
        state__in=waiting, drafted_by=actor.person_id or 0
    )
    return CardData(
        lines=[
            CardLine(
                title=row.reason,
                number=row.number,
                href=reverse("catalog:price_change", args=[row.pk]),
                detail=row.channel.name,
                state=PriceChangeState(row.state),
            )
            for row in found.order_by("-pk")[:6]
        ],
        href=reverse("catalog:price_changes"),
    )


card(
    Card(
        key="my_price_changes", title=_("My price changes"), query=_open_changes, policy=_VIEW,
        roles=(Role.OPERATIONS_SPECIALIST,), place=Place.MINE,
    )
)  # fmt: skip


def _find_skus(actor: Actor, text: str, most: int) -> Sequence[Hit]:
    asked = search.compared(text)
    return [
        Hit(
            title=f"{sku.code} {sku.name}",
            href=reverse("catalog:sku", args=[sku.pk]),
            note=sku.product.category.name,
            is_exact=asked in (sku.code_key, sku.barcode),
        )
        for sku in search.found(text=text, actor=actor, most=most)
    ]


search_kind(SearchKind(key="sku", title=_("Goods"), find=_find_skus, policy=_VIEW, order=20))

word_actions(
    {
        "catalog.price_change_drafted": _("drafted the price change"),
        "catalog.price_change_edited": _("changed the draft"),
        "catalog.price_change_withdrawn": _("gave the price change up"),
        "catalog.price_change_suspended": _("took the price off sale"),
        "catalog.price_change_started": _("let the prices start"),
        "catalog.price_change_ended": _("let the prices end"),
        "catalog.policy_drafted": _("drafted the price policy"),
        "catalog.policy_edited": _("changed the draft"),
        "catalog.policy_withdrawn": _("gave the price policy up"),
        "catalog.prices_patrolled": _("patrolled the prices"),
        "catalog.price_violation_found": _("found the price violation"),
        "catalog.price_penalty_confirmed": _("held the violation against the channel"),
        "catalog.price_penalty_revoked": _("took the penalty back"),
        "catalog.price_violation_handled": _("handled the price violation"),
        "catalog.offer_suspended": _("took the offer off sale"),
        "catalog.offer_lifted": _("put the offer back on sale"),
        "catalog.price_outlier_decided": _("decided about the price outlier"),
        "catalog.rivals_checked": _("compared prices with rivals"),
        "catalog.rival_prices_recorded": _("recorded competitor prices"),
        "catalog.offers_seen": _("read what the channel shows"),
        "catalog.struck_price_refused": _("was refused: a struck-out price is not proved"),
        "catalog.suggested_price_recorded": _("recorded a suggested price"),
        "catalog.impact_forecast": _("replayed real orders under it"),
        "catalog.impact_outcome": _("measured what came of it"),
        "catalog.sku_created": _("entered the SKU"),
        "catalog.sku_retired": _("retired the SKU"),
        "catalog.code_refused": _("refused a code"),
        "catalog.sku_named": _("entered another name of the SKU"),
        "catalog.code_rule_set": _("decided the coding rule"),
        "catalog.category_created": _("entered the category"),
        "catalog.category_rule_set": _("decided what the category asks"),
        "catalog.category_moved": _("moved the category"),
        "catalog.recommendation_rule_set": _("set the rule for recommendations"),
        "catalog.recommendations_measured": _("measured what the recommendations did"),
        "catalog.recommendations_published": _("published recommendations"),
        "catalog.product_created": _("entered the product"),
        "catalog.product_edited": _("changed the product"),
        "catalog.goods_banned": _("banned the goods from every channel"),
        "catalog.ban_lifted": _("lifted the ban of the goods"),
    }
)
word_figures(
    {
        "average_percent": (_("Average change (%)"), "number"),
        "deepest_percent": (_("Deepest cut (%)"), "number"),
        "margin_old": (_("Margin now (%)"), "number"),
        "margin_new": (_("Margin then (%)"), "number"),
        "window_deepest": (_("Deepest cut in the window (%)"), "number"),
        "struck": (_("Struck-out prices"), "number"),
        "tier": (_("Price tier"), "text"),
        "count": ("", "hidden"),
        "lines_sha256": (_("Digest of the lines"), "text"),
        "total_old": (_("Sum of old prices"), "money"),
        "total_new": (_("Sum of new prices"), "money"),
        "outside_band": (_("Outside the band"), "number"),
        "below_floor": (_("Below the floor"), "number"),
        "lines": (_("SKUs"), "number"),
        "without_rival": (_("Without rival price"), "number"),
        "without_cost": (_("Without known cost"), "number"),
        "without_old_price": (_("First prices"), "number"),
        "channel": ("", "hidden"),
        "reason": (_("Reason"), "text"),
        "starts_at": (_("From"), "moment"),
        "ends_at": (_("Until"), "moment"),
        "rival_note": (_("Why no rival price"), "text"),
    }
)


MOST_SHOWN = 200


def _asked(request: RequestInfo) -> list[LineFigures]:
    if "lines_sha256" in request.content:
        return prices.kept_lines(change_id=request.subject_id, limit=MOST_SHOWN)
    rows = request.content["lines"]
    names = codes.sku_names(sku_ids=[row["sku"] for row in rows])
    return [_line(row, names.get(row["sku"], ("", ""))[1]) for row in rows]


def _line(row: dict[str, Any], name: str) -> LineFigures:
    def number(key: str) -> Decimal | None:
        return None if row.get(key) is None else Decimal(row[key])

    return LineFigures(
        sku_id=row["sku"],
        code=row["code"],
        name=name,
        old=number("old"),
        new=Decimal(row["price"]),
        change_percent=number("change"),
        window_percent=number("window"),
        margin_old=number("margin_old"),
        margin_new=number("margin"),
        floor=number("floor"),
        rival=number("rival"),
        cover_days=number("cover"),
        struck=number("struck"),
        is_outside_band=bool(row["outside"]),
        is_below_floor=bool(row["below"]),
    )


def _tables(request: RequestInfo) -> Sequence[Lines]:
    if not _is_full(request, "price"):
        return ()
    shown = [figures.table(_asked(request))]
    if int(request.figures.get("struck", 0)):
        shown.append(figures.proofs(references.of_change(change_id=request.subject_id)))
    return shown


def _charts(request: RequestInfo) -> Sequence[Chart]:
    if not _is_full(request, "margin"):
        return ()
    kept = impact.of_approval(approval_id=request.id, kind=ImpactKind.FORECAST)
    replayed = () if kept is None else impact_tables.charts(kept)
    return (*figures.charts(_asked(request)), *replayed)


def _is_full(request: RequestInfo, key: str) -> bool:
    """Say whether the request carries its lines, or their digest, in the present shape."""
    lines = request.content.get("lines") or [{}]
    return "lines_sha256" in request.content or key in lines[0]


def _policy(request: RequestInfo) -> Sequence[str | Promise]:
    shown = request.figures
    words = figures.policy_words(
        int(shown.get("outside_band", 0)), int(shown.get("below_floor", 0))
    )
    said: list[str | Promise] = [text for _tone, text in words]
    if (deepest := shown.get("window_deepest")) is not None:
        said.append(
            _("Deepest cut within the policy's window, this step included: %(percent)s %%.")
            % {"percent": deepest}
        )
    if int(shown.get("struck", 0)):
        said.append(
            ngettext(
                "%(count)s struck-out price, proved by real deals before the start.",
                "%(count)s struck-out prices, proved by real deals before the start.",
                int(shown["struck"]),
            )
            % {"count": shown["struck"]}
        )
    if "lines_sha256" in request.content:
        said.append(
            _("The digest of all lines is bound by the database; the deepest %(most)s are shown.")
            % {"most": MOST_SHOWN}
        )
    kept = impact.of_approval(approval_id=request.id, kind=ImpactKind.FORECAST)
    if kept is not None:
        said += impact_tables.policy_words(kept)
    return said if words else [_("Every price lies inside the band."), *said]


def _policy_table(request: RequestInfo) -> Sequence[Lines]:
    return (figures.policy_table(request.content["lines"][0]),)


decision(
    DecisionKind(
        flow="price_policy",
        lines=_policy_table,
        says=("category",),
        subject_href=lambda request: reverse("catalog:price_policy", args=[request.subject_id]),
    )
)
decision(
    DecisionKind(
        flow="price_change",
        lines=_tables,
        charts=_charts,
        behind=impact_tables.behind,
        policy=_policy,
        subject_href=lambda request: reverse("catalog:price_change", args=[request.subject_id]),
    )
)

declare_holder(
    "catalog.sku",
    policy=_VIEW,
)

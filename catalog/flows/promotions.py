"""Who decides a promotion (CAT-4.4-01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.rules import promotion_plans
from catalog.selectors.impact_words import outcome_words
from catalog.services import promotions
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import BUSINESS_ZONE


def by_specialist(shown: Mapping[str, Any]) -> bool:
    """Say whether the supervisor may decide: somebody else wrote it."""
    return not shown["by_supervisor"]


def for_manager(shown: Mapping[str, Any]) -> bool:
    """Say whether the manager decides: much money, or the supervisor wrote it."""
    above = promotion_plans.above_budget(Decimal(str(shown["budget"])))
    return above or not by_specialist(shown)


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    return _("%(title)s, %(start)s to %(end)s: %(aim)s") % {
        "title": content["title"],
        "start": _local(content["starts_at"]),
        "end": _local(content["ends_at"]),
        "aim": content["aim"],
    }


def _local(moment: Any) -> str:
    return f"{datetime.fromisoformat(str(moment)).astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"


def _example(*, budget: str, by_supervisor: bool) -> Example:
    return Example(
        content={
            "channel": 1,
            "title": "Twelve twelve: 300 less 40",
            "aim": "Clear winter stock before the new year",
            "type": "spend_and_save",
            "rule": {
                "type": "spend_and_save",
                "steps": [{"amount": "300.00", "save": "40.00"}],
                "caps": {"budget": budget},
            },
            "coupon_mode": "none",
            "gift_stock": None,
            "materials": ["page", "posts"],
            "no_material": "",
            "stock_note": "1,200 pieces at hand, 300 on their way",
            "risk": "Returns after the festival",
            "starts_at": "2026-12-11T20:00:00+08:00",
            "ends_at": "2026-12-12T23:59:00+08:00",
            "lines": [
                {
                    "sku": 1,
                    "code": "WJ-2207",
                    "price": "159.00",
                    "lowest": "137.80",
                    "floor": "99.00",
                    "margin_old": "55.97",
                    "margin": "49.20",
                    "cover": "41",
                    "together": [],
                }
            ],
            "overlaps": [],
        },
        figures={
            "budget": budget,
            "skus": 1,
            "margin_old": "55.97",
            "margin_new": "49.20",
            "below_floor": 0,
            "overlapping": 0,
            "short_of_stock": 0,
            "without_cost": 0,
            "examined": 1,
            "by_supervisor": by_supervisor,
        },
    )


PROMOTION = register(
    Flow(
        "promotion",
        title=gettext_lazy("Promotion"),
        requester=frozenset({Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR, when=by_specialist),
            Step(Role.OPERATIONS_MANAGER, when=for_manager),
        ),
        area="catalog",
        scope="channel",
        effect=promotions.schedule,
        on_return=promotions.take_back,
        on_void=promotions.give_way,
        guards="catalog_promotionrun",
        clauses=(
            "HR-1.2-07", "HR-1.2-15", "CRM-3.4-03", "CAT-4.4-01", "CAT-4.4-02",
            "CAT-4.4-05", "CAT-4.4-06", "CAT-4.4-07", "CAT-4.4-08",
        ),
        describe=describe,
        outcome=outcome_words,
        total="budget",
        examples=(
            _example(budget="20000.00", by_supervisor=False),
            _example(budget="200000.00", by_supervisor=False),
            _example(budget="20000.00", by_supervisor=True),
        ),
    )
)  # fmt: skip

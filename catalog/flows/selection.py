"""Who decides about a new product: the supervisor, then the manager (SCM-2.4-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.services import selecting
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.clocks.limits import working_days
from ops.engines.identity.choices import Role


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    line = content["lines"][0]
    return _("%(name)s for %(group)s, at %(price)s, score %(score)s") % {
        "name": line["name"],
        "group": content["target_group"],
        "price": line["price"],
        "score": line["score"],
    }


PRODUCT_SELECTION = register(
    Flow(
        "product_selection",
        title=gettext_lazy("New product proposal"),
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR, within=working_days(3)),
            Step(Role.OPERATIONS_MANAGER, within=working_days(3)),
        ),
        area="catalog",
        effect=selecting.approve,
        on_return=selecting.take_back,
        guards="catalog_selectionproposal",
        clauses=("SCM-2.4-02",),
        describe=describe,
        examples=(
            Example(
                content={
                    "category": "女装",
                    "name": "轻量羽绒背心",
                    "demand": "近三个月站内搜索无结果 214 次",
                    "trend": "通勤轻量化",
                    "target_group": "25 至 35 岁通勤女性",
                    "brand_fit": "与羊绒线同客群",
                    "rivals": [
                        {"rival": "甲", "goods": "背心", "price": "199.00", "source": "甲旗舰店"}
                    ],
                    "rival_note": "",
                    "risk": "暖冬",
                    "points": {},
                    "lines": [
                        {
                            "proposal": 1,
                            "category": 1,
                            "name": "轻量羽绒背心",
                            "price": "189.00",
                            "unit_cost": "82.00",
                            "monthly_sales": 300,
                            "score": "78.5",
                        }
                    ],
                },
                figures={
                    "score": "78.5",
                    "selection_margin": "56.6",
                    "monthly_sales": 300,
                    "monthly_revenue": "56700.00",
                    "rivals": 1,
                },
            ),
        ),
    )
)

"""The flow of a price policy: two persons, from two departments (CAT-4.2-04)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.services import policies
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.clocks.limits import working_days
from ops.engines.identity.choices import Role


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    line = content["lines"][0]
    return _("%(category)s from %(day)s: floor %(floor)s %%, target %(target)s %%") % {
        "category": content["category"] or _("The whole house"),
        "day": line["starts_on"],
        "floor": line["floor_margin"],
        "target": line["target_margin"],
    }


PRICE_POLICY = register(
    Flow(
        "price_policy",
        title=gettext_lazy("Price policy"),
        requester=frozenset({Role.OPERATIONS_MANAGER}),
        # A plan of the operations manager, who creates nothing in the catalogue itself; the finance
        # manager approves nothing there, so each acts by the right of his own field.
        steps=(Step(Role.FINANCE_MANAGER, within=working_days(3), area="finance"),),
        area="ops",
        effect=policies.put_in_force,
        on_return=policies.take_back,
        guards="catalog_pricepolicy",
        clauses=("CAT-4.2-04",),
        describe=describe,
        examples=(
            Example(
                content={
                    "category": "女装",
                    "reason": "yearly review",
                    "lines": [
                        {
                            "policy": 1,
                            "category": 1,
                            "starts_on": "2026-12-01",
                            "review_on": "2027-12-01",
                            "target_margin": "35.0",
                            "floor_margin": "12.0",
                            "ceiling_margin": "80.0",
                            "band": "10.0",
                            "window_days": 30,
                            "above_rival": "20.0",
                            "under_rival": "30.0",
                        }
                    ],
                },
            ),
        ),
    )
)

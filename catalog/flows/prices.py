"""Approval flows of the catalogue.

A price below the floor loses money with every piece sold, so the director proves who decides it
(S13); inside the floor the session is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.selectors.impact_words import outcome_words
from catalog.services import pricing
from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import BUSINESS_ZONE


def outside_band(shown: Mapping[str, Any]) -> bool:
    """Say whether any line leaves the policy band (CAT-4.2-04)."""
    return int(shown["outside_band"]) > 0


def below_floor(shown: Mapping[str, Any]) -> bool:
    """Say whether any line is under the floor (GEN-1.3-02)."""
    return int(shown["below_floor"]) > 0


def _local(moment: Any) -> datetime:
    """Return a stored moment on the clock of the business."""
    return datetime.fromisoformat(str(moment)).astimezone(BUSINESS_ZONE)


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for; of a request of another shape, why."""
    if "starts_at" not in content:
        return str(content.get("reason", ""))
    return _("%(count)s SKUs, from %(start)s: %(reason)s") % {
        "count": content["count"] if "count" in content else len(content.get("lines", ())),
        "start": f"{_local(content['starts_at']):%Y-%m-%d %H:%M}",
        "reason": content["reason"],
    }


def in_band(figures: Mapping[str, Any]) -> bool:
    """Say whether a change may be approved together with others: nothing leaves the policy."""
    return not outside_band(figures) and not below_floor(figures)


def _example(*, outside: int, below: int) -> Example:
    line = {
        "sku": 1,
        "code": "WJ-2207",
        "old": "159.00",
        "price": "149.00",
        "change": "-6.29",
        "window": "-6.29",
        "margin_old": "55.97",
        "margin": "53.02",
        "floor": "99.00",
        "rival": "148.00",
        "cover": "41",
        "outside": bool(outside),
        "below": bool(below),
    }
    return Example(
        content={
            "channel": 1,
            "starts_at": "2026-12-01T00:00:00+08:00",
            "ends_at": "2026-12-13T00:00:00+08:00",
            "reason": "rival price fell",
            "rival_note": "",
            "lines": [line],
        },
        figures={
            "lines": 1,
            "average_percent": "-6.29",
            "deepest_percent": "-6.29",
            "margin_old": "55.97",
            "margin_new": "53.02",
            "outside_band": outside,
            "below_floor": below,
        },
    )


PRICE_CHANGE = register(
    Flow(
        "price_change",
        title=gettext_lazy("Price change"),
        requester=frozenset({Role.OPERATIONS_SPECIALIST}),
        steps=(
            Step(Role.OPERATIONS_SUPERVISOR),
            Step(Role.OPERATIONS_MANAGER, when=outside_band),
            Step(Role.OPERATIONS_DIRECTOR, when=below_floor, step_up=True),
        ),
        area="catalog",
        scope="channel",
        effect=pricing.schedule,
        on_return=pricing.take_back,
        guards="catalog_pricerange",
        clauses=("GEN-1.3-02", "HR-1.2-06", "HR-1.2-15", "CAT-4.2-01", "CAT-4.2-04"),
        describe=describe,
        in_band=in_band,
        outcome=outcome_words,
        examples=(_example(outside=0, below=0), _example(outside=1, below=1)),
    )
)

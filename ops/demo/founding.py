"""The founding of the demo company, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ops.demo import company as companies
from ops.demo import goods, people, trade
from ops.demo.plan import Plan
from ops.demo.trade import Say


@dataclass(frozen=True, slots=True)
class Founded:
    """What was made."""

    staff: people.Staff
    figures: dict[str, Any]


def found(plan: Plan, *, say: Say) -> Founded:
    """Make the company of a plan; the same plan makes the same company."""
    say("departments, warehouses, channels")
    company = companies.open_company(plan)
    say("people and accounts")
    staff = people.hire(plan, company)
    say("products and prices")
    items = goods.stock_shelves(plan, company)
    suppliers = goods.load_suppliers(plan)
    taken = trade.live_through(plan, company, items, say=say)
    figures = {
        "orders": taken.orders,
        "returns": taken.returns,
        "lines": taken.lines,
        "skus": len(items),
        "suppliers": len(suppliers),
        "accounts": len(staff.accounts),
    }
    return Founded(staff, figures)

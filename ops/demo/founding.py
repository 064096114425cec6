"""The founding of the demo company, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.demo import books, buyers, buying, counting, goods, live, money, people, pricing, trade
from ops.demo import company as companies
from ops.demo.plan import Plan
from ops.demo.planted import Planted
from ops.demo.scene import Scene
from ops.demo.trade import Say


@dataclass(frozen=True, slots=True)
class Founded:
    """What was made."""

    staff: people.Staff
    planted: Planted
    figures: dict[str, Any]


def found(plan: Plan, *, folder: Path, say: Say) -> Founded:
    """Make the company of a plan, its files in a folder; the same plan makes the same company."""
    say("departments, warehouses, channels")
    company = companies.open_company(plan)
    say("people and accounts")
    staff = people.hire(plan, company)
    say("products and prices")
    items = goods.stock_shelves(plan, company)
    suppliers = goods.load_suppliers(plan)
    taken = trade.live_through(plan, company, items, say=say)
    scene = Scene(plan, company, staff, items)
    say("names of buyers")
    personal = buyers.make_personal(scene)
    say("purchases, counts, prices, orders of today")
    buying.buy(scene, suppliers)
    counting.count_stock(scene)
    pricing.change_prices(scene)
    states = live.trade_on(scene)
    say("ledger and statements")
    vouchers = books.keep_books(scene)
    statements = money.settle(scene, folder)
    closed = books.close_months(scene)
    figures = {
        "orders": taken.orders,
        "returns": taken.returns,
        "lines": taken.lines,
        "skus": len(items),
        "suppliers": len(suppliers),
        "accounts": len(staff.accounts),
        "personal_buyers": personal,
        "live_orders": states,
        "history_vouchers": vouchers,
        "closed_months": closed,
        **statements,
        "planted": len(scene.planted.plants),
    }
    return Founded(staff, scene.planted, figures)

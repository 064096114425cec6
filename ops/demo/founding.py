"""The founding of the demo company, part by part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from ops.demo import (
    books,
    buyers,
    buying,
    checks,
    counting,
    displaying,
    goods,
    keywords,
    library,
    listing,
    live,
    money,
    night,
    paging,
    patrol,
    people,
    pricing,
    promoting,
    ranging,
    recommending,
    searching,
    selecting,
    trade,
    voicing,
)
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
    say("people and accounts, beside them products and prices")
    # Hashing 29 passwords keeps one core busy for a while; history needs no person yet.
    with ThreadPoolExecutor(max_workers=1) as aside:
        hiring = aside.submit(_hire, plan, company)
        items = goods.stock_shelves(plan, company)
        suppliers = goods.load_suppliers(plan)
        taken = trade.live_through(plan, company, items, say=say)
        staff = hiring.result()
    scene = Scene(plan, company, staff, items)
    say("names of buyers")
    personal = buyers.make_personal(scene)
    say("purchases, counts, prices, orders of today")
    buying.buy(scene, suppliers)
    counting.count_stock(scene)
    pricing.change_prices(scene)
    promoted = promoting.promote(scene)
    scanned = listing.list_goods(scene)
    recommended = recommending.recommend(scene)
    laid_out = paging.lay_out(scene)
    clicked = displaying.arrange(scene)
    missed = searching.search(scene)
    followed = keywords.follow(scene)
    proposed = selecting.select(scene)
    states = live.trade_on(scene)
    ranked = ranging.review(scene)
    voiced = voicing.voice(scene)
    patrol.patrol_prices(scene)
    say("ledger and statements")
    vouchers = books.keep_books(scene)
    closed = books.close_months(scene)
    statements = money.settle(scene, folder)
    say("checks of the day, jobs of the night, reports of the month")
    signed = checks.keep_checks(scene)
    nightly = night.work(scene)
    written = library.write(scene)
    figures = {
        "orders": taken.orders,
        "returns": taken.returns,
        "lines": taken.lines,
        "skus": len(items),
        "suppliers": len(suppliers),
        "listings": scanned.looked_at,
        "accounts": len(staff.accounts),
        "personal_buyers": personal,
        "live_orders": states,
        "promotions": promoted,
        "recommended_pairs": recommended,
        "page_contents": laid_out,
        "slot_figures": clicked,
        "words_in_vain": missed,
        "search_ranks": followed,
        "product_proposals": proposed,
        "skus_ranked": ranked,
        "product_feedback": voiced,
        "history_vouchers": vouchers,
        "closed_months": closed,
        "signed_checks": signed,
        **statements,
        **nightly,
        **written,
        "planted": len(scene.planted.plants),
    }
    return Founded(staff, scene.planted, figures)


def _hire(plan: Plan, company: companies.Company) -> people.Staff:
    try:
        return people.hire(plan, company)
    finally:
        connections.close_all()  # those of this thread

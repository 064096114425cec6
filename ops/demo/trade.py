"""Eighteen months of trade: goods arrive, orders are taken over, finance posts; by quarter."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection, connections, transaction

from catalog.choices.goods import SkuKind
from catalog.models import Channel
from customers.services import history
from inventory.choices import MoveReason
from inventory.events import MovesImported
from inventory.selectors import places
from inventory.services import closing, moves
from inventory.services import history as stock_history
from inventory.types import HistoryRow, MoveDraft, Source
from ops.demo import draft_sql as sql
from ops.demo import seasons
from ops.demo.company import Company, Shop
from ops.demo.goods import Item
from ops.demo.plan import FOUNDER, SYSTEM, Plan, midnight, months_to_close
from ops.engines.audit import services as audit
from ops.engines.events import delivery
from ops.engines.events.publishing import publish
from ops.engines.periods import services as periods
from ops.engines.periods.selectors import next_month
from ops.engines.tables.choices import BatchState
from ops.engines.tables.models import ImportBatch

_PROFILE: Final = "demo"
_CASE: Final = 6  # suppliers deliver in cases of six
_RESERVE: Final = 8  # pieces of a SKU beyond what will be sold, usually
_COVER: Final = 20  # the same for the last quarter: live orders are served from it
_PATIENCE: Final = 3_600  # seconds one quarter may take to post
_DAY: Final = dt.timedelta(days=1)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """How much history there is."""

    orders: int
    returns: int
    lines: int


def live_through(plan: Plan, company: Company, items: Sequence[Item], *, say: Say) -> Taken:
    """Draw and post the whole history; the channels go live on the founding day."""
    with connection.cursor() as cursor:
        cursor.execute(sql.DRAFT)
        ranks = [item.rank for item in items]
        cursor.execute(
            sql.FILL_ITEMS,
            [ranks, [item.sku_id for item in items], [item.code for item in items]],
        )
        cursor.execute("ANALYZE demo_item")
    calendars = _calendars(plan, company)
    orders = returns = lines = 0
    # Finance posts a quarter while the next one is drawn: two connections, two cores. A quarter
    # is told when the one before is posted, so that vouchers are numbered alike every time.
    with ThreadPoolExecutor(max_workers=1) as office:
        posting = office.submit(connections.close_all)
        for first, last in _quarters(plan):
            with transaction.atomic():
                _draft(plan, company, calendars, first, last, items=len(items))
                _supply(plan, company, items, first, last)
                for shop in company.shops:
                    taken = _take_over(plan, shop, first)
                    orders, returns = orders + taken.orders, returns + taken.returns
                    lines += taken.accepted
                posting.result(timeout=_PATIENCE)
            posting = office.submit(_post_and_close, plan, first, last)
            say(f"{first:%Y-%m} to {last:%Y-%m}: {orders:,} orders so far")
        posting.result()
        office.submit(connections.close_all).result()
    _go_live(plan, company)
    return Taken(orders, returns, lines)


def _post_and_close(plan: Plan, first: dt.date, last: dt.date) -> None:
    """Deliver what a quarter told, and close its months while there is little history behind."""
    delivery.drain(at=plan.at)
    since = first if first > plan.first_day else dt.date.min  # opening stock lies before the first
    for month in months_to_close(plan):
        if since < next_month(month) <= last + _DAY:
            closing.close_month(month=month, actor=SYSTEM, at=plan.at)


def _go_live(plan: Plan, company: Company) -> None:
    """Close the door to history: from the founding day on, orders come one by one."""
    with transaction.atomic():
        for shop in company.shops:
            Channel.objects.filter(pk=shop.id).update(go_live_on=plan.today)
            audit.record(
                actor=FOUNDER,
                at=plan.at,
                action="catalog.channel_live",
                obj=("catalog.channel", shop.id),
                body={"go_live_on": plan.today},
            )


_Calendar = list[tuple[dt.date, int, int]]  # day, number of its first order, how many


def _calendars(plan: Plan, company: Company) -> Mapping[str, _Calendar]:
    """Return how many orders each channel has on each day; together exactly what was asked."""
    last = plan.today - _DAY
    shares = seasons.shared_out(plan.orders, [shop.share for shop in company.shops])
    found: dict[str, _Calendar] = {}
    number = 1
    for shop, orders in zip(company.shops, shares, strict=True):
        weight = seasons.weights(plan.first_day, last, plan.draws(f"days:{shop.code}"))
        counts = seasons.shared_out(orders, weight)
        calendar: _Calendar = []
        for day, count in zip(seasons.days(plan.first_day, last), counts, strict=True):
            calendar.append((day, number, count))
            number += count
        found[shop.code] = calendar
    return found


def _quarters(plan: Plan) -> Iterator[tuple[dt.date, dt.date]]:
    first, end = plan.first_day, plan.today - _DAY
    while first <= end:
        month = first.month + 2
        after = dt.date(first.year + month // 12, month % 12 + 1, 1)
        yield first, min(after - _DAY, end)
        first = after


def _draft(
    plan: Plan,
    company: Company,
    calendars: Mapping[str, _Calendar],
    first: dt.date,
    last: dt.date,
    *,
    items: int,
) -> None:
    rows = [
        (shop, *entry)
        for shop in company.shops
        for entry in calendars[shop.code]
        if first <= entry[0] <= last and entry[2]
    ]
    given: dict[str, Any] = {
        "channels": [shop.id for shop, *_rest in rows],
        "warehouses": [shop.warehouse.id for shop, *_rest in rows],
        "digits": [shop.digit for shop, *_rest in rows],
        "buyers": [int(plan.buyer_count * shop.share) for shop, *_rest in rows],
        "days": [day for _shop, day, _start, _count in rows],
        "starts": [start for _shop, _day, start, _count in rows],
        "counts": [count for _shop, _day, _start, count in rows],
        "items": items,
        "seed": str(plan.seed),
        "until": midnight(plan.today),
    }
    given |= {name: plan.salt(number) for number, name in enumerate(sql.SALTS)}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE demo_line")
        cursor.execute(sql.LINES, given)
        cursor.execute("ANALYZE demo_line")


def _supply(
    plan: Plan, company: Company, items: Sequence[Item], first: dt.date, last: dt.date
) -> None:
    """Let the goods of a quarter arrive before it begins, at that quarter's cost.

    The shelves are full on the first day and on the founding day.
    """
    is_opening = first == plan.first_day
    cover = _RESERVE if is_opening else _COVER if last >= plan.today - _DAY else 0
    with connection.cursor() as cursor:
        cursor.execute(sql.NEEDS)
        needs: dict[tuple[int, int], int] = defaultdict(int)
        for warehouse_id, sku_id, quantity in cursor.fetchall():
            needs[warehouse_id, sku_id] = quantity
    draws = plan.draws(f"supply:{first}")
    for warehouse in company.warehouses.values():
        wanted: list[tuple[Item, int, Decimal]] = []
        for item in items:
            spare = draws.random() * (2 if item.rank * 5 < len(items) else 1)
            need = needs[warehouse.id, item.sku_id] + int(cover * spare)
            drift = Decimal(draws.randrange(96, 106)) / 100
            if need:
                wanted.append((item, -(-need // _CASE) * _CASE if need > _CASE else need, drift))
        arrive = _open_stock if is_opening else _receive
        arrive(plan, warehouse.id, warehouse.bin_id, first, wanted)


_Wanted = list[tuple[Item, int, Decimal]]


def _open_stock(
    plan: Plan, warehouse_id: int, _bin_id: int, first: dt.date, wanted: _Wanted
) -> None:
    eve = first - _DAY
    with transaction.atomic():
        batch_id = _batch(plan, f"opening:{warehouse_id}", rows=len(wanted))
        stock_history.import_history(
            batch_id=batch_id,
            warehouse_id=warehouse_id,
            actor=FOUNDER,
            at=plan.at,
            rows=[
                HistoryRow(
                    line_no=line,
                    sku_id=item.sku_id,
                    quantity=quantity,
                    reason=MoveReason.OPENING,
                    business_day=eve,
                    at=midnight(eve),
                    effect_key=f"demo:opening:{warehouse_id}:{item.code}",
                    unit_cost=item.cost,
                )
                for line, (item, quantity, _drift) in enumerate(wanted, start=1)
            ],
        )


def _receive(plan: Plan, warehouse_id: int, bin_id: int, first: dt.date, wanted: _Wanted) -> None:
    supplier = places.virtual_places().supplier
    with transaction.atomic():
        batch_id = _batch(plan, f"supply:{warehouse_id}:{first}", rows=len(wanted))
        periods.ensure_month(module=moves.MODULE, day=first, actor=FOUNDER, at=plan.at)
        moves.post(
            [
                MoveDraft(
                    sku_id=item.sku_id,
                    from_location_id=supplier,
                    to_location_id=bin_id,
                    quantity=quantity,
                    reason=MoveReason.RECEIPT,
                    source=Source(type=stock_history.SOURCE_TYPE, id=batch_id),
                    effect_key=f"demo:supply:{warehouse_id}:{first}:{item.code}",
                    unit_cost=(item.cost * drift).quantize(Decimal("0.01")),
                )
                for item, quantity, drift in wanted
            ],
            actor=FOUNDER,
            at=midnight(first),
            business_day=first,
        )
        publish(MovesImported(batch_id=batch_id, dated_on=first))


def _take_over(plan: Plan, shop: Shop, first: dt.date) -> history.HistoryTaken:
    """Hand one channel's quarter to the order book."""
    history.make_stage()
    with connection.cursor() as cursor:
        cursor.execute(sql.HAND_OVER, [shop.id])
        rows = cursor.rowcount
        cursor.execute("ANALYZE history_given")
    taken = history.take_over_history(
        batch_id=_batch(plan, f"orders:{shop.code}:{first}", rows=rows),
        channel_id=shop.id,
        warehouse_id=shop.warehouse.id,
        kind_of=lambda _code: SkuKind.GOODS,
        actor=FOUNDER,
        at=plan.at,
    )
    with connection.cursor() as cursor:
        # The stage lives as long as the transaction; the next channel needs a fresh one.
        cursor.execute("DROP TABLE history_given, history_document, history_line")
    return taken


def _batch(plan: Plan, what: str, *, rows: int) -> int:
    """Return a new import batch: what was drawn counts as a file that was read."""
    digest = hashlib.sha256(f"{plan.seed}:{plan.orders}:{plan.today}:{what}".encode()).hexdigest()
    made = ImportBatch.objects.create(
        profile=_PROFILE,
        file_name=what,
        file_sha256=digest,
        content_digest=digest,
        state=BatchState.DONE,
        options={"seed": plan.seed, "orders": plan.orders},
        rows_read=rows,
        accepted=rows,
        actor_name=FOUNDER.name,
        created_at=plan.at,
        finished_at=plan.at,
    )
    return made.pk

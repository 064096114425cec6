"""R4: whatever is delivered twice, late, out of order or by two at once has one effect."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from celery import current_app
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from psycopg2.extensions import connection as Connection

from catalog.models import RangeReviewRow
from catalog.services import categories, patrol, products, ranging, rivals
from catalog.types.patrol import ShownRow
from customers.events import OrdersAllocated
from customers.models import Order
from inventory.events import ReservationBroken
from inventory.models import Reservation
from inventory.services import findings, receiving
from inventory.types import FoundLine
from marketing.services import facts as sums
from ops.engines.events import delivery, handling
from ops.engines.events import tasks as event_tasks
from ops.engines.events.models import Delivery
from ops.engines.events.publishing import publish
from ops.engines.jobs import running
from ops.engines.jobs import services as jobs
from ops.engines.jobs import tasks as job_tasks
from ops.engines.jobs.models import JobRun
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.reports import tasks as report_tasks
from ops.engines.reports.models import ReportRun
from tests.engines.http.conftest import with_token
from tests.journeys.books import assert_sound, drain
from tests.journeys.test_goods import GLOVES, SCARF, approve, counted, ordered
from tests.journeys.test_order import message, placed, post, shipped
from tests.support import company as companies
from tests.support.company import Company
from tests.support.trade import lines_file, opening_file

OURS = ("catalog.", "customers.", "finance.", "inventory.", "marketing.", "compliance.")
_TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND c.relname <> ALL(%s) ORDER BY 1
"""
# Their rows are the receipts of the deliveries themselves, and who was signed in.
_RECEIPTS = ["events_delivery", "jobs_run", "jobs_watch", "django_session", "http_idempotencykey"]
LATE_DAYS = 3
_DERIVED = ("marketing_sales", "metrics_metricvalue")
_AGAIN = """
ALTER TABLE events_delivery DISABLE TRIGGER delivery_done_is_final;
UPDATE events_delivery
   SET state = 'pending', attempts = 0, done_at = NULL,
       due_at = now() - make_interval(secs => 1 + ('x' || substr(md5(id::text || %s), 1, 6))
                                                   ::bit(24)::int %% 3600);
ALTER TABLE events_delivery ENABLE TRIGGER delivery_done_is_final;
"""


def state_hash() -> dict[str, str]:
    """Return a hash of every table but the receipts, when all that follows from the facts is done.

    Sums of sales are thrown away and built again: their ids and when they were stored do not count.
    """
    drain()
    sums.build_changed(at=timezone.now(), with_months=True)
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [_RECEIPTS])
        for (table,) in cursor.fetchall():
            derived = table.startswith(_DERIVED)
            row = "to_jsonb(t) - 'id' - 'stored_at'" if derived else "t"
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(h, '' ORDER BY h), '')) FROM"
                f" (SELECT md5(({row})::text) AS h FROM {table} t) AS hashed"
            )
            found[table] = cursor.fetchone()[0]
    return found


def _received(company: Company) -> None:
    now = timezone.now()
    keeper = company.actor("keeper")
    receipt = receiving.open_receipt(
        purchase_id=ordered(company), delivery_note="SH-1", actor=company.actor("keeper2"), at=now
    )
    findings.record_found(
        receipt_id=receipt.id,
        lines=[
            FoundLine(sku_id=company.skus[SCARF], counted=300, good=300),
            FoundLine(sku_id=company.skus[GLOVES], counted=100, good=100),
        ],
        actor=keeper,
        at=now,
    )
    receiving.finish_count(receipt_id=receipt.id, actor=keeper, at=now)
    receiving.post_receipt(receipt_id=receipt.id, actor=keeper, at=now)


def _returned(company: Company, order: Order) -> None:
    agent = with_token(company.user("agent"))
    asked = post(
        agent,
        "/after-sales",
        {
            "order": order.number,
            "external_no": "R-1",
            "reason": "颜色不符",
            "lines": [{"line_no": 1, "quantity": 2}, {"line_no": 2, "quantity": 1}],
        },
    )
    assert post(agent, f"/after-sales/{asked.json()['id']}/accept").status_code == 200


def _taken_over(folder: Path) -> None:
    """Take over a slice of real trade: sales, returns and the stock behind them."""
    small = folder / "lines.csv.gz"
    with gzip.open(lines_file(), "rt", encoding="utf-8") as given:
        header, *rows = [next(given) for _line in range(1_500)]
    with gzip.open(small, "wt", encoding="utf-8") as made:
        made.writelines([header, *rows])
    call_command("ingest", "opening_stock", str(opening_file()), "--channel", "uci")
    call_command("ingest", "uci_online_retail", str(small), "--channel", "uci")


def _moved_category() -> None:
    """Move a branch of the shelves, so that what stands there is looked at again."""
    at, clerk = timezone.now(), Actor.system("tests")
    parent = products.create_category(name="样品区", actor=clerk, at=at)
    child = products.create_category(name="样品", actor=clerk, at=at)
    categories.move_category(
        category_id=child.id, parent_id=parent.id, reason="归并", actor=clerk, at=at
    )


def _dropped(company: Company) -> None:
    """Take a SKU out of the range, so that the disposal of its rest is opened."""
    now = timezone.now()
    day = business_day(now)
    made = ranging.build(first=day.replace(day=1), last=day, actor=Actor.system("tests"), at=now)
    assert made is not None
    worst = RangeReviewRow.objects.filter(review_id=made.id).order_by("-rank")[0]
    drop = ranging.ask_drop(
        row_ids=[worst.pk], note="换季", actor=company.actor("specialist"), at=now
    )
    approve(company, ranging.SUBJECT, drop.id, "supervisor")


def _patrolled(company: Company) -> None:
    """Find an offer at another price than approved, so that somebody is told of a case."""
    at, clerk = timezone.now(), Actor.system("tests")
    shown = ShownRow(
        sku_id=next(iter(company.skus.values())), price=Decimal("0.99"), struck=None, seen_at=at
    )
    rivals.take_shown(
        channel_id=company.channel_id, rows=[shown], source="tests", actor=clerk, at=at
    )
    assert patrol.patrol(actor=clerk, at=at).opened == 1


@pytest.fixture
def traded(own_database: object, tmp_path: Path) -> Iterator[Company]:
    """Run every journey that publishes something, and deliver it once."""
    company = companies.build(at=timezone.now())
    drain()
    count = counted(company)
    approve(company, "inventory.stockcount", count.id, "store_manager", "director")
    _received(company)
    order = placed(company)
    shipped(company, order)
    _returned(company, order)
    cancelled = post(with_token(company.user("agent")), "/orders", message("T-2")).json()
    drain()
    broken = Order.objects.get(number=cancelled["number"])
    held = Reservation.objects.filter(source_type="customers.order", source_id=broken.pk).first()
    assert held is not None
    with transaction.atomic():
        publish(OrdersAllocated(order_ids=(broken.pk,)))
        publish(ReservationBroken(reservation_id=held.pk))
    drain()
    post(
        with_token(company.user("agent")),
        f"/orders/{cancelled['number']}/cancel",
        {"reason": "拍错"},
    )
    _taken_over(tmp_path)
    _moved_category()
    _dropped(company)
    _patrolled(company)
    drain()
    yield company
    connection.close()


def _deliver_small(seed: int) -> None:
    """Deliver in small batches, as a worker whose clock is somewhere in the last hour."""
    draw = random.Random(seed)  # noqa: S311 - the same draws every time
    try:
        for _round in range(40):
            at = timezone.now() - timedelta(seconds=draw.randrange(3600))
            delivery.deliver_due(at=at, limit=draw.choice((1, 7, 50)))
    finally:
        connection.close()


@pytest.mark.slow
def test_every_handler_has_one_effect_however_often_its_facts_come(
    traded: Company, as_superuser: Connection
) -> None:
    handled = set(Delivery.objects.values_list("handler", flat=True))
    declared = {name for name in handling.handlers() if name.startswith(OURS)}
    assert declared <= handled, sorted(declared - handled)
    once = state_hash()

    for seed in range(4):
        with as_superuser.cursor() as cursor:
            cursor.execute(_AGAIN, [str(seed)])
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(_deliver_small, (seed * 2, seed * 2 + 1)))

        again = state_hash()
        assert {table for table in once if again[table] != once[table]} == set(), seed

    with as_superuser.cursor() as cursor:
        cursor.execute(_AGAIN, ["late"])
    with time_machine.travel(timezone.now() + timedelta(days=LATE_DAYS)):
        assert delivery.drain(at=timezone.now())
    again = state_hash()
    assert {table for table in once if again[table] != once[table]} == set(), "late"

    assert_sound()


def _tasks() -> dict[str, Callable[[], object]]:
    """Return one way to call each registered task; a task that is new has to be added here."""

    def run_any() -> None:
        for run_id in JobRun.objects.values_list("id", flat=True)[:5]:
            running.execute(run_id=run_id, at=timezone.now())

    def build_any() -> None:
        for run_id in ReportRun.objects.values_list("id", flat=True)[:5]:
            report_tasks.build(run_id)

    return {
        event_tasks.deliver.name: event_tasks.deliver,
        job_tasks.tick.name: lambda: jobs.tick(at=timezone.now(), dispatch=lambda _run: None),
        job_tasks.RUN: run_any,
        report_tasks.build.name: build_any,
    }


@pytest.mark.slow
def test_every_task_delivered_one_to_five_times_shuffled_two_at_once_ends_the_same(
    traded: Company,
) -> None:
    tasks = _tasks()
    registered = {name for name in current_app.tasks if not name.startswith("celery.")}
    assert {name for name in registered if not name.startswith("tests.")} == set(tasks)
    jobs.run_now(
        name="partitions_cut",
        period=timezone.localdate().isoformat(),
        actor=Actor.system("tests"),
        at=timezone.now(),
    )
    for task in tasks.values():
        task()
    once = state_hash()
    draw = random.Random(4)  # noqa: S311 - the same draws every time
    calls = [task for task in tasks.values() for _time in range(draw.randint(1, 5))]
    draw.shuffle(calls)

    def call(task: Callable[[], object]) -> None:
        try:
            task()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(call, calls))

    again = state_hash()
    assert {table for table in once if again[table] != once[table]} == set()

"""Time limits, the calendar, the outbox, jobs in shards and periods, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from ops.engines.clocks import kinds, limits, services
from ops.engines.clocks.declaring import clock
from ops.engines.clocks.kinds import Escalation
from ops.engines.clocks.models import Clock
from ops.engines.clocks.types import Subject
from ops.engines.events import delivery, handling, publishing
from ops.engines.events.models import Delivery
from ops.engines.identity.choices import Role
from ops.engines.jobs import declarations
from ops.engines.jobs import services as jobs
from ops.engines.jobs.cadences import daily
from ops.engines.jobs.declarations import Run, job
from ops.engines.jobs.models import JobRun
from ops.engines.jobs.shards import Shard
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import may, only
from ops.engines.periods import services as periods
from tests.engines.events.conftest import Packed
from tests.screens.conftest import DESK, PHONE, Site

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
SYSTEM = Actor.system("计时")


def _box_lost(facts: Sequence[Packed]) -> None:
    raise ValueError(f"box {facts[0].box_id} has no rack")


def _export(_run: Run) -> dict[str, int]:
    return {"rows": 1200}


@pytest.fixture(scope="module", autouse=True)
def _declared() -> Iterator[None]:
    kept = dict(kinds._kinds), dict(handling._handlers), dict(declarations._jobs)
    clock(
        "toy_complaint",
        title="投诉答复",
        limit=limits.working_days(5),
        area="customers",
        role=Role.CUSTOMER_SERVICE_AGENT,
        extend=only(Role.OPERATIONS_MANAGER),
        clauses=("CRM-3.2-05",),
        remind=(0.8,),
        escalate=(Escalation(limits.hours(24), Role.OPERATIONS_MANAGER),),
    )
    handling.subscribe(Packed)(_box_lost)
    job(
        "toy_export",
        family="run",
        cadence=daily("01:00", back=1),
        clauses=["SYS-6.2-05"],
        title="渠道日汇总",
        policy=may("ops", "P"),
        shards=lambda run: [Shard("channel", number, run.first) for number in (1, 2, 3)],
    )(_export)
    yield
    for table, was in zip(
        (kinds._kinds, handling._handlers, declarations._jobs), kept, strict=True
    ):
        table.clear()  # type: ignore[attr-defined]
        table.update(was)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def house(site: Site, _declared: None) -> Site:
    """Fill the house: limits in every state, a parked fact, a run in shards, held days."""
    now = timezone.now()
    for number, days in enumerate((40, 20, 9, 3, 1, 0)):
        services.start(
            kind="toy_complaint",
            subjects=[Subject(type="toys.toy", id=number, label=f"TS-{number:04}")],
            actor=SYSTEM,
            at=now - timedelta(days=days),
        )
    services.sweep(actor=SYSTEM, at=now - timedelta(days=1))
    services.sweep(actor=SYSTEM, at=now)
    services.pause(
        kind="toy_complaint",
        subjects=[("toys.toy", 5)],
        reason="等待买家补充照片",
        actor=SYSTEM,
        at=now,
    )
    with transaction.atomic():
        publishing.publish(Packed(box_id=41, order="order:7"), Packed(box_id=42, order="order:7"))
    for hours in range(9):
        delivery.deliver_due(at=now + timedelta(hours=hours))
    yesterday = (business_day(now) - timedelta(days=1)).isoformat()
    jobs.run_now(name="toy_export", period=yesterday, actor=SYSTEM, at=now)
    today = business_day(now)
    periods.ensure_month(module="stock", day=today, actor=SYSTEM, at=now)
    first = today.replace(day=1)
    periods.hold(
        module="stock",
        first=first,
        last=first + timedelta(days=2),
        reason="月初盘点",
        actor=SYSTEM,
        at=now,
    )
    return site


@SIZES
def test_time_limits_are_listed_and_opened(
    house: Site,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    size: tuple[int, int],
) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER, size=size)
    visit(page, "/clocks/?tab=open", f"clocks-{size[0]}")
    expect(page.locator("main")).to_contain_text("TS-0000")
    overdue = Clock.objects.get(label="TS-0000")
    visit(page, f"/clocks/{overdue.pk}/", f"clock-overdue-{size[0]}")
    running = Clock.objects.get(label="TS-0003")
    visit(page, f"/clocks/{running.pk}/", f"clock-{size[0]}")
    visit(page, "/calendar/2026/", f"calendar-{size[0]}")
    visit(page, "/", f"desk-clocks-{size[0]}")


def test_more_time_is_given_in_the_browser(house: Site, sign_in: Callable[..., Page]) -> None:
    clock_row = Clock.objects.get(label="TS-0004")
    page = sign_in(Role.OPERATIONS_MANAGER)
    page.goto(f"/clocks/{clock_row.pk}/")

    page.get_by_role("button", name="延期").first.click()
    page.locator("#extend-until").fill(f"{clock_row.due_at + timedelta(days=5):%Y-%m-%d} 18:00")
    page.locator("#extend-reason").fill("等待检测报告")
    page.locator("#extend-reason").locator("xpath=ancestor::form").get_by_role(
        "button", name="延期"
    ).click()

    expect(page.locator("main")).to_contain_text("等待检测报告")
    assert Clock.objects.get(pk=clock_row.pk).due_at > clock_row.due_at


@SIZES
def test_the_outbox_the_runs_and_the_periods(
    house: Site,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    size: tuple[int, int],
) -> None:
    page = sign_in(Role.INFORMATION_SUPERVISOR, size=size)
    visit(page, "/system/outbox/", f"outbox-{size[0]}")
    parked = Delivery.objects.filter(state="parked").order_by("id")[0]
    visit(page, f"/system/outbox/{parked.pk}/", f"delivery-{size[0]}")
    visit(page, "/system/queues/", f"queues-{size[0]}")
    visit(page, "/system/reference/", f"reference-{size[0]}")
    visit(page, "/jobs/toy_export/", f"job-{size[0]}")
    run = JobRun.objects.get(job="toy_export", shard="")
    visit(page, f"/jobs/toy_export/runs/{run.pk}/", f"run-{size[0]}")
    visit(page, "/periods/", f"periods-{size[0]}")

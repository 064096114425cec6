"""Scorecards and metrics in a browser: at a desk, on a phone, by people who work with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import Supplier
from inventory.scores import SUPPLIER_EVALUATION
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.metrics import services as metrics
from ops.engines.metrics.types import Point, Target
from ops.engines.scorecards import services
from ops.engines.scorecards.models import Card
from ops.engines.scorecards.types import MarkDraft, Span, Subject
from tests.screens.conftest import DESK, PHONE, Site

pytestmark = pytest.mark.browser
SYSTEM = Actor.system("tests")
LIST = "/scores/supplier_evaluation/"
SUPPLIERS = ("恒源纺织", "远达包装", "华兴五金", "丰泰日化", "永利塑胶", "嘉和食品")


@pytest.fixture
def scored(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two quarters of six suppliers, the former confirmed, the last one being marked."""
    if Card.objects.exists():
        return
    now = timezone.now()
    made = [
        Supplier.objects.create(code=f"S{n}", name=name, created_at=now)
        for n, name in enumerate(SUPPLIERS)
    ]
    _measure(made, now)
    people = {
        role: identity.actor_for(site.user(role), at=now)
        for role in ("purchasing_officer", "operations_manager")
    }

    def delivered(_span: Span) -> list[Subject]:
        return [Subject(each.pk, each.name) for each in made]

    usual = SUPPLIER_EVALUATION.subjects
    # The declaration is the process's: tests after this module need what it says.
    object.__setattr__(SUPPLIER_EVALUATION, "subjects", delivered)
    try:
        for period in ("2026-Q2", "2026-Q3"):
            _mark(period, people, now)
    finally:
        object.__setattr__(SUPPLIER_EVALUATION, "subjects", usual)


def _mark(period: str, people: dict[str, Actor], now: dt.datetime) -> None:
    """Let five of six cards of a quarter be marked; those of the former one are published."""
    services.open_period(key="supplier_evaluation", period=period, actor=SYSTEM, at=now)
    manager = people["operations_manager"]
    for n, card in enumerate(Card.objects.filter(period=period).order_by("pk")[:5]):
        draft = MarkDraft("service", Decimal(95 - 9 * n), "补货及时，单据齐全", f"PO-20260{n + 1}")
        services.mark(card_id=card.pk, draft=draft, actor=people["purchasing_officer"], at=now)
        if period == "2026-Q2" or n == 0:
            services.confirm(card_id=card.pk, comment="继续合作", actor=manager, at=now)
            services.publish(card_id=card.pk, actor=manager, at=now)


def _measure(made: list[Supplier], now: dt.datetime) -> None:
    for day in (dt.date(2026, 5, 11), dt.date(2026, 8, 10)):
        for key, worst in (
            ("supplier_on_time", 6),
            ("supplier_quantity_right", 3),
            ("supplier_quality_pass", 2),
            ("supplier_refused_receipts", -3),
            ("supplier_price_stable", 4),
        ):
            rows = [
                Point(day, 100 - n * worst if worst > 0 else n * -worst, 100, "supplier", str(s.pk))
                for n, s in enumerate(made)
            ]
            metrics.store(key=key, rows=rows, at=now)


@pytest.fixture
def measured(site: Site) -> None:
    """Three months of sales with one bad day, a target and its case."""
    now = timezone.now()
    days = [dt.date(2026, 8, 31) + dt.timedelta(days=n) for n in range(80)]
    bad = days[-3]
    values = [9000 + 700 * (day.weekday() % 5) + 40 * n for n, day in enumerate(days)]
    metrics.store(
        key="gmv", at=now,
        rows=[Point(d, v if d != bad else 2000) for d, v in zip(days, values, strict=True)],
    )  # fmt: skip
    metrics.store(
        key="return_rate", at=now,
        rows=[Point(d, 2400 if d == bad else 300 + 20 * (n % 9), 10000)
              for n, d in enumerate(days)],
    )  # fmt: skip
    first, last = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
    target = Target("return_rate", "", "", first, last, Decimal("0.03"))
    metrics.set_target(target=target, actor=SYSTEM, at=now)
    metrics.scan(day=bad, is_hourly=False, actor=SYSTEM, at=now)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
def test_cards_of_suppliers(
    scored: None, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = sign_in("operations_manager", size=size)

    visit(page, "/scores/", f"scorecards-{size[0]}")
    visit(page, f"{LIST}?period=2026-Q3", f"scorecard-{size[0]}")
    card = Card.objects.filter(period="2026-Q3", state="marked").order_by("pk")[0]
    visit(page, f"{LIST}{card.pk}/", f"score-{size[0]}")

    expect(page.locator("figure.chart")).to_have_count(1)


def test_a_buyer_marks_on_a_phone(
    scored: None, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    card = Card.objects.get(period="2026-Q3", subject_name=SUPPLIERS[5])
    page = visit(
        sign_in("purchasing_officer", size=PHONE), f"{LIST}{card.pk}/mark/", "score-mark-360"
    )

    page.fill("[name=points_service]", "60")
    page.fill("[name=comment_service]", "两次催货")
    page.fill("[name=evidence_service]", "PO-202609")
    page.click(".actions button.is-primary")
    page.wait_for_url(f"**{LIST}{card.pk}/")

    card.refresh_from_db()
    assert card.state == "marked"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
def test_metrics_and_cases(
    measured: None, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = sign_in("data_analyst", name="白露", size=size)

    visit(page, "/metrics/", f"metrics-{size[0]}")
    visit(page, "/metrics/return_rate/?period=2026-11", f"metric-{size[0]}")
    visit(page, "/metrics/cases/", f"cases-{size[0]}")
    page.locator("a[href*='/metrics/cases/']").last.wait_for()
    page.goto("/metrics/cases/1/")
    visit(page, "/metrics/cases/1/", f"case-{size[0]}")
    visit(page, "/", f"desk-analyst-{size[0]}")


def test_english(scored: None, sign_in: Callable[..., Page], visit: Callable[..., Page]) -> None:
    page = sign_in("operations_manager", locale="en-GB")

    visit(page, f"{LIST}?period=2026-Q3", "scorecard-en")

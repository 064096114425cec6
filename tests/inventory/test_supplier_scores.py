"""Suppliers are scored every quarter from what they delivered (SCM-2.1-03)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from inventory.metrics import SUPPLIER_METRICS
from inventory.models import PurchaseLine, PurchaseOrder, Receipt, ReceiptLine
from inventory.scores import SUPPLIER_EVALUATION
from inventory.selectors import supplied
from ops.engines.identity.choices import Role
from ops.engines.identity.selectors.actors import actor_for
from ops.engines.jobs import services as jobs
from ops.engines.jobs.choices import RunState
from ops.engines.metrics import selectors as figures
from ops.engines.metrics import services as metrics
from ops.engines.reports import services as reports
from ops.engines.scorecards import selectors, services
from ops.engines.scorecards.models import Card
from ops.engines.scorecards.types import MarkDraft
from tests.engines.identity.factories import account
from tests.inventory.documents import House, house
from tests.inventory.factories import SYSTEM, Shop

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.datetime(2026, 9, 1, 4, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 10, 2, 1, tzinfo=dt.UTC)
QUARTER = (dt.date(2026, 7, 1), dt.date(2026, 9, 30))


@pytest.fixture(name="home")
def fixture_home(shop: Shop) -> House:
    """Return the warehouse with its people and a supplier."""
    return house(shop)


def test_scores_are_read_by_those_who_see_the_suppliers() -> None:
    seen = {
        role: SUPPLIER_EVALUATION.view.allows(actor_for(account(role, role), at=AFTER))
        for role in (Role.SELLER, Role.PURCHASING_OFFICER)
    }

    assert seen == {Role.SELLER: False, Role.PURCHASING_OFFICER: True}


def order(home: House, number: int, cost: str, days: int = 3) -> PurchaseOrder:
    """Put down an order sent in September, expected after some days."""
    sent = SEPTEMBER + dt.timedelta(days=number)
    made = PurchaseOrder.objects.create(
        number=f"PO-T{number}",
        supplier_id=home.supplier_id,
        warehouse_id=home.shop.warehouse.id,
        expected_on=(sent + dt.timedelta(days=days)).date(),
        drafted_by=1,
        drafted_at=sent,
        sent_at=sent,
    )
    PurchaseLine.objects.create(
        purchase=made, line_no=1, sku_id=home.shop.skus[0], quantity=100, unit_cost=cost, reason="x"
    )
    return made


def arrived(made: PurchaseOrder, day: int, noted: int, counted: int, good: int) -> Receipt:
    """Put down its delivery, so many days after the order was sent."""
    opened = (made.sent_at or SEPTEMBER) + dt.timedelta(days=day)
    receipt = Receipt.objects.create(
        number=f"RC-{made.number}",
        purchase=made,
        ordered_by=1,
        warehouse_id=made.warehouse_id,
        delivery_note="N",
        opened_at=opened,
    )
    ReceiptLine.objects.create(
        receipt=receipt,
        line_no=1,
        sku_id=made.lines.get().sku_id,
        noted=noted,
        counted=counted,
        good=good,
        mismatch="none" if noted == counted == good else "damaged",
    )
    Receipt.objects.filter(pk=receipt.pk).update(state="checked", counted_at=opened)
    return receipt


def quarter_of(home: House) -> None:
    """Let the supplier deliver twice: on time and faultless, then late, short and dearer."""
    arrived(order(home, 1, "10"), 3, 100, 100, 100)
    arrived(order(home, 2, "10.31"), 5, 100, 90, 81)


def test_metrics_of_a_supplier_are_those_of_its_documents(home: House) -> None:
    quarter_of(home)

    metrics.refresh(keys=SUPPLIER_METRICS, first=QUARTER[0], last=QUARTER[1], at=AFTER)

    found = figures.by_member(
        keys=SUPPLIER_METRICS, dimension="supplier", first=QUARTER[0], last=QUARTER[1]
    )
    shown = {
        key: f"{rows[0].numerator:.0f}/{rows[0].denominator:.0f}" for key, rows in found.items()
    }
    assert {rows[0].member for rows in found.values()} == {str(home.supplier_id)}
    assert shown == {
        "supplier_on_time": "1/2",
        "supplier_quantity_right": "1/2",
        "supplier_quality_pass": "181/190",
        "supplier_refused_receipts": "0/2",
        "supplier_price_stable": "0/1",
    }


def test_a_price_is_held_up_to_three_per_cent(home: House) -> None:
    order(home, 1, "10")
    order(home, 2, "10.30")

    metrics.refresh(keys=["supplier_price_stable"], first=QUARTER[0], last=QUARTER[1], at=AFTER)

    found = figures.by_member(
        keys=["supplier_price_stable"], dimension="supplier", first=QUARTER[0], last=QUARTER[1]
    )
    assert [f.value for f in found["supplier_price_stable"]] == [1]


def test_business_days_bound_the_quarter(home: House) -> None:
    first = arrived(order(home, 1, "10"), 3, 100, 100, 100)
    Receipt.objects.filter(pk=first.pk).update(
        opened_at=dt.datetime(2026, 9, 30, 16, tzinfo=dt.UTC)  # 1 October in Shanghai
    )

    assert list(supplied.suppliers_between(*QUARTER)) == []
    october = (dt.date(2026, 10, 1), dt.date(2026, 10, 1))
    assert list(supplied.suppliers_between(*october)) == [(home.supplier_id, "恒源")]


def test_the_quarterly_run_scores_suppliers_and_people_finish_it(home: House) -> None:
    quarter_of(home)

    run = jobs.run_now(name="supplier_evaluation_run", period="2026-Q3", actor=SYSTEM, at=AFTER)
    jobs.run_now(name="supplier_evaluation_run", period="2026-Q3", actor=SYSTEM, at=AFTER)

    assert run.state == RunState.DONE
    card = Card.objects.get()
    assert (card.subject_name, card.state, card.period) == ("恒源", "open", "2026-Q3")
    draft = MarkDraft("service", Decimal(80), "Replaced the damaged goods at once", "RC-PO-T2")
    services.mark(card_id=card.pk, draft=draft, actor=home.who("buyer"), at=AFTER)
    services.confirm(
        card_id=card.pk, comment="Keep, talk about prices", actor=home.who("manager"), at=AFTER
    )
    card.refresh_from_db()
    # 25x0 + 15x0 + 20x50 + 10x100 + 15x0 + 15x80 = 3,200 of 100
    assert (card.score, card.grade, card.state) == (Decimal("32.00"), "D", "confirmed")
    assert selectors.recomputed(card).score == card.score


def test_the_report_has_score_grade_trend_and_decision(home: House) -> None:
    quarter_of(home)
    jobs.run_now(name="supplier_evaluation_run", period="2026-Q3", actor=SYSTEM, at=AFTER)
    manager = home.who("manager")

    rows = selectors.results(key=SUPPLIER_EVALUATION.key, period="2026-Q3", actor=manager)
    file = reports.build(
        name="supplier_evaluation", period="2026-Q3", fmt="xlsx", actor=manager, at=AFTER
    )

    assert [(card.subject_name, former) for card, former in rows] == [("恒源", None)]
    assert file.rows == 1

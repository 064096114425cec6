"""A tour of every screen each position finds in its navigation, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from customers.services import placing, returns
from customers.types import BuyerDraft, LineDraft, OrderDraft, ReturnWant
from inventory.models import Shipment
from inventory.services import counts, purchasing, receiving, shipments
from inventory.types import PurchaseWant
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.events import delivery
from tests.screens import checks
from tests.screens.conftest import DESK, PHONE, Site, look
from tests.support import company as companies
from tests.support.company import CHANNEL, SYSTEM, Company

PEOPLE = ("director", "supervisor", "keeper", "finance", "auditor")
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
BUYER = BuyerDraft(
    code="TB-8812", name="李小龙", phone="13812342231", address="浙江省杭州市西湖区文三路 1 号"
)
_LINKS = "nav a[href^='/']"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Busy:
    """The company on a working day."""

    company: Company


@pytest.fixture(scope="module")
def busy(site: Site) -> Busy:
    """Let a day happen: orders placed, shipped and returned, goods bought, a count begun."""
    company = companies.build(at=timezone.now())
    for number in range(1, 7):
        _order(f"T-{number:04}")
    delivery.drain(at=timezone.now())
    keeper = company.actor("keeper")
    first, second = Shipment.objects.order_by("pk").values_list("pk", flat=True)[:2]
    for parcel in (first, second):
        shipments.pick(shipment_id=parcel, actor=keeper, at=timezone.now())
        shipments.pack(
            shipment_id=parcel,
            carrier="顺丰",
            tracking_no=f"SF{parcel}",
            actor=keeper,
            at=timezone.now(),
        )
    shipments.ship(shipment_id=first, actor=keeper, at=timezone.now())
    delivery.drain(at=timezone.now())
    returns.request_return(
        order_id=Shipment.objects.get(pk=first).source_id,
        lines=[ReturnWant(line_no=1, quantity=1)],
        reason="颜色不符",
        actor=company.actor("agent"),
        at=timezone.now(),
    )
    _buy(company)
    count = counts.open_count(
        warehouse_id=company.warehouse_id, kind="quarter", actor=keeper, at=timezone.now()
    )
    counts.start_count(count_id=count.id, actor=keeper, at=timezone.now())
    delivery.drain(at=timezone.now())
    return Busy(company)


@SIZES
def test_every_screen_of_every_navigation(
    busy: Busy, sign_in: Callable[..., Page], size: tuple[int, int]
) -> None:
    faults: list[str] = []
    looked_at: set[str] = set()
    for name in PEOPLE:
        page = sign_in(name, user=busy.company.user(name), size=size)
        page.goto("/")
        paths = _entries(page)
        page.goto("/more/")
        paths += [*_entries(page), *_more(page)]
        assert len(set(paths)) > 4, name
        faults += [f"{name} {fault}" for fault in _visit(page, "/", f"{name}-{size[0]}")]
        for path in dict.fromkeys(paths):
            if path in looked_at:
                # Looked at through other eyes already; it must open for this position too.
                status = page.request.get(path).status
                faults += [f"{name} {path}: status {status}"] if status != 200 else []
            elif path != "/":
                looked_at.add(path)
                faults += [f"{name} {fault}" for fault in _visit(page, path, str(size[0]))]

    assert len(looked_at) > 12
    assert not faults, "\n".join(faults)


def _entries(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        _LINKS, "links => links.map(each => each.getAttribute('href'))"
    )
    return [path for path in dict.fromkeys(found) if "logout" not in path]


def _more(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "main a[href^='/']", "links => links.map(each => each.getAttribute('href'))"
    )
    return [path for path in dict.fromkeys(found) if "logout" not in path]


def _visit(page: Page, path: str, who: str) -> list[str]:
    """Open a screen and return what is wrong with it."""
    answer = page.goto(path)
    checks.settle(page)
    size = page.viewport_size
    key = path.strip("/").replace("/", "-").partition("?")[0] or "desk"
    look(page, f"tour-{who}-{key}", full=size is None or size["width"] > 640)
    if answer is None or answer.status != 200:
        return [f"{path}: status {answer.status if answer else None}"]
    faults = [f"{path}: English: {text}" for text in checks.foreign(page)]
    for check in (checks.no_noise, checks.no_overflow):
        try:
            check(page)
        except AssertionError as fault:
            faults.append(f"{path}: {check.__name__}: {str(fault)[:300]}")
    checks.forget_noise(page)
    return faults


def _order(number: str) -> None:
    now = timezone.now()
    placing.place_order(
        OrderDraft(
            external_no=number,
            placed_at=now,
            paid_at=now,
            buyer=BUYER,
            lines=(LineDraft(code="WJ-2207", quantity=2), LineDraft(code="ST-4105", quantity=1)),
        ),
        channel=CHANNEL,
        actor=SYSTEM,
        at=now,
    )


def _buy(company: Company) -> None:
    """Order goods, approved and sent; open their receipt; draft a second order that waits."""
    buyer = company.actor("purchaser")
    for pieces in (300, 40):
        made = purchasing.draft_purchase(
            supplier_id=company.supplier_id,
            warehouse_id=company.warehouse_id,
            lines=[
                PurchaseWant(
                    sku_id=company.skus["WJ-2207"],
                    quantity=pieces,
                    unit_cost=Decimal("70.00"),
                    reason="换季",
                )
            ],
            actor=buyer,
            at=timezone.now(),
        )
        purchasing.submit_purchase(purchase_id=made.id, actor=buyer, at=timezone.now())
        if pieces == 300:
            request = Request.objects.latest("pk")
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                actor=company.actor("supervisor"),
                at=timezone.now(),
            )
            purchasing.send_purchase(purchase_id=made.id, actor=buyer, at=timezone.now())
            receiving.open_receipt(
                purchase_id=made.id,
                delivery_note="SH-0091",
                actor=company.actor("keeper2"),
                at=timezone.now(),
            )

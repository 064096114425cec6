"""The product as the machine drives it: every step through the services people use."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from customers.services import placing
from customers.types import LineDraft, OrderDraft, Outcome
from finance.services import manual
from finance.types import LineDraft as Side
from inventory.models import CountLine, Shipment, StockCount
from inventory.services import counting, counts, findings, purchasing, receiving, variances
from inventory.types import CountEntry, Explanation, FoundLine, PurchaseWant
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.kernel.parse import business_day
from tests.support.company import CHANNEL, Company

SUPPLIED = {
    "YR-1001-S": "180.00", "YR-1001-M": "180.10", "WJ-2207": "70.55", "MZ-3310": "35.01",
    "ST-4105": "22.33",
}  # fmt: skip


def now() -> dt.datetime:
    return timezone.now()


def place(
    company: Company,
    number: str,
    lines: list[tuple[str, int]],
    *,
    paid: bool = True,
    at_door: bool = False,
    price: Decimal | None = None,
    coupon: str = "",
) -> Outcome:
    at = now()
    draft = OrderDraft(
        external_no=number,
        placed_at=at,
        paid_at=at if paid and not at_door else None,
        cash_on_delivery=at_door,
        lines=tuple(LineDraft(code=code, quantity=n, unit_price=price) for code, n in lines),
        coupons=(coupon,) if coupon else (),
    )
    return placing.place_order(
        draft, channel=CHANNEL, actor=company.actor("agent"), at=at, on_short="hold"
    )


def approve(company: Company, subject: tuple[str, int], *names: str) -> None:
    request = Request.objects.filter(subject_type=subject[0], subject_id=subject[1]).latest("pk")
    for name in names:
        approvals.approve(
            request_id=request.pk, content_hash=request.content_hash, opinion="已核对。",
            actor=company.actor(name), at=now(),
        )  # fmt: skip


def parcel(order_id: int) -> Shipment | None:
    found = Shipment.objects.filter(source_type="customers.order", source_id=order_id)
    return found.exclude(state="cancelled").order_by("-pk").first()


def buy(company: Company, code: str, ordered: int, came: int) -> None:
    """Order goods, have the order approved, count what came and book it."""
    buyer, keeper = company.actor("purchaser"), company.actor("keeper")
    order = purchasing.draft_purchase(
        supplier_id=company.supplier_id, warehouse_id=company.warehouse_id,
        lines=[
            PurchaseWant(
                sku_id=company.skus[code], quantity=ordered, unit_cost=Decimal(SUPPLIED[code]),
                reason="补货",
            )
        ],
        actor=buyer, at=now(),
    )  # fmt: skip
    purchasing.submit_purchase(purchase_id=order.id, actor=buyer, at=now())
    approve(company, ("inventory.purchaseorder", order.id), "supervisor")
    purchasing.send_purchase(purchase_id=order.id, actor=buyer, at=now())
    receipt = receiving.open_receipt(
        purchase_id=order.id, delivery_note=f"SH-{order.id}", actor=company.actor("keeper2"),
        at=now(),
    )  # fmt: skip
    findings.record_found(
        receipt_id=receipt.id,
        lines=[FoundLine(sku_id=company.skus[code], counted=came, good=came)],
        actor=keeper, at=now(),
    )  # fmt: skip
    receiving.finish_count(receipt_id=receipt.id, actor=keeper, at=now())
    receiving.post_receipt(receipt_id=receipt.id, actor=keeper, at=now())


def count(company: Company, found: dict[str, int]) -> None:
    """Count the shelf blind, again by another person where it differs, and have it posted."""
    keeper = company.actor("keeper")
    made = counts.open_count(
        warehouse_id=company.warehouse_id, kind="quarter", actor=keeper, at=now()
    )
    counts.start_count(count_id=made.id, actor=keeper, at=now())
    for sheet in StockCount.objects.get(pk=made.id).sheets.all():
        if sheet.location_id == company.bin_id:
            entries = [
                CountEntry(sku_id=company.skus[code], quantity=n) for code, n in found.items()
            ]
        else:
            # Quarantine lies as it should: the machine loses goods from the shelf only.
            entries = [
                CountEntry(sku_id=line.sku_id, quantity=line.book_quantity)
                for line in CountLine.objects.filter(sheet=sheet)
            ]
        counting.enter(
            count_id=made.id, sheet_no=sheet.sheet_no, entries=entries, actor=keeper, at=now()
        )
    counts.sign_sheets(count_id=made.id, actor=keeper, at=now())
    counts.sign_sheets(count_id=made.id, actor=company.actor("finance"), at=now())
    counts.close_counting(count_id=made.id, actor=keeper, at=now())
    by_sku = {sku: code for code, sku in company.skus.items()}
    if again := CountLine.objects.filter(count_id=made.id, needs_recount=True):
        counting.recount(
            count_id=made.id, quantities={line.pk: found[by_sku[line.sku_id]] for line in again},
            actor=company.actor("keeper2"), at=now(),
        )  # fmt: skip
    differing = CountLine.objects.filter(count_id=made.id).exclude(variance=0)
    variances.explain(
        count_id=made.id,
        explanations=[
            Explanation(
                line_id=line.pk, cause="mis_shipped", responsible="拣货组", treatment="adjust"
            )
            for line in differing
        ],
        actor=keeper, at=now(),
    )  # fmt: skip
    variances.submit_count(count_id=made.id, actor=keeper, at=now())
    approve(company, ("inventory.stockcount", made.id), "store_manager", "director")


def journal(company: Company, amount: Decimal, debit: str, credit: str) -> int:
    """Enter a voucher by hand, have it approved, and return the draft's id."""
    made = manual.draft(
        business_day=business_day(now()), memo="计提",
        lines=[Side(debit, debit=amount), Side(credit, credit=amount)],
        actor=company.actor("finance"), at=now(),
    )  # fmt: skip
    return posted(company, made.id)


def posted(company: Company, draft_id: int) -> int:
    manual.submit(draft_id=draft_id, actor=company.actor("finance"), at=now())
    approve(company, (manual.SUBJECT, draft_id), "finance_manager")
    return draft_id

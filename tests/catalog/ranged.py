"""A range under review: seven SKUs with a month of moves, sales by port, and who decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from catalog import ports
from catalog.models import RangeDrop, RangeReview, RangeReviewRow, Sku
from catalog.services import loading, ranging
from catalog.types.goods import ProductRow
from catalog.types.ranges import DropInfo
from inventory.choices import MoveReason
from inventory.selectors import places as where
from inventory.services import moves, places
from inventory.types import MoveDraft, Source
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.periods import services as periods
from tests.catalog.shop import Shop, actor
from tests.engines.identity.factories import AT, SYSTEM

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
# Code, bought on the first, sold, came back, paid a piece; each piece cost 10.00.
GOODS = (
    ("RG-STAR", 100, 90, 0, "30.00"),
    ("RG-GOOD", 100, 60, 2, "25.00"),
    ("RG-FAIR", 100, 40, 0, "20.00"),
    ("RG-BACK", 100, 40, 20, "20.00"),
    ("RG-LOSS", 100, 30, 0, "8.00"),
    ("RG-DEAD", 100, 0, 0, "20.00"),
)
NEW = "RG-NEW"


@dataclass
class Range:
    """The SKUs by code, the warehouse, and the shop's people."""

    shop: Shop
    skus: dict[str, int]
    warehouse_id: int
    bin_id: int

    def build(self) -> RangeReview:
        """Review November."""
        made = ranging.build(first=FIRST, last=LAST, actor=Actor.system("tests.ranges"), at=AT)
        assert made is not None
        return RangeReview.objects.get(pk=made.id)

    def row(self, code: str) -> RangeReviewRow:
        """Return the newest row of a SKU."""
        return RangeReviewRow.objects.filter(sku_id=self.skus[code]).order_by("-pk")[0]

    def ask(self, *codes: str, note: str = "无人问津") -> DropInfo:
        """Ask to drop SKUs as the specialist."""
        return ranging.ask_drop(
            row_ids=[self.row(code).pk for code in codes],
            note=note,
            actor=actor(self.shop.specialist),
            at=AT,
        )

    def decide(self, made: DropInfo, *, user: User | None = None, back: bool = False) -> None:
        """Approve a drop as the supervisor, or send it back."""
        request = Request.objects.get(pk=RangeDrop.objects.get(pk=made.id).approval_id or 0)
        who = actor(user or self.shop.supervisor)
        if back:
            approvals.send_back(
                request_id=request.pk,
                reason="先清库存",
                content_hash=request.content_hash,
                actor=who,
                at=AT,
            )
        else:
            approvals.approve(
                request_id=request.pk, content_hash=request.content_hash, actor=who, at=AT
            )

    def dropped(self, *codes: str) -> DropInfo:
        """Drop SKUs, approved."""
        made = self.ask(*codes)
        self.decide(made)
        return made

    def move(
        self, code: str, quantity: int, reason: MoveReason, day: date, *, at: datetime = AT
    ) -> None:
        """Move pieces in or out of the bin."""
        virtual = where.virtual_places()
        outside = {
            MoveReason.RECEIPT: virtual.supplier,
            MoveReason.WRITE_OFF: virtual.gain_loss,
        }.get(reason, virtual.customer)
        goes = reason in (MoveReason.SALE, MoveReason.WRITE_OFF)
        moves.post(
            [
                MoveDraft(
                    sku_id=self.skus[code],
                    quantity=quantity,
                    from_location_id=self.bin_id if goes else outside,
                    to_location_id=outside if goes else self.bin_id,
                    reason=reason,
                    source=Source(type="tests.document", id=1),
                    effect_key=f"range:{code}:{reason}:{day}:{quantity}",
                    unit_cost=None if goes else Decimal("10.00"),
                )
            ],
            actor=SYSTEM,
            at=at,
            business_day=day,
        )


def open_range(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Range:
    """Stock the SKUs, move them through November, and answer the port of sales."""
    periods.ensure_month(module="stock", day=FIRST, actor=SYSTEM, at=AT)
    warehouse = places.create_warehouse(code="WH1", name="一号仓", actor=SYSTEM, at=AT)
    report = loading.load_products(
        rows=[
            ProductRow(code=code, name=f"商品 {code}", category=("女装",))
            for code in (*(each[0] for each in GOODS), NEW)
        ],
        source="ranges",
        actor=SYSTEM,
        at=AT,
    )
    made = Range(shop, dict(report.sku_ids), warehouse.id, warehouse.bin_id)
    for code, bought, sold, back, _paid in GOODS:
        made.move(code, bought, MoveReason.RECEIPT, FIRST)
        if sold:
            made.move(code, sold, MoveReason.SALE, FIRST + timedelta(days=10))
        if back:
            made.move(code, back, MoveReason.RETURN, FIRST + timedelta(days=15))
    made.move(NEW, 50, MoveReason.RECEIPT, FIRST + timedelta(days=12))
    values = ", ".join(
        f"({made.skus[code]}::bigint, {sold}::bigint, {sold * Decimal(paid)}::numeric)"
        for code, _bought, sold, _back, paid in GOODS
        if sold
    )
    answer_sales(monkeypatch, f"SELECT * FROM (VALUES {values}) v")
    return made


def answer_sales(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """Answer the port of sales with a query."""

    def answer(*, first: date, last: date) -> ports.SkuQuery:
        return ports.SkuQuery(sql)

    monkeypatch.setattr(ports.sold_skus, "_answer", answer)


def codes(rows: Sequence[RangeReviewRow]) -> list[str]:
    """Return the codes of rows."""
    known = dict(Sku.objects.values_list("pk", "code"))
    return [known[row.sku_id] for row in rows]

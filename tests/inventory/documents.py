"""People and documents of a small warehouse: buyer, keepers, finance, deciders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from inventory.models import CountLine, ReceiptLine, StockCount
from inventory.services import (
    counting,
    counts,
    findings,
    purchasing,
    receiving,
    suppliers,
    variances,
)
from inventory.types import (
    CountEntry,
    CountInfo,
    Explanation,
    FoundLine,
    PurchaseInfo,
    PurchaseWant,
    ReceiptInfo,
)
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from tests.engines.identity.factories import account
from tests.inventory.factories import AT, SYSTEM, Shop

ROLES = {
    "buyer": Role.PURCHASING_OFFICER,
    "keeper": Role.WAREHOUSE_KEEPER,
    "helper": Role.WAREHOUSE_KEEPER,
    "finance": Role.FINANCE_OFFICER,
    "store": Role.STORE_MANAGER,
    "supervisor": Role.OPERATIONS_SUPERVISOR,
    "manager": Role.OPERATIONS_MANAGER,
    "director": Role.OPERATIONS_DIRECTOR,
    "chief": Role.FINANCE_MANAGER,
}


@dataclass
class House:
    """The shop with its people and one supplier."""

    shop: Shop
    users: dict[str, User]
    supplier_id: int
    actors: dict[str, Actor] = field(default_factory=dict)

    def who(self, name: str) -> Actor:
        """Return the actor of a named person."""
        if name not in self.actors:
            user = User.objects.select_related("person").get(pk=self.users[name].pk)
            self.actors[name] = identity.actor_for(user, at=AT)
        return self.actors[name]

    def approve(self, request_id: int | None, *names: str) -> None:
        """Approve a request as the named persons in turn."""
        request = Request.objects.get(pk=request_id or 0)
        for name in names:
            approvals.approve(
                request_id=request.pk,
                content_hash=request.content_hash,
                opinion="Seen.",
                actor=self.who(name),
                at=max(AT, request.submitted_at),
            )

    def draft(self, *lines: tuple[int, int, str]) -> PurchaseInfo:
        """Draft an order of (SKU, quantity, unit cost) lines."""
        return purchasing.draft_purchase(
            supplier_id=self.supplier_id,
            warehouse_id=self.shop.warehouse.id,
            lines=[
                PurchaseWant(
                    sku_id=sku, quantity=quantity, unit_cost=Decimal(cost), reason="Season"
                )
                for sku, quantity, cost in lines
            ],
            actor=self.who("buyer"),
            at=AT,
        )

    def ordered(self, *lines: tuple[int, int, str]) -> PurchaseInfo:
        """Draft, hand in, approve and send an order."""
        made = self.draft(*lines)
        purchasing.submit_purchase(purchase_id=made.id, actor=self.who("buyer"), at=AT)
        self.approve(request_of("inventory.purchaseorder", made.id), "supervisor")
        return purchasing.send_purchase(purchase_id=made.id, actor=self.who("buyer"), at=AT)

    def delivered(
        self, order: PurchaseInfo, *found: tuple[int, int, int], note: str = "N-1"
    ) -> ReceiptInfo:
        """Open a receipt and count (SKU, pieces, good pieces) blind to the end."""
        made = receiving.open_receipt(
            purchase_id=order.id, delivery_note=note, actor=self.who("helper"), at=AT
        )
        findings.record_found(
            receipt_id=made.id,
            lines=[FoundLine(sku_id=sku, counted=n, good=good) for sku, n, good in found],
            actor=self.who("keeper"),
            at=AT,
        )
        return receiving.finish_count(receipt_id=made.id, actor=self.who("keeper"), at=AT)

    def lines_of(self, receipt: ReceiptInfo) -> dict[int, ReceiptLine]:
        """Return the lines of a receipt by SKU."""
        return {line.sku_id: line for line in ReceiptLine.objects.filter(receipt_id=receipt.id)}

    def started(self, kind: str = "quarter", **more: object) -> CountInfo:
        """Open and start a count of the whole warehouse."""
        made = counts.open_count(
            warehouse_id=self.shop.warehouse.id,
            kind=kind,
            actor=self.who("keeper"),
            at=AT,
            **more,  # type: ignore[arg-type]
        )
        return counts.start_count(count_id=made.id, actor=self.who("keeper"), at=AT)

    def sheet_no(self, count: CountInfo) -> int:
        """Return the number of the default bin's sheet."""
        return int(
            StockCount.objects.get(pk=count.id)
            .sheets.get(location_id=self.shop.warehouse.bin_id)
            .sheet_no
        )

    def enter(self, count: CountInfo, figures: Mapping[int, int], *, name: str = "keeper") -> None:
        """Enter pieces by SKU on the sheet of the default bin."""
        counting.enter(
            count_id=count.id,
            sheet_no=self.sheet_no(count),
            entries=[CountEntry(sku_id=sku, quantity=n) for sku, n in figures.items()],
            actor=self.who(name),
            at=AT,
        )

    def signed(self, count: CountInfo) -> None:
        """Sign every sheet as keeper and as finance."""
        counts.sign_sheets(count_id=count.id, actor=self.who("keeper"), at=AT)
        counts.sign_sheets(count_id=count.id, actor=self.who("finance"), at=AT)

    def closed(self, count: CountInfo, figures: Mapping[int, int]) -> None:
        """Enter, sign and close the first count."""
        self.enter(count, figures)
        self.signed(count)
        self.closed_only(count)

    def closed_only(self, count: CountInfo) -> None:
        """Close a count that is entered and signed."""
        counts.close_counting(count_id=count.id, actor=self.who("keeper"), at=AT)

    def recounted(self, count: CountInfo, figures: Mapping[int, int]) -> None:
        """Count the lines of the SKUs again as the helper."""
        ids = dict(CountLine.objects.filter(count_id=count.id).values_list("sku_id", "pk"))
        counting.recount(
            count_id=count.id,
            quantities={ids[sku]: n for sku, n in figures.items()},
            actor=self.who("helper"),
            at=AT,
        )

    def explained(self, count: CountInfo, skus: Sequence[int] | None = None) -> None:
        """Explain every differing line."""
        rows = CountLine.objects.filter(count_id=count.id).exclude(variance=0)
        if skus is not None:
            rows = rows.filter(sku_id__in=skus)
        variances.explain(
            count_id=count.id,
            explanations=[
                Explanation(
                    line_id=row.pk, cause="mis_shipped", responsible="拣货组", treatment="adjust"
                )
                for row in rows
            ],
            actor=self.who("keeper"),
            at=AT,
        )

    def submitted(self, count: CountInfo) -> int:
        """Hand the report in and return the request."""
        variances.submit_count(count_id=count.id, actor=self.who("keeper"), at=AT)
        return request_of("inventory.stockcount", count.id)


def request_of(subject_type: str, subject_id: int) -> int:
    """Return the newest request on a subject."""
    return (
        Request.objects.filter(subject_type=subject_type, subject_id=subject_id)
        .order_by("-pk")
        .values_list("pk", flat=True)[0]
    )


def house(shop: Shop) -> House:
    """Give the shop its people."""
    users = {name: account(name, role) for name, role in ROLES.items()}
    for name in ("keeper", "helper"):
        identity_services.grant_scope(
            user_id=users[name].pk,
            kind="warehouse",
            object_id=shop.warehouse.id,
            actor=SYSTEM,
            at=AT,
        )
    supplier = suppliers.create_supplier(code="HY", name="恒源", actor=SYSTEM, at=AT)
    return House(shop, users, supplier)

"""Order files: every row accounted for, the same content once (SCM-2.4-11)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.utils import translation

from customers.models import Order, OrderLine
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import Forbidden
from ops.engines.tables import services, storage
from ops.engines.tables.models import ImportBatch
from ops.engines.tables.types import BatchInfo
from tests.customers.house import AT, SYSTEM, House, actor, house

HEAD = [
    "订单编号",
    "下单时间",
    "付款时间",
    "商家编码",
    "数量",
    "单价",
    "买家",
    "收货人",
    "收货地址",
]
WHEN = ["2026-11-20 09:00:00", "2026-11-20 09:01:00"]


def row(
    number: str, sku: str, quantity: str = "1", price: str = "", *, buyer: str = "b"
) -> list[str]:
    return [number, *WHEN, sku, quantity, price, buyer, "李小龙", "浙江省杭州市西湖区"]


def bring(
    folder: Path,
    rows: list[list[str]],
    name: str = "orders.csv",
    *,
    columns: tuple[str, ...] = (),
    **more: object,
) -> BatchInfo:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([[*HEAD, *columns], *rows])
    given = {"actor": SYSTEM, "options": {"channel": "tmall"}} | more
    return services.import_file(
        profile="generic_orders",
        path=path,
        name=name,
        at=AT,
        **given,  # type: ignore[arg-type]
    )


@pytest.mark.clause("SCM-2.4-11")
def test_every_row_is_accepted_a_duplicate_or_rejected_with_a_reason(
    shop: House, tmp_path: Path
) -> None:
    shop.place("T0", ("A-1", 1))
    rows = [
        row("T1", "A-1", "2"),
        row("T0", "A-1"),
        row("T2", "B-2", "500"),
        row("T3", "A-1"),
        row("T3", "no such"),
        row("T1", "C-3"),
        row("T4", "A-1", "x"),
        row("T4", "B-2"),
        row("T5", "A-1"),
        row("T5", "A-1", buyer="somebody else"),
    ]

    with translation.override("en"):
        batch = bring(tmp_path, rows)

    assert (batch.rows_read, batch.accepted, batch.duplicate, batch.rejected) == (10, 3, 1, 6)
    assert batch.control_totals["orders accepted"] == 1
    assert batch.control_totals["orders held"] == 1
    assert Order.objects.get(external_no="T1").state == "allocated"
    assert list(
        OrderLine.objects.filter(order__external_no="T1").values_list("sku__code", "quantity")
    ) == [("A-1", 2), ("C-3", 1)]
    assert Order.objects.count() == 3
    told = storage.full_path(ImportBatch.objects.get().rejects_file).read_text("utf-8-sig")
    reasons = {int(one[0]): one[2] for one in list(csv.reader(told.splitlines()))[1:]}
    assert reasons == {
        5: "Order T3 is refused because of another line.",
        6: "There is no SKU no such.",
        8: "Not a whole number: ….",
        9: "Another row of order T4 cannot be read.",
        10: "The rows of order T5 disagree about the order.",
        11: "The rows of order T5 disagree about the order.",
    }
    assert "李小龙" not in told


@pytest.mark.clause("SCM-2.4-11")
def test_the_same_content_renamed_and_sorted_again_has_no_second_effect(
    shop: House, tmp_path: Path
) -> None:
    rows = [row(f"T{n}", "A-1") for n in range(20)]
    bring(tmp_path, rows)

    again = bring(tmp_path, rows[::-1], "other.csv")
    longer = bring(tmp_path, [*rows, row("T99", "A-1")], "more.csv")

    assert again.known
    assert (longer.accepted, longer.duplicate) == (1, 20)
    assert Order.objects.count() == 21
    assert shop.free("A-1") == 79


def test_orders_of_other_channels_cannot_be_brought_in(shop: House, tmp_path: Path) -> None:
    house("other", stock=0)
    mine = actor(shop.worker("li", Role.OPERATIONS_SPECIALIST))
    rows = [row("T1", "A-1")]

    with pytest.raises(Forbidden):
        bring(tmp_path, rows, actor=mine, options={"channel": "other"})

    assert not Order.objects.exists()
    assert bring(tmp_path, rows, actor=mine).accepted == 1


def test_the_rows_of_an_order_name_its_shipping_fee_once(shop: House, tmp_path: Path) -> None:
    rows = [
        [*row("T1", "A-1"), "8.00"],
        [*row("T1", "C-3", "2"), "8.00"],
        [*row("T2", "A-1"), ""],
        [*row("T3", "A-1"), "8.00"],
        [*row("T3", "B-2"), "9.00"],
        [*row("T4", "A-1"), "-1"],
    ]

    batch = bring(tmp_path, rows, columns=("运费",))

    assert (batch.accepted, batch.rejected) == (3, 3)
    found = Order.objects.order_by("external_no").values_list("external_no", "shipping", "total")
    assert [(number, str(fee), str(total)) for number, fee, total in found] == [
        ("T1", "8.00", "228.00"),
        ("T2", "0.00", "199.00"),
    ]

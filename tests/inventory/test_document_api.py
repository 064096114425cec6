"""Orders, receipts and counts over HTTP: whole courses, and what stays blind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Sku
from inventory.models import CountLine
from ops.engines.periods import services as periods
from tests.inventory.documents import House, house, request_of
from tests.inventory.factories import SYSTEM, Shop
from tests.inventory.test_api import with_token

BASE = "/api/v1"
BLIND = ("book", "expected", "noted", "variance", "value")


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    now = timezone.now()
    periods.ensure_month(module="stock", day=timezone.localdate(now), actor=SYSTEM, at=now)
    return house(shop)


@pytest.fixture(name="clients")
def fixture_clients(house: House) -> dict[str, APIClient]:
    names = ("buyer", "keeper", "helper", "finance", "store")
    return {name: with_token(house.users[name]) for name in names}


def ok(client: APIClient, path: str, body: object = None, status: int = 200) -> Any:
    answer = (
        client.get(f"{BASE}/{path}")
        if body is None
        else client.post(f"{BASE}/{path}", body, format="json")
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def ordered(house: House, clients: dict[str, APIClient], quantity: int = 10) -> dict[str, Any]:
    made: dict[str, Any] = ok(
        clients["buyer"],
        "purchase-orders",
        {
            "supplier": "HY",
            "warehouse": "WH1",
            "lines": [{"sku": "S0", "quantity": quantity, "unit_cost": "2.50", "reason": "Season"}],
        },
        201,
    )
    ok(clients["buyer"], f"purchase-orders/{made['id']}/submit", {})
    house.approve(request_of("inventory.purchaseorder", made["id"]), "supervisor")
    ok(clients["buyer"], f"purchase-orders/{made['id']}/send", {})
    return made


@pytest.mark.clause("SCM-2.4-01")
@pytest.mark.clause("SCM-2.2-02")
def test_goods_are_ordered_and_received(house: House, clients: dict[str, APIClient]) -> None:
    order = ordered(house, clients)
    receipt = ok(
        clients["keeper"],
        "receipts",
        {"purchase_order": order["id"], "delivery_note": "DN-1"},
        201,
    )
    assert not [key for line in receipt["lines"] for key in BLIND if key in line]
    path = f"receipts/{receipt['id']}"
    ok(clients["keeper"], f"{path}/lines", {"lines": [{"sku": "S0", "counted": 9}]})
    found = ok(clients["keeper"], f"{path}/finish", {})
    assert (found["lines"][0]["noted"], found["lines"][0]["mismatch"]) == (10, "short")

    posted = ok(clients["keeper"], f"{path}/post", {})

    assert posted["state"] == "posted"
    order = ok(clients["buyer"], f"purchase-orders/{order['id']}")
    assert (order["state"], order["lines"][0]["received"]) == ("partly_received", 9)


@pytest.mark.clause("SCM-2.2-03")
def test_a_difference_is_reported_and_decided(house: House, clients: dict[str, APIClient]) -> None:
    order = ordered(house, clients)
    receipt = ok(
        clients["keeper"],
        "receipts",
        {
            "purchase_order": order["id"],
            "delivery_note": "DN-1",
            "lines": [{"sku": "S0", "quantity": 10}],
        },
        201,
    )
    path = f"receipts/{receipt['id']}"
    ok(clients["keeper"], f"{path}/lines", {"lines": [{"sku": "S0", "counted": 10, "good": 8}]})
    ok(clients["keeper"], f"{path}/finish", {})
    ok(clients["keeper"], f"{path}/post", {}, 422)

    made = ok(
        clients["keeper"],
        "receipt-discrepancies",
        {"receipt": receipt["id"], "choice": "hold", "treatment": "accept", "reason": "Wet"},
        201,
    )
    house.approve(made["approval"], "store")

    (line,) = ok(clients["keeper"], path)["lines"]
    assert (line["state"], line["to_bin"], line["to_quarantine"]) == ("posted", 8, 2)
    assert ok(clients["store"], f"receipt-discrepancies/{made['id']}")["state"] == "decided"


@pytest.mark.clause("SCM-2.3-05")
@pytest.mark.clause("SCM-2.3-06")
def test_a_count_is_blind_from_start_to_close(house: House, clients: dict[str, APIClient]) -> None:
    house.shop.receive(house.shop.skus[0], 7_777_001, "2.00")
    keeper = clients["keeper"]
    count = ok(keeper, "stock-counts", {"warehouse": "WH1", "kind": "quarter"}, 201)
    path = f"stock-counts/{count['id']}"
    ok(keeper, f"{path}/start", {})
    sheets = ok(keeper, f"{path}/sheets")
    sheet = next(one["sheet"] for one in sheets if one["location"] == "MAIN")

    shown = [
        sheets,
        ok(keeper, path),
        ok(keeper, f"{path}/sheets/{sheet}/lines"),
        ok(
            keeper,
            f"{path}/sheets/{sheet}/lines",
            {"lines": [{"sku": "S0", "quantity": 7_777_000}]},
        ),
        ok(keeper, f"{path}/sheets/{sheet}/lines"),
        ok(keeper, f"{path}/variance-report", status=422),
        ok(keeper, f"{path}/sheets/all/sign", {}),
        ok(clients["finance"], f"{path}/sheets/all/sign", {}),
    ]

    assert "7777001" not in json.dumps(shown)
    assert ok(keeper, f"{path}/close", {})["state"] == "review"
    (line,) = ok(keeper, f"{path}/variance-report")
    assert (line["book"], line["variance"], line["value"]) == (7_777_001, -1, "-2.00")


@pytest.mark.clause("SCM-2.3-06")
def test_a_report_is_explained_and_handed_in(house: House, clients: dict[str, APIClient]) -> None:
    house.shop.receive(house.shop.skus[0], 100, "2.00")
    count = house.started()
    house.closed(count, {house.shop.skus[0]: 90})
    path = f"stock-counts/{count.id}"
    line = CountLine.objects.get(count_id=count.id).pk
    ok(clients["keeper"], f"{path}/recount", {"lines": [{"line": line, "quantity": 90}]}, 422)
    ok(clients["helper"], f"{path}/recount", {"lines": [{"line": line, "quantity": 91}]})
    ok(clients["keeper"], f"{path}/submit", {}, 422)
    ok(
        clients["keeper"],
        f"{path}/variance-report",
        {
            "lines": [
                {
                    "line": line,
                    "cause": "mis_shipped",
                    "responsible": "拣货组",
                    "treatment": "adjust",
                }
            ]
        },
    )

    assert ok(clients["keeper"], f"{path}/submit", {})["state"] == "submitted"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("keeper", "purchase-orders"),
        ("store", "receipts"),
        ("store", "stock-counts"),
        ("buyer", "stock-counts"),
        ("keeper", "suppliers"),
    ],
)
def test_who_may_not_make_a_document(clients: dict[str, APIClient], name: str, path: str) -> None:
    ok(clients[name], path, {}, 403)


def test_a_supplier_is_made_and_suspended(clients: dict[str, APIClient]) -> None:
    made = ok(clients["buyer"], "suppliers", {"code": "NEW", "name": "新供应商"}, 201)

    ok(clients["buyer"], f"suppliers/{made['id']}/suspend", {}, 400)
    after = ok(clients["buyer"], f"suppliers/{made['id']}/suspend", {"reason": "Late"})

    assert after["state"] == "suspended"


def test_unknown_fields_and_codes_are_refused(clients: dict[str, APIClient]) -> None:
    ok(clients["buyer"], "suppliers", {"code": "A", "name": "B", "bank": "1"}, 400)
    ok(
        clients["buyer"],
        "purchase-orders",
        {"supplier": "none", "warehouse": "WH1", "lines": []},
        404,
    )


def test_a_carton_is_read_and_its_lot_comes_in(house: House, clients: dict[str, APIClient]) -> None:
    Sku.objects.filter(code="S0").update(barcode="6901234567892")
    keeper = clients["keeper"]
    ok(keeper, "shelf-lives", {"category": "goods", "needs_expiry": True}, 201)
    receipt = ok(
        keeper,
        "receipts",
        {"purchase_order": ordered(house, clients)["id"], "delivery_note": "DN-1"},
        201,
    )
    path = f"receipts/{receipt['id']}"
    refused = ok(keeper, f"{path}/lines", {"lines": [{"sku": "S0", "counted": 10}]}, 422)
    assert refused["code"] == "inventory.expiry_wanted"

    said = ok(keeper, f"{path}/carton", {"carton": "01069012345678921727063010L24\x1d"})

    assert said == {
        "sku": "S0",
        "lot": "L24",
        "made_on": None,
        "expires_on": "2027-06-30",
        "pieces": 1,
    }
    line = {"sku": "S0", "counted": 10, "lot": said["lot"], "expires_on": said["expires_on"]}
    ok(keeper, f"{path}/lines", {"lines": [line]})
    ok(keeper, f"{path}/quality-paper", {"quality_paper": "QC-1"})
    found = ok(keeper, f"{path}/finish", {})
    ok(keeper, f"{path}/post", {})
    assert found["quality_paper"] == "QC-1"
    assert (found["lines"][0]["lot"], found["lines"][0]["expires_on"]) == ("L24", "2027-06-30")
    lots = ok(keeper, "lots?sku=S0")["results"]
    assert [(lot["code"], lot["expires_on"]) for lot in lots] == [("L24", "2027-06-30")]


@pytest.mark.parametrize("carton", ["", "x" * 201, "6901234567892", "(01)06901234567891"])
def test_a_carton_that_cannot_be_read_is_refused(
    house: House, clients: dict[str, APIClient], carton: str
) -> None:
    receipt = ok(
        clients["keeper"],
        "receipts",
        {"purchase_order": ordered(house, clients)["id"], "delivery_note": "DN-1"},
        201,
    )

    answer = clients["keeper"].post(
        f"{BASE}/receipts/{receipt['id']}/carton", {"carton": carton}, format="json"
    )

    assert answer.status_code in (400, 422)

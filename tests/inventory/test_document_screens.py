"""The warehouse's screens: whole courses by hand, and sheets that know nothing of the book."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import CountLine, Receipt, ShelfLife, StockCount
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.periods import services as periods
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account
from tests.inventory.documents import House, house, request_of
from tests.inventory.factories import SYSTEM, Shop

Enter = Callable[[User], Client]
LISTS = (
    "stock",
    "balances",
    "moves",
    "shipments",
    "suppliers",
    "purchases",
    "receipts",
    "counts",
    "variances",
    "shelf-lives",
)


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    now = timezone.now()
    periods.ensure_month(module="stock", day=timezone.localdate(now), actor=SYSTEM, at=now)
    return house(shop)


@pytest.fixture(name="clients")
def fixture_clients(house: House, enter: Enter) -> dict[str, Client]:
    return {name: enter(house.users[name]) for name in ("buyer", "keeper", "helper", "finance")}


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def press(client: Client, path: str, action: str, **values: str) -> str:
    answer = client.post(path, {"action": action, **values}, follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200, text[:2000]
    assert "notice is-error" not in text, text
    return text


@pytest.mark.parametrize("name", LISTS)
def test_lists_open_and_say_what_comes_here(clients: dict[str, Client], name: str) -> None:
    text = shown(clients["keeper"], f"/inventory/{name}/")

    assert "<h1" in text


def test_what_an_order_costs_stands_on_its_list_only_for_whoever_may_read_costs(
    house: House, clients: dict[str, Client], enter: Enter
) -> None:
    order = house.draft((house.shop.skus[0], 7, "1104.51"))
    user = account("何静", Role.CUSTOMER_SERVICE_AGENT)
    identity.grant_scope(
        user_id=user.pk,
        kind="warehouse",
        object_id=house.shop.warehouse.id,
        actor=SYSTEM,
        at=timezone.now(),
    )
    agent = enter(user)

    for query in ("", "?o=total", "?o=-total&c=total", "?export=csv&c=number&c=total"):
        path = f"/inventory/purchases/{query}"
        answer = agent.get(path)
        seen = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code in (200, 403)
        assert "7,731.57" not in seen.decode()
        assert "7731.57" not in seen.decode()
    assert order.number in shown(agent, "/inventory/purchases/")
    assert "7,731.57" in shown(clients["buyer"], "/inventory/purchases/")


@pytest.mark.parametrize("name", LISTS)
def test_lists_show_rows_and_go_into_a_file(
    house: House, clients: dict[str, Client], name: str
) -> None:
    sku = house.shop.skus[0]
    house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 10))
    house.shop.receive(sku, 5)
    house.shop.packed(1, (sku, 2))
    house.started()

    text = shown(clients["keeper"], f"/inventory/{name}/")

    assert "S0" in text or "HY" in text or "WH1" in text or "一号仓" in text
    assert clients["keeper"].get(f"/inventory/{name}/?export=csv").status_code == 200


def test_the_keeper_sees_the_work_of_the_day(house: House, clients: dict[str, Client]) -> None:
    house.ordered((house.shop.skus[0], 10, "2.00"))

    assert "/inventory/purchases/?tab=way" in shown(clients["keeper"], "/")


@pytest.mark.clause("SCM-2.4-01")
def test_an_order_is_drafted_with_lines_and_handed_in(
    house: House, clients: dict[str, Client]
) -> None:
    buyer = clients["buyer"]
    shown(buyer, "/inventory/purchases/new/")

    answer = buyer.post(
        "/inventory/purchases/new/",
        {
            "supplier": "HY",
            "warehouse": str(house.shop.warehouse.id),
            "expected_on": "",
            "note": "",
            "lines-0-sku": "S0",
            "lines-0-quantity": "10",
            "lines-0-unit_cost": "2.5",
            "lines-0-plan_ref": "",
            "lines-0-reason": "换季",
        },
    )

    assert answer.status_code == 302, answer.content.decode()
    text = press(buyer, answer["Location"], "submit")
    assert "25.00" in text


@pytest.mark.clause("SCM-2.2-02")
@pytest.mark.clause("SCM-2.2-03")
def test_a_delivery_is_counted_blind_then_reported(
    house: House, clients: dict[str, Client]
) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 7_654, "2.00"))
    keeper = clients["keeper"]
    press(keeper, f"/inventory/purchases/{order.id}/", "receive", delivery_note="DN-7")
    receipt = Receipt.objects.get()
    path = f"/inventory/receipts/{receipt.pk}/"
    for page in (shown(keeper, path), shown(keeper, f"{path}count/")):
        assert "7654" not in page
        assert "7,654" not in page
    line = receipt.lines.get()

    entry = keeper.post(
        f"{path}count/",
        {
            "client_id": str(uuid.uuid4()),
            "item": str(line.pk),
            "quantity": "7654",
            "extra-bad": "4",
        },
    )
    assert entry.status_code == 200, entry.content
    assert "7,654" in press(keeper, path, "finish")
    press(keeper, path, "report", choice="hold", treatment="accept", reason="破损")

    line.refresh_from_db()
    assert (line.mismatch, line.good) == ("damaged", 7650)
    assert line.discrepancy is not None


@pytest.mark.clause("SCM-2.3-05")
@pytest.mark.clause("SCM-2.3-06")
def test_a_count_by_hand_from_open_to_handed_in(house: House, clients: dict[str, Client]) -> None:
    house.shop.receive(house.shop.skus[0], 98_761)
    keeper, helper = clients["keeper"], clients["helper"]
    keeper.post(
        "/inventory/counts/new/",
        {"warehouse": str(house.shop.warehouse.id), "kind": "quarter", "places": ""},
    )
    count = StockCount.objects.get()
    path = f"/inventory/counts/{count.pk}/"
    press(keeper, path, "start")
    sheet = count.sheets.get(location_id=house.shop.warehouse.bin_id).sheet_no
    line = CountLine.objects.get()
    for page in (shown(keeper, path), shown(keeper, f"{path}sheets/{sheet}/")):
        assert "98761" not in page
        assert "98,761" not in page
    shown(keeper, f"{path}variance/", 422)

    for quantity in ("98000", "98001"):
        entry = keeper.post(
            f"{path}sheets/{sheet}/",
            {"client_id": str(uuid.uuid4()), "item": str(line.pk), "quantity": quantity},
        )
        assert entry.status_code == 200, entry.content
    shown(keeper, f"{path}sheets/{sheet}/found/")
    press(keeper, path, "sign")
    press(clients["finance"], path, "sign")
    press(keeper, path, "close")
    assert "98,761" in shown(helper, f"{path}variance/")
    press(
        helper,
        f"{path}variance/",
        "save_lines",
        line=str(line.pk),
        **{f"recount-{line.pk}": "98760"},
    )
    press(
        keeper,
        f"{path}variance/",
        "save_lines",
        line=str(line.pk),
        **{
            f"cause-{line.pk}": "mis_shipped",
            f"responsible-{line.pk}": "拣货组",
            f"treatment-{line.pk}": "adjust",
        },
    )
    press(keeper, f"{path}variance/", "submit")

    count.refresh_from_db()
    assert count.state == "submitted"
    request = request_of("inventory.stockcount", count.pk)
    page = shown(keeper, f"/approvals/{request}/")
    assert "错发" in page
    assert "拣货组" in page


def test_an_entry_is_taken_back(house: House, clients: dict[str, Client]) -> None:
    house.shop.receive(house.shop.skus[0], 5)
    count = house.started()
    line = CountLine.objects.get()
    path = f"/inventory/counts/{count.id}/sheets/{house.sheet_no(count)}/"
    first = str(uuid.uuid4())
    keeper = clients["keeper"]
    keeper.post(path, {"client_id": first, "item": str(line.pk), "quantity": "5"})

    answer = keeper.post(
        path,
        {"client_id": str(uuid.uuid4()), "item": str(line.pk), "quantity": "0", "undoes": first},
    )

    assert answer.status_code == 200
    line.refresh_from_db()
    assert line.counted is None


def test_a_shipment_goes_step_by_step(house: House, clients: dict[str, Client]) -> None:
    sku = house.shop.skus[0]
    house.shop.receive(sku, 5)
    house.shop.reserve(1, (sku, 2))
    made = house.shop.open(1, (sku, 2))
    path = f"/inventory/shipments/{made.id}/"
    keeper = clients["keeper"]

    press(keeper, path, "pick")
    press(keeper, path, "pack", carrier="顺丰", tracking_no="SF1")
    press(keeper, path, "ship")

    assert house.shop.stock(sku).on_hand == 3


@pytest.mark.parametrize("path", ["purchases/new/", "suppliers/new/"], ids=["purchase", "supplier"])
def test_only_purchasing_opens_its_forms(clients: dict[str, Client], path: str) -> None:
    shown(clients["keeper"], f"/inventory/{path}", 403)


def test_the_search_finds_documents_by_number(house: House, clients: dict[str, Client]) -> None:
    order = house.ordered((house.shop.skus[0], 10, "2.00"))

    assert order.number in shown(clients["keeper"], f"/find/?q={order.number}")


def test_a_category_is_set_to_need_an_expiry_date(house: House, clients: dict[str, Client]) -> None:
    answer = clients["keeper"].post(
        "/inventory/shelf-lives/new/", {"category": "goods", "needs_expiry": "on"}, follow=True
    )

    assert "百货" in answer.content.decode()
    assert ShelfLife.objects.get().needs_expiry
    shown(clients["buyer"], "/inventory/shelf-lives/new/", 403)


def test_goods_that_are_not_on_the_sheet_are_entered_by_form(
    house: House, clients: dict[str, Client]
) -> None:
    sku = house.shop.skus[0]
    order = house.ordered((sku, 5, "2.00"))
    press(clients["keeper"], f"/inventory/purchases/{order.id}/", "receive", delivery_note="DN-8")
    receipt = Receipt.objects.get()

    clients["keeper"].post(
        f"/inventory/receipts/{receipt.pk}/count/found/",
        {"sku": "S1", "quantity": "3", "lot": "L1", "expires_on": "20991231"},
    )

    line = receipt.lines.get(sku_id=house.shop.skus[1])
    assert (line.counted, line.mismatch) == (3, "over")
    assert line.lot is not None
    assert f"{line.lot.expires_on}" == "2099-12-31"

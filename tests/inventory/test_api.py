"""The warehouse over HTTP: what a keeper sees and does, and what stays hidden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from inventory.models import Shipment
from inventory.services import levels, places, shipments
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.periods import services as periods
from tests.engines.identity.factories import account
from tests.inventory.factories import AT, SYSTEM, Shop

LISTS = (
    "warehouses",
    "locations",
    "lots",
    "stock",
    "stock/balances",
    "stock/moves",
    "stock/reservations",
    "stock/alerts",
    "stock/levels",
    "shipments",
)


def with_token(user: User) -> APIClient:
    made = identity.create_api_token(
        user_id=user.pk,
        label="tests",
        lifetime=timedelta(days=1),
        actor=SYSTEM,
        at=timezone.now(),
    )
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {made.token}")
    return client


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """Put goods, a reservation and a packed shipment into the warehouse."""
    periods.ensure_month(module="stock", day=timezone.localdate(), actor=SYSTEM, at=timezone.now())
    shop.receive(shop.skus[0], 10, "2.00")
    shop.packed(1, (shop.skus[0], 4))
    return shop


@pytest.fixture
def keeper(busy: Shop) -> APIClient:
    """Return a keeper of the warehouse."""
    user = account("keeper", Role.WAREHOUSE_KEEPER)
    identity.grant_scope(
        user_id=user.pk,
        kind="warehouse",
        object_id=busy.warehouse.id,
        actor=SYSTEM,
        at=timezone.now(),
    )
    return with_token(user)


@pytest.fixture
def stranger(busy: Shop) -> APIClient:
    """Return a keeper of another warehouse."""
    other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
    user = account("stranger", Role.WAREHOUSE_KEEPER)
    identity.grant_scope(
        user_id=user.pk, kind="warehouse", object_id=other.id, actor=SYSTEM, at=timezone.now()
    )
    return with_token(user)


@pytest.fixture
def outsider(db: None) -> APIClient:
    """Return somebody with no right in stock."""
    return with_token(account("designer", Role.DESIGNER))


def results(client: APIClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


@pytest.mark.clause("SCM-2.3-01")
def test_keeper_sees_stock_as_it_is(keeper: APIClient, busy: Shop) -> None:
    (row,) = results(keeper, "stock")

    assert {key: row[key] for key in ("sku", "warehouse", "on_hand", "reserved", "available")} == {
        "sku": "S0",
        "warehouse": "WH1",
        "on_hand": 10,
        "reserved": 4,
        "available": 6,
    }
    assert (row["avg_cost"], row["value"], row["in_transit"]) == ("2.000000", "20.00", 0)
    (move,) = results(keeper, "stock/moves?sku=S0&reason=receipt")
    assert (move["from_location"], move["to_location"]) == ("SUPPLIER", "MAIN")
    (held,) = results(keeper, "stock/reservations?state=open")
    assert (held["source_id"], held["quantity"]) == (1, 4)
    (balance,) = results(keeper, "stock/balances")
    assert (balance["location"], balance["lot"], balance["on_hand"]) == ("MAIN", "", 10)


@pytest.mark.parametrize("path", LISTS)
def test_what_lies_elsewhere_is_not_listed(stranger: APIClient, path: str) -> None:
    rows = results(stranger, path)

    assert not [row for row in rows if row.get("warehouse") == "WH1" or row.get("code") == "WH1"]
    if path in {"stock", "stock/balances", "stock/moves", "stock/reservations", "shipments"}:
        assert rows == []


@pytest.mark.parametrize("path", LISTS)
def test_without_the_right_nothing_is_shown(outsider: APIClient, path: str) -> None:
    assert outsider.get(f"/api/v1/{path}").status_code == 403


@pytest.mark.parametrize("path", LISTS)
def test_nothing_is_shown_to_nobody(db: None, path: str) -> None:
    assert APIClient().get(f"/api/v1/{path}").status_code == 401


@pytest.mark.clause("SCM-2.4-03")
def test_keeper_ships_a_packed_shipment(keeper: APIClient, busy: Shop) -> None:
    shipment = Shipment.objects.get()

    answer = keeper.post(f"/api/v1/shipments/{shipment.pk}/ship", {})

    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "shipped"
    assert answer.json()["picks"] == [
        {"line_no": 1, "sku": "S0", "location": "MAIN", "lot": "", "quantity": 4}
    ]
    assert busy.stock(busy.skus[0]).on_hand == 6
    track = keeper.get(f"/api/v1/shipments/{shipment.pk}/track").json()
    assert [step["state"] for step in track["steps"]] == ["open", "picked", "packed", "shipped"]
    again = keeper.post(f"/api/v1/shipments/{shipment.pk}/ship", {})
    assert (again.status_code, again.json()["code"]) == (409, "inventory.shipment_state")


def test_steps_by_api_from_open_to_packed(keeper: APIClient, busy: Shop) -> None:
    shipment = Shipment.objects.get()
    shipments.reopen(shipment_id=shipment.pk, actor=SYSTEM, at=AT)
    path = f"/api/v1/shipments/{shipment.pk}"

    assert keeper.post(f"{path}/pick", {}).json()["state"] == "picked"
    refused = keeper.post(f"{path}/pack", {"carrier": ""})
    packed = keeper.post(f"{path}/pack", {"carrier": "顺丰", "tracking_no": "SF1"})

    assert refused.status_code == 400
    assert (packed.json()["state"], packed.json()["carrier"]) == ("packed", "顺丰")
    assert keeper.post(f"{path}/cancel", {"why": "x"}).status_code == 400
    assert keeper.post(f"{path}/cancel", {}).json()["state"] == "cancelled"


def test_a_shipment_elsewhere_is_not_there(stranger: APIClient, busy: Shop) -> None:
    path = f"/api/v1/shipments/{Shipment.objects.get().pk}"

    for answer in (stranger.get(path), stranger.post(f"{path}/ship", {})):
        assert answer.status_code == 404
    assert busy.stock(busy.skus[0]).on_hand == 10


def test_a_seller_of_figures_may_look_but_not_ship(busy: Shop) -> None:
    analyst = with_token(account("analyst", Role.DATA_ANALYST))
    path = f"/api/v1/shipments/{Shipment.objects.get().pk}"

    assert analyst.get(path).status_code == 200
    assert analyst.post(f"{path}/ship", {}).status_code == 403


def test_places_are_made_where_one_works(keeper: APIClient, busy: Shop) -> None:
    other = places.create_warehouse(code="WH3", name="三号仓", actor=SYSTEM, at=AT)
    made = keeper.post(
        "/api/v1/locations", {"warehouse": busy.warehouse.id, "code": "A-01", "kind": "bin"}
    )
    twice = keeper.post(
        "/api/v1/locations", {"warehouse": busy.warehouse.id, "code": "A-01", "kind": "bin"}
    )
    elsewhere = keeper.post(
        "/api/v1/locations", {"warehouse": other.id, "code": "A-01", "kind": "bin"}
    )
    virtual = keeper.post(
        "/api/v1/locations", {"warehouse": busy.warehouse.id, "code": "X", "kind": "customer"}
    )

    codes = [one.status_code for one in (made, twice, elsewhere, virtual)]
    assert codes == [201, 409, 404, 400]


def test_warehouses_are_made_by_those_who_manage_settings(keeper: APIClient) -> None:
    supervisor = with_token(account("supervisor", Role.INFORMATION_SUPERVISOR))
    body = {"code": "WH9", "name": "九号仓"}

    assert keeper.post("/api/v1/warehouses", body).status_code == 403
    assert supervisor.post("/api/v1/warehouses", body).status_code == 201
    assert supervisor.post("/api/v1/warehouses", body | {"code": "wh9"}).status_code == 409


@pytest.mark.clause("SCM-2.3-01")
def test_a_keeper_sets_levels_and_takes_alerts(keeper: APIClient, busy: Shop) -> None:
    level: dict[str, object] = {"sku": "S0", "warehouse": "WH1", "least": 7}

    made = keeper.post("/api/v1/stock/levels", level)
    levels.watch(actor=SYSTEM, at=timezone.now())
    (alert,) = results(keeper, "stock/alerts?kind=low")
    taken = keeper.post(f"/api/v1/stock/alerts/{alert['id']}/take", {})
    again = keeper.post(f"/api/v1/stock/alerts/{alert['id']}/take", {})

    assert (made.status_code, alert["available"], alert["limit"]) == (201, 6, 7)
    assert (taken.status_code, again.status_code) == (200, 409)
    assert taken.json()["taken_at"] is not None
    wrong: list[dict[str, object]] = [
        {"sku": "NONE"},
        {"warehouse": "NONE"},
        {"most": 7},
        {"least": -1},
    ]
    codes = [keeper.post("/api/v1/stock/levels", level | one).status_code for one in wrong]
    assert codes == [404, 404, 422, 400]


def test_trace_follows_a_lot_to_its_parcels(busy: Shop) -> None:
    director = with_token(account("director", Role.OPERATIONS_DIRECTOR))
    sku = busy.skus[1]
    lot = places.create_lot(
        sku_id=sku, code="L1", received_on=AT.date(), supplier_code="ACME", actor=SYSTEM, at=AT
    )
    busy.receive(sku, 5, lot_id=lot)
    shipped = busy.ship(7, (sku, 2))

    by_lot = director.get(f"/api/v1/stock/trace?lot={lot}").json()
    by_supplier = director.get("/api/v1/stock/trace?supplier=ACME").json()

    assert [move["reason"] for move in by_lot["moves"]] == ["receipt", "sale"]
    for trace in (by_lot, by_supplier):
        assert [one["number"] for one in trace["shipments"]] == [shipped.number]
    assert director.get("/api/v1/stock/trace?order=NONE").status_code == 404
    assert director.get("/api/v1/stock/trace").status_code == 400
    assert director.get(f"/api/v1/stock/trace?lot={lot}&order=1").status_code == 400

"""Files of suppliers and of count figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import CountLine, Supplier
from ops.engines.tables import services
from ops.engines.tables.types import BatchInfo
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, SYSTEM, Shop, make_skus
from tests.support.shared import shared_file


def load(path: Path, profile: str, *, house: House | None = None, **options: str) -> BatchInfo:
    return services.import_file(
        profile=profile,
        path=path,
        name=path.name,
        actor=SYSTEM if house is None else house.who("keeper"),
        at=AT,
        options=options,
    )


def test_suppliers_are_created_and_named(db: None, tmp_path: Path) -> None:
    file = tmp_path / "suppliers.csv"
    file.write_text(
        "seller_id,seller_zip_code_prefix,seller_city,seller_state\n"
        "a1,13023,campinas,SP\na2,00500,sao paulo,SP\na1,13023,campinas,SP\n",
        encoding="utf-8",
    )

    batch = load(file, "suppliers")

    assert (batch.accepted, batch.rejected) == (2, 1)
    assert Supplier.objects.get(code="a2").postcode == "00500"
    assert Supplier.objects.get(code="a1").name == "campinas a1"


def test_the_published_sellers_load_clean(db: None) -> None:
    batch = load(shared_file("olist_catalog/sellers.csv"), "suppliers")

    assert (batch.rejected, batch.accepted) == (0, Supplier.objects.count())
    assert batch.accepted == 3095


@pytest.mark.clause("SCM-2.3-05")
def test_a_file_of_figures_is_entered(shop: Shop, tmp_path: Path) -> None:
    shop.receive(shop.skus[0], 5)
    shop.receive(shop.skus[1], 5)
    people = house(shop)
    count = people.started()
    file = tmp_path / "count.csv"
    file.write_text(
        "库位,商品编码,实盘\nMAIN,S0,5\nMAIN,S1,4\nMAIN,S2,1\nNOWHERE,S0,1\nMAIN,X,1\nMAIN,S0,9\n",
        encoding="utf-8",
    )

    batch = load(file, "stock_count", house=people, count=count.number)

    figures = dict(CountLine.objects.values_list("sku__code", "counted"))
    assert figures == {"S0": 5, "S1": 4, "S2": 1}
    assert (batch.accepted, batch.rejected) == (3, 3)
    assert json.dumps(batch.reasons)


def course(shop: Shop, people: House, file: Path, pieces: int) -> int:
    """Take a count of all SKUs from open to posted by file; return the statements it took."""
    file.write_text(
        "location,sku,quantity\n" + "".join(f"MAIN,B{n},{9 + n % 2}\n" for n in range(pieces)),
        encoding="utf-8",
    )
    with CaptureQueriesContext(connection) as asked:
        count = people.started()
        load(file, "stock_count", house=people, count=count.number)
        people.signed(count)
        people.closed_only(count)
        people.explained(count)
        people.approve(people.submitted(count), "store", "director")
    return len(asked)


@pytest.mark.clause("SCM-2.3-05")
def test_statements_do_not_grow_with_the_skus(shop: Shop, tmp_path: Path) -> None:
    skus = make_skus(1000, "B")
    people = house(shop)
    place = shop.warehouse.bin_id
    shop.post(
        *(shop.draft(sku, 10, shop.virtual.supplier, place, reason="receipt") for sku in skus[:20])
    )
    few = course(shop, people, tmp_path / "few.csv", 20)
    shop.post(
        *(shop.draft(sku, 10, shop.virtual.supplier, place, reason="receipt") for sku in skus[20:])
    )
    people.shop.post(
        *(shop.draft(sku, 1, shop.virtual.supplier, place, reason="receipt") for sku in skus[:20:2])
    )

    many = course(shop, people, tmp_path / "many.csv", 1000)

    assert many <= few + 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inventory_move WHERE reason = 'count'")
        assert cursor.fetchone()[0] == 10 + 500

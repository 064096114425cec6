"""Channels show free stock less their buffer; differences are corrected and logged (CAT-4.3-10)."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from catalog import ports
from catalog.choices.shown_stock import SyncKind, SyncWhy
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import ChannelBuffer, ShownStock, StockPush, StockSyncEntry
from catalog.selectors import shown_stock as selected
from catalog.services import products, shown_stock
from catalog.types.shown_stock import Figure, SeenStock, SyncReport
from ops.engines.audit.models import Fact
from ops.engines.events.models import StoredFact
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.tables.services import import_file
from tests.catalog.shop import Shop, actor
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import AT, SYSTEM, account

MINUTE = timedelta(minutes=1)


class Shelves:
    """What is free to sell, as the stock ledger would say."""

    def __init__(self, free: Mapping[int, int]) -> None:
        self.free = dict(free)

    def __call__(self, *, channel_id: int) -> ports.FreeQuery:
        rows = ", ".join(f"({sku}::bigint, {pieces}::bigint)" for sku, pieces in self.free.items())
        return ports.FreeQuery(f"SELECT * FROM (VALUES {rows}) AS v(sku, pieces)", {})


@pytest.fixture
def shelves(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shelves:
    """Ten pieces of each of the shop's SKUs."""
    made = Shelves(dict.fromkeys(shop.sku_ids, 10))
    monkeypatch.setattr(ports.channel_free, "_answer", made)
    return made


def told(shop: Shop, place: int = 0) -> int:
    return ShownStock.objects.get(channel_id=shop.channel_id, sku_id=shop.sku_ids[place]).pieces


def seen(shop: Shop, pieces: int, *, at: Any, place: int = 0) -> int:
    return shown_stock.take_seen(
        channel_id=shop.channel_id,
        rows=[SeenStock(sku_id=shop.sku_ids[place], pieces=pieces, seen_at=at)],
        source="tests",
        actor=SYSTEM,
        at=at,
    )


def log() -> list[tuple[Any, ...]]:
    rows = StockSyncEntry.objects.order_by("pk")
    return list(rows.values_list("kind", "stood", "available", "buffer", "pieces"))


def hold_back(shop: Shop, pieces: int, *, sku: int | None = None, at: Any = AT) -> SyncReport:
    return shown_stock.set_buffer(
        channel_id=shop.channel_id,
        pieces=pieces,
        sku_id=sku,
        reason="直播预留",
        actor=actor(shop.specialist),
        at=at,
    )


@pytest.mark.clause("CAT-4.3-10")
def test_what_is_shown_is_what_is_free_less_the_buffer(shop: Shop, shelves: Shelves) -> None:
    hold_back(shop, 3)
    shelves.free[shop.sku_ids[1]] = 2

    shown_stock.push_changed(sku_ids=shop.sku_ids, actor=SYSTEM, at=AT + MINUTE)

    assert (told(shop), told(shop, 1)) == (7, 0)
    assert ("changed", 7, 2, 3, 0) in log()


def test_a_buffer_of_a_sku_goes_before_the_one_of_its_channel(shop: Shop, shelves: Shelves) -> None:
    hold_back(shop, 3)

    report = hold_back(shop, 1, sku=shop.sku_ids[1], at=AT + MINUTE)

    assert (told(shop), told(shop, 1)) == (7, 9)
    assert report == SyncReport(told=1)
    assert StockPush.objects.latest("pk").why == SyncWhy.BUFFER


@pytest.mark.clause("CAT-4.3-10")
def test_a_change_is_announced_once_with_the_figures_of_the_channel(
    shop: Shop, shelves: Shelves
) -> None:
    shown_stock.sync(actor=SYSTEM, at=AT)
    shelves.free[shop.sku_ids[0]] = 4
    before = StoredFact.objects.filter(name="catalog.stock_to_show").count()

    shown_stock.push_changed(sku_ids=shop.sku_ids, actor=SYSTEM, at=AT + MINUTE)
    shown_stock.push_changed(sku_ids=shop.sku_ids, actor=SYSTEM, at=AT + 2 * MINUTE)

    facts = StoredFact.objects.filter(name="catalog.stock_to_show")
    assert facts.count() == before + 1
    push = facts.latest("pk").payload
    assert push["channel_id"] == shop.channel_id
    figures = selected.figures(push_id=push["push_id"])
    assert [(one.sku_id, one.pieces) for one in figures] == [(shop.sku_ids[0], 4)]
    assert isinstance(figures[0], Figure)


@pytest.mark.clause("CAT-4.3-10")
def test_a_differing_figure_is_corrected_and_logged(shop: Shop, shelves: Shelves) -> None:
    shown_stock.sync(actor=SYSTEM, at=AT)
    seen(shop, 25, at=AT + MINUTE)
    seen(shop, 10, at=AT + MINUTE, place=1)

    report = shown_stock.sync(actor=SYSTEM, at=AT + 5 * MINUTE)

    assert report == SyncReport(told=1, differed=1)
    entry = StockSyncEntry.objects.latest("pk")
    assert (entry.kind, entry.stood, entry.pieces) == (SyncKind.DIFFERED, 25, 10)
    assert entry.seen_at == AT + MINUTE
    assert shown_stock.sync(actor=SYSTEM, at=AT + 10 * MINUTE) == SyncReport()
    assert Fact.objects.filter(action="catalog.stock_told").count() == 2


def test_a_look_from_before_we_told_is_no_difference(shop: Shop, shelves: Shelves) -> None:
    seen(shop, 25, at=AT)
    shown_stock.sync(actor=SYSTEM, at=AT + MINUTE)
    shelves.free[shop.sku_ids[0]] = 8
    seen(shop, 10, at=AT + 2 * MINUTE)
    shown_stock.push_changed(sku_ids=shop.sku_ids, actor=SYSTEM, at=AT + 3 * MINUTE)

    assert shown_stock.sync(actor=SYSTEM, at=AT + 4 * MINUTE) == SyncReport()
    assert seen(shop, 99, at=AT + MINUTE) == 0


def test_goods_a_channel_shows_that_are_not_on_its_shelf_are_told_none(
    shop: Shop, shelves: Shelves
) -> None:
    foreign = Shop(**{**vars(shop), "sku_ids": [_unlisted(shop)]})
    seen(foreign, 6, at=AT)

    shown_stock.sync(actor=SYSTEM, at=AT + MINUTE)

    entry = StockSyncEntry.objects.get(sku_id=foreign.sku_ids[0])
    assert (entry.kind, entry.stood, entry.pieces) == (SyncKind.DIFFERED, 6, 0)


def _unlisted(shop: Shop) -> int:
    made = products.create_product(name="未上架", category_id=shop.category_id, actor=SYSTEM, at=AT)
    return products.create_sku(product_id=made.id, name="未上架", actor=SYSTEM, at=AT).id


def test_the_database_keeps_the_log_and_refuses_a_wrong_figure(
    shop: Shop, shelves: Shelves
) -> None:
    shown_stock.sync(actor=SYSTEM, at=AT)
    entry = StockSyncEntry.objects.latest("pk")

    for change in (
        lambda: StockSyncEntry.objects.update(pieces=1),
        lambda: StockSyncEntry.objects.all().delete(),
        lambda: StockPush.objects.update(told=9),
        lambda: ChannelBuffer.objects.all().delete(),
        lambda: ShownStock.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()
    with refused_by("stocksyncentry_is_right"):
        StockSyncEntry.objects.create(
            push_id=entry.push_id, sku_id=entry.sku_id, kind=SyncKind.CHANGED, stood=1,
            available=10, buffer=3, pieces=8,
        )  # fmt: skip
    with refused_by("stocksyncentry_says_something_new"):
        StockSyncEntry.objects.create(
            push_id=entry.push_id, sku_id=entry.sku_id, kind=SyncKind.CHANGED, stood=7,
            available=10, buffer=3, pieces=7,
        )  # fmt: skip


def test_a_refused_buffer_changes_nothing(shop: Shop, shelves: Shelves) -> None:
    editor = account("writer", Role.EDITOR)

    with pytest.raises(Forbidden):
        shown_stock.set_buffer(
            channel_id=shop.channel_id, pieces=1, reason="预留", actor=actor(editor), at=AT
        )
    with pytest.raises(ReasonNeeded):
        shown_stock.set_buffer(
            channel_id=shop.channel_id, pieces=1, reason=" ", actor=SYSTEM, at=AT
        )
    with pytest.raises(ThingMissing):
        shown_stock.set_buffer(channel_id=10**9, pieces=1, reason="预留", actor=SYSTEM, at=AT)
    with pytest.raises(BadInput):
        seen(shop, -1, at=AT)

    assert not ChannelBuffer.objects.exists()
    assert not ShownStock.objects.exists()


def test_a_file_of_the_channel_is_read_row_by_row(
    shop: Shop, shelves: Shelves, tmp_path: Path
) -> None:
    shown_stock.sync(actor=SYSTEM, at=AT - MINUTE)
    code = ShownStock.objects.select_related("sku").earliest("sku_id").sku.code
    path = tmp_path / "库存.csv"
    path.write_text(
        f"商品编码,库存,采集时间\n{code},25,\n{code.lower()}x,3,\n{code},1.5,\n"
        f"{code},4,2030-01-01 10:00\n",
        encoding="utf-8",
    )

    batch = import_file(
        profile="channel_stock",
        path=path,
        name=path.name,
        actor=actor(shop.specialist),
        at=AT,
        options={"channel": "tmall"},
    )

    assert (batch.accepted, batch.rejected) == (1, 3)
    assert shown_stock.sync(actor=SYSTEM, at=AT + MINUTE).differed == 1


def test_a_connection_is_read_before_it_is_compared(
    shop: Shop, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_stock.sync(actor=SYSTEM, at=AT)

    def figures(*, channel_id: int, at: Any) -> list[SeenStock]:
        return [SeenStock(sku_id=shop.sku_ids[0], pieces=77, seen_at=at)]

    monkeypatch.setattr(ports.channel_figures, "_answer", figures)

    assert shown_stock.sync(actor=SYSTEM, at=AT + MINUTE).differed == 1


def test_the_number_of_queries_does_not_grow_with_the_goods(shop: Shop, shelves: Shelves) -> None:
    with CaptureQueriesContext(connection) as first:
        shown_stock.push_changed(sku_ids=shop.sku_ids[:1], actor=SYSTEM, at=AT)
    shelves.free.update(dict.fromkeys(shop.sku_ids, 4))
    with CaptureQueriesContext(connection) as second:
        shown_stock.push_changed(sku_ids=shop.sku_ids, actor=SYSTEM, at=AT + MINUTE)

    assert len(second) == len(first)

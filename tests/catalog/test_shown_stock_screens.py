"""The screens and the door of the stock that channels show (CAT-4.3-10)."""

import pytest

from catalog.models import ChannelBuffer, ShownStock
from catalog.services import shown_stock
from ops.engines.identity.choices import Role
from tests.catalog.shop import Shop
from tests.catalog.test_shown_stock import MINUTE, Shelves, seen
from tests.catalog.test_shown_stock import shelves as shelves  # noqa: PLC0414 - a fixture
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM, account


def test_the_log_shows_what_differed_and_leads_to_its_rows(shop: Shop, shelves: Shelves) -> None:
    shown_stock.sync(actor=SYSTEM, at=AT)
    seen(shop, 25, at=AT + MINUTE)
    client = enter(shop.specialist)

    before = client.get("/shown-stock/?differs=yes").content.decode()
    shown_stock.sync(actor=SYSTEM, at=AT + 5 * MINUTE)
    after = client.get("/stock-log/?kind=differed").content.decode()

    code = ShownStock.objects.select_related("sku").get(sku_id=shop.sku_ids[0]).sku.code
    other = ShownStock.objects.select_related("sku").get(sku_id=shop.sku_ids[1]).sku.code
    assert f"/stock-log/?sku={code}" in before
    assert f"/stock-log/?sku={other}" not in before
    assert "渠道数字不一致" in after
    assert "25" in after


def test_a_buffer_is_set_on_its_page(shop: Shop, shelves: Shelves) -> None:
    client = enter(shop.specialist)

    answer = client.post(
        "/channel-buffers/new/",
        {"channel": str(shop.channel_id), "sku": "", "pieces": "4", "reason": "直播预留"},
    )

    assert answer.status_code == 302
    assert ChannelBuffer.objects.get().pieces == 4
    assert "直播预留" in client.get("/channel-buffers/").content.decode()


@pytest.mark.parametrize("pieces", ["-1", "1.5", "很多"])
def test_a_buffer_that_is_no_number_of_pieces_is_refused(
    shop: Shop, shelves: Shelves, pieces: str
) -> None:
    client = enter(shop.specialist)

    answer = client.post(
        "/channel-buffers/new/",
        {"channel": str(shop.channel_id), "sku": "", "pieces": pieces, "reason": "直播预留"},
    )

    assert answer.status_code == 422
    assert not ChannelBuffer.objects.exists()


def test_a_reader_sees_no_button_to_set_a_buffer(shop: Shop) -> None:
    client = enter(account("reader", Role.DATA_ANALYST))

    assert "/channel-buffers/new/" not in client.get("/channel-buffers/").content.decode()
    assert client.get("/channel-buffers/new/").status_code == 403

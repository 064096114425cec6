"""The range review in a browser: decided at a desk, read on a phone, its rest disposed of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from inventory.models import StockDisposal
from ops.engines.events import delivery
from ops.engines.identity.models import Person
from tests.catalog.ranged import Range, open_range
from tests.catalog.shop import open_shop
from tests.engines.identity.factories import AT
from tests.screens.conftest import PHONE, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def range_(site: Site, monkeypatch: pytest.MonkeyPatch) -> Range:
    """A reviewed month with one SKU dropped."""
    shop = open_shop()
    for person, name in zip(Person.objects.order_by("pk"), "甲乙丙丁戊", strict=False):
        person.name = f"同事{name}"
        person.save(update_fields=["name"])
    made = open_range(shop, monkeypatch)
    made.build()
    made.dropped("RG-DEAD")
    delivery.drain(at=AT)
    return made


def test_a_review_is_decided_at_a_desk_and_read_on_a_phone(
    range_: Range, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    review = f"/range-reviews/{range_.row('RG-STAR').review_id}/"
    rest = StockDisposal.objects.get()
    desk = sign_in("operations_specialist")

    visit(desk, "/range-reviews/", "ranges-list")
    visit(desk, review, "ranges-review")
    desk.get_by_role("row", name="RG-STAR").get_by_role("checkbox").check()
    desk.locator("[data-bulkbar] button", has_text="主推").click()
    desk.locator("[name=note]").fill("双十二主推")
    desk.get_by_role("button", name="核对").click()
    desk.get_by_role("button", name="主推 · 1").click()
    visit(desk, f"{review}?tab=decided", "ranges-decided")
    expect(desk.get_by_text("双十二主推").first).to_be_visible()
    visit(desk, f"/range-reviews/rows/{range_.row('RG-DEAD').pk}/", "ranges-row")
    expect(desk.get_by_text("整月无销售").first).to_be_visible()

    phone = sign_in("operations_supervisor", size=PHONE, name="林书雅")
    for path, name in (
        ("/range-reviews/", "ranges-list-phone"),
        (review, "ranges-review-phone"),
        (f"/range-reviews/rows/{range_.row('RG-DEAD').pk}/", "ranges-row-phone"),
        ("/inventory/disposals/", "disposals-phone"),
        (f"/inventory/disposals/{rest.pk}/", "disposal-phone"),
    ):
        visit(phone, path, name)

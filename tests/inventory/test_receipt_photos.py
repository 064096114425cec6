"""Photos and papers of a delivery: with the receipt, seen by who may see it, cited by reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from inventory.models import Receipt
from inventory.services import discrepancies
from ops.engines.approvals.models import Request
from ops.engines.files.models import Attachment
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.periods import services as periods
from tests.engines.http.conftest import enter as enter  # noqa: PLC0414 a fixture
from tests.engines.identity.factories import account
from tests.inventory.documents import House, house
from tests.inventory.factories import AT, SYSTEM, Shop
from tests.support import uploads

Enter = Callable[[User], Client]
PNG = uploads.png()


@pytest.fixture(name="house")
def fixture_house(shop: Shop, tmp_path: Path, settings: object) -> House:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    now = timezone.now()
    periods.ensure_month(module="stock", day=timezone.localdate(now), actor=SYSTEM, at=now)
    return house(shop)


@pytest.fixture(name="receipt")
def fixture_receipt(house: House) -> Receipt:
    sku = house.shop.skus[0]
    made = house.delivered(house.ordered((sku, 10, "2.00")), (sku, 10, 7))
    return Receipt.objects.get(pk=made.id)


def add(client: Client, receipt: Receipt, *files: tuple[str, bytes]) -> str:
    answer = client.post(
        f"/inventory/receipts/{receipt.pk}/",
        {
            "action": "add_files",
            "files": [SimpleUploadedFile(name, data) for name, data in files],
        },
        follow=True,
    )
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("SCM-2.2-03")
def test_photos_hang_on_the_receipt_and_the_decision_shows_and_cites_them(
    house: House, receipt: Receipt, enter: Enter
) -> None:
    keeper = enter(house.users["keeper"])
    page = add(keeper, receipt, ("破损.png", PNG))

    photo = Attachment.objects.get()
    assert f'src="/files/{photo.pk}/"' in page
    answer = keeper.get(f"/files/{photo.pk}/")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"".join(answer) == PNG
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    made = discrepancies.report_discrepancy(
        receipt_id=receipt.pk,
        choice="hold",
        treatment="accept",
        reason="破损",
        actor=house.who("keeper"),
        at=AT,
    )
    request = Request.objects.get(pk=made.approval_id or 0)
    assert [each["sha256"] for each in request.content["photos"]] == [photo.sha256]
    decision = enter(house.users["store"]).get(f"/approvals/{request.pk}/").content.decode()
    assert f'src="/files/{photo.pk}/"' in decision
    assert "破损.png" in decision


def test_a_file_that_is_not_what_it_says_is_refused(
    house: House, receipt: Receipt, enter: Enter
) -> None:
    page = add(enter(house.users["keeper"]), receipt, ("a.png", b"<script>alert(1)</script>"))

    assert "notice is-error" in page
    assert not Attachment.objects.exists()


@override_settings(FILES_MAX_BYTES=50)
def test_a_file_over_the_limit_is_refused(house: House, receipt: Receipt, enter: Enter) -> None:
    page = add(enter(house.users["keeper"]), receipt, ("a.png", PNG))

    assert "notice is-error" in page
    assert not Attachment.objects.exists()


def test_who_may_not_see_the_receipt_sees_no_photo(
    house: House, receipt: Receipt, enter: Enter
) -> None:
    add(enter(house.users["keeper"]), receipt, ("a.png", PNG))
    photo = Attachment.objects.get()
    elsewhere = account("外仓", Role.WAREHOUSE_KEEPER)

    answers = [
        enter(elsewhere).get(path).status_code
        for path in (f"/files/{photo.pk}/", f"/inventory/receipts/{receipt.pk}/")
    ]

    assert answers == [404, 404]
    assert Client().get(f"/files/{photo.pk}/").status_code == 302


def test_only_keepers_add_photos_and_the_page_says_so(
    house: House, receipt: Receipt, enter: Enter
) -> None:
    store = enter(house.users["store"])

    page = store.get(f"/inventory/receipts/{receipt.pk}/").content.decode()
    store.post(
        f"/inventory/receipts/{receipt.pk}/",
        {"action": "add_files", "files": [SimpleUploadedFile("a.png", PNG)]},
    )

    assert 'name="files"' not in page
    assert not Attachment.objects.exists()


def test_papers_are_shown_as_there_or_missing(house: House, receipt: Receipt, enter: Enter) -> None:
    keeper = enter(house.users["keeper"])
    path = f"/inventory/receipts/{receipt.pk}/"
    before = keeper.get(path).content.decode()

    after = keeper.post(path, {"action": "paper", "quality_paper": "QC-88"}, follow=True)

    assert "N-1" in before
    assert "QC-88" in after.content.decode()
    receipt.refresh_from_db()
    assert receipt.quality_paper == "QC-88"


def test_the_reason_of_a_forbidden_posting_stands_under_its_button(
    house: House, receipt: Receipt, enter: Enter
) -> None:
    page = enter(house.users["keeper"]).get(f"/inventory/receipts/{receipt.pk}/").content.decode()

    why = page.split('<small id="post-why">')[1].split("</small>")[0]
    assert "S0" in why
    assert all(figure in why for figure in ("10", "7"))

"""The screens of content production: board, one task, its forms, without a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import ContentTask, ContentVersion, ShopPage
from ops.engines.kernel.parse import BUSINESS_ZONE
from tests.catalog.listed import picture
from tests.catalog.produced import Desk, desk
from tests.catalog.shop import Shop
from tests.compliance.conftest import enter

BUDGETS = {"/content-tasks/": 8, "/content-tasks/{}/": 14}


@pytest.fixture(name="people")
def fixture_people(shop: Shop) -> Desk:
    return desk(shop)


def typed(**changes: Any) -> dict[str, Any]:
    due = timezone.now().astimezone(BUSINESS_ZONE) + timedelta(days=3)
    return {
        "title": "首页主图", "purpose": "双12", "words": "暖色", "width": "900", "height": "900",
        "due_at": f"{due:%Y-%m-%d %H:%M}", "kind": "design", "number": "", "person": "", **changes,
    }  # fmt: skip


def test_a_design_goes_through_its_screens(shop: Shop, people: Desk) -> None:
    lead, designer = enter(people.lead), enter(people.designer)
    home = ShopPage.objects.get(channel=shop.channel_id, kind="home").pk
    place = f"page:{home}:{shop.channel_id}"

    assert lead.post("/content-tasks/new/", typed(place="")).status_code == 422
    assert lead.post("/content-tasks/new/", typed(place=place)).status_code == 302
    task = ContentTask.objects.get()
    url = f"/content-tasks/{task.pk}/"
    assign = {
        name: value
        for name, value in typed(person=str(people.designer.person_id)).items()
        if name not in {"kind", "number"}
    }
    assert lead.post(f"{url}assign/", assign).status_code == 302
    designer.post(url, {"action": "accept"})
    for number in (1, 2):
        upload = SimpleUploadedFile("图.png", picture(number), content_type="image/png")
        assert designer.post(f"{url}version/", {"file": upload, "note": ""}).status_code == 302
        designer.post(url, {"action": "submit"})
        if number == 1:
            lead.post(url, {"action": "return", "reason": "太暗"})
    lead.post(url, {"action": "approve", "note": ""})
    designer.post(url, {"action": "release"})

    task.refresh_from_db()
    assert task.step == "delivered"
    assert ContentVersion.objects.count() == 2
    page = lead.get(url).content.decode()
    assert "太暗" in page
    assert page.count("/files/") >= 2
    assert task.number in lead.get("/content-tasks/?tab=over").content.decode()


def test_a_worker_finds_the_own_queue_and_no_button_of_the_supervisor(
    shop: Shop, people: Desk
) -> None:
    home = ShopPage.objects.get(channel=shop.channel_id, kind="home").pk
    made = people.give("copy", "page", home, at=timezone.now())
    editor, designer = enter(people.editor), enter(people.designer)

    assert made.number in editor.get("/content-tasks/?tab=mine").content.decode()
    assert made.number in editor.get("/").content.decode()
    assert made.number not in designer.get("/content-tasks/?tab=mine").content.decode()
    assert 'value="approve"' not in editor.get(f"/content-tasks/{made.id}/").content.decode()
    assert editor.get("/content-tasks/new/").status_code == 403
    assert editor.get(f"/content-tasks/{made.id}/assign/").status_code == 403


def test_the_pages_ask_little(shop: Shop, people: Desk) -> None:
    home = ShopPage.objects.get(channel=shop.channel_id, kind="home").pk
    made = [people.give("copy", "page", home, at=timezone.now()) for _ in range(3)]
    lead = enter(people.lead)
    for address, most in BUDGETS.items():
        url = address.format(made[0].id)
        lead.get(url)
        cache.clear()
        lead.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert lead.get(url).status_code == 200
        assert len(asked) <= most, [query["sql"][:100] for query in asked]

"""The rule library and one's own mail on the screen: written, decided, read; at desk and phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ops.engines.approvals import services as approvals
from ops.engines.documents import services
from ops.engines.documents.models import DocumentReading, DocumentVersion
from ops.engines.documents.types import VersionInfo
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.parse import business_day
from tests.screens.conftest import PHONE, Site

pytestmark = pytest.mark.browser
TEXT = "# 一、收货\n核对送货单与采购单。\n- 当场清点\n- 有差异即拍照\n# 二、入库\n当日上架。"


def publish(site: Site, version: VersionInfo) -> None:
    """Hand a version of a company rule in and let both deciders agree."""
    now = timezone.now()
    writer = identity.actor_for(site.user(Role.STORE_MANAGER), at=now)
    request = services.submit(version_id=version.id, actor=writer, at=now)
    for role in (Role.COMPLIANCE_OFFICER, Role.OPERATIONS_DIRECTOR):
        approvals.approve(
            request_id=request.id,
            content_hash=request.content_hash,
            actor=identity.actor_for(site.user(role), at=now),
            at=now,
        )


@pytest.fixture(scope="module")
def library(site: Site, django_db_setup: None) -> str:
    """Put a rule in force, in its second version."""
    now = timezone.now()
    site.user(Role.COMPLIANCE_OFFICER), site.user(Role.OPERATIONS_DIRECTOR)
    keeper = site.user(Role.WAREHOUSE_KEEPER)
    assert keeper.person_id
    writer = identity.actor_for(site.user(Role.STORE_MANAGER), at=now)
    first = services.begin(
        code="SOP-RECV-01",
        title="收货作业规程",
        kind="sop",
        text=TEXT,
        effective_on=business_day(now),
        audience=[Role.WAREHOUSE_KEEPER],
        clauses=["SCM-2.2-02"],
        actor=writer,
        at=now,
    )
    publish(site, first)
    second = services.revise(
        code="SOP-RECV-01",
        text=TEXT.replace("当日上架。", "四小时内上架。"),
        reason="旺季提速",
        effective_on=business_day(now),
        actor=writer,
        at=now,
    )
    publish(site, second)
    return "SOP-RECV-01"


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["1440", "360"])
def test_the_library_shows_what_is_in_force_and_mine_to_read(
    library: str, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER, size=size)

    visit(page, "/documents/", f"documents-{size[0]}")
    expect(page.locator("main")).to_contain_text("收货作业规程")
    visit(page, f"/documents/{library}/", f"document-{size[0]}")
    expect(page.locator("main")).to_contain_text("四小时内上架。")


def test_a_keeper_reads_confirms_and_has_nothing_left_to_read(
    library: str, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER)
    page.goto("/inbox/")
    expect(page.locator("main")).to_contain_text("收货作业规程")
    page.goto(f"/documents/{library}/")
    page.locator("main summary", has_text="相比的变化").click()
    expect(page.locator("del")).to_contain_text("当日上架。")

    page.get_by_role("button", name="已读懂").click()

    expect(page.locator("main")).to_contain_text("应读 1 人，已确认 1 人。")
    visit(page, "/documents/?tab=unread", "documents-unread")
    expect(page.locator("tbody tr")).to_have_count(0)
    assert DocumentReading.objects.count() == 1


def test_a_writer_drafts_in_the_browser_and_hands_in(
    library: str, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in(Role.STORE_MANAGER)
    visit(page, "/documents/new/", "document-new")
    page.fill("input[name=code]", "SOP-COUNT-01")
    page.fill("input[name=title]", "盘点作业规程")
    page.select_option("select[name=kind]", "sop")
    page.fill("textarea[name=text]", "一、冻结账面。")
    page.fill("input[name=effective_on]", business_day(timezone.now()).isoformat())
    page.get_by_role("button", name="保存草稿").first.click()
    expect(page.locator("h1")).to_contain_text("SOP-COUNT-01")

    page.get_by_role("button", name="提交").first.click()
    page.locator("dialog").get_by_role("button", name="提交").click()

    expect(page.locator("main")).to_contain_text("审批中")
    assert DocumentVersion.objects.get(document__code="SOP-COUNT-01").state == "review"


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["1440", "360"])
def test_mail_is_wished_for_on_one_page(
    library: str, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = sign_in(Role.WAREHOUSE_KEEPER, size=size)
    visit(page, "/inbox/preferences/", f"mail-{size[0]}")
    page.fill("input[name=address]", "keeper@example.com")
    page.select_option("select[name=quiet_from]", "22")
    page.select_option("select[name=quiet_until]", "7")

    page.get_by_role("button", name="保存").first.click()

    expect(page.locator(".notice")).to_contain_text("设置已保存。")
    page.goto("/inbox/preferences/")
    expect(page.locator("input[name=address]")).to_have_value("keeper@example.com")

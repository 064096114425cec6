"""Approvals on phone and desk: two taps with a code, moved figures, deputies, sums, paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Decision, Request
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import word_figures
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.parse import business_day
from tests.engines.approvals.house import ask_for_proof
from tests.engines.approvals.toys import FIGURES, SEEN
from tests.engines.identity.factories import SYSTEM, account
from tests.screens import checks, toys
from tests.screens.conftest import PHONE, Site, look

word_figures(
    {
        "lowest": ("最低价", "money"),
        "total": ("金额", "money"),
        "counted_together": ("合并金额", "money"),
        "payee": ("收款人", ""),
    }
)
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Office:
    """The people of these stories on the served database, and the supervisor's app."""

    site: Site
    asker: User
    supervisor: User
    app: pyotp.TOTP
    asker_app: pyotp.TOTP

    def submit(
        self, flow: str, subject: int, *, proved: bool = False, **changes: Any
    ) -> RequestInfo:
        """Hand a toy request in, an hour ago."""
        at = timezone.now() - dt.timedelta(hours=1)
        if proved:
            changes["code"] = self.asker_app.at(at)
        given: dict[str, Any] = {
            "subject": ("toys.desk", subject),
            "number": f"ZH-{subject:04d}",
            "title": "供应商收款账户变更",
            "content": toys.CONTENT,
            "figures": FIGURES,
            "actor": identity.actor_for(self.asker, at=at),
            "at": at,
            **changes,
        }
        return approvals.submit(flow=flow, **given)


@pytest.fixture(scope="module")
def office(site: Site) -> Office:
    ask_for_proof(str(connection.settings_dict["NAME"]))
    asker, supervisor = (
        site.user(role) for role in (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)
    )
    site.user(Role.OPERATIONS_MANAGER)
    apps = [
        pyotp.TOTP(
            identity_services.enrol_totp(
                user_id=user.pk, actor=SYSTEM, at=timezone.now(), trusted=True
            ).secret
        )
        for user in (supervisor, asker)
    ]
    return Office(site, asker, supervisor, *apps)


def test_a_proved_decision_takes_two_taps_and_a_code(
    office: Office, sign_in: Callable[..., Page]
) -> None:
    request = office.submit("toy_proved", 1, proved=True)
    page = sign_in("supervisor", user=office.supervisor, size=PHONE)
    page.goto(f"/approvals/{request.id}/")
    look(page, "approval-proved-360", full=False)
    checks.all_of(page)

    page.get_by_role("button", name="同意", exact=True).tap()
    sheet = page.locator("#sheet-approve")
    expect(sheet.locator("dl.facts")).to_contain_text("8.00")
    look(page, "approval-proved-sheet-360", full=False)
    checks.all_of(page)
    sheet.locator("#code").fill("000000")
    sheet.locator("button.is-primary").tap()
    expect(page.locator("#messages")).to_contain_text("动态码不正确")
    look(page, "approval-proved-refused-360", full=False)
    assert Decision.objects.filter(request_id=request.id).count() == 0

    page.get_by_role("button", name="同意", exact=True).tap()
    sheet.locator("#code").fill(office.app.now())
    sheet.locator("button.is-primary").tap()
    expect(page.locator("#messages")).to_contain_text("ZH-0001")

    decision = Decision.objects.get(request_id=request.id)
    assert decision.assertion is not None
    assert decision.assertion.payload_hash == request.content_hash


def test_figures_that_moved_are_marked_and_looked_at_again(
    office: Office, sign_in: Callable[..., Page]
) -> None:
    request = office.submit("toy_moving", 2)
    page = sign_in("supervisor", user=office.supervisor, size=PHONE)
    page.goto(f"/approvals/{request.id}/")
    SEEN.now["floor"] = "8.80"
    try:
        page.get_by_role("button", name="同意", exact=True).tap()
        page.locator("#sheet-approve button.is-primary").tap()
        expect(page.locator("#moved")).to_contain_text("8.80")
        expect(page.locator("#messages")).to_contain_text("数据已更新")
        look(page, "approval-moved-360", full=False)
        checks.all_of(page)
        assert Decision.objects.filter(request_id=request.id).count() == 0

        page.get_by_role("button", name="同意", exact=True).tap()
        page.locator("#sheet-approve button.is-primary").tap()
        expect(page.locator("#messages")).to_contain_text("ZH-0002")
    finally:
        SEEN.now.clear()

    assert Request.objects.get(pk=request.id).state == "approved"


def test_a_deputy_asks_hears_and_decides(office: Office, sign_in: Callable[..., Page]) -> None:
    day = business_day(timezone.now())
    deputy = account("陈代", Role.DATA_ANALYST)
    identity_services.assign(
        person_id=deputy.person_id,
        role=Role.OPERATIONS_SUPERVISOR,
        first=day,
        last=day,
        deputy_for=office.supervisor.person_id,
        actor=SYSTEM,
        at=timezone.now(),
    )
    request = office.submit("toy_any", 3)
    page = sign_in("deputy", user=User.objects.get(pk=deputy.pk), size=PHONE)
    page.goto(f"/approvals/{request.id}/")
    expect(page.locator("main")).to_contain_text("代理 陈立")
    page.get_by_role("button", name="询问", exact=True).tap()
    page.locator("#question").fill("为什么现在改？")
    page.locator("#sheet-ask button.is-primary").tap()
    expect(page.locator("main")).to_contain_text("计时暂停")
    look(page, "approval-deputy-360", full=False)
    look(page, "approval-deputy-360-full")
    checks.all_of(page)

    mine = sign_in("asker", user=office.asker, size=PHONE)
    mine.goto(f"/approvals/{request.id}/")
    mine.locator("[id^=answer-]").fill("换季。")
    mine.get_by_role("button", name="发送回答").tap()
    expect(mine.locator("main")).to_contain_text("换季")
    mine.locator("#comment").fill("附件已补。")
    mine.get_by_role("button", name="留言", exact=True).tap()
    expect(mine.locator("main")).to_contain_text("附件已补")
    checks.all_of(mine)

    page.goto(f"/approvals/{request.id}/")
    page.get_by_role("button", name="同意", exact=True).tap()
    page.locator("#sheet-approve button.is-primary").tap()
    expect(page.locator("#messages")).to_contain_text("ZH-0003")

    decision = Decision.objects.get(request_id=request.id)
    assert decision.deputy_for_id == office.supervisor.person_id


def test_a_decided_request_prints(office: Office, sign_in: Callable[..., Page]) -> None:
    request = office.submit("toy_moving", 4)
    approvals.approve(
        request_id=request.id,
        content_hash=request.content_hash,
        actor=identity.actor_for(office.supervisor, at=timezone.now()),
        at=timezone.now(),
    )
    page = sign_in("asker", user=office.asker)
    page.goto(f"/approvals/{request.id}/")
    look(page, "approval-decided-1440")
    checks.all_of(page)

    with page.expect_download() as paper:
        page.get_by_role("link", name="打印").click()

    assert paper.value.suggested_filename == "ZH-0004.pdf"
    assert paper.value.path().read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_several_are_approved_with_their_sum(
    office: Office, sign_in: Callable[..., Page], locale: str
) -> None:
    first = 10 if locale == "zh-CN" else 20
    amounts = (Decimal("300.00"), Decimal("450.50"))
    made = [
        office.submit(
            "toy_budget",
            first + number,
            content={"payee": f"{locale}-{number}"},
            figures={"total": amount},
            title="办公用品",
        )
        for number, amount in enumerate(amounts)
    ]
    page = sign_in("supervisor", user=office.supervisor, locale=locale)
    page.goto("/approvals/")
    for request in made:
        page.locator(f'input[name=sel][value^="{request.id}:"]').check()
    page.locator("[data-bulkbar] button").click()
    expect(page.locator(".sum")).to_contain_text("750.50")
    look(page, f"approvals-sum-{locale}")
    checks.all_of(page)
    page.locator("form.stack button.is-primary").click()
    page.wait_for_url("**/approvals/")

    states = Request.objects.filter(pk__in=[each.id for each in made]).values_list("state")
    assert list(states) == [("approved",), ("approved",)]

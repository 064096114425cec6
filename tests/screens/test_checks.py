"""Checks and forms in a browser: on a phone, without a network, signed, put right, printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.services import equipment, places
from ops.engines.approvals import flows
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.jobs import declarations as jobs
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.engines.sheets import services
from ops.engines.sheets import templates as registry
from ops.engines.sheets.choices import Layout
from ops.engines.sheets.declaring import number, sheet
from ops.engines.sheets.due import same_day
from ops.engines.sheets.models import Answer, Case, Sheet
from tests.screens import checks
from tests.screens.conftest import DESK, PHONE, Site, look
from tests.screens.site import serving

pytestmark = pytest.mark.browser
SYSTEM = Actor.system("系统")


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    tables: list[dict[str, Any]] = [registry._templates, flows._flows, jobs._jobs]
    kept = [dict(table) for table in tables]
    sheet(
        "toy_long",
        title="冷库温度",
        area="inventory",
        scope="warehouse",
        scopes=registry.template_named("warehouse_safety").scopes,
        items=[number(f"n{n}", f"{n} 号位", unit="℃", least="-30") for n in range(1, 21)],
        signers=(Role.WAREHOUSE_KEEPER,),
        owner=Role.STORE_MANAGER,
        due=same_day("18:00"),
        layout=Layout.STEPS,
    )
    yield
    for each, held in zip(tables, kept, strict=True):
        each.clear()
        each.update(held)


@pytest.fixture(scope="module")
def house(site: Site, _toys: None) -> Site:
    """Make a warehouse, its people, today's checks and a piece of equipment."""
    at = timezone.now()
    made = places.create_warehouse(code="HZ", name="杭州仓", actor=SYSTEM, at=at)
    for role in (Role.WAREHOUSE_KEEPER, Role.STORE_MANAGER, Role.OPERATIONS_DIRECTOR):
        user = site.user(role)
        if role == Role.WAREHOUSE_KEEPER:
            identity.grant_scope(
                user_id=user.pk, kind="warehouse", object_id=made.id, actor=SYSTEM, at=at
            )
    today = business_day(at)
    for template in ("warehouse_safety", "warehouse_opening", "toy_long"):
        services.open_sheets(
            template=template,
            period=today.isoformat(),
            first=today,
            last=today,
            actor=SYSTEM,
            at=at,
        )
    equipment.enter_equipment(
        warehouse_id=made.id,
        code="MH-01",
        kind="extinguisher",
        place="A 区东门",
        inspected_on=today - timedelta(days=400),
        next_inspection_on=today - timedelta(days=35),
        actor=SYSTEM,
        at=at,
    )
    return site


def wait(page: Page, question: str) -> None:
    """Wait until a question to the page is answered with yes; its policy forbids eval'd text."""
    for _tenth in range(100):
        if page.evaluate(question):
            return
        page.wait_for_timeout(100)
    raise AssertionError(question)


def of(template: str) -> Sheet:
    return Sheet.objects.get(template__key=template)


def test_the_screens_hold_at_a_desk_and_on_a_phone(
    house: Site, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    pk = of("warehouse_safety").pk
    for size, label in ((DESK, "1440"), (PHONE, "360")):
        page = sign_in(Role.STORE_MANAGER, size=size)
        visit(page, "/sheets/", f"sheets-{label}")
        visit(page, f"/sheets/{pk}/", f"sheet-{label}")
        visit(page, "/sheets/kinds/", f"sheet-kinds-{label}")
        visit(page, "/sheets/kinds/warehouse_safety/", f"sheet-kind-{label}")
        visit(page, "/sheets/cases/", f"sheet-cases-{label}")
        visit(page, "/inventory/equipment/", f"equipment-{label}")
        visit(page, "/", f"desk-checks-{label}")
        keeper = sign_in(Role.WAREHOUSE_KEEPER, size=size)
        visit(keeper, f"/sheets/{pk}/fill/", f"sheet-fill-{label}")
        visit(keeper, "/sheets/kinds/warehouse_safety/change/", f"sheet-change-{label}")
        visit(keeper, "/sheets/new/", f"sheet-new-{label}")


def test_twenty_entries_without_a_network_survive_a_reload_and_go_up_once(
    house: Site, sign_in: Callable[..., Page]
) -> None:
    pk = of("toy_long").pk
    page = sign_in(Role.WAREHOUSE_KEEPER, size=PHONE)
    with ExitStack() as first:
        url = first.enter_context(serving())
        page.context.add_cookies(
            [
                {"name": each["name"], "value": each["value"], "url": url}
                for each in page.context.cookies()
            ]
        )
        page.goto(f"{url}/sheets/{pk}/fill/")
        expect(page.locator("[data-done]")).to_have_text("0")
        wait(page, "() => navigator.serviceWorker.controller !== null")
        wait(page, "async () => (await (await caches.open('guifan-sheets')).keys()).length > 4")
    page.context.set_offline(True)

    for n in range(1, 21):
        expect(page.locator("[data-place]")).to_have_text(str(n))
        box = page.locator("[data-item-key]:visible")
        box.locator(f"[data-digit='{n % 9 + 1}']").tap()
        if n < 20:
            page.get_by_role("button", name="下一项").tap()
    expect(page.locator("[data-unsent]").last).to_have_text("20")
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.locator("[data-last]")).to_have_attribute("aria-disabled", "true")
    look(page, "check-offline-360", full=False)
    page.reload()
    expect(page.locator("[data-unsent]").last).to_have_text("20")
    expect(page.locator("[data-done]")).to_have_text("20")
    expect(page.locator("#v-n1")).to_have_value("2")
    assert Answer.objects.filter(sheet_id=pk).count() == 0

    with serving(int(url.rpartition(":")[2])):
        page.context.set_offline(False)
        expect(page.locator("[data-unsent]").last).to_have_text("0", timeout=25_000)
        page.reload()
        expect(page.locator("[data-done]")).to_have_text("20")
        expect(page.locator("[data-last]")).to_have_attribute("aria-disabled", "false")

    kept = dict(Answer.objects.filter(sheet_id=pk).values_list("item", "value"))
    assert Answer.objects.filter(sheet_id=pk).count() == 20
    assert kept == {f"n{n}": str(n % 9 + 1) for n in range(1, 21)}


def test_typed_words_survive_a_reload_and_abnormal_answers_wait_for_them(
    house: Site, sign_in: Callable[..., Page]
) -> None:
    opening = of("warehouse_opening")
    page = sign_in(Role.WAREHOUSE_KEEPER, size=PHONE)
    page.goto(f"/sheets/{opening.pk}/fill/")

    page.get_by_role("radio", name="否").first.check(force=True)
    expect(page.locator("[data-needs-words]").first).to_be_visible()
    page.locator("#n-lock").fill("锁芯松动")
    page.wait_for_timeout(200)
    page.reload()
    expect(page.locator("#n-lock")).to_have_value("锁芯松动")
    assert not Case.objects.filter(sheet=opening).exists()
    look(page, "check-abnormal-360", full=False)
    checks.all_of(page)
    page.get_by_role("button", name="下一项").tap()
    expect(page.locator("[data-done]")).to_have_text("1")
    expect(page.locator("[data-unsent]").last).to_have_text("0", timeout=15_000)

    # The last answer does not get through: the page that signs waits for it, and offers signing.
    away = re.compile(r"/fill/$")
    page.route(
        away, lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.get_by_role("radio", name="是").last.check(force=True)
    expect(page.locator("[data-unsent]").last).to_have_text("1")
    page.goto(f"/sheets/{opening.pk}/")
    expect(page.locator("[data-unsent-line]")).to_be_visible()
    expect(page.get_by_role("button", name="签字")).to_have_count(0)
    page.unroute(away)
    expect(page.get_by_role("button", name="签字")).to_be_visible(timeout=25_000)
    page.get_by_role("button", name="签字").click()
    page.wait_for_load_state()
    expect(page.locator("#messages")).to_contain_text("已签字")
    opening.refresh_from_db()
    assert opening.state == "signed"
    case = Case.objects.get(sheet=opening)
    keeper = page.goto(f"/sheets/cases/{case.pk}/")
    assert keeper is not None
    page.get_by_role("button", name="处理").click()
    page.locator("dialog[open] textarea").first.fill("老化")
    page.locator("dialog[open] textarea").last.fill("换锁")
    look(page, "case-360", full=False)
    page.locator("dialog[open] .button.is-primary").click()
    expect(page.locator("#messages")).to_contain_text("已处理")
    manager = sign_in(Role.STORE_MANAGER)
    manager.goto(f"/sheets/cases/{case.pk}/")
    manager.get_by_role("button", name="关闭").click()
    manager.locator("dialog[open] textarea").fill("已核实")
    manager.locator("dialog[open] .button.is-primary").click()
    manager.wait_for_load_state()
    checks.all_of(manager)
    look(manager, "case-1440")
    opening.refresh_from_db()
    assert opening.state == "closed"

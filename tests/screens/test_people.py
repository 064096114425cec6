"""People, reviews, exceptions and one's own account, as they are seen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from ops.engines.identity import selectors, services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Department, User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.parse import business_day
from ops.organisation.models import AccessReview, AccessReviewLine
from ops.organisation.services import reviewing
from tests.engines.identity.factories import PASSWORD, authenticator

from . import checks
from .conftest import DESK, PHONE, Site

SYSTEM = Actor.system("系统")
HR = "徐丽"
SignIn = Callable[..., Page]
Visit = Callable[..., Page]


def hired(name: str, *roles: str, department_id: int) -> User:
    """Make a person whose history names a machine as the page would."""
    at = timezone.now()
    person = services.create_person(name=name, actor=SYSTEM, at=at)
    made = services.create_account(
        person_id=person.person_id, username=name, password=PASSWORD, actor=SYSTEM, at=at
    )
    for role in roles:
        services.assign(
            person_id=person.person_id,
            role=role,
            first=business_day(at),
            department_id=department_id,
            actor=SYSTEM,
            at=at,
        )
    return User.objects.select_related("person").get(pk=made.user_id)


@pytest.fixture(scope="module")
def scene(site: Site) -> dict[str, Any]:
    """A customer service department whose head answers for its people."""
    now = timezone.now()
    place = Department.objects.create(code="kf", name="客服部", name_en="Service")
    made: dict[str, Any] = {
        "head": hired("刘洋", Role.DEPARTMENT_HEAD, department_id=place.pk),
        "agent": hired("何静", Role.CUSTOMER_SERVICE_AGENT, department_id=place.pk),
        "both": hired(
            "陈立", Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_SPECIALIST, department_id=place.pk
        ),
    }
    for role in (
        Role.INFORMATION_SUPERVISOR,
        Role.COMPLIANCE_OFFICER,
        Role.EXECUTIVE,
    ):
        site.user(role)
    today = business_day(now)
    made["exception"] = services.ask_exception(
        person_id=made["agent"].person_id,
        rule="refund_x_approval",
        first=today,
        last=today + timedelta(days=20),
        reason="财务主管休假，客服主管代批小额退款",
        actor=selectors.actor_for(site.user(Role.HR_OFFICER, name=HR), at=now),
        at=now,
    )
    made["review"] = reviewing.open_review(period="2026-Q4", actor=SYSTEM, at=now)
    return made


def test_people_are_listed_on_desk_and_phone(
    scene: dict[str, Any], visit: Visit, sign_in: SignIn
) -> None:
    for size in (DESK, PHONE):
        page = sign_in(Role.HR_OFFICER, name=HR, size=size)
        visit(page, "/people/", f"people-{size[0]}")
        assert page.get_by_text("何静").count() >= 1
    visit(sign_in(Role.HR_OFFICER, name=HR, locale="en-GB"), "/people/", "people-en")


def test_a_person_shows_positions_conflicts_and_what_may_be_done(
    scene: dict[str, Any], visit: Visit, sign_in: SignIn
) -> None:
    page = sign_in(Role.HR_OFFICER, name=HR)
    visit(page, f"/people/{scene['both'].person_id}/", "person-hr")
    text = page.inner_text("main")
    assert "调价申请" in text
    assert "同一岗位含两项职责" in text
    page = sign_in(Role.INFORMATION_SUPERVISOR, size=PHONE)
    visit(page, f"/people/{scene['agent'].person_id}/", "person-it-360")


def test_a_newcomer_is_entered_and_opened_by_another_hand(
    scene: dict[str, Any], visit: Visit, sign_in: SignIn, browse: Callable[..., Page], site: Site
) -> None:
    page = sign_in(Role.HR_OFFICER, name=HR)
    app = authenticator(site.user(Role.HR_OFFICER, name=HR), at=timezone.now())
    visit(page, "/people/new/", "join")
    page.fill("[name=name]", "新人小周")
    page.fill("[name=username]", "xiaozhou")
    page.select_option("[name=role]", "editor")
    page.fill("[name=first]", business_day(timezone.now()).isoformat())
    page.fill("[name=code]", app.at(timezone.now()))
    page.get_by_role("button", name="办理入职").click()
    checks.settle(page)
    user = User.objects.get(username="xiaozhou")
    assert not user.is_active
    token = services.invite(
        user_id=user.pk,
        actor=selectors.actor_for(User.objects.get(person__name="冯涛"), at=timezone.now()),
        at=timezone.now(),
    ).token
    guest = browse()
    visit(guest, f"/accounts/welcome/{token}/", "welcome")
    guest.fill("#password", PASSWORD)
    guest.get_by_role("button", name="设置密码").click()
    checks.settle(guest)
    assert User.objects.get(pk=user.pk).is_active


def test_the_head_keeps_and_takes_rights_away(
    scene: dict[str, Any], visit: Visit, sign_in: SignIn
) -> None:
    page = sign_in(Role.DEPARTMENT_HEAD, user=scene["head"])
    visit(page, "/", "desk-head")
    visit(page, f"/access-reviews/{scene['review']}/", "access-review")
    page.locator("table input[type=checkbox]").nth(1).check()
    page.get_by_role("button", name="保留").first.click()
    checks.settle(page)
    assert AccessReviewLine.objects.filter(verdict="kept").count() == 1
    visit(page, f"/access-reviews/{scene['review']}/", "access-review-kept")
    visit(sign_in(Role.COMPLIANCE_OFFICER), "/access-reviews/", "access-reviews")
    assert AccessReview.objects.count() == 1


def test_an_exception_shows_its_two_approvals_and_why_one_may_not(
    scene: dict[str, Any], visit: Visit, sign_in: SignIn
) -> None:
    number = scene["exception"].exception_id
    visit(sign_in(Role.HR_OFFICER, name=HR), "/duty-exceptions/", "duty-exceptions")
    page = sign_in(Role.COMPLIANCE_OFFICER)
    visit(page, f"/duty-exceptions/{number}/", "duty-exception")
    page = sign_in(Role.HR_OFFICER, name=HR, size=PHONE)
    visit(page, f"/duty-exceptions/{number}/", "duty-exception-360")
    assert "只有" in page.inner_text("main")
    page = sign_in(Role.EXECUTIVE)
    visit(page, f"/duty-exceptions/{number}/")
    assert page.get_by_role("button", name="批准例外").is_enabled()


def test_my_account_shows_devices_and_recovery_codes_once(
    scene: dict[str, Any], visit: Visit, sign_in: SignIn, browse: Callable[..., Page], site: Site
) -> None:
    user = site.user(Role.WAREHOUSE_KEEPER)
    services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=timezone.now(), trusted=True)
    page = sign_in(Role.WAREHOUSE_KEEPER)
    visit(page, "/me/", "me")
    page.get_by_role("button", name="生成新的恢复码").click()
    checks.settle(page)
    assert page.locator("ul.mono li").count() == 10
    visit(page, "/me/")
    assert page.locator("ul.mono li").count() == 0
    agent = browse()
    visit(agent, "/accounts/login/")
    agent.fill("#username", "何静")
    agent.fill("#password", PASSWORD)
    agent.get_by_role("button", name="登录").first.click()
    checks.settle(agent)
    visit(agent, "/me/", "me-device")
    assert "Chrome, Linux" in agent.inner_text("main")
    visit(sign_in(Role.WAREHOUSE_KEEPER, size=PHONE), "/me/", "me-360")


def test_the_administrators_desks(scene: dict[str, Any], visit: Visit, sign_in: SignIn) -> None:
    visit(sign_in(Role.INFORMATION_SUPERVISOR), "/", "desk-system-administrator")
    visit(sign_in(Role.COMPLIANCE_OFFICER), "/", "desk-security-administrator")

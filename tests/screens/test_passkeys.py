"""Passkeys in a real browser with a virtual authenticator: add one, approve with it, sign in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect

from ops.engines.approvals import services as approvals
from ops.engines.approvals import signatures
from ops.engines.approvals.models import Decision
from ops.engines.approvals.types import RequestInfo
from ops.engines.desk.screens import word_figures
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import Passkey, User
from tests.engines.approvals.house import ask_for_proof
from tests.engines.approvals.toys import FIGURES
from tests.engines.identity.factories import SYSTEM
from tests.screens import checks, toys
from tests.screens.conftest import PHONE, Site, look, session_of

word_figures({"lowest": ("最低价", "money")})
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Office:
    """A requester and a supervisor with their apps, at the name passkeys belong to."""

    origin: str
    asker: User
    supervisor: User
    apps: dict[int, pyotp.TOTP]

    def submit(self, subject: int) -> RequestInfo:
        """Hand in a request that asks its decider for a proof."""
        at = timezone.now()
        return approvals.submit(
            flow="toy_proved",
            subject=("toys.passkey", subject),
            number=f"TX-{subject:04d}",
            title="供应商收款账户变更",
            content=toys.CONTENT,
            figures=FIGURES,
            code=self.apps[self.asker.pk].at(at),
            actor=identity.actor_for(self.asker, at=at),
            at=at,
        )


@pytest.fixture(scope="module")
def office(site: Site) -> Iterator[Office]:
    ask_for_proof(str(connection.settings_dict["NAME"]))
    users = [site.user(r) for r in (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)]
    site.user(Role.OPERATIONS_MANAGER)
    apps = {
        user.pk: pyotp.TOTP(
            identity_services.enrol_totp(
                user_id=user.pk, actor=SYSTEM, at=timezone.now(), trusted=True
            ).secret
        )
        for user in users
    }
    # A bare address is no name a passkey belongs to.
    origin = f"http://localhost:{urlsplit(site.url).port}"
    with override_settings(PASSKEY_ORIGINS=[origin], PASSKEY_RP_ID="localhost"):
        asker, supervisor = users
        yield Office(origin, asker, supervisor, apps)


def device(page: Page) -> CDPSession:
    """Give the browser a device with a fingerprint sensor."""
    link = page.context.new_cdp_session(page)
    link.send("WebAuthn.enable")
    link.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return link


def test_a_passkey_is_added_approves_on_a_phone_and_opens_the_door(
    office: Office, browse: Callable[..., Page]
) -> None:
    page = browse(PHONE, touch=True)
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session_of(office.supervisor),
                "url": office.origin,
            }
        ]
    )
    device(page)
    _adds(office, page)
    _approves(office, page)
    _comes_back(office, page)


def _adds(office: Office, page: Page) -> None:
    page.goto(f"{office.origin}/me/")
    page.locator("#passkey-name").fill("小米手机")
    page.locator("#passkey-code").fill(office.apps[office.supervisor.pk].at(timezone.now()))
    page.get_by_role("button", name="添加通行密钥").tap()
    expect(page.locator("#messages")).to_contain_text("小米手机")
    expect(page.locator("#passkeys")).to_contain_text("小米手机")
    page.locator("#passkeys").scroll_into_view_if_needed()
    look(page, "passkeys-360", full=False)
    checks.all_of(page)
    assert Passkey.objects.get().user_id == office.supervisor.pk


def _approves(office: Office, page: Page) -> None:
    request = office.submit(1)
    page.goto(f"{office.origin}/approvals/{request.id}/")

    page.get_by_role("button", name="同意", exact=True).tap()
    look(page, "approval-passkey-360", full=False)
    checks.all_of(page)
    page.get_by_role("button", name="用通行密钥同意").tap()
    expect(page.locator("#messages")).to_contain_text("TX-0001")

    decision = Decision.objects.select_related("assertion").get(request_id=request.id)
    assert decision.assertion is not None
    assert decision.assertion.method == "passkey"
    client: dict[str, Any] = json.loads(decision.assertion.client_data)
    assert client["origin"] == office.origin
    assert signatures.differences() == []
    page.goto(f"{office.origin}/approvals/{request.id}/")
    expect(page.locator("main")).to_contain_text("通行密钥签名")
    checks.all_of(page)


def _comes_back(office: Office, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(f"{office.origin}/accounts/login/")
    look(page, "passkey-sign-in-360", full=False)

    page.get_by_role("button", name="用通行密钥登录").tap()

    page.wait_for_url(f"{office.origin}/")
    expect(page.locator("h1")).to_be_visible()


def test_under_a_bare_address_the_page_says_where_passkeys_work(
    office: Office, site: Site, browse: Callable[..., Page]
) -> None:
    page = browse()

    page.goto(f"{site.url}/accounts/login/")

    expect(page.locator("[data-passkey]")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("[data-passkey-says]")).to_contain_text("localhost")
    checks.all_of(page)
    assert office.origin != site.url

"""A browser, a served product, and what every visit must hold.

    def test_desk(visit, sign_in):
        page = sign_in("operations_manager")
        visit(page, "/", "desk-manager")

`visit` opens a page, checks it (axe, console, language, overflow, target sizes), saves a picture
under build/screens/ and gives the page back. Tests of apps use the same fixtures.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import trans_real
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from ops.engines.http.middleware import open_session
from ops.engines.identity.models import User
from ops.translations import compile_catalogues
from tests.engines.identity.factories import account

pytest.register_assert_rewrite("tests.screens.checks")

from tests.screens import checks  # noqa: E402 rewritten first
from tests.screens.site import serving  # noqa: E402
from tests.support import cluster  # noqa: E402

# The browser's driver runs an event loop in this thread; the database is used beside it, not in it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

ROOT = Path(__file__).resolve().parents[2]
if compile_catalogues(ROOT / "locale"):
    # A catalogue is read once per process: forget what was read before this one was made.
    vars(trans_real)["_translations"].clear()
    vars(trans_real)["_default"] = None
PICTURES = ROOT / "build" / "screens"
DESK, PHONE, NARROW = (1440, 900), (360, 740), (320, 640)
NAMES = {
    "executive": "赵国栋",
    "operations_director": "孙立群",
    "operations_manager": "王敏",
    "store_manager": "周婷",
    "operations_supervisor": "陈立",
    "operations_specialist": "李娜",
    "customer_service_agent": "何静",
    "warehouse_keeper": "张强",
    "purchasing_officer": "吴磊",
    "finance_officer": "赵敏",
    "finance_manager": "郑芳",
    "information_supervisor": "冯涛",
    "compliance_officer": "许宁",
    "auditor": "韩雪",
    "web_editing_supervisor": "周晓琳",
}
BACKEND = "ops.engines.identity.backends.AccountBackend"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """The served product: its address, and accounts made so far by role."""

    url: str
    users: dict[str, User] = field(default_factory=dict)

    def user(self, role: str, *, name: str = "") -> User:
        """Return the account of a role, made when first asked for."""
        key = name or role
        if key not in self.users:
            self.users[key] = account(name or NAMES.get(role, role), role)
        return self.users[key]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; skip loudly where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium on this machine: screens are not tested")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    """Serve the product on a database of this module's own."""
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        name = cluster.fresh_name()
        cluster.create(name, cluster.template())
        cluster.point_to(name)
        try:
            with serving() as url:
                yield Site(url)
        finally:
            cluster.point_to(usual)
            cluster.drop(name)


@pytest.fixture
def browse(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser window: size, language, scripts or not."""
    contexts: list[BrowserContext] = []

    def open_window(
        size: tuple[int, int] = DESK, *, locale: str = "zh-CN", touch: bool = False
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            locale=locale,
            timezone_id="Asia/Shanghai",
            viewport={"width": size[0], "height": size[1]},
            has_touch=touch,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        checks.watch(page)
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(site: Site, browse: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that opens a window signed in as a role."""

    def enter(
        role: str,
        *,
        size: tuple[int, int] = DESK,
        name: str = "",
        locale: str = "zh-CN",
        user: User | None = None,
    ) -> Page:
        page = browse(size, locale=locale, touch=size != DESK)
        key = session_of(user or site.user(role, name=name))
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}]
        )
        return page

    return enter


@pytest.fixture
def visit() -> Callable[..., Page]:
    """Return a function that opens an address, checks the page and keeps a picture."""

    def go(page: Page, path: str, name: str = "", *, status: int = 200) -> Page:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        checks.settle(page)
        if name:
            size = page.viewport_size
            look(page, name, full=size is None or size["width"] > 640)
        checks.all_of(page)
        return page

    return go


def look(page: Page, name: str, *, full: bool = True) -> Path:
    """Save a picture under build/screens/ and return its path."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, full_page=full)
    return path


def session_of(user: User) -> str:
    """Open a session for an account, its clocks started now, and return its key."""
    request = HttpRequest()
    request.session = SessionStore()
    request.session[SESSION_KEY] = str(user.pk)
    request.session[BACKEND_SESSION_KEY] = BACKEND
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    open_session(request, must_enrol=False, at=timezone.now())
    request.session.save()
    return str(request.session.session_key)

"""Every shared pattern of the shell on toy screens: desk cards, list, record, form, decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ops.engines.approvals import services as approvals
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.screens import toys
from tests.screens.conftest import DESK, PHONE, Site, look

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])


@pytest.fixture(scope="module", autouse=True)
def _toy_routes() -> Iterator[None]:
    with toys.mounted():
        yield


@pytest.fixture(scope="module")
def shop(site: Site, _toy_routes: None) -> Site:
    """Hand in three requests, one by the manager herself."""
    specialist, manager = site.user(Role.OPERATIONS_SPECIALIST), site.user(Role.OPERATIONS_MANAGER)
    site.user(Role.OPERATIONS_SUPERVISOR)
    site.user(Role.OPERATIONS_MANAGER, name="林峰")
    submit(specialist, 912, "PC-0912", "12 个商品改价", hours=0)
    submit(specialist, 913, "PC-0913", "羊绒衫冬季价", hours=5)
    submit(manager, 914, "PC-0914", "清仓", hours=1)
    return site


def submit(user: User, subject: int, number: str, title: str, *, hours: int) -> int:
    """Hand in a toy request some hours ago."""
    at = timezone.now() - dt.timedelta(hours=hours)
    actor = identity.actor_for(user, at=at)
    info = approvals.submit(
        flow="toy_screen_price",
        subject=("toy.thing", subject),
        number=number,
        title=title,
        content=toys.CONTENT,
        figures=toys.FIGURES,
        actor=actor,
        at=at,
    )
    return info.id


@SIZES
@pytest.mark.parametrize(
    "role", [Role.OPERATIONS_MANAGER, Role.WAREHOUSE_KEEPER, Role.FINANCE_OFFICER]
)
def test_desk_with_work(
    shop: Site,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    role: str,
    size: tuple[int, int],
) -> None:
    visit(sign_in(role, size=size), "/", f"work-{role}-{size[0]}")


PAGES = {
    "list": "/toy/things/",
    "record": "/toy/things/6/",
    "form": "/toy/things/new/",
    "charts": "/toy/board/",
    "approvals": "/approvals/",
    "decision": "/approvals/1/",
    "inbox": "/inbox/",
    "reports": "/reports/",
    "imports": "/imports/",
    "runs": "/runs/",
    "more": "/more/",
    "find": "/find/?q=>",
    "scan": "/scan/",
    "sheet": "/toy/sheet/",
}


@SIZES
@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_shell(
    shop: Site,
    sign_in: Callable[..., Page],
    visit: Callable[..., Page],
    name: str,
    size: tuple[int, int],
) -> None:
    visit(sign_in(Role.OPERATIONS_MANAGER, size=size), PAGES[name], f"{name}-{size[0]}")


def test_jobs(shop: Site, sign_in: Callable[..., Page], visit: Callable[..., Page]) -> None:
    visit(sign_in(Role.INFORMATION_SUPERVISOR), "/jobs/?q=approval", "jobs-1440")


def test_missing_page_says_what_to_do(
    shop: Site, sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    visit(sign_in(Role.OPERATIONS_MANAGER), "/toy/things/999/", "missing-1440", status=404)


def test_english_desk(shop: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in(Role.OPERATIONS_MANAGER, locale="en-GB")
    page.goto("/approvals/")

    expect(page.locator("h1")).to_have_text("Approvals")
    look(page, "approvals-en")

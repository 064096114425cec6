"""The shell's own pages, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from ops.engines.identity.choices import Role
from tests.engines.identity.factories import account
from tests.screens.conftest import DESK, PHONE, Site, look

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])


@SIZES
def test_sign_in_page(
    browse: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    visit(browse(size), "/accounts/login/", f"login-{size[0]}")


@SIZES
@pytest.mark.parametrize("role", ["operations_manager", "warehouse_keeper", "auditor"])
def test_desk_of_a_role(
    sign_in: Callable[..., Page], visit: Callable[..., Page], role: str, size: tuple[int, int]
) -> None:
    visit(sign_in(role, size=size), "/", f"desk-{role}-{size[0]}")


def test_the_record_cupboard_wears_the_same_colours(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    supervisor = account("管理员", Role.INFORMATION_SUPERVISOR, is_staff=True)
    page = sign_in(Role.INFORMATION_SUPERVISOR, user=supervisor)
    answer = page.goto("/admin/")

    assert answer is not None
    assert answer.status == 200
    look(page, "cupboard-1440")
    assert page.get_by_role("link", name="工作台").count() >= 1

"""The shell's own pages, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.screens.conftest import DESK, PHONE

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

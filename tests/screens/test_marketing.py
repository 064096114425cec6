"""The dashboard in a browser: one screen, no scrolling, at desk and on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page

from catalog.models import Channel
from marketing.models import SalesDay
from tests.screens.conftest import DESK, PHONE, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def sold(site: Site) -> None:
    """Two months of two channels, in round figures."""
    if SalesDay.objects.exists():
        return
    made = [
        Channel.objects.create(code=code, name=name, platform="tmall")
        for code, name in (("tm", "天猫旗舰店"), ("pdd", "拼多多专营店"))
    ]
    SalesDay.objects.bulk_create(
        SalesDay(
            day=dt.date(2026, 9, 1) + dt.timedelta(days=n),
            channel=channel,
            country=country,
            scope="all",
            lines=40,
            orders=20 + n % 7,
            cancel_docs=1,
            units=60,
            gmv=Decimal(3000 + 180 * (n % 7) + 900 * place),
            returns=Decimal(120),
        )
        for n in range(61)
        for place, channel in enumerate(made)
        for country in ("浙江省", "广东省")
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1440", "360"])
def test_dashboard(
    sold: None, sign_in: Callable[..., Page], visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = visit(
        sign_in("operations_manager", size=size),
        "/dashboard/?month=2026-10",
        f"dashboard-{size[0]}",
    )

    assert page.locator("figure.chart").count() == 3
    if size == DESK:
        assert page.evaluate("document.documentElement.scrollHeight") <= 900


def test_daily_sheet(sold: None, sign_in: Callable[..., Page], visit: Callable[..., Page]) -> None:
    visit(sign_in("data_analyst", name="白露"), "/marketing/days/2026-10-20/", "daily-sheet-1440")


def test_bars_lead_to_the_rows_behind_them(sold: None, sign_in: Callable[..., Page]) -> None:
    page = sign_in("operations_manager")
    page.goto("/dashboard/?month=2026-10")
    chart = page.locator("figure.chart").nth(1)
    chart.locator("canvas").first.wait_for()
    box = chart.locator(".canvas").bounding_box()
    assert box is not None

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.3)

    page.wait_for_url("**/reports/sales_daily/**channel=pdd**")
    assert "period=2026-10" in page.url


def test_the_table_beside_a_drawing_leads_there_by_keyboard(
    sold: None, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("operations_manager")
    page.goto("/dashboard/?month=2026-10")
    days = page.locator("figure.chart").first

    days.locator("summary").focus()
    page.keyboard.press("Enter")
    days.locator("tbody a").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/marketing/days/2026-10-02/")

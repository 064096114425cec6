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

"""Recommendations in a browser: at a desk, on a phone, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog import ports
from catalog.models import RecommendationSet
from catalog.services import recommending
from ops.engines.kernel.parse import business_day
from tests.screens.conftest import PHONE, Site
from tests.support import company as companies
from tests.support.company import SYSTEM

pytestmark = pytest.mark.browser


@pytest.fixture
def versions(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two versions under two rules, the second measured; the same on every call."""
    if RecommendationSet.objects.exists():
        return list(RecommendationSet.objects.order_by("no").values_list("pk", flat=True))
    now = timezone.now()
    company = companies.build(at=now - dt.timedelta(days=40))
    skus = sorted(company.skus.values())
    pairs = [(skus[n % 3], skus[n % 4 + 1]) for n in range(60)]
    rows = [(n, sku) for n, pair in enumerate(pairs) for sku in set(pair)]
    monkeypatch.setattr(
        ports.order_baskets,
        "_answer",
        lambda **_asked: ports.Relation(
            "SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            ([n for n, _ in rows], [sku for _, sku in rows]),
        ),
    )
    made = []
    for days, support in ((20, 2), (9, 6)):
        at = now - dt.timedelta(days=days)
        recommending.set_rule(
            channel_id=company.channel_id,
            window_days=90,
            min_support=support,
            min_lift=Decimal("0.5"),
            top=8,
            why="减少偶然同购的商品",
            actor=SYSTEM,
            at=at,
        )
        kept = recommending.build(
            channel_id=company.channel_id, day=business_day(at), actor=SYSTEM, at=at
        )
        assert kept is not None
        made.append(kept.id)
    recommending.build_due(day=business_day(now), actor=SYSTEM, at=now)
    return made


def test_versions_and_their_comparison_are_read_at_a_desk(
    versions: list[int], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    page = sign_in("operations_supervisor")

    visit(page, "/recommendations/", "recommendations-list")
    expect(page.get_by_role("row")).to_have_count(3)
    visit(page, f"/recommendations/{versions[1]}/", "recommendations-set")

    expect(page.get_by_text("效果：与上一版在同一批订单上对比")).to_be_visible()
    expect(page.get_by_text("未知").first).to_be_visible()
    visit(page, "/recommendations/rule/", "recommendations-rule")


def test_they_are_read_on_a_phone_and_in_english(
    versions: list[int], sign_in: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    phone = sign_in("data_analyst", size=PHONE, name="林书雅")
    visit(phone, "/recommendations/", "recommendations-list-phone")
    visit(phone, f"/recommendations/{versions[1]}/", "recommendations-set-phone")

    english = sign_in("operations_supervisor", locale="en")
    visit(english, f"/recommendations/{versions[1]}/", "recommendations-set-en")

    expect(english.get_by_text("Pairs bought together most often")).to_be_visible()

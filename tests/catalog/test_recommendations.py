"""What sells together: figures, versions, comparison, and what is never recommended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from catalog import ports
from catalog.errors import recommendations as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import (
    ForbiddenGoods,
    OfferSuspension,
    RecommendationOutcome,
    RecommendationPair,
    RecommendationRule,
    RecommendationSet,
    Sku,
)
from catalog.selectors import recommendations
from catalog.services import bans, loading, opening, products, recommending, shown_figures
from catalog.types.goods import ProductRow
from catalog.types.prices import OpeningPrice
from catalog.types.shown_figures import Figure, SetPlace
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import business_day
from tests.catalog.shop import IMPORTER, LONG_AGO, Shop, actor
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

DAY = business_day(AT)
LATER = AT + timedelta(days=2)
Baskets = Callable[..., None]


@pytest.fixture
def goods(shop: Shop) -> list[int]:
    """Four SKUs on sale."""
    rows = [ProductRow(code=code, name=f"围巾 {code}", category=("女装",)) for code in ("B", "C")]
    ids = loading.load_products(rows=rows, source="tests", actor=SYSTEM, at=AT).sku_ids
    opening.open_prices(
        channel_id=shop.channel_id,
        prices=[
            OpeningPrice(sku_id=sku_id, price=Decimal("59.00"), since=LONG_AGO)
            for sku_id in ids.values()
        ],
        source="tests",
        actor=IMPORTER,
        at=AT,
    )
    return [*sorted(shop.sku_ids), ids["B"], ids["C"]]


@pytest.fixture
def bought(monkeypatch: pytest.MonkeyPatch) -> Baskets:
    """Answer the port with baskets, each at its moment, as the order book does."""
    kept: list[tuple[datetime, list[int]]] = []

    def answer(*, channel_id: int, since: datetime, until: datetime) -> ports.Relation:
        rows = [
            (number, sku_id)
            for number, (moment, skus) in enumerate(kept, 1)
            if since <= moment < until
            for sku_id in skus
        ]
        return ports.Relation(
            "SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            ([number for number, _ in rows], [sku_id for _, sku_id in rows]),
        )

    monkeypatch.setattr(ports.order_baskets, "_answer", answer)

    def buy(*baskets: list[int], at: datetime = AT - timedelta(hours=1)) -> None:
        kept.extend((at, skus) for skus in baskets)

    return buy


def rule(shop: Shop, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "window_days": 30,
        "min_support": 2,
        "min_lift": Decimal(1),
        "top": 2,
        "why": "试用",
    }
    return recommending.set_rule(
        channel_id=shop.channel_id, **given | changes, actor=actor(shop.supervisor), at=AT
    )


def build(shop: Shop, at: datetime = AT) -> Any:
    return recommending.build(channel_id=shop.channel_id, day=business_day(at), actor=SYSTEM, at=at)


def shown(shop: Shop, sku_id: int, at: datetime = AT) -> list[int]:
    found = recommendations.recommended(sku_ids=[sku_id], channel_id=shop.channel_id, at=at)
    return [row.other_id for row in found]


def test_figures_are_those_of_the_definition(shop: Shop, goods: list[int], bought: Baskets) -> None:
    a, b, c, d = goods
    bought([a, b], [a, b, b], [a, b, c], [a, c], [b], [d])

    ab, ac = recommending.mine(
        channel_id=shop.channel_id, first=DAY, last=DAY, min_support=2, most=9
    )

    assert (ab.sku_id, ab.other_id, ab.together, ab.of_sku, ab.of_other) == (a, b, 3, 4, 4)
    assert (ab.baskets, ab.confidence, ab.lift) == (6, Decimal("0.75"), Decimal("1.125"))
    assert (ac.together, ac.confidence, ac.lift) == (2, Decimal("0.5"), Decimal("1.5"))
    assert RecommendationSet.objects.count() == 0


@pytest.mark.clause("CAT-4.1-04")
def test_the_rule_decides_which_pairs_are_shown(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    a, b, c, d = goods
    bought([a, b], [a, b, d], [a, b, c], [a, c], [b], [d])
    rule(shop)
    build(shop)
    assert shown(shop, a) == [b, c]

    rule(shop, top=1, why="少即是多")
    build(shop, LATER)
    assert shown(shop, a, LATER) == [b]
    rule(shop, min_lift=Decimal("1.2"), why="只要明显相关")
    build(shop, LATER + timedelta(days=1))
    assert shown(shop, a, LATER + timedelta(days=1)) == [c]
    rule(shop, min_support=3, why="次数太少")
    build(shop, LATER + timedelta(days=2))

    assert shown(shop, a, LATER + timedelta(days=2)) == [b]
    assert shown(shop, d, LATER + timedelta(days=2)) == []
    assert [kept.no for kept in RecommendationSet.objects.order_by("no")] == [1, 2, 3, 4]
    assert shown(shop, a) == [b, c], "what stood at a past moment is answered for it"


def test_the_same_content_is_no_new_version(shop: Shop, goods: list[int], bought: Baskets) -> None:
    bought(goods[:2], goods[:2])
    rule(shop)

    assert build(shop) is not None
    assert build(shop, LATER) is None
    assert RecommendationSet.objects.count() == 1
    assert RecommendationOutcome.objects.count() == 1


@pytest.mark.clause("CAT-4.1-04")
def test_a_version_is_compared_with_the_former_on_the_same_orders(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    a, b, c, d = goods
    bought([a, b], [a, b], [c, d], [c, d], [c, d])
    rule(shop)
    first = build(shop)
    rule(shop, min_support=3, why="更稳")
    second = build(shop, AT + timedelta(minutes=1))
    bought([a, b], [a], [c, d], [c, d], [d], at=AT + timedelta(hours=1))
    build(shop, LATER)

    done, *_ = recommendations.outcomes(set_id=second.id)
    assert (first.pairs, second.pairs) == (4, 2)
    assert (done.orders, done.hits, done.former_orders, done.former_hits) == (3, 2, 5, 3)
    assert (done.order_rate, done.former_order_rate) == (Decimal("66.7"), Decimal("60.0"))
    assert done.click_rate is None, "nobody counts clicks: unknown, not zero"
    assert recommendations.changed(set_id=second.id, former_id=first.id) == (0, 2)


def clicked(shop: Shop, no: int, sku_id: int, *, shown: int, clicks: int, at: datetime) -> None:
    """Let the channel tell what happened to a good of a version."""
    shown_figures.take(
        channel_id=shop.channel_id,
        figures=[
            Figure(
                place=SetPlace(no), sku_id=sku_id, day=business_day(at), shown=shown, clicks=clicks
            )
        ],
        source="tests",
        actor=SYSTEM,
        at=at,
    )


@pytest.mark.clause("CAT-4.1-04")
def test_each_change_is_compared_with_the_former_version_by_click_and_order_rate(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    a, b, c, d = goods
    bought([a, b], [a, b], [c, d], [c, d], [c, d])
    rule(shop)
    first = build(shop)
    clicked(shop, 1, b, shown=300, clicks=6, at=AT)
    clicked(shop, 1, d, shown=100, clicks=4, at=AT)
    rule(shop, min_support=3, why="更稳")
    second = build(shop, AT + timedelta(minutes=1))
    clicked(shop, 2, d, shown=200, clicks=9, at=AT + timedelta(hours=1))
    bought([a, b], [a], [c, d], [c, d], [d], at=AT + timedelta(hours=1))
    build(shop, LATER)

    [done] = recommendations.outcomes(set_id=second.id)
    assert (done.impressions, done.clicks, done.click_rate) == (200, 9, Decimal("4.5"))
    assert (done.former_impressions, done.former_clicks) == (400, 10)
    assert (done.former_click_rate, done.former_order_rate) == (Decimal("2.5"), Decimal("60.0"))
    newer, older = recommendations.compared(
        list(recommendations.rules(actor=actor(shop.supervisor)).order_by("-no"))
    )
    assert (newer.rule.no, newer.counted.click_rate) == (2, Decimal("0.045"))
    assert newer.former_counted.click_rate == older.counted.click_rate == Decimal("0.025")
    assert (newer.orders, newer.hits, newer.former_orders) == (3, 2, older.orders)
    assert older.former_counted.click_rate is None, "nothing came before: unknown, not zero"
    client = enter(shop.supervisor)
    page = client.get("/recommendations/rules/").content.decode()
    one = client.get(f"/recommendations/{second.id}/").content.decode()
    listed = client.get("/recommendations/").content.decode()
    for words in ("4.5%", "2.5%", "+2.0", "66.7%"):
        assert words in page, words
    assert all(words in one for words in ("4.5%", "2.5%", "66.7%", "60.0%"))
    assert "4.5%" in listed
    assert first.rule_no == 1


@pytest.mark.clause("CAT-4.1-04")
def test_suspended_and_forbidden_goods_are_neither_built_in_nor_served(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    a, b, c, d = goods
    bought([a, b, c, d], [a, b, c, d])
    rule(shop, top=5)
    build(shop)
    assert shown(shop, a) == [b, c, d]

    OfferSuspension.objects.create(channel_id=shop.channel_id, sku_id=b, reason="核查", since=AT)
    assert shown(shop, a) == [c, d], "gone at once, before any build"
    ForbiddenGoods.objects.create(
        kind="term", value="围巾ｂ", is_hard=True, since=DAY, reason="法规", added_at=AT
    )
    assert shown(shop, a) == [d]
    made = build(shop, LATER)

    others = RecommendationPair.objects.filter(set_id=made.id).values_list("other_id", flat=True)
    assert set(others) == {a, d}
    with pytest.raises(IntegrityError, match="off sale"), transaction.atomic():
        RecommendationPair.objects.create(
            set_id=made.id, sku_id=a, other_id=b, rank=9, together=1, of_sku=1, of_other=1,
            confidence=1, lift=1,
        )  # fmt: skip


@pytest.mark.clause("CAT-4.1-04")
def test_retired_banned_and_unpriced_goods_are_never_recommended(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    a, b, c, d = goods
    bought([a, b, c, d], [a, b, c, d])
    rule(shop, top=5)
    build(shop)
    assert shown(shop, a) == [b, c, d]

    products.retire_sku(sku_id=b, reason="停产", actor=SYSTEM, at=AT)
    assert shown(shop, a) == [c, d], "gone at once, before any build"
    officer = actor(account("compliance", Role.COMPLIANCE_OFFICER))
    banned = Sku.objects.get(pk=c).product_id
    bans.ban(product_id=banned, source="FG-1", reason="假货", actor=officer, at=AT)
    assert shown(shop, a) == [d]
    assert shown(shop, a, LONG_AGO - timedelta(days=1)) == []
    made = build(shop, LATER)

    others = RecommendationPair.objects.filter(set_id=made.id).values_list("other_id", flat=True)
    assert set(others) == {a, d}


def test_the_database_refuses_what_is_retired_or_off_sale(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    a, b, c, _d = goods
    bought([a, b], [a, b])
    rule(shop)
    kept = build(shop)
    unpriced = products.create_sku(
        product_id=products.create_product(
            name="未上架", category_id=shop.category_id, actor=SYSTEM, at=AT
        ).id,
        name="未上架",
        actor=SYSTEM,
        at=AT,
    )
    products.retire_sku(sku_id=c, reason="停产", actor=SYSTEM, at=AT)
    before = RecommendationPair.objects.count()

    for other_id in (unpriced.id, c):
        with pytest.raises(IntegrityError, match="off sale"), transaction.atomic():
            RecommendationPair.objects.create(
                set_id=kept.id,
                sku_id=a,
                other_id=other_id,
                rank=9,
                together=1,
                of_sku=1,
                of_other=1,
                confidence=1,
                lift=1,
            )
    assert RecommendationPair.objects.count() == before


@pytest.mark.parametrize("table", ["rule", "set", "pair", "outcome"])
def test_what_was_published_stays(
    shop: Shop, goods: list[int], bought: Baskets, table: str
) -> None:
    bought(goods[:2], goods[:2])
    rule(shop)
    build(shop)
    build(shop, LATER)

    for deed in ("DELETE FROM {}", "UPDATE {} SET id = id"):
        with (
            pytest.raises(DatabaseError, match=r"append-only|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(deed.format(f"catalog_recommendation{table}"))


@pytest.mark.parametrize(
    "changes",
    [
        {"window_days": 0},
        {"window_days": 731},
        {"min_support": 1},
        {"min_lift": Decimal(-1)},
        {"top": 0},
        {"top": 51},
    ],
)
def test_wrong_figures_are_refused_by_field(shop: Shop, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refused:
        rule(shop, **changes)

    assert refused.value.context["field"] in changes
    assert RecommendationRule.objects.count() == 0


def test_a_rule_needs_a_reason_a_change_and_the_channel(shop: Shop) -> None:
    rule(shop)

    with pytest.raises(ReasonNeeded):
        rule(shop, top=3, why=" ")
    with pytest.raises(errors.RuleUnchanged):
        rule(shop)
    with pytest.raises(ThingMissing):
        recommending.set_rule(
            channel_id=shop.channel_id + 1,
            window_days=9,
            min_support=2,
            min_lift=Decimal(1),
            top=2,
            why="试用",
            actor=SYSTEM,
            at=AT,
        )
    assert RecommendationRule.objects.count() == 1


def test_only_the_supervisor_sets_a_rule_on_the_screen(shop: Shop) -> None:
    form = reverse("catalog:recommendation_rule")
    given = {
        "channel": str(shop.channel_id),
        "why": "试用",
        "window_days": "30",
        "min_support": "2",
        "min_lift": "1.5",
        "top": "4",
    }

    assert enter(shop.specialist).post(form, given).status_code == 403
    assert RecommendationRule.objects.count() == 0
    assert enter(shop.supervisor).post(form, given).status_code == 302

    assert RecommendationRule.objects.get().min_lift == Decimal("1.5")


def test_screens_show_versions_figures_and_what_goes_beside_a_good(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    client = enter(shop.supervisor)
    listed = reverse("catalog:recommendation_sets")
    assert "还没有推荐" in client.get(listed).content.decode()
    bought(goods[:2], goods[:2])
    rule(shop)
    kept = build(shop, AT)
    build(shop, LATER)

    page = client.get(reverse("catalog:recommendation_set", args=[kept.id])).content.decode()
    sku = client.get(reverse("catalog:sku", args=[goods[0]])).content.decode()

    assert "天猫旗舰店" in client.get(listed).content.decode()
    assert "未知" in page
    assert "A-1001-M" in page
    assert "一起购买" in sku
    assert "A-1001-M" in sku


def test_a_version_is_built_at_once_by_who_sets_the_rules(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    now = timezone.now()
    bought(goods[:2], goods[:2], at=now - timedelta(days=3))
    rule(shop)
    kept = build(shop)
    page = reverse("catalog:recommendation_set", args=[kept.id])
    bought(goods[2:], goods[2:], at=now - timedelta(days=2))

    enter(shop.specialist).post(page, {"action": "build"})
    assert RecommendationSet.objects.count() == 1
    supervisor = enter(shop.supervisor)
    supervisor.post(page, {"action": "build"})
    supervisor.post(page, {"action": "build"})

    assert [row.no for row in RecommendationSet.objects.order_by("no")] == [1, 2]
    assert shown(shop, goods[2], timezone.now()) == [goods[3]]


def test_the_api_answers_in_the_callers_channels_only(
    shop: Shop, goods: list[int], bought: Baskets
) -> None:
    bought(goods[:2], goods[:2])
    rule(shop)
    kept = build(shop)
    asked = {"sku": "A-1001-S", "channel": "tmall"}
    api = with_token(shop.specialist)
    stranger = with_token(account("stranger", Role.OPERATIONS_SPECIALIST))

    [found] = api.get("/api/v1/recommendations", asked).json()["results"]
    [listed] = api.get("/api/v1/recommendation-sets").json()["results"]

    assert (found["sku"], found["orders"], found["confidence"]) == ("A-1001-M", 2, "1.000000")
    assert (listed["id"], listed["pairs"], listed["hits"]) == (kept.id, 2, None)
    assert stranger.get("/api/v1/recommendations", asked).status_code == 404
    assert stranger.get("/api/v1/recommendation-sets").json()["results"] == []
    assert stranger.get(f"/api/v1/recommendation-sets/{kept.id}").status_code == 404

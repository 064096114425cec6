"""What channels tell of their places: taken once, replaced with a trace, refused by name."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from catalog.choices.pages import PageKind
from catalog.errors.goods import ThingMissing
from catalog.models import DisplaySlot, ShopPage, ShownFigure, ShownFigureTrace
from catalog.selectors import shown_figures as selected
from catalog.services import shown_figures
from catalog.types.shown_figures import Counted, Figure, SetPlace, SlotPlace, Taken
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.kernel.parse import business_day
from ops.engines.tables.services import import_file
from tests.catalog.shop import Shop, actor
from tests.catalog.test_product_files import rejected
from tests.engines.approvals.toys import refused_by
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

DAY = business_day(AT)
HERO = SlotPlace(PageKind.HOME, "hero")
HEAD = "日期,页面,陈列位,推荐版本,商品编码,曝光,点击,成交订单\n"


@pytest.fixture(name="home")
def fixture_home(shop: Shop) -> ShopPage:
    """Return the home page of the shop, with a slot."""
    page = ShopPage.objects.get(channel=shop.channel_id, kind="home")
    for key in ("hero", "side"):
        DisplaySlot.objects.create(page=page, key=key, since=AT)
    return page


def figure(shop: Shop, *, shown: int = 100, clicks: int = 5, **changes: Any) -> Figure:
    given: dict[str, Any] = {"place": HERO, "sku_id": shop.sku_ids[0], "day": DAY, "orders": 1}
    return Figure(shown=shown, clicks=clicks, **given | changes)


def take(shop: Shop, *figures: Figure, at: Any = AT) -> Taken:
    return shown_figures.take(
        channel_id=shop.channel_id, figures=figures, source="tests", actor=SYSTEM, at=at
    )


@pytest.mark.clause("CAT-4.1-03")
def test_a_later_figure_replaces_the_former_with_a_trace_and_is_never_added(
    shop: Shop, home: ShopPage
) -> None:
    first = take(shop, figure(shop), figure(shop, sku_id=shop.sku_ids[1], clicks=0, orders=None))
    again = take(shop, figure(shop), at=AT + timedelta(hours=1))
    later = take(shop, figure(shop, shown=140, clicks=9), at=AT + timedelta(hours=2))

    assert (first, again, later) == (Taken(new=2), Taken(same=1), Taken(changed=1))
    kept = ShownFigure.objects.get(sku=shop.sku_ids[0])
    assert (kept.shown, kept.clicks, kept.orders) == (140, 9, 1)
    trace = ShownFigureTrace.objects.get()
    assert (trace.figure_id, trace.shown, trace.clicks, trace.told_at) == (kept.pk, 100, 5, AT)
    assert trace.replaced_at == AT + timedelta(hours=2)
    sums = selected.of_slots(page_id=home.pk, first=DAY, last=DAY)
    assert sums == {"hero": Counted(shown=240, clicks=9, orders=1)}
    assert Fact.objects.filter(action="catalog.shown_figures_taken").count() == 3


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"clicks": 101}, "clicks", "catalog.clicks_not_shown"),
        ({"orders": 6}, "orders", "catalog.orders_not_clicked"),
        ({"day": DAY + timedelta(days=1)}, "day", "catalog.seen_in_future"),
        ({"place": SlotPlace(PageKind.HOME, "none")}, "slot", "catalog.place_unknown"),
        ({"place": SetPlace(9)}, "set", "catalog.place_unknown"),
        ({}, "sku", "input.twice"),
    ],
)
def test_one_wrong_figure_takes_nothing_and_is_named(
    shop: Shop, home: ShopPage, changes: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        take(shop, figure(shop), figure(shop, **changes))

    assert (refusal.value.context["field"], refusal.value.code) == (f"figures.2.{field}", code)
    assert not ShownFigure.objects.exists()


def test_only_who_works_in_the_channel_tells_its_figures(shop: Shop, home: ShopPage) -> None:
    given: dict[str, Any] = {"channel_id": shop.channel_id, "source": "tests", "at": AT}
    stranger = actor(account("stranger", Role.OPERATIONS_SPECIALIST))
    reader = actor(account("reader", Role.DATA_ANALYST))

    with pytest.raises(ThingMissing):
        shown_figures.take(figures=[figure(shop)], actor=stranger, **given)
    with pytest.raises(Forbidden):
        shown_figures.take(figures=[figure(shop)], actor=reader, **given)
    with pytest.raises(ThingMissing):
        take(shop, figure(shop, sku_id=10**9))

    assert not ShownFigure.objects.exists()


def test_the_database_refuses_impossible_figures_and_keeps_every_one(
    shop: Shop, home: ShopPage
) -> None:
    take(shop, figure(shop))
    take(shop, figure(shop, clicks=6), at=AT + timedelta(hours=1))
    slot = DisplaySlot.objects.get(key="side")
    good: dict[str, Any] = {
        "slot": slot, "sku_id": shop.sku_ids[0], "day": DAY, "shown": 1, "clicks": 0,
        "source": "x", "told_at": AT,
    }  # fmt: skip

    for rule, changes in (
        ("shownfigure_clicks_were_shown", {"clicks": 2}),
        ("shownfigure_clicks_were_shown", {"clicks": -1}),
        ("shownfigure_orders_were_clicked", {"orders": 1}),
        ("shownfigure_of_one_place", {"slot": None}),
        ("shownfigure_day_has_come", {"day": DAY + timedelta(days=1)}),
        ("shownfigure_once_a_day", {"slot": DisplaySlot.objects.get(key="hero")}),
    ):
        with refused_by(rule):
            ShownFigure.objects.create(**good | changes)
    with refused_by("shownfigure_later_replaces"):
        ShownFigure.objects.update(clicks=7, told_at=AT)
    for change in (
        lambda: ShownFigure.objects.update(day=date(2026, 1, 1)),
        lambda: ShownFigureTrace.objects.all().delete(),
        lambda: ShownFigureTrace.objects.update(clicks=1),
        lambda: ShownFigureTrace.objects.create(
            figure=ShownFigure.objects.get(), shown=1, clicks=1, source="x", told_at=AT,
            replaced_at=AT,
        ),
    ):  # fmt: skip
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()
    ShownFigure.objects.update(clicks=8)
    assert ShownFigureTrace.objects.count() == 2, "a trace, whatever the way"


def load(shop: Shop, path: Path, text: str, name: str = "点击.csv") -> Any:
    (path / name).write_text(text, encoding="utf-8")
    return import_file(
        profile="shown_figures", path=path / name, name=name, actor=actor(shop.specialist), at=AT,
        options={"channel": "tmall"},
    )  # fmt: skip


@pytest.mark.clause("CAT-4.1-03")
def test_a_file_is_read_row_by_row_and_has_no_second_effect_renamed_and_reordered(
    shop: Shop, home: ShopPage, tmp_path: Path
) -> None:
    rows = [
        f"{DAY},首页,hero,,A-1001-S,1000,45,3",
        f"{DAY},home,side,,A-1001-M,500,10,",
        f"{DAY},home,side,,A-1001-M,500,10,",
        f"{DAY},home,side,,A-1001-M,501,10,",
        f"{DAY},首页,nowhere,,A-1001-S,10,1,",
        f"{DAY},,,9,A-1001-S,10,1,",
        f"{DAY},首页,hero,1,A-1001-S,10,1,",
        f"{DAY},购物车,hero,,A-1001-S,10,1,",
        f"{DAY},首页,hero,,A-1001-M,10,11,",
        f"{DAY},首页,hero,,A-1001-M,10,5,6",
        f"{DAY},首页,hero,,NONE,10,1,",
        f"{DAY + timedelta(days=1)},首页,hero,,A-1001-M,10,1,",
        f"{DAY},首页,hero,,A-1001-M,1e3,1,",
        f"{DAY},首页,hero,,A-1001-M,{10**20},1,",
        f"{DAY},首页,hero,,A-1001-M,-1,0,",
    ]

    batch = load(shop, tmp_path, HEAD + "\n".join(rows) + "\n")
    mixed = load(shop, tmp_path, HEAD + "\n".join(reversed(rows[:3])) + "\n", "另一个.csv")

    assert (batch.accepted, batch.duplicate, batch.rejected) == (2, 1, 12)
    found = {line: (column, reason) for line, column, reason in rejected(batch)}
    assert found[5] == ("sku", "与第 3 行矛盾：商品、位置、日期相同但数字不同。")
    assert found[6] == ("slot", "这个页面的陈列方案没有过陈列位 nowhere。")
    assert found[7] == ("set", "该渠道没有第 9 版推荐。")
    assert found[8][0] == "slot"
    assert found[9] == ("页面", "不是首页、详情页或分类页。")
    assert found[10] == ("clicks", "点击多于展示：展示 10 次，点击 11 次。")
    assert found[11] == ("orders", "订单多于点击：点击 5 次，订单 6 笔。")
    assert (found[12][0], found[13][0]) == ("sku", "day")
    assert [found[line][0] for line in (14, 15, 16)] == ["曝光"] * 3
    assert mixed.accepted == 0
    assert ShownFigure.objects.count() == 2
    assert not ShownFigureTrace.objects.exists()


@pytest.mark.clause("CAT-4.1-03")
def test_a_storefront_tells_figures_in_batches_and_twice_is_once(
    shop: Shop, home: ShopPage
) -> None:
    api = with_token(shop.specialist)
    one = {"day": str(DAY), "page": "home", "slot": "hero", "sku": "A-1001-S", "shown": 100,
           "clicks": 5}  # fmt: skip

    def tell(**changes: Any) -> Any:
        body = {"channel": "tmall", "figures": [one | changes]}
        return api.post("/api/v1/shown-figures", body, format="json")

    assert tell().json() == {"new": 1, "changed": 0, "same": 0}
    assert tell().json() == {"new": 0, "changed": 0, "same": 1}
    assert tell(clicks=7).json() == {"new": 0, "changed": 1, "same": 0}
    [kept] = api.get("/api/v1/shown-figures", {"slot": "hero"}).json()["results"]
    assert (kept["page"], kept["slot"], kept["set"], kept["clicks"]) == ("home", "hero", None, 7)
    for changes in ({"clicks": 101}, {"set": 1}, {"page": None}, {"shown": -1}, {"shown": "NaN"}):
        assert tell(**changes).status_code == 400, changes
    stranger = with_token(account("stranger", Role.OPERATIONS_SPECIALIST))
    assert stranger.get("/api/v1/shown-figures").json()["results"] == []
    assert ShownFigure.objects.get().clicks == 7


def test_the_number_of_queries_does_not_grow_with_the_figures(shop: Shop, home: ShopPage) -> None:
    days = [DAY - timedelta(days=n) for n in range(60)]
    counts = []
    for batch in (days[:1], days[1:]):
        with CaptureQueriesContext(connection) as asked:
            take(shop, *(figure(shop, day=day) for day in batch))
        counts.append(len(asked))

    assert counts[0] == counts[1]

"""Slots show what sells, stand out where it matters, and never what is not on sale (CAT-4.1-03)."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices.display import SlotLack
from catalog.models import (
    Category,
    DisplaySlot,
    ForbiddenGoods,
    Listing,
    OfferSuspension,
    PagePreview,
    ShownFigure,
    Sku,
    SlotReplacement,
)
from catalog.rules.pages.displays import read_display
from catalog.rules.promotions.quoting import compile_rules
from catalog.rules.promotions.rules import Goods
from catalog.selectors import display_slots, live_promotions
from catalog.services import bans, delisting, displaying, products, shown_figures, shown_stock
from catalog.services import pages as page_services
from catalog.types.shown_figures import Figure, SlotPlace
from ops.engines.approvals.models import Request
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Conflict
from ops.engines.notices.models import Notice
from ops.engines.revisions import declarations, errors
from ops.engines.revisions import services as revisions
from ops.engines.revisions.models import Publication, Revision
from tests.catalog.displayed import KIND, NEXT, Window, open_window, plan, slot
from tests.catalog.shop import LONG_AGO, Shop, actor
from tests.compliance.conftest import enter
from tests.engines.approvals.toys import refused_by
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture(name="window")
def fixture_window(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Window:
    return open_window(shop, monkeypatch)


def category(name: str) -> str:
    return Category.objects.get(name=name).code


def running(monkeypatch: pytest.MonkeyPatch, goods: Goods) -> None:
    """Let one promotion run on some goods, as the version of the channel's rules says."""

    @dataclasses.dataclass
    class Rule:
        number: str = "PR-1"
        coupon: bool = False
        benefit: Any = None
        goods: Any = None

    live = live_promotions.Live(compile_rules([]), {1: Rule(goods=goods)})  # type: ignore[dict-item]
    monkeypatch.setattr(live_promotions, "live", lambda **_asked: live)


# --- What stands where ------------------------------------------------------------------------


@pytest.mark.clause("CAT-4.1-03")
def test_slots_show_best_sellers_of_a_category_of_the_channel_and_of_promotions(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(monkeypatch, Goods(skus=frozenset({window.ids["D"]})))
    window.live(
        slot("hero", 1, size="key", rule="promotion"),
        slot("scarf", 2, size="large", rule="category", category=category("围巾")),
        slot("best", 3),
        slot("next", 4),
    )

    now = window.now()

    assert window.codes() == {"hero": "D", "scarf": "C", "best": "A", "next": "B"}
    assert [each.size for each in now.values()] == ["key", "large", "normal", "normal"]
    assert now["hero"].promotions == ("PR-1",), "promoted goods stand out by their promotion"
    assert now["best"].promotions == ()
    window.sold |= {"B": 99}
    assert window.codes()["best"] == "B", "popularity is pieces really sold"


def test_a_slot_is_filled_in_its_period_only(window: Window) -> None:
    window.live(
        slot("before", 1, until=LATER.isoformat(), pinned="D"),
        slot("after", 1, since=LATER.isoformat(), pinned="C"),
    )

    assert window.codes(LATER - timedelta(seconds=1)) == {"before": "D"}
    assert window.codes(LATER) == {"after": "C"}


@pytest.mark.clause("CAT-4.1-03")
def test_what_is_not_on_sale_gives_way_to_the_next_of_the_rule_at_once(window: Window) -> None:
    a, channel_id = window.ids["A"], window.shop.channel_id
    window.live(slot("best", 1), slot("pinned", 2, pinned="D"), slot("next", 3))
    assert window.codes() == {"best": "A", "pinned": "D", "next": "B"}

    def gave_way(lack: SlotLack) -> bool:
        now = window.now()
        assert window.codes() == {"best": "B", "pinned": "D", "next": "C"}
        assert not now["next"].is_replaced, "one slot misses the good, the others move on"
        return (now["best"].is_replaced, now["best"].lack) == (True, lack)

    window.free["A"] = 0
    assert gave_way(SlotLack.OUT_OF_STOCK)
    OfferSuspension.objects.create(channel_id=channel_id, sku_id=a, reason="核查", since=NEXT)
    assert gave_way(SlotLack.SUSPENDED)
    delisting.take_off_at_once(
        listing_ids=Listing.objects.filter(product__skus=a, channel=channel_id).values_list(
            "pk", flat=True
        ),  # type: ignore[arg-type]
        actor=SYSTEM, at=NEXT,
    )  # fmt: skip
    assert gave_way(SlotLack.OFF_SHELF)
    products.retire_sku(sku_id=a, reason="停产", actor=SYSTEM, at=NEXT)
    assert gave_way(SlotLack.RETIRED)
    ForbiddenGoods.objects.create(
        kind="term", value="大衣 a", is_hard=True, since=date(2020, 1, 1), reason="法规",
        added_at=AT,
    )  # fmt: skip
    assert gave_way(SlotLack.RESTRICTED)


@pytest.mark.clause("CAT-4.1-03")
def test_a_pinned_good_gives_way_to_its_slots_rule_and_comes_back(window: Window) -> None:
    window.live(slot("scarf", 1, pinned="D", rule="category", category=category("围巾")))
    window.free["D"] = 0
    displaying.watch(actor=SYSTEM, at=NEXT)
    assert window.codes() == {"scarf": "C"}
    window.free["C"] = 0
    displaying.watch(actor=SYSTEM, at=NEXT + timedelta(minutes=5))
    assert window.codes() == {"scarf": ""}, "nothing of the rule is on sale"
    window.free["D"] = 1
    displaying.watch(actor=SYSTEM, at=LATER)

    assert window.codes() == {"scarf": "D"}
    rows = SlotReplacement.objects.order_by("pk")
    assert list(rows.values_list("wanted__code", "shown__code", "lack", "since", "until")) == [
        ("D", "C", "out_of_stock", NEXT, NEXT + timedelta(minutes=5)),
        ("D", None, "out_of_stock", NEXT + timedelta(minutes=5), LATER),
    ]


@pytest.mark.clause("CAT-4.1-03")
def test_a_replacement_is_told_to_the_plans_owner_once_and_settled_when_it_is_over(
    window: Window,
) -> None:
    window.published(slot("best", 1))
    owner = window.house.users[Role.OPERATIONS_SPECIALIST].person_id
    for minutes in (5, 10, 15):
        window.free["A"] = 0
        displaying.watch(actor=SYSTEM, at=AT + timedelta(minutes=minutes))
    told = Notice.objects.filter(effect_key__startswith="slot_replaced")
    assert [(each.person_id, each.params["sku"]) for each in told] == [(owner, "A")]
    assert SlotReplacement.objects.count() == 1

    window.free["A"] = 9
    assert displaying.watch(actor=SYSTEM, at=AT + timedelta(minutes=20)).ended == 1
    assert told.get().acknowledged_at is not None
    window.free["A"] = 0
    assert displaying.watch(actor=SYSTEM, at=AT + timedelta(minutes=25)).begun == 1

    assert told.count() == 1, "once a version, slot and good; the log holds both"
    assert SlotReplacement.objects.count() == 2


def test_banned_goods_and_goods_held_back_by_a_buffer_are_not_shown(window: Window) -> None:
    window.live(slot("best", 1))
    officer = actor(account("officer", Role.COMPLIANCE_OFFICER))
    product_id = Sku.objects.get(pk=window.ids["A"]).product_id
    bans.ban(product_id=product_id, source="FG-1", reason="假货", actor=officer, at=AT)
    assert window.codes() == {"best": "B"}

    shown_stock.set_buffer(
        channel_id=window.shop.channel_id, sku_id=window.ids["B"], pieces=5, reason="直播预留",
        actor=SYSTEM, at=AT,
    )  # fmt: skip

    assert window.codes() == {"best": "C"}


# --- Review, the way back, the database -------------------------------------------------------


@pytest.mark.clause("CAT-4.1-03")
def test_a_plan_lives_by_page_approval_and_the_former_stays_live_until_then(
    window: Window,
) -> None:
    first = window.published(slot("best", 1))
    made = window.house.submitted(KIND, window.page_id, plan(slot("best", 1, pinned="D")), at=NEXT)

    request = Request.objects.get(pk=made.approval_id or 0)
    assert request.flow == "page_design"
    assert window.codes() == {"best": "A"}
    window.house.decide(made, at=NEXT)
    assert window.codes(LATER) == {"best": "D"}
    revisions.restore(
        revision_id=first.id, why="换回",
        actor=window.house.actor(Role.OPERATIONS_SUPERVISOR, at=LATER), at=LATER,
    )  # fmt: skip

    assert window.codes(LATER) == {"best": "A"}


def test_a_plan_names_known_goods_and_was_looked_at_in_two_widths(window: Window) -> None:
    writer = window.house.writer(KIND)
    made = revisions.draft(
        kind=KIND, subject_id=window.page_id, why="试",
        content=plan(
            slot("a", 1, pinned="NONE"), slot("b", 2, rule="category", category="none"),
            slot("c", 3, rule="promotion", promotion="none"),
        ),
        actor=writer, at=AT,
    )  # fmt: skip

    with pytest.raises(errors.FindingsStop) as refusal:
        revisions.submit(revision_id=made.id, actor=writer, at=AT)

    assert sorted({each["code"] for each in refusal.value.context["findings"]}) == [
        "catalog.preview_missing",
        "catalog.slot_category_unknown",
        "catalog.slot_pinned_unknown",
        "catalog.slot_promotion_unknown",
    ]


@pytest.mark.clause("CAT-4.1-03")
def test_previews_are_drawn_with_the_goods_of_the_slots(window: Window) -> None:
    made = revisions.draft(
        kind=KIND, subject_id=window.page_id, content=plan(slot("best", 1, size="key")), why="试",
        actor=window.house.writer(KIND), at=AT,
    )  # fmt: skip

    drawn = page_services.render_previews(
        revision_id=made.id, actor=window.house.writer(KIND), at=AT
    )

    assert [each.width for each in drawn] == [360, 768]
    assert PagePreview.objects.filter(page=window.page_id).count() == 2


@pytest.mark.parametrize(
    ("slots", "field"),
    [
        ([slot("a", 1), slot("a", 2)], "slots"),
        ([slot("a", 1), slot("b", 1)], "slots.2.place"),
        ([slot("a", 1, until="2026-11-02T00:00Z"), slot("b", 1, since="2026-11-01T00:00Z")],
         "slots.2.place"),
        ([slot("a", 1, since="2026-11-02T00:00Z", until="2026-11-02T00:00Z")], "slots.1.until"),
        ([slot("a", 0)], "slots.1.place"),
        ([slot("a", 10**20)], "slots.1.place"),
        ([slot("a", 1, size="huge")], "slots.1.size"),
        ([slot("a", 1, rule="luck")], "slots.1.rule"),
        ([slot("a", 1, rule="category")], "slots.1.category"),
        ([slot("a", 1, promotion="PR-1")], "slots.1.promotion"),
        ([slot("a", 1, colour="red")], "slots.1.colour"),
        ([], "slots"),
    ],
)  # fmt: skip
def test_a_slot_that_could_not_be_filled_is_refused_by_field(slots: Any, field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_display(plan(*slots))

    assert refusal.value.context["field"] == field


def test_touching_periods_share_a_place() -> None:
    noon = "2026-11-02T12:00:00.000000+00:00"

    read = read_display(plan(slot("b", 1, since=noon), slot("a", 1, until=noon)))

    assert [each["key"] for each in read["slots"]] == ["a", "b"]
    assert read_display(read) == read


@pytest.mark.clause("CAT-4.1-03")
def test_the_database_lets_no_plan_with_two_slots_in_one_place_live(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread = dataclasses.replace(declarations.kind_named(KIND), read=lambda sent: sent, checks=())
    monkeypatch.setitem(declarations._kinds, KIND, unread)

    with pytest.raises(Conflict, match="one place at one time"):
        window.published(slot("a", 1), slot("b", 1))

    assert not Publication.objects.filter(piece__kind=KIND).exists()
    for slots, why in (
        ([slot("a", 1), slot("a", 2)], "one place at one time"),
        ([slot("a", 1, rule="luck")], "no rule"),
        ([slot("a", 1, pinned="NONE")], "no rule"),
        ([slot("a", 1, rule="category", category="none")], "no rule"),
        ([slot("a", 1, since="2026-11-02T00:00Z", until="2026-11-01T00:00Z")], "before it starts"),
        ([slot("a", 1, pinned="A")], "two widths"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT catalog_display_acceptable(%s::jsonb, %s, now())",
                [json.dumps(plan(*slots)), window.page_id],
            )
            assert why in cursor.fetchone()[0]


def test_the_database_keeps_slots_and_replacements(window: Window) -> None:
    window.live(slot("best", 1))
    window.free["A"] = 0
    displaying.watch(actor=SYSTEM, at=NEXT)
    row = SlotReplacement.objects.get()

    for change in (
        lambda: SlotReplacement.objects.all().delete(),
        lambda: SlotReplacement.objects.update(lack="retired"),
        lambda: DisplaySlot.objects.update(key="other"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()
    with refused_by("slotreplacement_one_open"):
        SlotReplacement.objects.create(
            slot_id=row.slot_id, revision_id=row.revision_id, wanted_id=row.wanted_id,
            lack="retired", since=NEXT,
        )  # fmt: skip
    with refused_by("slotreplacement_by_another"):
        SlotReplacement.objects.create(
            slot_id=row.slot_id, revision_id=row.revision_id, wanted_id=row.wanted_id,
            shown_id=row.wanted_id, lack="retired", since=NEXT, until=NEXT,
        )  # fmt: skip
    SlotReplacement.objects.update(until=LATER)
    with refused_by("slotreplacement_only_ends"):
        SlotReplacement.objects.update(until=None)


# --- Screens and doors ------------------------------------------------------------------------


@pytest.fixture(name="told")
def fixture_told(window: Window) -> Window:
    """Return a page with one replacement and the figures of two slots."""
    now = timezone.now()
    window.live(slot("best", 1, size="key"), slot("next", 2))
    window.free["A"] = 0
    displaying.watch(actor=SYSTEM, at=now)
    shown_figures.take(
        channel_id=window.shop.channel_id,
        figures=[
            Figure(
                place=SlotPlace("home", key), sku_id=window.ids["B"],  # type: ignore[arg-type]
                day=now.date() - timedelta(days=1), shown=1000, clicks=clicks, orders=3,
            )
            for key, clicks in (("best", 45), ("next", 10))
        ],
        source="tests", actor=SYSTEM, at=now,
    )  # fmt: skip
    return window


@pytest.mark.clause("CAT-4.1-03")
def test_the_screen_shows_slots_replacements_and_click_results_with_their_rows(
    told: Window,
) -> None:
    client = enter(told.shop.specialist)

    listed = client.get("/display-plans/").content.decode()
    page = client.get(f"/display-plans/{told.page_id}/").content.decode()
    rows = client.get(
        f"/shown-figures/?channel={told.shop.channel_id}&page=home&slot=best"
    ).content.decode()
    figure = ShownFigure.objects.get(slot__key="best")
    one = client.get(f"/shown-figures/{figure.pk}/").content.decode()

    assert "秋季陈列" in listed
    for words in ("重点位", "代替 A：缺货", "4.5%", "1.0%", "点击率最高", "替换"):
        assert words in page, words
    assert "page=home&amp;slot=best" in page
    assert rows.count("4.5%") == 1
    assert "1,000" in one


def test_a_plan_is_written_and_looked_at_on_its_screens(window: Window) -> None:
    client = enter(window.shop.specialist)
    address = f"/display-plans/{window.page_id}/edit/"
    typed = {
        "title": "冬季陈列", "window_days": "14", "why": "换季",
        "slots-0-place": "1", "slots-0-key": "hero", "slots-0-title": "首屏",
        "slots-0-size": "key", "slots-0-pinned": "D", "slots-0-rule": "popularity",
        "slots-0-since": "2026-11-01 00:00",
    }  # fmt: skip

    refused = client.post(address, {**typed, "slots-0-until": "2026-10-01 00:00"})
    assert refused.status_code == 400
    assert not Revision.objects.filter(piece__kind=KIND).exists()
    assert client.post(address, typed).status_code == 302
    made = Revision.objects.get(piece__kind=KIND)
    assert made.content["slots"][0] == slot(
        "hero", 1, title="首屏", size="key", pinned="D",
        since="2026-10-31T16:00:00.000000+00:00",
    )  # fmt: skip
    assert "冬季陈列" in client.get(address).content.decode()
    client.post(f"/display-plans/{window.page_id}/", {"action": "render"})
    client.post(f"/display-plans/{window.page_id}/", {"action": "submit"})

    made.refresh_from_db()
    assert made.state == "submitted"
    reader = enter(account("reader", Role.DATA_ANALYST))
    assert reader.post(address, typed).status_code == 403


def test_looking_by_hand_writes_the_replacement_down(window: Window) -> None:
    window.live(slot("best", 1))
    window.free["A"] = 0
    client = enter(window.shop.specialist)

    answer = client.post(f"/display-plans/{window.page_id}/", {"action": "look"})

    assert answer.status_code == 302
    assert SlotReplacement.objects.get().wanted_id == window.ids["A"]


@pytest.mark.clause("CAT-4.1-03")
def test_a_storefront_reads_the_slots_of_a_page_at_a_moment(told: Window) -> None:
    api = with_token(told.shop.specialist)
    asked = {"channel": "tmall", "page": "home"}

    best, following = api.get("/api/v1/display-slots", asked).json()["slots"]
    before = api.get("/api/v1/display-slots", {**asked, "at": (LONG_AGO).isoformat()}).json()

    assert (best["sku"], best["size"], best["in_place_of"]) == ("B", "key", "A")
    assert (best["why"], best["price"]) == ("out_of_stock", "59.00")
    assert (following["sku"], following["in_place_of"]) == ("C", None)
    assert (before["version"], before["slots"]) == (None, [])
    assert api.get("/api/v1/display-slots", {**asked, "page": "cart"}).status_code == 400
    stranger = with_token(account("stranger", Role.OPERATIONS_SPECIALIST))
    assert stranger.get("/api/v1/display-slots", asked).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_slots(window: Window) -> None:
    few = plan(slot("a", 1))
    many = plan(*(slot(f"s{n}", n, pinned="ABCD"[n % 4]) for n in range(1, 31)))
    counts = []
    for content in (few, many):
        with CaptureQueriesContext(connection) as asked:
            display_slots.filled(content, channel_id=window.shop.channel_id, at=AT)
        counts.append(len(asked))

    assert counts[0] == counts[1]

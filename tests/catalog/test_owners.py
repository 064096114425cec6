"""The department that owns a product: who it is, and who works on its listings (HR-1.2-02)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.errors import feedback as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import Delisting, DepartmentOwner, Listing, ListingPicture, Product
from catalog.selectors import owners as selectors
from catalog.services import delisting, listings, products
from catalog.services import owners as services
from ops.engines.audit import selectors as audit
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.revisions.models import Revision
from tests.catalog.listed import PDF, Stall, picture
from tests.catalog.produced import granted
from tests.catalog.ranged import Range, open_range
from tests.catalog.shop import Shop, actor
from tests.catalog.voiced import House, open_house
from tests.compliance.conftest import enter
from tests.engines.http.conftest import with_token
from tests.engines.identity.factories import AT, SYSTEM, account

clause = pytest.mark.clause("HR-1.2-02")
LATER = AT + timedelta(days=3)


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return open_house(shop)


def owner(product_id: int, *, at: Any = AT) -> tuple[str, str]:
    found = selectors.owner(product_id=product_id, at=at)
    return found.department, found.by


@clause
def test_a_product_belongs_to_its_own_department_its_categorys_or_the_houses(shop: Shop) -> None:
    house = open_house(shop, is_owned=False)
    product = products.create_product(
        name="羊绒帽", category_id=shop.category_id, actor=SYSTEM, at=AT
    ).id
    director = actor(shop.director)
    assert owner(product) == ("", "")
    house.owned()
    assert owner(product) == ("产品运营部", "house")

    services.give_category(
        category_id=Product.objects.get(pk=product).category_id, department_id=house.trade,
        why="归京东", since=LATER, actor=director, at=AT,
    )  # fmt: skip
    assert (owner(product), owner(product, at=LATER)) == (
        ("产品运营部", "house"), ("京东运营部", "category"),
    )  # fmt: skip
    services.give_product(
        product_id=product, department_id=house.web, why="专人负责", actor=actor(house.head), at=AT
    )

    assert owner(product, at=LATER) == ("网编部", "product")
    (entry,) = audit.timeline(object_type="catalog.product", object_id=product, limit=1)
    assert entry.body["department"] == ["产品运营部", "网编部"]
    assert entry.person_id == house.head.person_id


@clause
def test_only_its_head_or_operations_management_gives_a_product_away(house: House) -> None:
    product = Product.objects.filter(skus=house.shop.sku_ids[0]).get().pk
    other = account("jd-head", Role.DEPARTMENT_HEAD, department_id=house.trade)

    def give(user: Any = None, **changes: Any) -> None:
        given = {"product_id": product, "department_id": house.trade, "why": "换部门", **changes}
        services.give_product(actor=actor(user or house.head), at=AT, **given)

    for user in (other, house.member, house.shop.specialist):
        with pytest.raises(errors.NotOwnersHead):
            give(user)
    for changes, error in (
        ({"why": " "}, ReasonNeeded),
        ({"department_id": 0}, ThingMissing),
        ({"product_id": 0}, ThingMissing),
        ({"since": AT - timedelta(days=1)}, errors.OwnerAhead),
    ):
        with pytest.raises(error):
            give(**changes)
    with pytest.raises(Forbidden):
        services.give_category(
            category_id=None,
            department_id=house.trade,
            why="都归我",
            actor=actor(house.head),
            at=AT,
        )
    assert DepartmentOwner.objects.count() == 1
    give()
    # It is another department's now: its former head no longer disposes of it.
    with pytest.raises(errors.NotOwnersHead):
        give(department_id=house.products)
    with pytest.raises(errors.OwnerUnchanged):
        services.give_product(
            product_id=product, department_id=house.trade, why="再来", since=LATER,
            actor=actor(other), at=AT,
        )  # fmt: skip

    for change in ({"department_id": house.web}, {"why": "改"}, {"during": (LATER, None)}):
        with pytest.raises(IntegrityError, match="departmentowner_ends_once"), transaction.atomic():
            DepartmentOwner.objects.filter(product=product).update(**change)
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        DepartmentOwner.objects.create(
            product_id=product, department_id=house.web, during=(LATER, None), why="叠", set_at=AT
        )


@clause
def test_members_write_listings_and_ask_to_delist_and_others_are_refused_by_name(
    house: House, stall: Stall
) -> None:
    fresh = products.create_product(
        name="羊绒围巾", category_id=house.shop.category_id, actor=SYSTEM, at=AT
    ).id
    stranger, member, listing = actor(house.stranger), actor(house.member), stall.listing_id
    stall.list()
    listings.write(
        listing_id=listing, content=stall.content(title="新"), why="改", actor=member, at=AT
    )
    draft = versions.open_of(kind=listings.KIND, subject_id=listing)
    assert draft is not None
    before = _standing()

    for act in _acts(stall, fresh, draft.id):
        with pytest.raises(errors.NotOfDepartment) as refused:
            act(stranger)
        assert "归产品运营部" in str(refused.value)
    assert _standing() == before

    listings.open_listing(product_id=fresh, channel_id=house.shop.channel_id, actor=member, at=AT)
    listings.withdraw(listing_id=listing, actor=actor(house.colleague), at=AT)
    asked = delisting.ask(
        listing_id=listing, reason="season", note="过季", effective_at=LATER, actor=member, at=AT
    )
    assert asked.state == "submitted"
    # Who holds the position for the whole company belongs to every department.
    stall.write(why="再改", title="再改")


@clause
def test_an_editor_writes_by_a_task_where_her_department_owns_the_product(
    house: House, stall: Stall
) -> None:
    stall.list()
    foreign = account("jd-editor", Role.EDITOR, department_id=house.trade)
    identity.grant_scope(
        user_id=foreign.pk, kind="channel", object_id=house.shop.channel_id, actor=SYSTEM, at=AT
    )
    for user in (house.editor, foreign):
        granted(user.pk, "copy", "listing", stall.listing_id, house.shop.channel_id)

    def write(user: Any) -> None:
        listings.write(
            listing_id=stall.listing_id, content=stall.content(title="文案"), why="改文案",
            actor=actor(user), at=AT,
        )  # fmt: skip

    with pytest.raises(errors.NotOfDepartment):
        write(foreign)
    write(house.editor)


@clause
def test_the_database_refuses_listings_and_delistings_of_another_department(
    house: House, stall: Stall
) -> None:
    fresh = products.create_product(
        name="羊绒围巾", category_id=house.shop.category_id, actor=SYSTEM, at=AT
    ).id

    def begin(person: int | None) -> None:
        Listing.objects.create(
            number="LS-BYPASS", product_id=fresh, channel_id=house.shop.channel_id,
            opened_by=person, opened_at=AT,
        )  # fmt: skip

    def ask(person: int | None) -> None:
        Delisting.objects.create(
            number="DL-BYPASS", listing_id=stall.listing_id, kind="off", reason="season",
            note="过季", effective_at=LATER, state="submitted", asked_by=person or 0, asked_at=AT,
            open_pieces=0, stock_pieces=0,
        )  # fmt: skip

    for act, rule in ((begin, "listing_by_its_department"), (ask, "delisting_by_its_department")):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            act(house.stranger.person_id)
    begin(house.member.person_id)
    ask(house.member.person_id)


@clause
def test_skus_leave_the_range_by_their_department_alone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    range_: Range = open_range(shop, monkeypatch)
    house = open_house(shop)
    range_.build()
    range_.shop.specialist = house.stranger

    with pytest.raises(errors.NotOfDepartment):
        range_.ask("RG-DEAD")
    assert range_.row("RG-DEAD").decision == ""
    range_.shop.specialist = house.member
    assert range_.ask("RG-DEAD").number


@clause
def test_screens_and_the_api_refuse_a_member_of_another_department_by_name(
    house: House, stall: Stall
) -> None:
    stall.list(at=timezone.now())
    stranger, page = enter(house.stranger), f"/listings/{stall.listing_id}/"
    fresh = products.create_product(
        name="羊绒围巾", category_id=house.shop.category_id, actor=SYSTEM, at=AT
    )
    begin = {"product": fresh.code, "channel": str(house.shop.channel_id)}
    before = _standing()

    shown = stranger.get(page).content.decode()
    assert "归产品运营部" in shown
    refused = stranger.post("/listings/new/", begin)
    assert refused.status_code in (403, 422)
    assert "归产品运营部" in refused.content.decode()
    desk = with_token(house.stranger)
    for door, body in (
        ("draft/", {**stall.content(), "why": "改"}),
        ("submit/", {}),
        ("withdraw/", {}),
        ("delist/", {"reason": "season", "note": "过季"}),
    ):
        answer = desk.post(
            f"/api/v1{page}{door}", json.dumps(body), content_type="application/json",
            headers={"Idempotency-Key": f"{door}{stall.listing_id}"},
        )  # fmt: skip
        assert answer.status_code == 403, (door, answer.content)
        assert answer.json()["code"] == "catalog.not_of_department"
        assert "归产品运营部" in answer.content.decode()
    assert _standing() == before

    member = enter(house.member)
    assert "归产品运营部" not in member.get(page).content.decode()
    assert member.post("/listings/new/", begin).status_code == 302


def _standing() -> tuple[int, ...]:
    tables = (Listing, Delisting, ListingPicture, Revision)
    return tuple(table.objects.count() for table in tables)


def _acts(stall: Stall, fresh: int, draft: int) -> list[Callable[[Actor], Any]]:
    """Return everything a department alone does to its listings."""
    pk, words = stall.listing_id, stall.content(title="改")
    return [
        lambda who: listings.open_listing(
            product_id=fresh, channel_id=stall.shop.channel_id, actor=who, at=AT
        ),
        lambda who: listings.write(listing_id=pk, content=words, why="改", actor=who, at=AT),
        lambda who: revisions.edit(revision_id=draft, content=words, why="改", actor=who, at=AT),
        lambda who: listings.submit(listing_id=pk, actor=who, at=AT),
        lambda who: listings.withdraw(listing_id=pk, actor=who, at=AT),
        lambda who: listings.add_picture(
            listing_id=pk, angle="front", name="图.png", data=picture(77), actor=who, at=AT
        ),
        lambda who: listings.add_proof(
            listing_id=pk, word="GB 18401-2010", name="证.pdf", data=PDF, actor=who, at=AT
        ),
        lambda who: listings.add_paper(
            listing_id=pk, key="licence", name="证.pdf", data=PDF, actor=who, at=AT
        ),
        lambda who: delisting.ask(
            listing_id=pk, reason="season", note="过季", effective_at=LATER, actor=who, at=AT
        ),
    ]

"""Goods leave the shelf by a decision or at once by compliance, and come back by all reviews."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.choices.listings import DelistingReason, ListingStage
from catalog.errors import listings as errors
from catalog.events import ListingDelisted
from catalog.models import Delisting, ListingShelf
from catalog.services import delisting
from catalog.types.listings import DelistingInfo
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.clocks import selectors as clocks
from ops.engines.kernel.errors import Forbidden
from ops.engines.revisions import selectors as versions
from tests.catalog.listed import Stall
from tests.catalog.shop import actor
from tests.catalog.test_listings import price, stage
from tests.engines.identity.factories import AT

NEXT = AT + timedelta(days=1)
LATER = AT + timedelta(days=3)


def ask(stall: Stall, **changes: Any) -> DelistingInfo:
    given: dict[str, Any] = {
        "reason": DelistingReason.SEASON,
        "note": "the winter is over",
        "effective_at": LATER,
        **changes,
    }
    return delisting.ask(
        listing_id=stall.listing_id, actor=actor(stall.shop.specialist, at=NEXT), at=NEXT, **given
    )


def decide(stall: Stall, made: DelistingInfo, *, at: datetime = NEXT) -> None:
    request = Request.objects.get(pk=Delisting.objects.get(pk=made.id).approval_id or 0)
    approvals.approve(
        request_id=request.pk,
        content_hash=request.content_hash,
        actor=actor(stall.shop.supervisor, at=at),
        at=at,
    )


@pytest.mark.clause("CAT-4.3-08")
def test_goods_leave_the_shelf_at_the_set_time_with_their_reason(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.ports.open_pieces._answer", lambda **_asked: {stall.sku_id: 4})
    stall.list()

    made = ask(stall)

    assert (made.open_pieces, made.stock_pieces) == (4, 7)
    request = Request.objects.get(pk=Delisting.objects.get().approval_id or 0)
    assert request.figures == {"open_pieces": 4, "stock_pieces": 7}
    assert price(stall, at=LATER) == "299.00"
    decide(stall, made)
    assert price(stall, at=LATER - timedelta(seconds=1)) == "299.00"
    assert (price(stall, at=LATER), stage(stall, at=LATER)) == ("None", ListingStage.OFF_SHELF)
    row = ListingShelf.objects.get(listing=stall.listing_id)
    assert row.delisting is not None
    assert (row.delisting.reason, row.delisting.note) == ("season", "the winter is over")


@pytest.mark.clause("CAT-4.3-08")
def test_a_returned_delisting_leaves_the_goods_where_they_are(stall: Stall) -> None:
    stall.list()
    made = ask(stall)
    request = Request.objects.get(pk=Delisting.objects.get(pk=made.id).approval_id or 0)

    approvals.send_back(
        request_id=request.pk,
        reason="sell the rest first",
        content_hash=request.content_hash,
        actor=actor(stall.shop.supervisor, at=NEXT),
        at=NEXT,
    )

    assert Delisting.objects.get().state == "returned"
    assert price(stall, at=LATER) == "299.00"


@pytest.mark.clause("CAT-4.3-08")
def test_compliance_acts_at_once_and_states_the_reason_within_a_day(stall: Stall) -> None:
    stall.list()
    compliance = actor(stall.compliance, at=NEXT)

    (made,) = delisting.take_off_at_once(listing_ids=[stall.listing_id], actor=compliance, at=NEXT)

    assert (made.reason, price(stall, at=NEXT)) == ("unstated", "None")
    (running,) = clocks.of_subject(
        subject_type="catalog.delisting", subject_id=made.id, actor=compliance
    )
    assert running.due_at == NEXT + timedelta(hours=24)
    stated = delisting.state_reason(
        delisting_id=made.id,
        reason="forbidden",
        note="a court order",
        actor=compliance,
        at=NEXT + timedelta(hours=2),
    )
    assert (stated.reason, stated.note) == ("forbidden", "a court order")
    (met,) = clocks.of_subject(
        subject_type="catalog.delisting", subject_id=made.id, actor=compliance
    )
    assert met.state == "met"
    with pytest.raises(errors.DelistingClosed):
        delisting.state_reason(
            delisting_id=made.id, reason="slow", note="no", actor=compliance, at=LATER
        )


@pytest.mark.clause("CAT-4.3-08")
def test_nobody_but_compliance_acts_at_once(stall: Stall) -> None:
    stall.list()

    for person in (stall.shop.specialist, stall.shop.supervisor, stall.editors):
        with pytest.raises(Forbidden):
            delisting.take_off_at_once(
                listing_ids=[stall.listing_id], actor=actor(person, at=NEXT), at=NEXT
            )

    assert price(stall, at=NEXT) == "299.00"
    assert not Delisting.objects.exists()


@pytest.mark.clause("CAT-4.3-08")
def test_coming_back_repeats_every_review(stall: Stall) -> None:
    stall.list()
    decide(stall, ask(stall, effective_at=NEXT))
    again = stall.write(why="back for spring", at=LATER)
    assert set(again.parts) == {"copy", "images", "quality"}
    assert not versions.live(kind="catalog.listing", subject_ids=[stall.listing_id], at=LATER)

    stall.submit(at=LATER)
    stall.approve(stall.editors, at=LATER)
    stall.approve(stall.compliance, at=LATER)
    assert price(stall, at=LATER) == "None"
    stall.approve(stall.shop.supervisor, at=LATER)

    assert price(stall, at=LATER) == "299.00"
    assert ListingShelf.objects.filter(listing=stall.listing_id).count() == 2


@pytest.mark.clause("CAT-4.3-08")
def test_an_edit_approved_after_the_delisting_puts_nothing_back(stall: Stall) -> None:
    stall.list()
    stall.write(title="羊绒圆领衫 新款", why="new season", at=NEXT)
    stall.submit(at=NEXT)
    decide(stall, ask(stall, effective_at=NEXT))

    stall.approve(stall.editors, at=LATER)

    assert price(stall, at=LATER) == "None"


def test_retired_goods_are_not_written_again(stall: Stall) -> None:
    stall.list()
    decide(stall, ask(stall, kind="retire", effective_at=NEXT))

    with pytest.raises(errors.ListingRetired):
        stall.write(why="back", at=LATER)

    assert stage(stall, at=LATER) == ListingStage.RETIRED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reason": "unstated"}, errors.ReasonUnstated),
        ({"reason": "mood"}, errors.ReasonUnstated),
        ({"note": "  "}, errors.ReasonUnstated),
        ({"effective_at": AT}, errors.EffectPast),
    ],
)
def test_a_delisting_without_its_words_is_refused(
    stall: Stall, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    stall.list()

    with pytest.raises(refusal):
        ask(stall, **changes)

    assert not Delisting.objects.exists()


def test_what_is_not_on_the_shelf_is_not_taken_off(stall: Stall) -> None:
    with pytest.raises(errors.NotOnShelf):
        ask(stall)

    assert not Delisting.objects.exists()


@pytest.mark.clause("CAT-4.3-08")
def test_whoever_sells_or_buys_hears_of_it(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[ListingDelisted] = []
    monkeypatch.setattr(delisting, "publish", told.append)
    stall.list()

    decide(stall, ask(stall))

    (fact,) = told
    assert (fact.listing_id, fact.kind, fact.until) == (stall.listing_id, "off", LATER.isoformat())


def refused(rule: str, sql: str, *values: Any) -> None:
    """Run a statement as the app role and expect the database to refuse it by name."""
    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)
    assert caught.value.__cause__.diag.constraint_name == rule  # type: ignore[union-attr]


_PUT = (
    "INSERT INTO catalog_listingshelf"
    " (listing_id, product_id, channel_id, approval_id, how, during)"
    " SELECT id, product_id, channel_id, %s, %s, tstzrange(%s, NULL) FROM catalog_listing"
    " WHERE id = %s"
)


@pytest.mark.clause("CAT-4.3-07")
def test_the_database_puts_nothing_on_the_shelf_without_its_approval(stall: Stall) -> None:
    stall.write()
    waiting = stall.submit()
    open_request = waiting.approval_id
    opening = Request.objects.get(flow="listing", kind="opening")

    refused(
        "catalog_listingshelf_needs_listing", _PUT, open_request, "listed", AT, stall.listing_id
    )
    refused("listingshelf_as_approved", _PUT, opening.pk, "listed", AT, stall.listing_id)

    assert stage(stall) == ListingStage.CONTENT_REVIEW


@pytest.mark.clause("CAT-4.3-07")
def test_the_database_lets_one_approval_list_once_and_an_edit_never(stall: Stall) -> None:
    stall.list()
    first = ListingShelf.objects.get(listing=stall.listing_id).approval_id
    stall.write(title="羊绒圆领衫 新款", why="new season", at=NEXT)
    edit = stall.submit(at=NEXT).approval_id
    stall.approve(stall.editors, at=NEXT)
    decide(stall, ask(stall, effective_at=NEXT))

    refused("listingshelf_as_approved", _PUT, first, "listed", LATER, stall.listing_id)
    refused("listingshelf_as_approved", _PUT, edit, "listed", LATER, stall.listing_id)

    assert price(stall, at=LATER) == "None"


@pytest.mark.clause("CAT-4.3-08")
def test_the_database_ends_nothing_without_its_delisting(stall: Stall) -> None:
    stall.list()
    cut = (
        "UPDATE catalog_listingshelf SET during = tstzrange(lower(during), %s)"
        " WHERE listing_id = %s"
    )
    asked = ask(stall)
    named = cut.replace("SET", f"SET delisting_id = {asked.id},")

    refused("listingshelf_ends_by_its_delisting", cut, NEXT, stall.listing_id)
    refused("listingshelf_ends_by_its_delisting", named, NEXT, stall.listing_id)
    refused(
        "catalog_delisting_needs_delisting",
        "UPDATE catalog_delisting SET state = 'approved' WHERE id = %s",
        asked.id,
    )
    decide(stall, asked)
    refused("listingshelf_only_cut", cut, LATER + timedelta(days=9), stall.listing_id)

    assert price(stall, at=NEXT) == "299.00"


@pytest.mark.clause("CAT-4.3-08")
def test_the_database_keeps_what_was_handed_in(stall: Stall) -> None:
    stall.list()
    asked = ask(stall)

    refused(
        "delisting_fixed_once_submitted",
        "UPDATE catalog_delisting SET effective_at = %s WHERE id = %s",
        AT,
        asked.id,
    )
    decide(stall, asked)
    refused(
        "delisting_fixed_once_submitted",
        "UPDATE catalog_delisting SET state = 'withdrawn' WHERE id = %s",
        asked.id,
    )

    assert Delisting.objects.get().state == "approved"

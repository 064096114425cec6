"""A price change from draft to effect and back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pyotp
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.choices.prices import PriceChangeState
from catalog.errors import prices as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import PriceChange, PriceChangeLine, PriceRange
from catalog.selectors import prices
from catalog.services import channels, loading, pricing
from catalog.types.goods import ProductRow
from catalog.types.prices import PriceLine
from ops.engines.approvals import errors as approval_errors
from ops.engines.approvals import selectors as approvals
from ops.engines.approvals import services as approval_services
from ops.engines.approvals.models import Request
from ops.engines.audit.selectors import timeline
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import BadInput, Forbidden
from ops.engines.notices import selectors as notices
from tests.catalog.shop import END, LONG_AGO, START, Shop, actor, open_shop
from tests.engines.identity.factories import AT, SYSTEM, account
from tests.support.cluster import OwnDatabase

TICK = timedelta(seconds=1)


def asked() -> Request:
    """Return the newest request somebody made here."""
    return Request.objects.filter(kind="ordinary").latest("pk")


def price(shop: Shop, at: datetime, *, sku: int = 0) -> Decimal | None:
    found = prices.price_at(sku_ids=shop.sku_ids, channel_id=shop.channel_id, at=at)
    return found.get(shop.sku_ids[sku])


def activate(at: datetime) -> tuple[int, int, int, int, int]:
    report = pricing.activate_due(actor=SYSTEM, at=at)
    return report.changes, report.prices, report.late, report.missed, report.conflicts


@pytest.mark.clause("CAT-4.2-01")
def test_an_approved_price_takes_effect_on_its_second_and_goes_back_by_itself(shop: Shop) -> None:
    change = shop.approved("189.00")
    assert price(shop, START + TICK) == Decimal("199.00")

    assert activate(START - timedelta(minutes=2)) == (0, 0, 0, 0, 0)
    assert activate(START - timedelta(minutes=1)) == (1, 2, 0, 0, 0)

    assert price(shop, START - TICK) == Decimal("199.00")
    assert price(shop, START) == Decimal("189.00")
    assert price(shop, END - TICK) == Decimal("189.00")
    assert price(shop, END) == Decimal("199.00")
    assert shop.state(change) == PriceChangeState.ACTIVE
    assert pricing.end_due(actor=SYSTEM, at=END - TICK) == 0
    assert pricing.end_due(actor=SYSTEM, at=END) == 1
    assert shop.state(change) == PriceChangeState.ENDED
    actions = [
        entry.action for entry in timeline(object_type="catalog.pricechange", object_id=change.id)
    ]
    assert actions == [
        "catalog.price_change_ended",
        "catalog.price_change_started",
        "approvals.step_approve",
        "catalog.impact_forecast",
        "approvals.submitted",
        "catalog.price_change_drafted",
    ]


@pytest.mark.clause("CAT-4.2-01")
def test_nothing_but_a_second_persons_approval_changes_a_price(shop: Shop) -> None:
    change = shop.submit(shop.draft())
    request = asked()

    with pytest.raises(approval_errors.OwnRequest):
        shop.approve(change, shop.specialist)
    activate(START)
    assert price(shop, START) == Decimal("199.00")
    assert shop.state(change) == PriceChangeState.SUBMITTED

    approval_services.send_back(
        request_id=request.pk,
        content_hash=request.content_hash,
        reason="Too early",
        actor=actor(shop.supervisor),
        at=AT,
    )
    activate(START)
    assert price(shop, START) == Decimal("199.00")
    assert shop.state(change) == PriceChangeState.RETURNED


@pytest.mark.clause("CAT-4.2-01")
def test_a_price_change_states_reason_rival_and_validity(shop: Shop) -> None:
    who = actor(shop.specialist)
    given = {
        "channel_id": shop.channel_id,
        "lines": [PriceLine(sku_id=shop.sku_ids[0], price=Decimal("189.00"))],
        "actor": who,
        "at": AT,
    }

    with pytest.raises(ReasonNeeded):
        pricing.draft_price_change(reason=" ", starts_at=START, **given)  # type: ignore[arg-type]
    with pytest.raises(errors.WindowWrong):
        pricing.draft_price_change(reason="x", starts_at=START, ends_at=START, **given)  # type: ignore[arg-type]
    change = shop.draft(rival=None)
    with pytest.raises(errors.RivalNeeded):
        shop.submit(change)
    assert shop.state(change) == PriceChangeState.DRAFT
    pricing.edit_price_change(
        change_id=change.id, rival_note="Looked on Tmall and JD, none", actor=who, at=AT
    )
    shop.submit(change)

    content = asked().content
    assert content["reason"] == "Rival went down"
    assert content["rival_note"] == "Looked on Tmall and JD, none"
    assert content["starts_at"] == START.isoformat(timespec="microseconds")


@pytest.mark.clause("CAT-4.2-04")
def test_outside_the_band_the_manager_decides_too(shop: Shop) -> None:
    inside = shop.submit(shop.draft("179.10", skus=shop.sku_ids[:1], ends_at=None))
    assert [s["role"] for s in asked().steps] == [Role.OPERATIONS_SUPERVISOR]
    shop.approve(inside)

    outside = shop.submit(shop.draft("179.09", skus=shop.sku_ids[1:], ends_at=None))
    steps = [s["role"] for s in asked().steps]
    assert steps == [Role.OPERATIONS_SUPERVISOR, Role.OPERATIONS_MANAGER]
    shop.approve(outside, shop.supervisor)
    assert shop.state(outside) == PriceChangeState.SUBMITTED
    shop.approve(outside, shop.manager)
    assert shop.state(outside) == PriceChangeState.SCHEDULED


@pytest.mark.clause("GEN-1.3-02", "CAT-4.2-04")
def test_below_the_floor_only_the_directors_word_counts(
    shop: Shop, cost_of: Callable[[dict[int, str]], None]
) -> None:
    cost_of({shop.sku_ids[0]: "178.000000"})
    change = shop.submit(shop.draft("190.00"))
    request = asked()

    assert [s["role"] for s in request.steps] == [
        Role.OPERATIONS_SUPERVISOR,
        Role.OPERATIONS_DIRECTOR,
    ]
    assert request.figures["below_floor"] == 1
    line = {line["sku"]: line for line in request.content["lines"]}[shop.sku_ids[0]]
    assert (line["floor"], line["below"]) == ("197.78", True)
    assert (line["old"], line["price"], line["change"]) == ("199.00", "190.00", "-4.5")
    assert (line["margin_old"], line["margin"]) == ("10.6", "6.3")
    shop.approve(change, shop.supervisor)
    assert shop.state(change) == PriceChangeState.SUBMITTED
    with pytest.raises(approval_errors.StepUpNeeded):
        shop.approve(change, shop.director)
    assert shop.state(change) == PriceChangeState.SUBMITTED


def test_the_director_proves_a_price_below_the_floor(
    own_database: OwnDatabase, cost_of: Callable[[dict[int, str]], None]
) -> None:
    shop = open_shop()
    cost_of({shop.sku_ids[0]: "178.000000"})
    made = identity.enrol_totp(user_id=shop.director.pk, actor=SYSTEM, at=AT, trusted=True)
    change = shop.approve(shop.submit(shop.draft("190.00")), shop.supervisor)

    shop.approve(change, shop.director, code=pyotp.TOTP(made.secret).at(AT))

    assert shop.state(change) == PriceChangeState.SCHEDULED


def test_a_price_far_above_the_rival_leaves_the_band(shop: Shop) -> None:
    shop.submit(shop.draft("205.00", rival="170.00"))

    assert asked().figures["outside_band"] == 2


def test_a_specialist_drafts_in_assigned_channels_only(shop: Shop) -> None:
    other = channels.create_channel(code="jd", name="京东", actor=SYSTEM, at=AT)
    change = shop.draft()
    stranger = actor(account("stranger", Role.OPERATIONS_SPECIALIST))

    with pytest.raises(ThingMissing):
        pricing.draft_price_change(
            channel_id=other.id,
            reason="x",
            starts_at=START,
            lines=[PriceLine(sku_id=shop.sku_ids[0], price=Decimal("1.00"))],
            actor=actor(shop.specialist),
            at=AT,
        )
    for act in (pricing.submit_price_change, pricing.withdraw_price_change):
        with pytest.raises(errors.PriceChangeMissing):
            act(change_id=change.id, actor=stranger, at=AT)
    with pytest.raises(errors.PriceChangeMissing):
        prices.price_change(change_id=change.id, actor=stranger)
    with pytest.raises(approval_errors.RequesterMayNotAsk):
        pricing.submit_price_change(change_id=change.id, actor=actor(shop.supervisor), at=AT)
    assert shop.state(change) == PriceChangeState.DRAFT


def test_lines_are_read_strictly(shop: Shop) -> None:
    sku = shop.sku_ids[0]

    def draft(*lines: PriceLine) -> None:
        pricing.draft_price_change(
            channel_id=shop.channel_id,
            reason="x",
            starts_at=START,
            lines=lines,
            actor=actor(shop.specialist),
            at=AT,
        )

    with pytest.raises(errors.PriceChangeEmpty):
        draft()
    with pytest.raises(errors.PriceChangeEmpty):
        draft(PriceLine(sku_id=sku, price=Decimal(1)), PriceLine(sku_id=sku, price=Decimal(2)))
    with pytest.raises(ThingMissing):
        draft(PriceLine(sku_id=10**9, price=Decimal(1)))
    for wrong in ("1.005", "NaN", "-1.00"):
        with pytest.raises(BadInput):
            draft(PriceLine(sku_id=sku, price=Decimal(wrong)))
    assert PriceChange.objects.count() == 0


def test_asking_for_the_price_in_force_is_refused(shop: Shop) -> None:
    change = shop.draft("199.00")

    with pytest.raises(errors.PriceUnchanged):
        shop.submit(change)

    assert (shop.state(change), Request.objects.filter(kind="ordinary").count()) == (
        PriceChangeState.DRAFT,
        0,
    )


def test_a_submitted_change_is_fixed_until_withdrawn(shop: Shop) -> None:
    change = shop.submit(shop.draft())
    who = actor(shop.specialist)

    with pytest.raises(errors.PriceChangeClosed):
        pricing.edit_price_change(change_id=change.id, reason="other", actor=who, at=AT)
    with pytest.raises(errors.PriceChangeClosed):
        shop.submit(change)
    pricing.withdraw_price_change(change_id=change.id, actor=who, at=AT)

    assert shop.state(change) == PriceChangeState.WITHDRAWN
    assert asked().state == "withdrawn"


def test_a_returned_change_is_corrected_and_handed_in_again(shop: Shop) -> None:
    change = shop.submit(shop.draft("150.00"))
    request = asked()
    approval_services.send_back(
        request_id=request.pk,
        content_hash=request.content_hash,
        reason="Too deep",
        actor=actor(shop.supervisor),
        at=AT,
    )

    pricing.edit_price_change(
        change_id=change.id,
        lines=[PriceLine(sku_id=shop.sku_ids[0], price=Decimal("189.00"), rival=Decimal("186.00"))],
        actor=actor(shop.specialist),
        at=AT,
    )
    shop.approve(shop.submit(change))

    assert shop.state(change) == PriceChangeState.SCHEDULED
    assert [h.state for h in approvals.for_subject("catalog.pricechange", change.id)] == [
        "approved",
        "returned",
    ]


def test_two_changes_of_one_sku_may_not_share_a_time(shop: Shop) -> None:
    first = shop.approved("189.00")
    tries = (
        (START + timedelta(days=1), None),
        (START - timedelta(days=1), START + TICK),
        (END - TICK, END + timedelta(days=1)),
        (START, None),
    )

    for starts_at, ends_at in tries:
        with pytest.raises(errors.ChangesOverlap) as caught:
            shop.submit(shop.draft("185.00", starts_at=starts_at, ends_at=ends_at))
        assert caught.value.context["other"] == first.number
    for starts_at, ends_at in (
        (END, END + timedelta(days=1)),
        (START - timedelta(days=1), START),
    ):
        shop.submit(shop.draft("185.00", starts_at=starts_at, ends_at=ends_at))


def test_what_was_approved_meanwhile_stops_a_later_approval(shop: Shop) -> None:
    one, other = shop.submit(shop.draft("189.00")), shop.submit(shop.draft("188.00"))
    shop.approve(one)

    with pytest.raises(errors.ChangesOverlap):
        shop.approve(other)

    assert shop.state(other) == PriceChangeState.SUBMITTED
    assert Request.objects.get(subject_id=other.id).state == "submitted"


def test_windows_back_to_back_follow_each_other_exactly(shop: Shop) -> None:
    later = END + timedelta(days=7)
    shop.approved("189.00", starts_at=START, ends_at=END)
    activate(START)
    shop.approved("185.00", starts_at=END, ends_at=later)
    activate(END)

    assert price(shop, END - TICK) == Decimal("189.00")
    assert price(shop, END) == Decimal("185.00")
    assert price(shop, later) == Decimal("199.00")

    shop.approved("195.00", starts_at=later, ends_at=None)
    activate(later)
    assert price(shop, later - TICK) == Decimal("185.00")
    assert price(shop, later) == Decimal("195.00")
    assert price(shop, later + timedelta(days=400)) == Decimal("195.00")


def test_a_lasting_change_after_a_limited_one_lasts(shop: Shop) -> None:
    shop.approved("189.00")
    activate(START)
    shop.approved("195.00", starts_at=END + timedelta(days=1), ends_at=None)

    activate(END + timedelta(days=1))

    assert price(shop, END) == Decimal("199.00")
    assert price(shop, END + timedelta(days=1)) == Decimal("195.00")


def test_a_machine_that_slept_catches_up_in_the_planned_order(shop: Shop) -> None:
    lasting = shop.approved("195.00", starts_at=START, ends_at=None)
    limited = shop.approved("189.00", starts_at=START + timedelta(days=1), ends_at=END)
    missed = shop.approved(
        "185.00", starts_at=END + timedelta(days=1), ends_at=END + timedelta(days=2)
    )
    awake = START + timedelta(days=2)

    assert activate(awake) == (2, 4, 2, 0, 0)
    assert price(shop, awake - TICK) == Decimal("199.00")
    assert price(shop, awake + TICK) == Decimal("189.00")
    assert price(shop, END) == Decimal("195.00")

    assert activate(END + timedelta(days=3)) == (0, 0, 0, 1, 0)
    assert shop.state(missed) == PriceChangeState.ENDED
    assert shop.state(lasting) == shop.state(limited) == PriceChangeState.ACTIVE
    assert notices.counts(actor=actor(shop.specialist)).act == 1


def test_a_first_price_needs_no_former_one(shop: Shop) -> None:
    report = loading.load_products(
        rows=[ProductRow(code="NEW-1", name="新品")], source="tests", actor=SYSTEM, at=AT
    )
    fresh = report.sku_ids["NEW-1"]
    shop.approved("59.00", skus=[fresh], ends_at=None)

    activate(START)

    assert prices.price_at(sku_ids=[fresh], channel_id=shop.channel_id, at=START) == {
        fresh: Decimal("59.00")
    }
    assert PriceChangeLine.objects.get(sku_id=fresh).old_price is None


@pytest.mark.clause("CAT-4.2-01")
def test_a_wrong_price_is_taken_off_sale_at_once(shop: Shop) -> None:
    change = shop.approved("189.00")
    activate(START)
    moment = START + timedelta(hours=5)

    for user in (shop.specialist,):
        with pytest.raises(Forbidden):
            pricing.suspend(change_id=change.id, reason="typo", actor=actor(user), at=moment)
    with pytest.raises(ReasonNeeded):
        pricing.suspend(change_id=change.id, reason=" ", actor=actor(shop.supervisor), at=moment)
    ended = pricing.suspend(
        change_id=change.id, reason="typo", actor=actor(shop.supervisor), at=moment
    )

    assert ended == 2
    assert price(shop, moment - TICK) == Decimal("189.00")
    assert price(shop, moment) is None
    assert price(shop, END) == Decimal("199.00")
    assert shop.state(change) == PriceChangeState.SUSPENDED
    with pytest.raises(errors.PriceChangeClosed):
        pricing.suspend(change_id=change.id, reason="x", actor=actor(shop.supervisor), at=moment)
    assert notices.counts(actor=actor(shop.specialist)).act == 1

    right = shop.approved("188.00", starts_at=moment, ends_at=None, at=moment)
    activate(moment + timedelta(hours=1))
    assert shop.state(right) == PriceChangeState.ACTIVE
    assert price(shop, moment + timedelta(hours=1)) == Decimal("188.00")
    assert price(shop, END + TICK) == Decimal("188.00")


def test_a_suspended_schedule_never_starts(shop: Shop) -> None:
    change = shop.approved("189.00")

    pricing.suspend(change_id=change.id, reason="no", actor=actor(shop.supervisor), at=AT)

    assert activate(START) == (0, 0, 0, 0, 0)
    assert price(shop, START) == Decimal("199.00")


@pytest.mark.clause("CAT-4.2-05")
def test_the_price_of_any_moment_can_be_asked(shop: Shop) -> None:
    shop.approved("189.00")
    activate(START)

    periods = prices.price_history(sku_id=shop.sku_ids[0], channel_id=shop.channel_id)

    assert [(p.price, p.kind, p.since, p.until) for p in periods] == [
        (Decimal("199.00"), "revert", END, None),
        (Decimal("189.00"), "change", START, END),
        (Decimal("199.00"), "opening", LONG_AGO, START),
    ]
    assert periods[0].number == periods[1].number
    assert price(shop, LONG_AGO - TICK) is None


def test_activation_costs_the_same_statements_for_any_number_of_lines(shop: Shop) -> None:
    report = loading.load_products(
        rows=[ProductRow(code=f"B-{n}", name=f"货 {n}") for n in range(500)],
        source="tests",
        actor=SYSTEM,
        at=AT,
    )
    shop.approved("189.00", skus=shop.sku_ids[:1])
    with CaptureQueriesContext(connection) as one:
        activate(START)
    shop.approved("9.00", skus=list(report.sku_ids.values()))

    with CaptureQueriesContext(connection) as many:
        assert activate(START)[:2] == (1, 500)

    assert len(many) == len(one) <= 12
    assert PriceRange.objects.filter(kind="change").count() == 501

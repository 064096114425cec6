"""Two at once: real threads, real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from catalog import ports
from catalog.models import PriceChange, PriceRange, RecommendationPair, RecommendationSet
from catalog.services import pricing, recommending
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Request
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.parse import business_day
from tests.catalog.shop import START, actor, open_shop
from tests.engines.identity.factories import AT, SYSTEM
from tests.support.cluster import OwnDatabase


def at_once(*calls: Callable[[], object]) -> list[str]:
    """Run the calls in threads of their own and return what became of each."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        try:
            start.wait()
            call()
        except OpsError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_machines_activate_once(own_database: OwnDatabase) -> None:
    shop = open_shop()
    shop.approved("189.00")

    results = at_once(*[lambda: pricing.activate_due(actor=SYSTEM, at=START)] * 2)

    assert results == ["done", "done"]
    assert PriceRange.objects.filter(kind="change").count() == 2
    assert PriceRange.objects.filter(kind="revert").count() == 2
    connection.close()


def test_an_approval_and_a_withdrawal_have_one_winner(own_database: OwnDatabase) -> None:
    shop = open_shop()
    change = shop.submit(shop.draft())
    request = Request.objects.get(kind="ordinary")
    requester, decider = actor(shop.specialist), actor(shop.supervisor)

    results = at_once(
        lambda: approvals.approve(
            request_id=request.pk, content_hash=request.content_hash, actor=decider, at=AT
        ),
        lambda: pricing.withdraw_price_change(change_id=change.id, actor=requester, at=AT),
    )

    state = PriceChange.objects.get(pk=change.id).state
    assert (state, results.count("done")) in {("scheduled", 1), ("withdrawn", 1)}
    assert Request.objects.get(pk=request.pk).state in {"approved", "withdrawn"}
    connection.close()


def test_an_edit_and_a_submission_leave_what_was_approved_untouched(
    own_database: OwnDatabase,
) -> None:
    shop = open_shop()
    change = shop.draft()
    who = actor(shop.specialist)

    at_once(
        lambda: pricing.submit_price_change(change_id=change.id, actor=who, at=AT),
        lambda: pricing.edit_price_change(
            change_id=change.id, reason="Changed at the last moment", actor=who, at=AT
        ),
    )

    stored = PriceChange.objects.get(pk=change.id)
    assert Request.objects.get(kind="ordinary").content["reason"] == stored.reason
    connection.close()


def test_a_suspension_and_an_activation_agree(own_database: OwnDatabase) -> None:
    shop = open_shop()
    change = shop.approved("189.00")
    supervisor = actor(shop.supervisor)

    results = at_once(
        lambda: pricing.activate_due(actor=SYSTEM, at=START),
        lambda: pricing.suspend(change_id=change.id, reason="typo", actor=supervisor, at=START),
    )

    assert results == ["done", "done"]
    assert PriceChange.objects.get(pk=change.id).state == "suspended"
    assert not PriceRange.objects.filter(
        kind="change", valid__contains=START.replace(microsecond=1)
    ).exists()
    connection.close()


def test_two_nights_at_once_publish_one_version(
    own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop()
    rows = [(order, sku) for order in (1, 2) for sku in shop.sku_ids]
    monkeypatch.setattr(
        ports.order_baskets,
        "_answer",
        lambda **_asked: ports.Relation(
            "SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            ([order for order, _ in rows], [sku for _, sku in rows]),
        ),
    )
    recommending.set_rule(
        channel_id=shop.channel_id,
        window_days=30,
        min_support=2,
        min_lift=Decimal(1),
        top=4,
        why="试用",
        actor=SYSTEM,
        at=AT,
    )

    results = at_once(
        *[lambda: recommending.build_due(day=business_day(AT), actor=SYSTEM, at=AT)] * 2
    )

    assert results == ["done", "done"]
    assert RecommendationSet.objects.count() == 1
    assert RecommendationPair.objects.count() == 2
    connection.close()

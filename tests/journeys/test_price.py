"""A price from its draft to the shelf and back, and every door at which it is refused."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import PriceChange, PriceRange
from catalog.selectors import prices
from catalog.services import pricing
from customers.models import Order
from customers.services import placing
from customers.types import LineDraft, OrderDraft
from ops.engines.approvals import errors, services
from ops.engines.approvals.models import Decision, Request
from ops.engines.identity import services as identity
from tests.engines.approvals.toys import refused_by
from tests.engines.http.conftest import with_token
from tests.support.company import CHANNEL, PASSWORD, SYSTEM, Company

CODE, OLD, NEW = "WJ-2207", Decimal("159.00"), Decimal("149.00")
TICK = dt.timedelta(seconds=1)
_DECIDE = """
INSERT INTO approvals_decision (request_id, step, verdict, requester_person_id, decider_person_id,
    decider_user_id, decider_name, role, content_hash, figures, opinion, at)
VALUES (%s, 0, 'approve', %s, %s, %s, 'x', 'operations_supervisor', %s, %s, '', now())
"""
_NAME = """
INSERT INTO approvals_approver (request_id, step, person_id, role, level, named_at)
VALUES (%s, 0, %s, 'operations_supervisor', 0, now())
"""


@dataclass
class Waiting:
    """A price change that was handed in and waits for a decision."""

    change_id: int
    request: Request
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def state(self) -> str:
        """Return the state of the change."""
        return PriceChange.objects.get(pk=self.change_id).state

    def approve(self, actor: Any) -> None:
        """Approve through the service, on what was shown."""
        services.approve(
            request_id=self.request.pk,
            content_hash=self.request.content_hash,
            actor=actor,
            at=timezone.now(),
        )


@pytest.fixture
def waiting(company: Company) -> Waiting:
    """Draft and hand in over REST, as the specialist."""
    starts = timezone.now() + dt.timedelta(hours=2)
    api = with_token(company.user("specialist"))
    drafted = post(
        api,
        "/price-changes",
        {
            "channel": CHANNEL,
            "reason": "竞品降价",
            "starts_at": starts.isoformat(),
            "ends_at": (starts + dt.timedelta(days=3)).isoformat(),
            "lines": [{"sku": CODE, "new_price": str(NEW), "rival_price": "148.00"}],
        },
    )
    assert drafted.status_code == 201, drafted.content
    handed = post(api, f"/price-changes/{drafted.json()['id']}/submit")
    assert handed.json()["state"] == "submitted", handed.content
    change = PriceChange.objects.get()
    assert change.ends_at is not None
    assert change.approval_id is not None
    return Waiting(
        change.pk, Request.objects.get(pk=change.approval_id), change.starts_at, change.ends_at
    )


def post(api: APIClient, path: str, body: Any = None) -> Any:
    return api.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")


def price(company: Company, at: dt.datetime) -> Decimal | None:
    sku = company.skus[CODE]
    return prices.price_at(sku_ids=[sku], channel_id=company.channel_id, at=at).get(sku)


def unchanged(waiting: Waiting) -> bool:
    """Say whether nothing was decided and no price was written."""
    return (
        waiting.state == "submitted"
        and not Decision.objects.exists()
        and not PriceRange.objects.exclude(kind="opening").exists()
    )


def twin(company: Company) -> Any:
    """Return a second account of the specialist, who is the same person."""
    made = identity.create_account(
        person_id=company.persons["specialist"],
        username="specialist_b",
        password=PASSWORD,
        actor=SYSTEM,
        at=company.at,
    )
    company.users["twin"] = made.user_id
    return company.user("twin")


@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.clause("CAT-4.2-05")
def test_a_price_is_approved_starts_on_its_second_and_returns(
    company: Company, waiting: Waiting
) -> None:
    waiting.approve(company.actor("supervisor"))
    assert waiting.state == "scheduled"
    assert price(company, waiting.starts_at) == OLD

    pricing.activate_due(actor=SYSTEM, at=waiting.starts_at)

    assert waiting.state == "active"
    shown = [
        price(company, moment)
        for moment in (
            waiting.starts_at - TICK,
            waiting.starts_at,
            waiting.ends_at - TICK,
            waiting.ends_at,
        )
    ]
    assert shown == [OLD, NEW, NEW, OLD]
    assert price(company, company.at - dt.timedelta(days=60)) is None
    assert pricing.end_due(actor=SYSTEM, at=waiting.ends_at) == 1
    assert waiting.state == "ended"


@pytest.mark.clause("CAT-4.2-01")
def test_an_order_pays_the_price_of_its_moment(company: Company, waiting: Waiting) -> None:
    waiting.approve(company.actor("supervisor"))
    pricing.activate_due(actor=SYSTEM, at=waiting.starts_at)

    totals = []
    for number, moment in enumerate((company.at, waiting.starts_at, waiting.ends_at)):
        done = placing.place_order(
            OrderDraft(
                external_no=f"P-{number}",
                placed_at=moment,
                paid_at=moment,
                lines=(LineDraft(code=CODE, quantity=1),),
            ),
            channel=CHANNEL,
            actor=SYSTEM,
            at=moment,
        )
        totals.append(Order.objects.get(number=done.number).total)

    assert totals == [OLD, NEW, OLD]


@pytest.mark.clause("GEN-1.3-02")
@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.parametrize("account", ["specialist", "twin"])
def test_the_requester_is_refused_by_service_and_api(
    company: Company, waiting: Waiting, account: str
) -> None:
    user = twin(company) if account == "twin" else company.user(account)

    with pytest.raises(errors.OwnRequest):
        waiting.approve(company.actor(account))
    answer = post(
        with_token(user),
        f"/approvals/{waiting.request.pk}/approve",
        {"content_hash": waiting.request.content_hash},
    )

    assert answer.status_code == 403
    assert answer.json()["code"] == "approvals.own_request"
    assert unchanged(waiting)


@pytest.mark.clause("GEN-1.3-02")
@pytest.mark.clause("CAT-4.2-01")
@pytest.mark.parametrize("account", ["specialist", "twin"])
def test_the_requester_is_refused_by_the_database(
    company: Company, waiting: Waiting, account: str
) -> None:
    if account == "twin":
        twin(company)
    request, person = waiting.request, company.persons["specialist"]

    with refused_by("decision_by_another_person"), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("guifan_app",)
        cursor.execute(_NAME, [request.pk, person])
        cursor.execute(
            _DECIDE,
            [
                request.pk,
                request.requester_person_id,
                person,
                company.users[account],
                request.content_hash,
                json.dumps(request.figures),
            ],
        )

    assert unchanged(waiting)


@pytest.mark.clause("CAT-4.2-01")
def test_no_price_is_written_before_the_decision(company: Company, waiting: Waiting) -> None:
    asked: dict[str, Any] = {
        "start": waiting.starts_at,
        "change": waiting.change_id,
        "sku": company.skus[CODE],
        "channel": company.channel_id,
        "approval": waiting.request.pk,
    }

    with refused_by("pricerange_cut_by_approved"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_pricerange SET valid = tstzrange(lower(valid), %(start)s),"
            " cut_by_id = %(change)s WHERE sku_id = %(sku)s",
            asked,
        )
    with refused_by("pricerange_never_two_at_once"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_pricerange"
            " (sku_id, channel_id, price, valid, kind, approval_id, change_id)"
            " VALUES (%(sku)s, %(channel)s, 149, tstzrange(%(start)s, NULL), 'change',"
            " %(approval)s, %(change)s)",
            asked,
        )

    assert unchanged(waiting)
    assert price(company, waiting.starts_at) == OLD


@pytest.mark.clause("CAT-4.2-01")
def test_a_returned_price_never_starts(company: Company, waiting: Waiting) -> None:
    services.send_back(
        request_id=waiting.request.pk,
        reason="毛利太低",
        content_hash=waiting.request.content_hash,
        actor=company.actor("supervisor"),
        at=timezone.now(),
    )

    pricing.activate_due(actor=SYSTEM, at=waiting.starts_at)

    assert waiting.state == "returned"
    assert price(company, waiting.starts_at) == OLD

"""The tier of a buyer: dated, kept apart, ended and never rewritten."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import errors
from customers.choices import TierSource
from customers.models import Customer, CustomerTier
from customers.selectors import tiers as stories
from customers.services import tiers
from ops.engines.audit.models import Fact
from ops.engines.identity.choices import Role
from ops.engines.kernel.errors import Forbidden, NotFound
from ops.engines.tables import services as tables
from tests.catalog import promos
from tests.catalog.promos import DURING
from tests.catalog.shop import START
from tests.catalog.shop import actor as who
from tests.compliance.conftest import enter
from tests.customers.house import SYSTEM, house, statements
from tests.customers.promoted import TEN, Fair, fair
from tests.customers.test_api import post
from tests.customers.tiered import belongs, draft_price
from tests.engines.approvals.toys import refused_by
from tests.engines.http.conftest import with_token

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SILVER = TEN | {"condition": {"tiers": ["silver"]}}


@pytest.fixture(name="fair")
def fixture_fair(db: None) -> Fair:
    """A channel whose prices name gold and whose promotions name silver."""
    made = fair()
    draft_price(made)
    promos.draft(made.shop, SILVER)
    return made


def spans(buyer: str) -> list[tuple[str, object, object]]:
    rows = CustomerTier.objects.filter(customer__code=buyer).order_by("pk")
    return [(row.tier, row.valid.lower, row.valid.upper) for row in rows]


def at(buyer: str, moment: object) -> str:
    pk = Customer.objects.get(code=buyer).pk
    return stories.tiers_at(customer_ids=[pk], at=moment).get(pk, "")  # type: ignore[arg-type]


def test_another_tier_ends_the_one_before_and_what_was_stays(fair: Fair) -> None:
    belongs(fair, "b1")
    belongs(fair, "b1", tier="silver", at=DURING, since=START + DAY)

    assert spans("b1") == [("gold", START, START + DAY), ("silver", START + DAY, None)]
    moments = (START - DAY, START, START + DAY - timedelta(microseconds=1), START + DAY)
    assert [at("b1", moment) for moment in moments] == ["", "gold", "gold", "silver"]
    gold = CustomerTier.objects.get(tier="gold")
    assert (gold.ended_at, gold.end_reason) == (DURING, "member card")
    fact = Fact.objects.filter(action="customers.tier_set").latest("pk")
    body = json.loads(fact.body)
    assert (body["begun"], body["ended"]) == (1, 1)


def test_the_same_tier_again_changes_nothing(fair: Fair) -> None:
    (first,) = belongs(fair, "b1")
    (again,) = belongs(fair, "b1", at=DURING)

    assert (first.is_new, again.is_new, again.is_refused) == (True, False, False)
    assert spans("b1") == [("gold", START, None)]


def test_neither_the_past_nor_a_planned_tier_is_overwritten(fair: Fair) -> None:
    belongs(fair, "b1")
    belongs(fair, "b2", since=START + DAY)
    before = spans("b1") + spans("b2")

    (past,) = belongs(fair, "b1", tier="silver", at=DURING, since=START)
    (early,) = belongs(fair, "b1", tier="silver", at=DURING, since=DURING - timedelta(minutes=1))
    (planned,) = belongs(fair, "b2", tier="silver", at=DURING)
    (empty,) = belongs(fair, "b3", since=DURING, until=DURING)

    codes = [one.code for one in (past, early, planned, empty)]
    assert codes == [
        "customers.tier_overlaps",
        "customers.tier_of_the_past",
        "customers.tier_overlaps",
        "customers.tier_window",
    ]
    assert spans("b1") + spans("b2") == before
    assert not Customer.objects.filter(code="b3").exists()


def test_only_tiers_that_prices_or_promotions_name_are_known(fair: Fair) -> None:
    (found,) = belongs(fair, "b1", tier="platinum")

    assert (found.field, found.code) == ("tier", "customers.tier_unknown")
    assert "gold, silver" in found.detail
    assert not Customer.objects.exists()


def test_a_tier_ends_now_or_later_and_one_that_never_began_is_empty(fair: Fair) -> None:
    belongs(fair, "b1", until=START + 3 * DAY)
    belongs(fair, "b2", since=START + DAY)
    one, two = Customer.objects.order_by("code")

    def end(customer: Customer, **more: object) -> str:
        told = {"reason": "left the club", "actor": SYSTEM, "at": DURING, **more}
        return tiers.end_tier(customer_id=customer.pk, **told)  # type: ignore[arg-type]

    for on in (START, START + 3 * DAY, START + 4 * DAY):
        with pytest.raises(errors.TierRefused) as refused:
            end(one, on=on)
        assert refused.value.context["field"] == "on"
    with pytest.raises(errors.TierRefused):
        end(one, reason=" ")
    assert spans("b1") == [("gold", START, START + 3 * DAY)]
    assert end(one, on=START + 2 * DAY) == "gold"
    with pytest.raises(errors.TierRefused):
        end(one)
    assert end(two) == "gold"

    assert spans("b1") == [("gold", START, START + 2 * DAY)]
    assert spans("b2") == [("gold", None, None)]
    assert at("b2", START + 5 * DAY) == ""
    (again,) = belongs(fair, "b2", tier="silver", at=DURING)
    assert again.is_new


def test_the_database_keeps_tiers_apart_and_as_they_were(fair: Fair) -> None:
    belongs(fair, "b1", until=START + 2 * DAY)
    row = CustomerTier.objects.get()
    rows = CustomerTier.objects.filter(pk=row.pk)
    over = DateTimeTZRange(START, START + DAY)
    ended = {"ended_at": DURING, "end_reason": "x"}

    with refused_by("customertier_never_two_at_once"):
        CustomerTier.objects.create(
            customer=row.customer, tier="silver", valid=over, reason="x", source="screen",
            set_at=DURING,
        )  # fmt: skip
    for change in (
        {"tier": "silver", **ended},
        {"reason": "another", **ended},
        {"valid": over},
        {"valid": DateTimeTZRange(START, None), **ended},
        {"valid": DateTimeTZRange(START - DAY, START + DAY), **ended},
        {"valid": DateTimeTZRange(START, DURING - timedelta(seconds=1)), **ended},
        {"valid": DateTimeTZRange(empty=True), **ended},
    ):
        with refused_by("customertier_only_ends"):
            rows.update(**change)
    rows.update(valid=over, **ended)
    with refused_by("customertier_only_ends"):
        rows.update(valid=DateTimeTZRange(START, START + DAY / 2), **ended)
    with pytest.raises(DatabaseError, match="permission"):
        rows._raw_delete("default")


def test_a_record_says_whence_why_and_when(fair: Fair) -> None:
    broken: list[tuple[dict[str, object], str]] = [
        ({"tier": ""}, "customertier_says_why"),
        ({"reason": ""}, "customertier_says_why"),
        ({"source": "guess"}, "customertier_source_known"),
        ({"source": "file"}, "customertier_source_known"),
        ({"source": "api", "batch_id": 1}, "customertier_source_known"),
        ({"valid": DateTimeTZRange(empty=True)}, "customertier_begins"),
        ({"valid": DateTimeTZRange(None, START)}, "customertier_begins"),
        ({"ended_at": DURING}, "customertier_end_says_why"),
    ]
    buyer = Customer.objects.create(channel_id=fair.house.channel_id, code="x", created_at=START)
    given = {
        "customer": buyer, "tier": "gold", "valid": DateTimeTZRange(START, None), "reason": "x",
        "source": "screen", "set_at": START,
    }  # fmt: skip

    for change, name in broken:
        with refused_by(name):
            CustomerTier.objects.create(**{**given, **change})


def test_many_buyers_take_as_many_statements_as_two(fair: Fair) -> None:
    def count(*buyers: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            belongs(fair, *buyers)
        return len(statements(captured))

    assert count("a1", "a2") == count(*(f"c{n}" for n in range(30)))


def test_who_may_not_decide_on_prices_sets_no_tier(fair: Fair) -> None:
    belongs(fair, "b1")
    buyer = Customer.objects.get()
    elsewhere = house("jd", stock=0)
    agent = fair.house.worker("li", Role.OPERATIONS_SPECIALIST)
    told = {"customer_id": buyer.pk, "tier": "silver", "reason": "x", "source": TierSource.SCREEN}

    with pytest.raises(Forbidden):
        tiers.set_tier(**told, actor=who(agent), at=DURING)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        tiers.end_tier(customer_id=buyer.pk, reason="x", actor=who(agent), at=DURING)
    with pytest.raises(NotFound):
        tiers.set_tier(**told | {"customer_id": 0}, actor=SYSTEM, at=DURING)  # type: ignore[arg-type]
    assert elsewhere.channel_id != buyer.channel_id
    assert spans("b1") == [("gold", START, None)]


def test_a_member_file_brings_tiers_and_its_rejects_say_why(fair: Fair, tmp_path: Path) -> None:
    belongs(fair, "b1")
    path = tmp_path / "members.csv"
    rows = [
        ["买家", "会员等级", "生效时间", "结束时间", "原因"],
        ["b1", "silver", "2027-01-01 00:00:00", "", "年度升级"],
        ["new", "gold", "", "", ""],
        ["b2", "platinum", "", "", ""],
        ["b1", "gold", "", "", ""],
    ]
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)

    def bring(name: str) -> tuple[int, int, int]:
        batch = tables.import_file(
            profile="customer_tiers", path=path, name=name, actor=SYSTEM, at=DURING,
            options={"channel": "tmall", "reason": "member file of November"},
        )  # fmt: skip
        return batch.accepted, batch.duplicate, batch.rejected

    assert bring("members.csv") == (2, 0, 2)
    assert [span[0] for span in spans("b1")] == ["gold", "silver"]
    made = CustomerTier.objects.get(customer__code="new")
    assert (made.source, made.reason, made.batch_id is None) == (
        "file", "member file of November", False,
    )  # fmt: skip
    assert CustomerTier.objects.get(tier="silver").reason == "年度升级"


def test_the_api_sets_ends_and_tells_tiers(fair: Fair) -> None:
    belongs(fair, "b1")
    buyer = Customer.objects.get()
    api, agent = (
        with_token(user)
        for user in (fair.shop.supervisor, fair.house.worker("li", Role.OPERATIONS_SPECIALIST))
    )
    url = f"/api/v1/customers/{buyer.pk}"

    with mock.patch("django.utils.timezone.now", return_value=DURING):
        assert post(agent, f"{url}/tier/", {"tier": "silver", "reason": "x"}).status_code == 403
        wrong = post(api, f"{url}/tier/", {"tier": "platinum", "reason": "x"})
        post(api, f"{url}/tier/", {"tier": "silver", "reason": "spent enough"})
        done = post(api, f"{url}/end-tier/", {"reason": "left"})
        told = agent.get(f"{url}/tiers/").json()

    assert (wrong.status_code, wrong.json()["code"]) == (422, "customers.tier_unknown")
    assert done.json() == told
    assert [(one["tier"], one["source"], one["end_reason"]) for one in told["tiers"]] == [
        ("silver", "api", "left"),
        ("gold", "computed", "spent enough"),
    ]


def test_the_page_of_a_buyer_shows_and_changes_the_tier(fair: Fair) -> None:
    belongs(fair, "b1", at=START - 30 * DAY)
    buyer = Customer.objects.get()
    url = reverse("customers:customer", args=[buyer.pk])
    desk = enter(fair.shop.supervisor)

    before = desk.get(url).content.decode()
    desk.post(url, {"action": "tier", "tier": "silver", "since": "", "until": "", "reason": "升级"})
    after = desk.get(url).content.decode()
    desk.post(url, {"action": "end_tier", "on": "", "reason": "退会"})
    agent = enter(fair.house.worker("li", Role.OPERATIONS_SPECIALIST))
    refused = agent.post(url, {"action": "tier", "tier": "gold", "reason": "x"})

    assert 'id="tiers"' in before
    assert "gold" in before
    assert "升级" in after
    assert refused.status_code == 403
    row = CustomerTier.objects.get(tier="silver")
    assert (row.source, row.end_reason, row.set_by) == (
        "screen", "退会", fair.shop.supervisor.person_id,
    )  # fmt: skip

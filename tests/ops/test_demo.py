"""The demo company: the same for the same seed, books that balance, accounts that work."""

import hashlib
import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from catalog.models import Promotion
from customers.models import Customer, Order, OrderGift
from customers.selectors import promoted
from finance.models import Break
from ops.engines.controls import verification
from ops.engines.events import selectors as events
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.parse import business_day
from tests.support import cluster

ORDERS, SEED = 2_000, 7
TWICE = {
    Role.OPERATIONS_SUPERVISOR,
    Role.OPERATIONS_MANAGER,
    Role.WAREHOUSE_KEEPER,
    Role.FINANCE_OFFICER,
}
# Everything history holds, without the ids and moments of its making.
_HISTORY = """
SELECT concat_ws('|', c.code, o.external_no, o.placed_at AT TIME ZONE 'UTC', o.total, b.code,
                 l.line_no, s.code, l.quantity, l.unit_price)
  FROM customers_order o
  JOIN catalog_channel c ON c.id = o.channel_id
  JOIN customers_orderline l ON l.order_id = o.id
  JOIN catalog_sku s ON s.id = l.sku_id
  LEFT JOIN customers_customer b ON b.id = o.customer_id
 WHERE o.batch_id IS NOT NULL
 ORDER BY 1
"""
_BOOKS = """
SELECT concat_ws('|', account_id, month, debit, credit) FROM finance_accountbalance
 WHERE month < %s ORDER BY 1
"""
_VOUCHERS = """
SELECT concat_ws('|', voucher, business_day, memo) FROM finance_journalentry
 WHERE business_day < %s ORDER BY 1
"""


def found(folder: Path, *, orders: int = ORDERS, seed: int = SEED) -> None:
    """Found a company whose files go into a folder."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settings, "DATA_DIR", folder)
        patched.setattr(settings, "ACCOUNTS_FILE", folder / "accounts.json")
        call_command("demo", orders=orders, seed=seed, verbosity=0)


def hashed(statement: str, values: list[Any] | None = None) -> str:
    """Return one hash of what a statement lists."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return hashlib.sha256("\n".join(row[0] for row in cursor.fetchall()).encode()).hexdigest()


def fingerprint() -> tuple[str, ...]:
    """Return the hashes of the orders, and of the ledger and its vouchers before this month."""
    month = business_day(timezone.now()).replace(day=1)
    return hashed(_HISTORY), hashed(_BOOKS, [month]), hashed(_VOUCHERS, [month])


@dataclass(frozen=True, kw_only=True)
class Founded:
    """A company: the folder of its files, and the hashes of its orders and ledger."""

    folder: Path
    prints: tuple[str, ...]


@pytest.fixture(scope="module")
def company(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Founded]:
    """Give the module a founded company in a database of its own."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock():
        usual = connections.settings["default"]["NAME"]
        name = cluster.fresh_name()
        cluster.create(name, cluster.template())
        cluster.point_to(name)
        try:
            found(folder)
            yield Founded(folder=folder, prints=fingerprint())
        finally:
            cluster.point_to(usual)
            cluster.drop(name)


def accounts(folder: Path) -> list[dict[str, str]]:
    """Return what the accounts file says."""
    rows: list[dict[str, str]] = json.loads((folder / "accounts.json").read_text())
    return rows


def planted(folder: Path) -> list[dict[str, str]]:
    """Return what was planted."""
    rows: list[dict[str, str]] = json.loads((folder / "demo_planted.json").read_text())["planted"]
    return rows


def test_history_has_the_orders_asked_for_with_returns_and_peaks(company: Founded) -> None:
    history = Order.objects.filter(batch_id__isnull=False)
    first_line = history.order_by("placed_at").first()
    days = Counter(history.values_list("business_day", flat=True))
    peaks = [count for day, count in days.items() if (day.month, day.day) in {(6, 18), (11, 11)}]

    assert history.count() == ORDERS
    assert first_line is not None
    assert max(days) < business_day(timezone.now())
    assert min(peaks) > 2 * ORDERS / len(days)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_return WHERE batch_id IS NOT NULL")
        (returns,) = cursor.fetchone()
    assert 0.03 < returns / ORDERS < 0.05


@pytest.mark.parametrize("what", ["stock", "ledger"])
def test_the_books_balance(company: Founded, what: str) -> None:
    assert verification.differences(what) == []
    assert events.undelivered(until=business_day(timezone.now())) == 0
    assert list(events.parked()) == []


def test_every_role_of_the_register_has_its_accounts(company: Founded) -> None:
    rows = accounts(company.folder)
    count = Counter(row["role"] for row in rows)

    # `system` is a machine: no person can hold it.
    assert set(count) == {role.value for role in Role} - {Role.SYSTEM.value}
    assert {role for role in count if count[role] >= 2} >= {role.value for role in TWICE}
    assert max(Counter(row["person"] for row in rows).values()) == 2
    assert stat.S_IMODE((company.folder / "accounts.json").stat().st_mode) == 0o600
    assert User.objects.filter(is_demo=True).count() == len(rows)


def test_accounts_open_with_password_code_and_token(company: Founded) -> None:
    for row in accounts(company.folder):
        user = User.objects.select_related("person").get(username=row["username"])
        now = timezone.now()
        owner = identity.owner_of_token(token=row["api_token"], at=now)

        assert user.check_password(row["password"])
        assert identity.check_totp(user=user, code=pyotp.TOTP(row["totp_secret"]).now(), at=now)
        assert owner is not None
        assert owner[0] == user
        assert user.person.name == row["person"]


def test_statement_errors_are_found_where_they_were_planted(company: Founded) -> None:
    breaks = set(Break.objects.filter(state="open").values_list("type", "order_no"))
    hidden = {
        (plant["kind"], plant["where"])
        for plant in planted(company.folder)
        if plant["kind"].isupper()
    }

    assert len(hidden) >= 5
    assert hidden == breaks


def test_frauds_are_listed_and_refused_or_waiting(company: Founded) -> None:
    by_kind = {plant["kind"]: plant for plant in planted(company.folder)}

    assert by_kind["self_approval"]["detail"].startswith("approvals.own_request")
    assert by_kind["count_cause_missing"]["expected"].startswith("refused")
    assert {"price_below_floor", "split_purchase", "receipt_differs", "order_below_price"} <= set(
        by_kind
    )


def test_live_orders_stand_in_different_states_and_hide_their_buyers(company: Founded) -> None:
    live = Order.objects.filter(batch_id__isnull=True)

    assert {"placed", "paid", "allocated", "shipped"} <= set(live.values_list("state", flat=True))
    assert live.exclude(hold_reason="").exists()
    assert not live.filter(recipient_enc="").exclude(hold_reason__contains="address").exists()
    assert not Customer.objects.exclude(key=None).filter(name_enc="").exists()


def test_live_orders_carry_discounts_and_gifts_of_running_promotions(company: Founded) -> None:
    promoted_orders = Order.objects.filter(discounts__isnull=False).distinct()

    assert Promotion.objects.filter(state="running").count() == 4
    assert promoted_orders.count() > 3
    assert OrderGift.objects.exists()
    assert promoted.differences() == []


def test_a_second_company_is_refused(company: Founded, tmp_path: Path) -> None:
    before = Order.objects.count()

    with pytest.raises(CommandError):
        found(tmp_path)

    assert Order.objects.count() == before
    assert not (tmp_path / "accounts.json").exists()


def test_the_same_seed_makes_the_same_company(
    company: Founded, own_database: cluster.OwnDatabase, tmp_path: Path
) -> None:
    found(tmp_path)

    assert fingerprint() == company.prints

"""A month closes when its list is done, stays closed, and opens by two approvals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from finance import errors
from finance.models import Agreement, Break, JournalEntry, ManualEntry, MonthClose
from finance.selectors import ledger
from finance.services import agreement, closing, journal, manual
from finance.types import LineDraft
from ops.engines.approvals import services as approvals
from ops.engines.approvals.errors import OwnRequest
from ops.engines.approvals.models import Request
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices.models import Notice
from ops.engines.periods import selectors as periods
from ops.engines.periods import services as period_services
from tests.engines.identity.factories import AT, account
from tests.finance.factories import BOOKKEEPER, trade_channel, voucher
from tests.inventory.factories import shop

pytestmark = pytest.mark.django_db
OCTOBER = dt.date(2026, 10, 1)
DAY = dt.date(2026, 10, 12)


def actor(user: User) -> Actor:
    return identity.actor_for(user, at=AT)


@pytest.fixture(name="officer")
def fixture_officer(db: None) -> User:
    return account("officer", Role.FINANCE_OFFICER)


@pytest.fixture(name="manager")
def fixture_manager(db: None) -> User:
    return account("manager", Role.FINANCE_MANAGER)


@pytest.fixture(name="director")
def fixture_director(db: None) -> User:
    return account("director", Role.OPERATIONS_DIRECTOR)


def approve(user: User) -> None:
    request = Request.objects.order_by("-pk")[0]
    approvals.approve(
        request_id=request.pk, content_hash=request.content_hash, actor=actor(user), at=AT
    )


def october(*keys: str) -> None:
    journal.post([voucher(key, day=DAY) for key in keys or ("a",)], actor=BOOKKEEPER, at=AT)


def close(user: User) -> None:
    closing.accept(
        month=OCTOBER, key="accruals_posted", note="none this month", actor=actor(user), at=AT
    )
    closing.close_month(month=OCTOBER, actor=actor(user), at=AT)


def draft(user: User, day: dt.date = DAY) -> int:
    lines = [LineDraft("6602", debit=Decimal("5.00")), LineDraft("1002", credit=Decimal("5.00"))]
    return manual.draft(
        business_day=day, memo="bank charge", lines=lines, actor=actor(user), at=AT
    ).id


@pytest.mark.clause("FIN-7.4-01")
def test_a_month_closes_when_its_list_is_done_and_refuses_postings(
    officer: User, manager: User
) -> None:
    october()

    with pytest.raises(errors.CloseBlocked) as refused:
        closing.close_month(month=OCTOBER, actor=actor(manager), at=AT)
    assert refused.value.context["items"] == ["accruals_posted"]
    assert periods.state_on(module="ledger", day=DAY) == "open"
    assert periods.state_on(module="stock", day=DAY) is None

    close(manager)

    made = MonthClose.objects.get()
    assert (made.state, made.revision, len(made.content_hash)) == ("closed", 1, 64)
    assert periods.state_on(module="stock", day=DAY) == "closed"
    with pytest.raises(errors.PeriodClosed):
        october("late")
    assert JournalEntry.objects.count() == 1


@pytest.mark.clause("FIN-7.3-01")
@pytest.mark.parametrize(("off", "state"), [("100.01", "running"), ("100.00", "done")])
def test_a_month_with_unexplained_items_above_tolerance_stays_open(
    officer: User, manager: User, off: str, state: str
) -> None:
    october()
    Break.objects.create(
        channel_id=trade_channel(), type="MISSING_IN_CHANNEL", source="books", subject="pay:x:1",
        our_type="x", our_id=1, our_amount=Decimal(off), occurred_on=DAY, opened_at=AT,
        owner_person_id=officer.person_id, due_on=DAY,
    )  # fmt: skip
    Break.objects.create(
        channel_id=trade_channel(), type="TIMING_NEXT_PERIOD", source="books", subject="pay:x:2",
        our_type="x", our_id=2, our_amount=Decimal("9000.00"), occurred_on=DAY, opened_at=AT,
        owner_person_id=officer.person_id, due_on=DAY,
    )  # fmt: skip

    seen = closing.check(month=OCTOBER, actor=actor(manager), at=AT)
    item = next(one for one in seen.items if one.key == "reconciled")
    assert (item.state, item.figures["unexplained"]) == (state, off)
    assert (item.done_at is None) == (state != "done")
    if state == "done":
        close(manager)
        return
    with pytest.raises(errors.CloseBlocked, match="4 支付已对账") as refused:
        close(manager)
    assert refused.value.context["items"] == ["reconciled"]
    assert MonthClose.objects.get().state == "open"
    assert periods.state_on(module="ledger", day=DAY) == "open"


def test_an_item_that_opens_again_is_no_longer_called_done(officer: User, manager: User) -> None:
    october()
    seen = closing.check(month=OCTOBER, actor=actor(manager), at=AT)
    assert next(one for one in seen.items if one.key == "entries_posted").done_at == AT

    manual.submit(draft_id=draft(officer), actor=actor(officer), at=AT)
    seen = closing.check(month=OCTOBER, actor=actor(manager), at=AT)

    item = next(one for one in seen.items if one.key == "entries_posted")
    assert (item.state, item.done_at) == ("running", None)


def test_database_keeps_a_closed_month_closed(officer: User, manager: User) -> None:
    october()
    close(manager)

    for statement in (
        "UPDATE periods_period SET state = 'open', closed_at = NULL, closed_by = '', reason = 'x'",
        "DELETE FROM periods_period WHERE module = 'ledger'",
        "UPDATE periods_period SET days = '[2020-01-01,2020-02-01)' WHERE module = 'ledger'",
    ):
        with (
            pytest.raises(Exception, match=r"reopening_not_approved|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="not_approved"), transaction.atomic():
        period_services.reopen(
            module="ledger", first=OCTOBER, last=dt.date(2026, 10, 31), reason="because",
            actor=BOOKKEEPER, at=AT,
        )  # fmt: skip

    assert periods.state_on(module="ledger", day=DAY) == "closed"


def test_database_refuses_to_call_a_month_closed_before_its_list_is_done(manager: User) -> None:
    october()
    closing.check(month=OCTOBER, actor=actor(manager), at=AT)

    with pytest.raises(IntegrityError, match="list_not_done"), transaction.atomic():
        MonthClose.objects.update(
            state="closed", revision=1, closed_at=AT, content_hash="x", checked_at=AT
        )


def test_only_the_finance_manager_closes_and_only_past_months(officer: User, manager: User) -> None:
    with pytest.raises(Forbidden):
        closing.close_month(month=OCTOBER, actor=actor(officer), at=AT)
    with pytest.raises(errors.MonthNotOver):
        closing.close_month(month=dt.date(2026, 11, 1), actor=actor(manager), at=AT)


@pytest.mark.parametrize(
    ("month", "due"),
    [
        (dt.date(2025, 9, 1), dt.date(2025, 10, 11)),  # after eight days off, a worked Saturday
        (dt.date(2025, 12, 1), dt.date(2026, 1, 6)),  # the fourth, a Sunday, was worked
    ],
)
def test_a_close_is_due_on_the_third_working_day_of_the_calendar(
    month: dt.date, due: dt.date, manager: User
) -> None:
    closing.check(month=month, actor=actor(manager), at=AT)

    assert MonthClose.objects.get(month=month).due_on == due


def test_an_entry_by_hand_is_posted_by_another_person(officer: User, manager: User) -> None:
    made = draft(officer)
    manual.submit(draft_id=made, actor=actor(officer), at=AT)
    assert not JournalEntry.objects.exists()
    with pytest.raises(OwnRequest):
        approve(officer)

    approve(manager)

    entry = JournalEntry.objects.get()
    assert (entry.kind, entry.business_day) == ("manual", DAY)
    assert ManualEntry.objects.get().entry_id == entry.pk
    assert ledger.differences() == []


def test_a_person_reverses_by_approval(officer: User, manager: User) -> None:
    october()
    entry = JournalEntry.objects.get()
    made = manual.draft_reversal(
        entry_id=entry.pk, business_day=DAY, reason="typo", actor=actor(officer), at=AT
    )
    with pytest.raises(IntegrityError, match="needs_manual_journal"), transaction.atomic():
        journal.reverse(
            entry_id=entry.pk, business_day=DAY, reason="alone", actor=actor(officer), at=AT
        )

    manual.submit(draft_id=made.id, actor=actor(officer), at=AT)
    approve(manager)

    assert JournalEntry.objects.get(kind="reversal").reverses_id == entry.pk


@pytest.mark.parametrize("change", ["debit", "day"])
def test_database_posts_by_hand_only_what_was_approved(
    officer: User, manager: User, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = draft(officer)
    manual.submit(draft_id=made, actor=actor(officer), at=AT)
    row = ManualEntry.objects.get()
    if change == "debit":
        row.lines = [{**row.lines[0], "debit": "6.00"}, {**row.lines[1], "credit": "6.00"}]
    else:
        row.business_day = dt.date(2026, 10, 13)
    row.save()

    with (  # noqa: PT012 the refusal comes with the second statement
        pytest.raises(IntegrityError, match="not_as_approved"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        approve(manager)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert not JournalEntry.objects.exists()


def test_database_refuses_an_entry_by_hand_without_approval() -> None:
    period_services.ensure_month(module="ledger", day=DAY, actor=BOOKKEEPER, at=AT)

    with (
        pytest.raises(IntegrityError, match="needs_manual_journal"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO finance_journalentry (voucher, business_day, currency, kind, source_type,"
            " source_id, effect_key, memo, posted_at)"
            " VALUES ('X-1', %s, 'CNY', 'manual', 'x', '1', 'x', '', now())",
            [DAY],
        )


@pytest.mark.clause("SCM-2.3-03")
def test_a_difference_between_stock_and_ledger_finds_its_people(officer: User) -> None:
    goods = shop()
    goods.receive(goods.skus[0], 10, "2.50")

    found = agreement.record(day=dt.date(2026, 11, 21), actor=BOOKKEEPER, at=AT)

    assert (found.stock_value, found.ledger_value, found.agrees) == (
        Decimal("25.00"), Decimal(0), False,
    )  # fmt: skip
    assert Agreement.objects.count() == 1
    assert Notice.objects.filter(person_id=officer.person_id, kind="act").exists()


@pytest.mark.clause("FIN-7.4-01")
def test_the_job_closes_what_is_done_and_tells_what_is_open(officer: User, manager: User) -> None:
    october()

    with pytest.raises(SystemExit) as ended:
        call_command("run_job", "finance_month_close", period="2026-10")
    assert ended.value.code == 0

    assert MonthClose.objects.get().state == "open"
    assert periods.state_on(module="stock", day=DAY) == "closed"
    assert Notice.objects.filter(person_id=officer.person_id).exists()


@pytest.mark.parametrize(
    "name", ["trial_balance", "journal", "payment_reconciliation", "three_way_agreement"]
)
def test_reports_are_built(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    october()
    agreement.record(day=DAY, actor=BOOKKEEPER, at=AT)

    folder = tmp_path_factory.mktemp("reports")
    call_command("report", name, period="2026-10", format="json", output=folder)

    text = next(folder.glob("*.json")).read_text()
    assert ("1002" in text) == (name in ("trial_balance", "journal"))

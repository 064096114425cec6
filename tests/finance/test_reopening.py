"""A closed month opens by two approvals, and all three persons prove themselves (S13)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyotp
import pytest
from django.db import IntegrityError, connection, transaction

from finance.models import MonthClose
from finance.services import closing, journal
from ops.engines.approvals import errors
from ops.engines.approvals import services as approvals
from ops.engines.approvals.models import Decision, Request
from ops.engines.audit.models import Fact
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as identity_services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.periods import selectors as periods
from tests.engines.identity.factories import AT, SYSTEM, account
from tests.finance.factories import BOOKKEEPER, voucher
from tests.support.cluster import OwnDatabase

OCTOBER, DAY = dt.date(2026, 10, 1), dt.date(2026, 10, 12)


@dataclass
class Books:
    """A closed October and who may open it."""

    officer: User
    manager: User
    director: User
    apps: dict[int, pyotp.TOTP]

    def code(self, user: User) -> str:
        return self.apps[user.pk].at(AT)

    def ask(self, *, code: str) -> None:
        closing.ask_to_reopen(
            month=OCTOBER,
            reason="late invoice",
            documents=["INV-9"],
            code=code,
            actor=actor(self.officer),
            at=AT,
        )

    def approve(self, user: User, *, code: str) -> None:
        request = Request.objects.get()
        approvals.approve(
            request_id=request.pk,
            content_hash=request.content_hash,
            code=code,
            actor=actor(user),
            at=AT,
        )


def actor(user: User) -> Actor:
    return identity.actor_for(user, at=AT)


@pytest.fixture
def books(own_database: OwnDatabase) -> Books:
    users = [
        account(name, role)
        for name, role in (
            ("officer", Role.FINANCE_OFFICER),
            ("manager", Role.FINANCE_MANAGER),
            ("director", Role.OPERATIONS_DIRECTOR),
        )
    ]
    apps = {
        user.pk: pyotp.TOTP(
            identity_services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=AT, trusted=True).secret
        )
        for user in users
    }
    officer, manager, director = users
    made = Books(officer, manager, director, apps)
    journal.post([voucher("a", day=DAY)], actor=BOOKKEEPER, at=AT)
    closing.accept(
        month=OCTOBER, key="accruals_posted", note="none", actor=actor(made.manager), at=AT
    )
    closing.close_month(month=OCTOBER, actor=actor(made.manager), at=AT)
    return made


@pytest.mark.clause("FIN-7.4-01")
def test_a_closed_month_opens_by_both_proved_approvals_only(books: Books) -> None:
    books.ask(code=books.code(books.officer))
    with pytest.raises(errors.StepUpNeeded):
        books.approve(books.manager, code="")
    books.approve(books.manager, code=books.code(books.manager))
    assert periods.state_on(module="ledger", day=DAY) == "closed"
    books.approve(books.director, code=books.code(books.director))

    assert periods.state_on(module="ledger", day=DAY) == "open"
    assert MonthClose.objects.get().state == "reopened"
    assert Decision.objects.filter(assertion__isnull=False).count() == 2
    journal.post([voucher("late", day=DAY)], actor=BOOKKEEPER, at=AT)
    closing.close_month(month=OCTOBER, actor=actor(books.manager), at=AT + dt.timedelta(hours=1))
    assert MonthClose.objects.get().revision == 2


def test_nobody_asks_in_a_colleagues_name(books: Books) -> None:
    """Without the colleague's code the service refuses, and so does the database."""
    with pytest.raises(errors.StepUpNeeded):
        books.ask(code="")
    assert not Request.objects.exists()
    refused = Fact.objects.get(action="approvals.refused")
    assert refused.person_id == books.officer.person_id
    assert '"flow":"period_reopen"' in refused.body.replace(" ", "")
    books.ask(code=books.code(books.officer))
    columns = (
        "flow, kind, subject_type, number, title, document, content_hash, scope_ids,"
        " requester_person_id, requester_name, submitted_at, state, step, level, steps,"
        " barred_person_ids, counted_key"
    )

    for assertion in ("NULL", "assertion_id"):  # no proof; the proof that was used
        with (
            pytest.raises(IntegrityError) as caught,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"INSERT INTO approvals_request ({columns}, subject_id, assertion_id)"
                f" SELECT {columns}, 99, {assertion} FROM approvals_request"
            )
        name = caught.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
        assert name in {"request_needs_proof", "approvals_request_assertion_id_key"}

    assert Request.objects.count() == 1

"""Signatures, signed differences, readers: who stands for figures, who read them, who did not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden
from ops.engines.notices import selectors as notices
from ops.engines.reports import declarations, selectors, services
from ops.engines.reports.errors import AlreadySigned, NotReady
from ops.engines.reports.models import ReportDifference, ReportEdition, ReportSignature
from tests.engines.approvals.toys import refused_by
from tests.engines.identity.factories import account
from tests.engines.reports import toy
from tests.engines.reports.conftest import AT, SYSTEM, _person
from tests.engines.reports.test_confirming import close_october
from tests.engines.reports.test_runs import _build, nudged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nudged")]
__all__ = ["nudged"]
DAY = dt.timedelta(days=1)


def signer(name: str, *roles: str) -> Actor:
    return _person(name, rights={"inventory": frozenset("E")}, roles=frozenset(roles))


def sign(kind: str, actor: Actor, version: int = 1) -> None:
    services.sign(
        name="toy_sales", period="2026-10", version=version, kind=kind, actor=actor, at=AT
    )


def restated() -> ReportEdition:
    """Make a provisional version, then close and make another whose figures differ."""
    _build()
    close_october()
    first, *rest = toy.usual()
    toy.fill((*first[:3], 1300, first[4]), *rest)
    _build(at=AT + DAY)
    return ReportEdition.objects.get(version=2)


def test_one_person_prepares_and_another_approves() -> None:
    close_october()
    _build()
    both = signer("两职", "finance_officer", "finance_manager")
    manager = signer("主管", "finance_manager")

    with pytest.raises(NotReady):
        sign("approved", manager)
    sign("prepared", both)
    with pytest.raises(Forbidden):
        sign("approved", both)
    sign("approved", manager)
    with pytest.raises(AlreadySigned):
        sign("approved", manager)

    edition = ReportEdition.objects.get()
    said = selectors.signatures(edition_id=edition.pk)
    assert [(one.kind, one.name) for one in said] == [("prepared", "两职"), ("approved", "主管")]
    assert set(ReportSignature.objects.values_list("digest", flat=True)) == {edition.digest}


def test_the_database_refuses_one_person_twice_and_a_foreign_digest() -> None:
    close_october()
    _build()
    officer = signer("会计", "finance_officer")
    sign("prepared", officer)
    edition = ReportEdition.objects.get()
    row = {"edition": edition, "person_id": officer.person_id or 0, "signed_at": AT}

    with refused_by("reportsignature_two_persons"):
        ReportSignature.objects.create(**row, kind="approved", digest=edition.digest)
    other = signer("主管", "finance_manager")
    with refused_by("reportsignature_cites_figures"):
        ReportSignature.objects.create(
            **(row | {"person_id": other.person_id}), kind="approved", digest="0" * 64
        )

    assert ReportSignature.objects.count() == 1


def test_another_position_does_not_sign() -> None:
    close_october()
    _build()

    with pytest.raises(Forbidden):
        sign("prepared", signer("主管", "finance_manager"))

    assert not ReportSignature.objects.exists()


def test_provisional_figures_are_not_signed() -> None:
    _build()
    officer = signer("会计", "finance_officer")

    with pytest.raises(NotReady):
        sign("prepared", officer)
    with refused_by("reportsignature_cites_figures"):
        edition = ReportEdition.objects.get()
        ReportSignature.objects.create(
            edition=edition,
            kind="prepared",
            person_id=officer.person_id or 0,
            digest=edition.digest,
            signed_at=AT,
        )

    assert not ReportSignature.objects.exists()


def test_a_restatement_keeps_what_changed_and_the_documents_that_caused_it() -> None:
    edition = restated()

    [row] = selectors.stored(edition_id=edition.pk)

    assert (edition.standing, edition.differences) == ("restated", 1)
    assert (row.key, row.columns, row.documents) == (("A-1",), ("units",), ("PAPER-A-1",))
    assert (row.before or ())[3] == 1200
    assert (row.after or ())[3] == 1300
    assert len(edition.differences_digest) == 64


def test_one_of_two_equal_rows_that_went_is_a_difference() -> None:
    same = toy.usual()[0]
    toy.fill(same, same)
    _build()
    close_october()
    toy.fill(same)
    _build(at=AT + DAY)

    edition = ReportEdition.objects.get(version=2)
    [row] = selectors.stored(edition_id=edition.pk)
    assert (edition.standing, edition.differences, row.after) == ("restated", 1, None)


def test_who_releases_a_restatement_signs_its_differences() -> None:
    edition = restated()
    manager = signer("主管", "finance_manager")

    with refused_by("reportsignature_cites_differences"):
        ReportSignature.objects.create(
            edition=edition,
            kind="released",
            person_id=manager.person_id or 0,
            digest=edition.digest,
            differences_digest="1" * 64,
            signed_at=AT,
        )
    sign("released", manager, version=2)

    kept = ReportSignature.objects.get()
    assert kept.differences_digest == edition.differences_digest


def test_what_was_not_restated_is_not_released() -> None:
    close_october()
    _build()

    with pytest.raises(NotReady):
        sign("released", signer("主管", "finance_manager"))

    assert not ReportSignature.objects.exists()


@pytest.mark.parametrize("table", ["reports_reportdifference", "reports_reportsignature"])
def test_differences_and_signatures_stay(table: str) -> None:
    restated()
    sign("released", signer("主管", "finance_manager"), version=2)

    with (
        pytest.raises(DatabaseError, match=r"append-only|permission"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")

    assert ReportDifference.objects.count() == ReportSignature.objects.count() == 1


def test_a_report_names_who_prepares_and_who_approves_together() -> None:
    with pytest.raises(ValueError, match="together"):
        declarations.report(
            "half",
            title="半",
            columns=toy.COLUMNS,
            policy=declarations.report_named("toy_sales").policy,
            authors=["finance_officer"],
        )


def manager(name: str) -> User:
    return account(name, Role.STORE_MANAGER)


def act(user: User) -> list[str]:
    actor = identity.actor_for(user, at=AT)
    return [row.title for row in notices.inbox(actor=actor, kinds=["act"])]


def make_by_schedule(at: dt.datetime = AT) -> None:
    run = services.start(name="toy_sales", period="2026-10", fmt="json", actor=SYSTEM, at=at)
    services.perform(run_id=run.id, at=at)


def test_final_figures_ask_their_audience_and_count_who_confirmed() -> None:
    close_october()
    one, two = manager("one"), manager("two")
    make_by_schedule()
    asked = (len(act(one)), len(act(two)))

    services.confirm(
        name="toy_sales",
        period="2026-10",
        version=1,
        actor=identity.actor_for(one, at=AT),
        at=AT,
    )

    edition = ReportEdition.objects.get()
    standing = selectors.readers(edition_id=edition.pk, at=AT)
    assert asked == (1, 1)
    assert [(reader.name, reader.at) for reader in standing] == [("two", None), ("one", AT)]
    assert (len(act(one)), len(act(two))) == (0, 1)


def test_who_did_not_confirm_is_reminded_once_a_week() -> None:
    close_october()
    one, two = manager("one"), manager("two")
    make_by_schedule()
    services.confirm(
        name="toy_sales",
        period="2026-10",
        version=1,
        actor=identity.actor_for(one, at=AT),
        at=AT,
    )

    asked = [services.remind(at=AT + days * DAY) for days in (1, 3, 4, 10)]

    assert asked == [0, 1, 0, 1]
    assert (len(act(one)), len(act(two))) == (0, 3)


def test_subscribers_are_told_and_who_left_is_not() -> None:
    one, two = manager("one"), manager("two")
    keen = account("keen", Role.OPERATIONS_DIRECTOR)
    services.subscribe(name="toy_sales", wants=False, actor=identity.actor_for(two, at=AT), at=AT)
    services.subscribe(name="toy_sales", wants=True, actor=identity.actor_for(keen, at=AT), at=AT)

    make_by_schedule()

    told = [
        len(notices.inbox(actor=identity.actor_for(user, at=AT), kinds=["fyi"]))
        for user in (one, two, keen)
    ]
    assert told == [1, 0, 1]


def test_who_may_not_see_a_report_does_not_subscribe(outsider: Actor) -> None:
    with pytest.raises(Forbidden):
        services.subscribe(name="toy_sales", wants=True, actor=outsider, at=AT)

    assert selectors.subscribed(actor=outsider) == {}

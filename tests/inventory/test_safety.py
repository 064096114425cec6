"""Checks of the warehouse, the safety equipment, and goods that wait for the opening check."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from inventory.errors import OpeningUnsigned, UnknownPlace
from inventory.models import Move, SafetyEquipment, Warehouse
from inventory.selectors import equipment as selected
from inventory.services import equipment, history, moves, places
from inventory.types import EquipmentInfo, HistoryRow
from ops.engines.controls.declaring import status
from ops.engines.identity import selectors as identity
from ops.engines.identity import services as people
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from ops.engines.jobs import declarations as jobs
from ops.engines.jobs import services as clock
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict, RuleViolation
from ops.engines.notices.models import Notice
from ops.engines.reports.declarations import report_named
from ops.engines.reports.periods import parse
from ops.engines.reports.types import ReportQuery, Sections
from ops.engines.sheets import selectors as sheets
from ops.engines.sheets import services as sheet_services
from ops.engines.sheets.models import Case, Sheet, Signature
from ops.engines.sheets.types import Entry
from tests.engines.identity.factories import account
from tests.inventory.factories import AT, SYSTEM, TODAY, Shop


@dataclass
class House:
    """A shop with the people of its warehouse, and a second warehouse that is not theirs."""

    shop: Shop
    keeper: User
    manager: User
    director: User
    other: int

    def actor(self, name: str, at: datetime = AT) -> Actor:
        return identity.actor_for(getattr(self, name), at=at)

    def run(self, job: str, period: str, at: datetime = AT) -> None:
        clock.run_now(name=job, period=period, actor=SYSTEM, at=at)

    def sheet(self, template: str) -> Sheet:
        return Sheet.objects.get(template__key=template, scope_id=self.shop.warehouse.id)

    def answer(self, row: Sheet, *, wrong: str = "", at: datetime = AT) -> None:
        entries = [
            Entry(
                item=item.key,
                value="no" if item.key == wrong else "yes",
                note="见现场" if item.key == wrong else "",
                client_key=uuid.uuid4(),
            )
            for item in sheets.items_of(row.version)
            if item.is_required
        ]
        sheet_services.answer(sheet_id=row.pk, entries=entries, actor=self.actor("keeper"), at=at)

    def sign(self, row: Sheet, name: str, at: datetime = AT) -> None:
        digest = sheets.content_hash(row.pk)
        sheet_services.sign(sheet_id=row.pk, content_hash=digest, actor=self.actor(name), at=at)


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    """Return the shop with its people."""
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    people.grant_scope(
        user_id=keeper.pk,
        kind="warehouse",
        object_id=shop.warehouse.id,
        actor=SYSTEM,
        at=AT,
    )
    other = places.create_warehouse(code="WH2", name="二号仓", actor=SYSTEM, at=AT)
    return House(
        shop,
        keeper,
        account("manager", Role.STORE_MANAGER),
        account("director", Role.OPERATIONS_DIRECTOR),
        other.id,
    )


def enter(house: House, code: str = "MH-01", *, due: date | None = None) -> EquipmentInfo:
    return equipment.enter_equipment(
        warehouse_id=house.shop.warehouse.id,
        code=code,
        kind="extinguisher",
        place="A 区东门",
        inspected_on=date(2025, 11, 1),
        next_inspection_on=due or date(2026, 11, 1),
        actor=house.actor("keeper"),
        at=AT,
    )


def told(user: User, title: str) -> int:
    return Notice.objects.filter(person=user.person, title=title).count()


# --- SCM-2.2-10: monthly inspection with two hands, rectification, equipment by its dates --------


@pytest.mark.clause("SCM-2.2-10")
def test_the_monthly_inspection_is_opened_signed_by_two_and_its_findings_are_put_right(
    house: House,
) -> None:
    job = jobs.jobs()["inspection_open"]
    house.run("inspection_open", "2026-11")
    row = house.sheet("warehouse_safety")
    asked = {item.key for item in sheets.items_of(row.version)}
    house.answer(row, wrong="extinguishers")
    house.sign(row, "keeper")
    house.sign(row, "manager")
    row.refresh_from_db()
    case = Case.objects.get()

    assert (job.family, job.cadence.next_after(AT).period) == ("open", "2026-12")
    assert Sheet.objects.filter(template__key="warehouse_safety").count() == 2
    assert {"extinguishers", "exits", "wiring", "doors", "cameras", "access"} <= asked
    assert [s.role for s in Signature.objects.order_by("step")] == [
        "warehouse_keeper",
        "store_manager",
    ]
    assert (row.state, case.owner_role, case.due_on) == (
        "signed",
        "store_manager",
        TODAY + timedelta(days=7),
    )
    sheet_services.remedy_case(
        case_id=case.pk, cause="过期", remedy="已换新", actor=house.actor("keeper"), at=AT
    )
    sheet_services.close_case(case_id=case.pk, note="已核实", actor=house.actor("manager"), at=AT)
    row.refresh_from_db()
    assert row.state == "closed"


@pytest.mark.clause("SCM-2.2-10")
def test_overdue_equipment_is_told_to_the_store_manager_once_a_missed_date(house: House) -> None:
    title = "Safety equipment is overdue for inspection"
    late, due_today = enter(house), enter(house, "MH-02", due=TODAY)
    daily = jobs.jobs()["safety_equipment_watch"]

    house.run("safety_equipment_watch", TODAY.isoformat())
    house.run("safety_equipment_watch", (TODAY + timedelta(days=1)).isoformat())

    assert daily.cadence.next_after(AT).due_at - AT < timedelta(days=1)
    assert (told(house.manager, title), told(house.keeper, title)) == (2, 0)
    told_of = dict(SafetyEquipment.objects.values_list("code", "told_of"))
    assert told_of == {
        late.code: late.next_inspection_on,
        due_today.code: due_today.next_inspection_on,
    }
    house.run("safety_equipment_watch", (TODAY + timedelta(days=2)).isoformat())
    assert told(house.manager, title) == 2
    mine = selected.overdue(actor=house.actor("keeper"), today=TODAY)
    assert [row.code for row in mine] == ["MH-01"]


@pytest.mark.clause("SCM-2.2-10")
def test_the_report_shows_checks_findings_and_equipment(house: House) -> None:
    enter(house)
    house.run("inspection_open", "2026-11")
    row = house.sheet("warehouse_safety")
    house.answer(row, wrong="doors")
    house.sign(row, "keeper")
    house.sign(row, "manager")

    query = ReportQuery(
        period=parse("2026-11"),
        actor=SYSTEM,
        at=AT,
        scopes={"warehouse": frozenset({house.shop.warehouse.id})},
    )
    found = report_named("warehouse_safety").query(query)  # type: ignore[union-attr]
    assert isinstance(found, Sections)
    tables = {each.key: list(each.rows) for each in found.sections}

    [check], [case], [piece] = tables["checks"], tables["cases"], tables["equipment"]
    assert (check[0], check[2], check[3]) == (row.number, "一号仓", "2026-11")
    assert (check[8], check[9]) == ("keeper, manager", 1)
    assert (case[1], case[3]) == (row.number, "见现场")
    assert (piece[1], piece[5]) == ("MH-01", date(2026, 11, 1))
    assert piece[6] != ""


@pytest.mark.clause("SCM-2.2-10")
def test_the_clause_names_its_newest_signed_inspection(house: House) -> None:
    house.run("inspection_open", "2026-11")
    row = house.sheet("warehouse_safety")
    before = status("SCM-2.2-10").newest
    house.answer(row)
    house.sign(row, "keeper")
    house.sign(row, "manager")

    after = status("SCM-2.2-10")
    assert (before, after.newest, after.is_enforced) == (None, AT, True)


def test_equipment_is_entered_once_and_with_possible_dates(house: House) -> None:
    enter(house)

    with pytest.raises(Conflict):
        enter(house)
    with pytest.raises(RuleViolation):
        enter(house, "MH-03", due=date(2025, 10, 1))
    with pytest.raises(UnknownPlace):
        equipment.enter_equipment(
            warehouse_id=house.other,
            code="X",
            kind="lock",
            place="门",
            inspected_on=date(2026, 1, 1),
            next_inspection_on=date(2027, 1, 1),
            actor=house.actor("keeper"),
            at=AT,
        )

    assert SafetyEquipment.objects.count() == 1
    with (
        pytest.raises(IntegrityError, match="equipment_next_after_last"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE inventory_safetyequipment SET next_inspection_on = inspected_on")


def test_a_noted_inspection_ends_the_alert(house: House) -> None:
    made = enter(house)

    equipment.note_inspection(
        equipment_id=made.id,
        inspected_on=TODAY,
        next_inspection_on=TODAY + timedelta(days=365),
        actor=house.actor("keeper"),
        at=AT,
    )

    assert not selected.overdue(actor=SYSTEM, today=TODAY).exists()
    assert equipment.watch_dates(today=TODAY, actor=SYSTEM, at=AT) == 0


# --- SCM-2.2-09: goods wait for the opening check -----------------------------------------------


def keep_rule(house: House, since: date = TODAY) -> None:
    places.keep_opening_checks(
        warehouse_id=house.shop.warehouse.id,
        since=since,
        actor=house.actor("manager"),
        at=AT,
    )


def test_receipts_and_issues_wait_for_the_signed_opening_check(house: House) -> None:
    sku = house.shop.skus[0]
    house.shop.receive(sku, 10)
    keep_rule(house)
    before = Move.objects.count()

    with pytest.raises(OpeningUnsigned):
        house.shop.receive(sku, 1)
    house.run("warehouse_check_open", TODAY.isoformat())
    row = house.sheet("warehouse_opening")
    house.answer(row)
    with pytest.raises(OpeningUnsigned):
        house.shop.receive(sku, 1)
    assert (Move.objects.count(), house.shop.stock(sku).on_hand) == (before, 10)
    house.sign(row, "keeper")
    house.shop.receive(sku, 1)

    assert house.shop.stock(sku).on_hand == 11


def test_the_database_holds_the_rule_without_the_service(house: House) -> None:
    sku = house.shop.skus[0]
    house.shop.receive(sku, 10)
    keep_rule(house)
    before = Move.objects.count()

    with (
        pytest.raises(IntegrityError, match="sheet_unsigned: warehouse_opening"),
        transaction.atomic(),
    ):
        moves._post(
            [
                house.shop.draft(
                    sku, 1, house.shop.warehouse.bin_id, house.shop.virtual.customer, reason="sale"
                )
            ],
            actor=SYSTEM,
            at=AT,
            business_day=TODAY,
        )

    assert Move.objects.count() == before


def test_counts_relocations_and_history_do_not_wait(house: House) -> None:
    sku = house.shop.skus[0]
    house.shop.receive(sku, 10)
    keep_rule(house)

    house.shop.lose(sku, 1)
    history.import_history(
        batch_id=1,
        warehouse_id=house.shop.warehouse.id,
        rows=[
            HistoryRow(
                line_no=1,
                sku_id=sku,
                quantity=-2,
                reason="sale",
                business_day=TODAY - timedelta(days=30),
                at=AT - timedelta(days=30),
                effect_key="h:1",
            )
        ],
        actor=Actor.importer("tests"),
        at=AT,
    )

    assert house.shop.stock(sku).on_hand == 7


def test_the_rule_is_the_managers_to_set(house: House) -> None:
    with pytest.raises(UnknownPlace):
        places.keep_opening_checks(
            warehouse_id=house.shop.warehouse.id,
            since=TODAY,
            actor=house.actor("keeper"),
            at=AT,
        )

    assert Warehouse.objects.get(pk=house.shop.warehouse.id).checked_since is None


def test_an_abnormal_opening_is_told_at_once_and_needs_a_closing_note(house: House) -> None:
    house.run("warehouse_check_open", TODAY.isoformat())
    row = house.sheet("warehouse_opening")

    house.answer(row, wrong="goods")

    case = Case.objects.get()
    subject = f"sheets.case:{case.pk}"
    persons = set(Notice.objects.filter(subject=subject).values_list("person_id", flat=True))
    assert persons == {house.manager.person_id, house.director.person_id}
    assert Sheet.objects.get(pk=row.pk).state == "filled"


# --- SCM-2.2-15: the closing check ----------------------------------------------------------------


@pytest.mark.clause("SCM-2.2-15")
def test_a_warehouse_without_its_closing_check_is_told_to_director_and_manager(
    house: House,
) -> None:
    late = "%(number)s was to be signed by now and is not"
    house.run("warehouse_check_open", TODAY.isoformat())
    row = house.sheet("warehouse_closing")
    house.answer(row)
    house.sign(row, "keeper")
    Sheet.objects.filter(template__key="warehouse_opening").update(overdue_told_at=AT)
    asked = [item.key for item in sheets.items_of(row.version)]

    sheet_services.watch(
        templates=["warehouse_closing"], actor=SYSTEM, at=row.due_at - timedelta(minutes=1)
    )
    early = told(house.manager, late)
    sheet_services.watch(templates=["warehouse_closing"], actor=SYSTEM, at=row.due_at)
    sheet_services.watch(templates=["warehouse_closing"], actor=SYSTEM, at=row.due_at)

    assert asked == ["locked", "power", "visitors", "flammables"]
    assert "warehouse_closing" in {
        each.template.key for each in Sheet.objects.select_related("template")
    }
    # Only the other warehouse's check is missing; each of the two is told once.
    assert (early, told(house.manager, late), told(house.director, late)) == (0, 1, 1)
    assert jobs.jobs()["warehouse_check_watch"].clauses == (
        "SCM-2.2-09",
        "SCM-2.2-10",
        "SCM-2.2-15",
    )


@pytest.mark.clause("SCM-2.2-15")
def test_an_anomaly_at_closing_is_told_at_once(house: House) -> None:
    house.run("warehouse_check_open", TODAY.isoformat())
    row = house.sheet("warehouse_closing")

    house.answer(row, wrong="power")

    case = Case.objects.get()
    told_to = Notice.objects.filter(subject=f"sheets.case:{case.pk}").values_list("person_id")
    assert {pk for (pk,) in told_to} == {house.manager.person_id, house.director.person_id}

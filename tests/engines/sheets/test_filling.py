"""Opening, filling in, signing: what a sheet promises to the people at it."""

from __future__ import annotations

import uuid

import pytest

from ops.engines.audit.models import Fact
from ops.engines.kernel.errors import BadInput, Conflict, Forbidden
from ops.engines.notices.models import Notice
from ops.engines.sheets import errors, selectors, services
from ops.engines.sheets.choices import CaseState, SheetState
from ops.engines.sheets.models import Answer, Case, Sheet, Signature
from ops.engines.sheets.types import SheetInfo
from tests.engines.sheets.toys import (
    AT,
    FIRST,
    LAST,
    LATER,
    SYSTEM,
    Team,
    answer,
    entry,
    fill,
    opened,
    sign,
)
from tests.support import uploads

PNG = uploads.png()


def test_opening_twice_opens_one_sheet_for_each_place(people: Team) -> None:
    first = services.open_sheets(
        template="toy_check", period="2026-11", first=FIRST, last=LAST, actor=SYSTEM, at=AT
    )
    again = services.open_sheets(
        template="toy_check", period="2026-11", first=FIRST, last=LAST, actor=SYSTEM, at=AT
    )

    assert (len(first), again) == (2, [])
    assert Sheet.objects.count() == 2
    told = Notice.objects.filter(person=people.keeper.person, kind="act")
    assert [each.subject for each in told] == [
        f"sheets.sheet:{next(s.id for s in first if s.scope_id == people.department.pk)}"
    ]


def test_a_sheet_is_seen_in_its_place_only(people: Team, sheet: SheetInfo) -> None:
    mine = selectors.sheets(actor=people.actor("keeper"))

    assert [row.pk for row in mine] == [sheet.id]
    assert selectors.sheets(actor=people.actor("manager")).count() == 2
    other = Sheet.objects.exclude(pk=sheet.id).get()
    with pytest.raises(errors.SheetMissing):
        services.answer(
            sheet_id=other.pk, entries=[entry("door", "yes")], actor=people.actor("keeper"), at=AT
        )
    assert not Answer.objects.exists()


def test_an_entry_sent_twice_counts_once(people: Team, sheet: SheetInfo) -> None:
    one = entry("door", "yes")

    first = answer(sheet, people.actor("keeper"), one)
    again = answer(sheet, people.actor("keeper"), one, one)

    assert (first.written, first.repeated) == (1, 0)
    assert (again.written, again.repeated) == (0, 2)
    assert Answer.objects.count() == 1


def test_an_entry_repeated_after_signing_is_still_answered(people: Team, sheet: SheetInfo) -> None:
    one = entry("door", "yes")
    answer(sheet, people.actor("keeper"), one)
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))

    again = answer(sheet, people.actor("keeper"), one)

    assert (again.written, again.repeated) == (0, 1)


def test_a_later_answer_replaces_and_nothing_is_erased(people: Team, sheet: SheetInfo) -> None:
    keeper = people.actor("keeper")
    answer(sheet, keeper, entry("heat", "3"))
    answer(sheet, keeper, entry("heat", "4.50"))

    assert selectors.answers(sheet_id=sheet.id)["heat"].value == "4.50"
    assert Answer.objects.filter(item="heat").count() == 2


def test_what_another_person_entered_is_never_overwritten_unseen(
    people: Team, sheet: SheetInfo
) -> None:
    answer(sheet, people.actor("keeper"), entry("heat", "3"))

    with pytest.raises(errors.AnsweredByAnother, match="3"):
        answer(sheet, people.actor("second_keeper"), entry("heat", "5", seen=0))

    assert selectors.answers(sheet_id=sheet.id)["heat"].value == "3"
    seen = selectors.answers(sheet_id=sheet.id)["heat"].id
    answer(sheet, people.actor("second_keeper"), entry("heat", "5", seen=seen))
    assert selectors.answers(sheet_id=sheet.id)["heat"].value == "5"


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("door", "maybe"),
        ("door", True),
        ("heat", "4,5"),
        ("heat", 4.5),
        ("heat", "NaN"),
        ("cold", "so-so"),
        ("when", "2026-13-01"),
        ("rows", "a"),
        ("rows", [{"age": "5"}]),
        ("view", [1]),
        ("words", "\u202eevil"),
        ("nothing", "yes"),
    ],
)
def test_what_cannot_be_read_is_refused(
    people: Team, sheet: SheetInfo, item: str, value: object
) -> None:
    with pytest.raises(BadInput):
        answer(sheet, people.actor("keeper"), entry(item, value))

    assert not Answer.objects.exists()


def test_every_kind_of_item_is_kept_as_people_read_it(people: Team, sheet: SheetInfo) -> None:
    keeper = people.actor("keeper")
    photo = services.attach(sheet_id=sheet.id, name="view.png", data=PNG, actor=keeper, at=AT)
    answer(
        sheet,
        keeper,
        entry("view", [photo.id]),
        entry("there", value=True),
        entry("rows", [{"name": "张强", "job": "保管"}, {"name": "", "job": ""}]),
        entry("when", "2026-11-20"),
        entry("words", " 好 "),
    )

    kept = {key: each.value for key, each in selectors.answers(sheet_id=sheet.id).items()}
    assert kept == {
        "view": [{"id": photo.id, "sha256": photo.sha256}],
        "there": {"person": people.keeper.person_id, "name": "keeper"},
        "rows": [{"name": "张强", "job": "保管"}],
        "when": "2026-11-20",
        "words": "好",
    }


def test_an_abnormal_answer_needs_words_and_raises_one_case_at_once(
    people: Team, sheet: SheetInfo
) -> None:
    keeper = people.actor("keeper")
    with pytest.raises(errors.ReasonMissing):
        answer(sheet, keeper, entry("door", "no"))
    assert not Answer.objects.exists()

    answer(sheet, keeper, entry("door", "no", "锁芯松动"))
    answer(sheet, keeper, entry("door", "no", "锁芯松动，已报修"))

    case = Case.objects.get()
    assert (case.item, case.found, case.owner_role, case.state) == (
        "door",
        "锁芯松动",
        "store_manager",
        CaseState.OPEN,
    )
    told = Notice.objects.filter(subject=f"sheets.case:{case.pk}")
    assert {each.person_id for each in told} == {
        people.manager.person_id,
        people.director.person_id,
    }


@pytest.mark.parametrize(("value", "cases"), [("1.99", 1), ("2", 0), ("8", 0), ("8.01", 1)])
def test_a_number_outside_its_limits_is_abnormal(
    people: Team, sheet: SheetInfo, value: str, cases: int
) -> None:
    answer(sheet, people.actor("keeper"), entry("heat", value, "看过"))

    assert Case.objects.count() == cases


def test_correcting_an_entry_withdraws_its_case_and_the_inbox(
    people: Team, sheet: SheetInfo
) -> None:
    keeper = people.actor("keeper")
    answer(sheet, keeper, entry("door", "no", "没锁"))

    answer(sheet, keeper, entry("door", "yes"))

    case = Case.objects.get()
    assert case.state == CaseState.WITHDRAWN
    open_ones = Notice.objects.filter(
        subject=f"sheets.case:{case.pk}", acknowledged_at__isnull=True
    )
    assert not open_ones.exists()


def test_two_persons_sign_in_order_and_the_sheet_is_done(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    with pytest.raises(errors.NotYourTurn):
        sign(sheet, people.actor("manager"))

    sign(sheet, people.actor("keeper"))
    done = sign(sheet, people.actor("manager"))

    assert done.state == SheetState.CLOSED
    assert done.content_hash == selectors.content_hash(sheet.id)
    hands = Signature.objects.order_by("step").values_list("role", "person", "content_hash")
    assert list(hands) == [
        ("warehouse_keeper", people.keeper.person_id, done.content_hash),
        ("store_manager", people.manager.person_id, done.content_hash),
    ]
    assert Fact.objects.filter(action="sheets.signed").count() == 2


def test_a_sheet_with_a_gap_cannot_be_signed(people: Team, sheet: SheetInfo) -> None:
    answer(sheet, people.actor("keeper"), entry("door", "yes"))

    with pytest.raises(errors.NotFilled) as caught:
        sign(sheet, people.actor("keeper"))

    assert caught.value.context["items"] == ["heat", "cold"]
    assert not Signature.objects.exists()


def test_nobody_signs_what_they_did_not_see(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    seen = selectors.content_hash(sheet.id)
    answer(sheet, people.actor("second_keeper"), entry("heat", "7"))

    with pytest.raises(errors.EntriesMoved):
        services.sign(sheet_id=sheet.id, content_hash=seen, actor=people.actor("keeper"), at=LATER)

    assert not Signature.objects.exists()


def test_after_the_first_hand_entries_stay(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))

    with pytest.raises(errors.SheetSettled):
        answer(sheet, people.actor("keeper"), entry("heat", "5"))

    assert selectors.answers(sheet_id=sheet.id)["heat"].value == "4.5"


def test_the_second_hand_may_send_it_back_and_hands_begin_anew(
    people: Team, sheet: SheetInfo
) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))
    with pytest.raises(errors.ReasonMissing):
        services.send_back(sheet_id=sheet.id, reason=" ", actor=people.actor("manager"), at=LATER)

    services.send_back(
        sheet_id=sheet.id, reason="温度看错了", actor=people.actor("manager"), at=LATER
    )
    answer(sheet, people.actor("keeper"), entry("heat", "5"), at=LATER)
    sign(sheet, people.actor("keeper"))
    done = sign(sheet, people.actor("manager"))

    assert done.state == SheetState.CLOSED
    assert Signature.objects.count() == 3
    assert Sheet.objects.get(pk=sheet.id).returned_reason == "温度看错了"


def test_a_person_in_both_positions_signs_once(people: Team, sheet: SheetInfo) -> None:
    keeper = people.actor("keeper")
    both = type(keeper)(
        kind=keeper.kind,
        name=keeper.name,
        person_id=keeper.person_id,
        roles=keeper.roles | {"store_manager"},
        rights=keeper.rights,
        scopes=keeper.scopes,
    )
    fill(sheet, keeper)
    sign(sheet, keeper)

    with pytest.raises(errors.SamePerson):
        sign(sheet, both)

    assert Signature.objects.count() == 1


def test_who_only_looks_neither_fills_nor_signs_nor_voids(people: Team, sheet: SheetInfo) -> None:
    auditor = people.actor("auditor")
    fill(sheet, people.actor("keeper"))

    with pytest.raises(Forbidden):
        answer(sheet, auditor, entry("heat", "5"))
    with pytest.raises(Forbidden):
        sign(sheet, auditor)
    with pytest.raises(Forbidden):
        services.void(sheet_id=sheet.id, reason="不要", actor=auditor, at=AT)

    assert Answer.objects.count() == 3
    assert Sheet.objects.get(pk=sheet.id).state == SheetState.FILLED


def test_a_void_sheet_makes_room_for_another(people: Team, sheet: SheetInfo) -> None:
    services.void(sheet_id=sheet.id, reason="开错了", actor=people.actor("manager"), at=AT)

    again = opened(people)

    assert again.id != sheet.id
    with pytest.raises(errors.SheetSettled):
        answer(sheet, people.actor("keeper"), entry("door", "yes"))


def test_a_case_is_put_right_by_one_person_and_closed_by_another(
    people: Team, sheet: SheetInfo
) -> None:
    keeper, manager = people.actor("keeper"), people.actor("manager")
    fill(sheet, keeper)
    answer(sheet, keeper, entry("door", "no", "锁坏"))
    sign(sheet, keeper)
    signed = sign(sheet, manager)
    case = Case.objects.get()
    assert signed.state == SheetState.SIGNED

    with pytest.raises(errors.CaseSettled):
        services.close_case(case_id=case.pk, note="好", actor=manager, at=LATER)
    services.remedy_case(case_id=case.pk, cause="老化", remedy="换锁", actor=manager, at=LATER)
    with pytest.raises(errors.SamePerson):
        services.close_case(case_id=case.pk, note="好", actor=manager, at=LATER)
    assert Sheet.objects.get(pk=sheet.id).state == SheetState.SIGNED
    services.close_case(case_id=case.pk, note="已核实", actor=people.actor("director"), at=LATER)

    case.refresh_from_db()
    assert (case.state, case.closing_note) == (CaseState.CLOSED, "已核实")
    assert Sheet.objects.get(pk=sheet.id).state == SheetState.CLOSED


def test_one_sheet_by_hand_needs_the_right_and_room(people: Team) -> None:
    keeper = people.actor("keeper")
    made = services.open_one(
        template="toy_check",
        period="2026-11",
        first=FIRST,
        last=LAST,
        scope_id=people.department.pk,
        actor=keeper,
        at=AT,
    )

    with pytest.raises(Conflict):
        services.open_one(
            template="toy_check",
            period="2026-11",
            first=FIRST,
            last=LAST,
            scope_id=people.department.pk,
            actor=keeper,
            at=AT,
        )
    with pytest.raises(Forbidden):
        services.open_one(
            template="toy_check",
            period="2026-12",
            first=FIRST,
            last=LAST,
            scope_id=people.department.pk,
            actor=people.actor("auditor"),
            at=AT,
        )

    assert [row.pk for row in Sheet.objects.all()] == [made.id]


def test_work_that_waits_for_a_sheet_can_ask(people: Team, sheet: SheetInfo) -> None:
    def ask() -> bool:
        return selectors.is_signed(
            template="toy_check", scope_id=people.department.pk, period="2026-11"
        )

    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))
    before, newest_before = ask(), selectors.newest_signed("toy_check")()
    sign(sheet, people.actor("manager"))

    assert (before, newest_before) == (False, None)
    assert (ask(), selectors.newest_signed("toy_check")()) == (True, LATER)


def test_keys_are_unique_within_a_sheet_not_across(people: Team, sheet: SheetInfo) -> None:
    key = uuid.uuid4()
    answer(sheet, people.actor("keeper"), entry("door", "yes", client_key=key))
    other = opened(people, "2026-12")

    done = answer(other, people.actor("keeper"), entry("door", "yes", client_key=key))

    assert done.written == 1

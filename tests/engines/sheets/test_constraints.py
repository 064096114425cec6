"""What the database refuses when the services are passed by."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from ops.engines.sheets import selectors, services
from ops.engines.sheets.models import Answer, Case, Sheet, Signature
from ops.engines.sheets.types import SheetInfo
from tests.engines.sheets.toys import LATER, Team, answer, entry, fill, refused_by, run, sign

_ANSWER = """
INSERT INTO sheets_answer (sheet_id, item, client_key, value, note, is_abnormal, at)
VALUES (%s, %s, gen_random_uuid(), '"yes"', '', false, now())
"""
_SIGN = """
INSERT INTO sheets_signature (sheet_id, round, step, role, person_id, content_hash, session, at)
VALUES (%s, %s, %s, %s, %s, coalesce(%s, sheets_content_hash(%s)), '', now())
"""


def hand(
    sheet: SheetInfo, person: int | None, *, step: int = 0, role: str = "warehouse_keeper",
    round_: int = 1, digest: str | None = None,
) -> None:  # fmt: skip
    run(_SIGN, sheet.id, round_, step, role, person, digest, sheet.id)


def test_entries_cannot_be_added_after_a_hand(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))

    with refused_by("answer_before_signing"):
        run(_ANSWER, sheet.id, "heat")

    assert Answer.objects.count() == 3


def test_entries_cannot_be_added_to_a_signed_sheet(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))
    sign(sheet, people.actor("manager"))

    with refused_by("answer_before_signing"):
        run(_ANSWER, sheet.id, "heat")

    assert selectors.content_hash(sheet.id) == Sheet.objects.get(pk=sheet.id).content_hash


def test_an_item_nobody_asks_for_is_refused(sheet: SheetInfo) -> None:
    with refused_by("answer_of_known_item"):
        run(_ANSWER, sheet.id, "other")


def test_entries_hands_versions_and_draws_are_append_only(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))

    for statement in (
        "UPDATE sheets_answer SET value = '\"no\"'",
        "DELETE FROM sheets_answer",
        "UPDATE sheets_signature SET at = now()",
        "DELETE FROM sheets_signature",
        "UPDATE sheets_templateversion SET items = '[]'",
        "UPDATE sheets_draw SET chosen = '[]'",
        "DELETE FROM sheets_sheet",
        "DELETE FROM sheets_case",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    assert (Answer.objects.count(), Signature.objects.count()) == (3, 1)


def test_the_second_hand_is_another_persons(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))

    with refused_by("signature_two_persons"):
        hand(sheet, people.keeper.person_id, step=1, role="store_manager")

    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"step": 1, "role": "store_manager"}, "signature_in_order"),
        ({"role": "store_manager"}, "signature_in_order"),
        ({"round_": 2}, "signature_in_order"),
        ({"digest": "0" * 64}, "signature_of_content"),
    ],
)
def test_a_hand_out_of_order_or_under_other_entries_is_refused(
    people: Team, sheet: SheetInfo, changes: dict[str, object], rule: str
) -> None:
    fill(sheet, people.actor("keeper"))

    with refused_by(rule):
        hand(sheet, people.keeper.person_id, **changes)  # type: ignore[arg-type]

    assert not Signature.objects.exists()


def test_a_sheet_that_only_says_it_is_filled_is_not_signed(people: Team, sheet: SheetInfo) -> None:
    answer(sheet, people.actor("keeper"), entry("door", "yes"))
    run("UPDATE sheets_sheet SET state = 'filled' WHERE id = %s", sheet.id)

    with refused_by("signature_of_filled"):
        hand(sheet, people.keeper.person_id)

    assert not Signature.objects.exists()


def test_an_abnormal_item_without_its_case_is_not_signed(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    run(
        "INSERT INTO sheets_answer (sheet_id, item, client_key, value, note, is_abnormal, at)"
        " VALUES (%s, 'door', gen_random_uuid(), '\"no\"', '坏', true, now())",
        sheet.id,
    )

    with refused_by("signature_abnormal_has_case"):
        hand(sheet, people.keeper.person_id)

    assert not Signature.objects.exists()


def test_an_abnormal_answer_without_words_is_refused(sheet: SheetInfo) -> None:
    with refused_by("answer_abnormal_has_note"):
        run(
            "INSERT INTO sheets_answer (sheet_id, item, client_key, value, note, is_abnormal, at)"
            " VALUES (%s, 'door', gen_random_uuid(), '\"no\"', '', true, now())",
            sheet.id,
        )


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("period = '2026-10'", "sheet_fixed"),
        ("signers = '[\"warehouse_keeper\"]'", "sheet_fixed"),
        ("due_at = now()", "sheet_fixed"),
        ("state = 'closed', signed_at = now(), content_hash = 'x'", "sheet_steps"),
        ("state = 'signed', signed_at = now(), content_hash = 'x'", "sheet_signed_by_all"),
        ("state = 'void', void_reason = 'x'", "sheet_hand_holds"),
        ("state = 'open'", "sheet_hand_holds"),
        ("round = 2", "sheet_round_has_reason"),
        ("round = 3, returned_reason = 'x'", "sheet_round_has_reason"),
    ],
)
def test_a_sheet_takes_no_step_its_life_does_not_have(
    people: Team, sheet: SheetInfo, change: str, rule: str
) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))

    with refused_by(rule):
        run(f"UPDATE sheets_sheet SET {change} WHERE id = %s", sheet.id)

    assert Sheet.objects.get(pk=sheet.id).state == "filled"


def test_a_signed_sheet_stays_signed(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))
    sign(sheet, people.actor("manager"))

    with refused_by("sheet_settled"):
        run("UPDATE sheets_sheet SET content_hash = 'x' WHERE id = %s", sheet.id)
    with refused_by("sheet_steps"):
        run("UPDATE sheets_sheet SET state = 'signed' WHERE id = %s", sheet.id)


def test_a_sheet_is_not_closed_over_an_open_case(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    answer(sheet, people.actor("keeper"), entry("door", "no", "坏"))
    sign(sheet, people.actor("keeper"))
    sign(sheet, people.actor("manager"))

    with refused_by("sheet_closed_without_cases"):
        run("UPDATE sheets_sheet SET state = 'closed' WHERE id = %s", sheet.id)


def test_a_case_is_closed_by_another_person_and_only_after_its_remedy(
    people: Team, sheet: SheetInfo
) -> None:
    answer(sheet, people.actor("keeper"), entry("door", "no", "坏"))
    with refused_by("case_steps"):
        run("UPDATE sheets_case SET state = 'closed'")
    with refused_by("case_withdrawn_when_corrected"):
        run("UPDATE sheets_case SET state = 'withdrawn'")
    services.remedy_case(
        case_id=Case.objects.get().pk,
        cause="旧",
        remedy="换",
        actor=people.actor("manager"),
        at=LATER,
    )

    with refused_by("case_closed_by_another"):
        run(
            "UPDATE sheets_case SET state = 'closed', closing_note = 'x', closed_at = now(),"
            " closed_by_id = remedied_by_id"
        )
    with refused_by("case_fixed"):
        run("UPDATE sheets_case SET found = 'nothing'")

    assert Case.objects.get().state == "remedied"


def test_a_sheet_starts_open_and_once_per_place_and_period(sheet: SheetInfo) -> None:
    copy = (
        "INSERT INTO sheets_sheet (number, template_id, version_id, scope_kind, scope_id, period,"
        " signers, items_total, items_done, state, round, opened_at, due_at, content_hash,"
        " returned_reason, void_reason)"
        " SELECT 'X-1', template_id, version_id, scope_kind, scope_id, {period}, signers,"
        " items_total, 0, {state}, 1, opened_at, due_at, '', '', '' FROM sheets_sheet WHERE id = %s"
    )

    with refused_by("sheet_starts_open"):
        run(copy.format(period="'2026-09'", state="'filled'"), sheet.id)
    with refused_by("sheet_once_per_period"):
        run(copy.format(period="period", state="'open'"), sheet.id)


def test_other_items_need_the_owners_approval_of_these_items(sheet: SheetInfo) -> None:
    with refused_by("templateversion_approved"):
        run(
            "INSERT INTO sheets_templateversion (template_id, number, items, content_hash,"
            " valid_from, is_declared, made_at)"
            " SELECT template_id, 9, '[]', 'x', now(), false, now() FROM sheets_templateversion"
            " LIMIT 1"
        )

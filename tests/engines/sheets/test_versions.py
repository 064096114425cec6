"""Declared items, other items by approval, the clock, draws."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.utils import translation

from ops.engines.approvals import errors as approval_errors
from ops.engines.approvals import services as approvals
from ops.engines.identity.choices import Role
from ops.engines.jobs import declarations as jobs
from ops.engines.jobs import services as clock
from ops.engines.kernel.errors import BadInput, RuleViolation
from ops.engines.notices.models import Notice
from ops.engines.sheets import declaring, drawing, rules, selectors, services
from ops.engines.sheets import templates as registry
from ops.engines.sheets.declaring import sheet, yes_no
from ops.engines.sheets.models import Case, Draw, Sheet, TemplateVersion
from ops.engines.sheets.types import ItemSpec, SheetInfo, Words
from tests.engines.sheets.toys import (
    AT,
    LATER,
    POPULATION,
    SYSTEM,
    Team,
    answer,
    entry,
    fill,
    opened,
    refused_by,
    run,
    sign,
)

TODAY = AT.date()


def test_a_sheet_only_its_owner_fills_stops_the_start() -> None:
    """Nobody could ask for other items: who decides on them does not ask."""
    alone = dataclasses.replace(
        registry.templates()["warehouse_opening"], owner=str(Role.WAREHOUSE_KEEPER)
    )

    with pytest.raises(RuntimeError, match="nobody but its owner"):
        declaring._declare_flow(alone)


def declared_items() -> list[ItemSpec]:
    return registry.template_named("toy_check").specs()


def propose(people: Team, items: list[ItemSpec]) -> tuple[int, str]:
    asked = services.propose_version(
        template="toy_check",
        items=items,
        valid_from=TODAY,
        reason="冷库停用",
        actor=people.actor("keeper"),
        at=AT,
    )
    return asked.id, asked.content_hash


def test_items_survive_being_kept() -> None:
    items = declared_items()

    assert rules.items_of(rules.document(items)) == items


def test_other_items_hold_from_approval_and_open_sheets_keep_theirs(
    people: Team, sheet: SheetInfo
) -> None:
    fewer = [item for item in declared_items() if item.key != "cold"]
    request, digest = propose(people, fewer)
    assert TemplateVersion.objects.count() == 1

    approvals.approve(
        request_id=request, content_hash=digest, actor=people.actor("manager"), at=LATER
    )
    later = opened(people, "2026-12")

    kept = selectors.detail(sheet_id=sheet.id, actor=people.actor("keeper"))
    new = selectors.detail(sheet_id=later.id, actor=people.actor("keeper"))
    assert (kept.version, "cold" in {i.key for i in kept.items}) == (1, True)
    assert (new.version, "cold" in {i.key for i in new.items}) == (2, False)


def test_who_asks_for_other_items_does_not_approve_them(people: Team, sheet: SheetInfo) -> None:
    request, digest = propose(people, declared_items()[:3])

    with pytest.raises(approval_errors.NotApprover):
        approvals.approve(
            request_id=request, content_hash=digest, actor=people.actor("director"), at=LATER
        )

    assert TemplateVersion.objects.count() == 1


def test_approved_items_cannot_be_swapped_for_others(people: Team, sheet: SheetInfo) -> None:
    request, digest = propose(people, declared_items()[:3])
    approvals.approve(
        request_id=request, content_hash=digest, actor=people.actor("manager"), at=LATER
    )

    with refused_by("templateversion_approved"):
        run(
            "INSERT INTO sheets_templateversion (template_id, number, items, content_hash,"
            " valid_from, is_declared, approval_id, made_at)"
            " SELECT template_id, 9, '[]', content_hash, valid_from, false, approval_id, now()"
            " FROM sheets_templateversion WHERE number = 2"
        )


@pytest.mark.parametrize("change", ["none", "twice", "no answers", "abnormal"])
def test_items_nobody_could_fill_in_are_refused(people: Team, change: str) -> None:
    first, *_rest, last = declared_items()
    cold = next(item for item in declared_items() if item.key == "cold")
    wrong = {
        "none": [],
        "twice": [first, first],
        "no answers": [dataclasses.replace(cold, options=(), abnormal=())],
        "abnormal": [dataclasses.replace(cold, abnormal=("never",))],
    }[change]

    with pytest.raises(BadInput):
        propose(people, wrong)
    with pytest.raises(RuleViolation):
        services.propose_version(
            template="toy_check",
            items=[last],
            valid_from=TODAY - timedelta(days=1),
            reason="昨天",
            actor=people.actor("keeper"),
            at=AT,
        )

    assert not TemplateVersion.objects.exists()


def test_a_changed_declaration_is_a_new_version_until_the_owner_has_one(
    people: Team, sheet: SheetInfo
) -> None:
    declared = registry.template_named("toy_check")
    changed = dataclasses.replace(declared, items=declared.items[:2])
    registry._templates["toy_check"] = changed
    try:
        second = opened(people, "2026-12")
        third = opened(people, "2027-01")
    finally:
        registry._templates["toy_check"] = declared

    versions = dict(Sheet.objects.values_list("pk", "version__number"))
    assert (versions[sheet.id], versions[second.id], versions[third.id]) == (1, 2, 2)


def test_the_job_opens_the_sheets_of_its_period(people: Team) -> None:
    done = clock.run_now(name="toy_open", period="2026-11", actor=SYSTEM, at=AT)
    clock.run_now(name="toy_open", period="2026-11", actor=SYSTEM, at=LATER)

    assert len(done.result["opened"]) == 2
    assert Sheet.objects.count() == 2
    assert set(Sheet.objects.values_list("period", flat=True)) == {"2026-11"}


def test_sheets_of_one_job_share_its_clauses() -> None:
    assert jobs.jobs()["toy_open"].clauses == ("SCM-2.2-10",)
    assert jobs.jobs()["sheet_watch"].family == "watch"


def test_a_late_sheet_is_told_once_and_a_signed_one_never(people: Team, sheet: SheetInfo) -> None:
    late = sheet.due_at + timedelta(minutes=1)

    def run_watch(at: object) -> dict[str, int]:
        return services.watch(templates=["toy_check"], actor=SYSTEM, at=at)  # type: ignore[arg-type]

    before = run_watch(sheet.due_at - timedelta(minutes=1))
    first, second = run_watch(late), run_watch(late)

    assert (before["sheets"], first["sheets"], second["sheets"]) == (0, 2, 0)
    told = Notice.objects.filter(subject=f"sheets.sheet:{sheet.id}", created_at=late)
    assert {each.person_id for each in told} == {
        people.manager.person_id,
        people.director.person_id,
    }


def test_signing_takes_a_sheet_out_of_every_inbox(people: Team, sheet: SheetInfo) -> None:
    fill(sheet, people.actor("keeper"))
    sign(sheet, people.actor("keeper"))
    waiting = Notice.objects.filter(
        subject=f"sheets.sheet:{sheet.id}", acknowledged_at__isnull=True
    )
    assert {each.person_id for each in waiting} == {people.manager.person_id}

    sign(sheet, people.actor("manager"))

    assert not waiting.all().exists()


def test_a_late_case_is_told_once(people: Team, sheet: SheetInfo) -> None:
    answer(sheet, people.actor("keeper"), entry("door", "no", "坏"))
    case = Case.objects.get()
    late = AT + timedelta(days=5)

    first = services.watch(templates=["toy_check"], actor=SYSTEM, at=late)
    second = services.watch(templates=["toy_check"], actor=SYSTEM, at=late)

    assert (case.due_on, first["cases"], second["cases"]) == (TODAY + timedelta(days=3), 1, 0)


def test_a_sample_is_drawn_when_the_sheet_opens_and_can_be_drawn_again(
    people: Team, sheet: SheetInfo
) -> None:
    drawn = Draw.objects.get(sheet_id=sheet.id)

    assert (drawn.size, drawn.population, len(set(drawn.chosen))) == (7, 100, 7)
    assert drawn.chosen == drawing.draw(reversed(POPULATION), seed=drawn.seed, size=7)
    verified = selectors.verify_draw(sheet_id=sheet.id, actor=people.actor("auditor"))
    assert (verified.is_population_same, verified.is_choice_same) == (True, True)


def test_a_sample_from_another_population_is_found_out(people: Team, sheet: SheetInfo) -> None:
    POPULATION.append("smuggled")
    try:
        verified = selectors.verify_draw(sheet_id=sheet.id, actor=people.actor("auditor"))
    finally:
        POPULATION.remove("smuggled")

    assert not verified.is_population_same


def test_seeds_draw_differently_and_evenly() -> None:
    counts = dict.fromkeys(POPULATION, 0)
    for seed in range(400):
        for each in drawing.draw(POPULATION, seed=str(seed), size=10):
            counts[each] += 1

    # 400 draws of 10 in 100: 40 on average; six standard deviations either way.
    assert sum(counts.values()) == 4000
    assert min(counts.values()) > 4
    assert max(counts.values()) < 76


def test_a_sheet_nobody_signs_is_refused() -> None:
    items = (yes_no("a", "甲"),)
    more = {"title": "坏", "area": "inventory", "items": items, "owner": Role.STORE_MANAGER}
    with pytest.raises(TypeError, match="one or two signers"):
        sheet("toy_bad", signers=(), due=lambda *_days: AT, **more)  # type: ignore[arg-type]

    assert "toy_bad" not in registry.templates()


def test_words_follow_the_readers_language() -> None:
    both = Words("门", "Door")
    with translation.override("en"):
        english = str(both)
    with translation.override("zh-hans"):
        chinese = str(both)

    assert (english, chinese) == ("Door", "门")

"""What publicity a promotion needs is made and approved in time, or the promotion waits."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.choices.promotions import PromotionState
from catalog.errors import content_tasks as errors
from catalog.errors.promotions import PlanIncomplete
from catalog.models import ContentTask, Promotion, PromotionRun
from catalog.selectors import content_tasks as selectors
from catalog.services import content_log, promotions
from catalog.types.promotions import PromotionInfo
from ops.engines.approvals.models import Request
from ops.engines.notices.models import Notice
from tests.catalog.listed import picture
from tests.catalog.produced import Desk, brief, desk
from tests.catalog.promos import approve, approved, draft, plan, state, submitted
from tests.catalog.shop import START, Shop, actor
from tests.catalog.test_content_tasks import refused_by, run
from tests.catalog.test_promotion_constraints import run_of
from tests.compliance.conftest import enter
from tests.engines.identity.factories import AT, SYSTEM

ALL = ("page", "images", "copy", "posts")


@pytest.fixture(name="people")
def fixture_people(shop: Shop) -> Desk:
    return desk(shop)


def made_for(made: PromotionInfo, material: str) -> ContentTask:
    return ContentTask.objects.get(promotion=made.id, material=material)


def make(people: Desk, task: ContentTask) -> None:
    """Let a material be briefed, made and approved."""
    is_design = task.kind == "design"
    info = content_log.info(task)
    size = {"width": 900, "height": 900} if is_design else {}
    people.assign(info, with_brief=brief(due_at=START, **size))
    version: dict[str, Any] = (
        {"name": "图.png", "data": picture(task.pk % 200 + 1)} if is_design else {"text": "文案"}
    )
    people.submit(info, **version)
    people.approve(info)


@pytest.mark.clause("CAT-4.4-05")
def test_an_approved_promotion_spawns_a_task_for_each_material_due_at_its_start(
    shop: Shop, people: Desk
) -> None:
    made = submitted(shop, materials=ALL)
    assert not ContentTask.objects.exists()

    approve(shop, made)

    tasks = ContentTask.objects.filter(promotion=made.id).order_by("pk")
    assert [(row.material, row.kind, row.step) for row in tasks] == [
        ("page", "design", "wanted"), ("images", "design", "wanted"),
        ("copy", "copy", "wanted"), ("posts", "post", "wanted"),
    ]  # fmt: skip
    assert {row.due_at for row in tasks} == {START}
    assert Notice.objects.filter(person=people.lead.person_id, link__contains="wanted").exists()


@pytest.mark.clause("CAT-4.4-05")
@pytest.mark.parametrize(
    "wish",
    [
        {"materials": (), "no_material": ""},
        {"materials": (), "no_material": "  "},
        {"materials": ("page",), "no_material": "不需要"},
        {"materials": ("banner",)},
    ],
)
def test_a_plan_names_its_material_or_says_why_it_needs_none(
    shop: Shop, wish: dict[str, Any]
) -> None:
    with pytest.raises(PlanIncomplete):
        draft(shop, **wish)
    assert not Promotion.objects.exists()

    made = draft(shop)
    with refused_by("promotion_says_its_material"):
        run("UPDATE catalog_promotion SET no_material = ''")
    with refused_by("promotion_material_known"):
        run("UPDATE catalog_promotion SET materials = '[\"banner\"]'")
    assert Promotion.objects.get(pk=made.id).no_material == "Only the price moves"


@pytest.mark.clause("CAT-4.4-05")
def test_missing_material_holds_the_release_alarms_the_owner_once_and_lets_go_when_approved(
    shop: Shop, people: Desk
) -> None:
    made = approved(shop, materials=("images", "copy"))
    make(people, made_for(made, "copy"))

    promotions.run_clock(actor=SYSTEM, at=START - timedelta(minutes=1))
    assert Promotion.objects.get(pk=made.id).held_at is None
    for minute in (0, 1, 2):
        promotions.run_clock(actor=SYSTEM, at=START + timedelta(minutes=minute))

    held = Promotion.objects.get(pk=made.id)
    assert (held.state, held.held_at) == (PromotionState.SCHEDULED, START)
    assert not PromotionRun.objects.exists()
    assert selectors.lacking(promotion_ids=[made.id]) == {made.id: ["images"]}
    alarm = Notice.objects.get(person=shop.specialist.person_id, is_alarm=True)
    assert alarm.link == f"/promotions/{made.id}/"

    make(people, made_for(made, "images"))
    promotions.run_clock(actor=SYSTEM, at=START + timedelta(minutes=9))

    assert state(made) == PromotionState.RUNNING
    assert PromotionRun.objects.get().valid.lower == START + timedelta(minutes=9)


@pytest.mark.clause("CAT-4.4-05")
def test_the_database_lets_no_promotion_run_while_material_is_missing(
    shop: Shop, people: Desk
) -> None:
    made = approved(shop, materials=("copy",))

    with refused_by("promotionrun_has_its_material"):
        run_of(Promotion.objects.get(pk=made.id))
    with refused_by("promotion_fixed_once_submitted"):
        run("UPDATE catalog_promotion SET materials = '[]', no_material = 'x'")
    with refused_by("contenttask_moves_by_its_log"):
        run("UPDATE catalog_contenttask SET step = 'approved', person = 1")

    assert not PromotionRun.objects.exists()
    make(people, made_for(made, "copy"))
    run_of(Promotion.objects.get(pk=made.id))
    assert PromotionRun.objects.count() == 1


@pytest.mark.clause("CAT-4.4-05")
def test_a_paused_promotion_does_not_go_on_past_missing_material(shop: Shop, people: Desk) -> None:
    made = approved(shop, materials=("posts",))
    lead = actor(shop.supervisor)
    promotions.pause(promotion_id=made.id, reason="等一等", actor=lead, at=AT)

    with pytest.raises(errors.MaterialMissing):
        promotions.resume(promotion_id=made.id, actor=lead, at=START)

    assert state(made) == PromotionState.PAUSED


def test_material_is_part_of_what_was_approved(shop: Shop) -> None:
    made = submitted(shop, materials=("copy",))
    asked = Request.objects.get(pk=Promotion.objects.get(pk=made.id).approval_id or 0)

    assert asked.content["materials"] == ["copy"]
    assert json.loads(json.dumps(plan(materials=("copy",)).materials)) == ["copy"]


def test_material_is_asked_for_once_and_called_off_with_its_promotion(
    shop: Shop, people: Desk
) -> None:
    made = approved(shop, materials=("copy",))
    who = actor(shop.specialist)
    promotions.reopen(promotion_id=made.id, reason="改时间", actor=who, at=AT)
    promotions.edit(promotion_id=made.id, plan=plan(materials=("copy", "page")), actor=who, at=AT)
    promotions.submit(promotion_id=made.id, actor=who, at=AT)

    approve(shop, made)

    tasks = ContentTask.objects.filter(promotion=made.id)
    assert sorted(tasks.values_list("material", flat=True)) == ["copy", "page"]
    promotions.end(promotion_id=made.id, reason="不办了", actor=actor(shop.supervisor), at=AT)
    assert set(tasks.values_list("step", flat=True)) == {"cancelled"}


@pytest.mark.clause("CAT-4.4-05")
def test_the_page_of_a_promotion_shows_its_publicity_checklist(shop: Shop, people: Desk) -> None:
    made = approved(shop, materials=("images", "copy"))
    make(people, made_for(made, "copy"))
    promotions.run_clock(actor=SYSTEM, at=START)
    who: Client = enter(shop.supervisor)

    page = who.get(f"/promotions/{made.id}/").content.decode()

    for material in ("images", "copy"):
        assert f'href="/content-tasks/{made_for(made, material).pk}/"' in page
    lines = selectors.checklist(made.id, ("images", "copy"))
    assert [(one.is_ready, one.person) for one in lines] == [
        (False, ""), (True, "content-editor")
    ]  # fmt: skip

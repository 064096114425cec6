"""Content production: steps in order, by whom they belong to, reviewed by a second person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.choices.content_tasks import ContentKind, TaskStep
from catalog.errors import content_tasks as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.errors.listings import PictureRefused
from catalog.models import (
    ContentMove,
    ContentStep,
    ContentTask,
    ContentVersion,
    ListingPicture,
    ShopPage,
)
from catalog.rules import content_tasks as rules
from catalog.selectors import content_tasks as selectors
from catalog.services import content_log as log
from catalog.services import content_tasks as services
from catalog.services import listings
from catalog.types.content_tasks import ContentTaskInfo
from ops.engines.approvals.flows import Step, flow_named
from ops.engines.clocks import services as clocks
from ops.engines.clocks.models import Clock
from ops.engines.files.errors import FileRefused
from ops.engines.files.models import Attachment
from ops.engines.identity import services as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Forbidden, OpsError
from ops.engines.metrics import selectors as metrics
from ops.engines.notices.models import Notice
from ops.engines.revisions import selectors as versions
from ops.engines.revisions import services as revisions
from ops.engines.revisions.declarations import kind_named
from ops.engines.tables.errors import TableRefused
from tests.catalog import pages, promos
from tests.catalog.listed import SECTIONS, Stall, picture
from tests.catalog.produced import Desk, brief, desk, granted
from tests.catalog.shop import Shop, actor
from tests.engines.identity.factories import AT, SYSTEM, account

COPY, DESIGN = ContentKind.COPY, ContentKind.DESIGN


@pytest.fixture(name="people")
def fixture_people(shop: Shop) -> Desk:
    return desk(shop)


@pytest.fixture(name="home")
def fixture_home(shop: Shop) -> int:
    return ShopPage.objects.get(channel=shop.channel_id, kind="home").pk


def step_of(made: ContentTaskInfo) -> str:
    return ContentTask.objects.get(pk=made.id).step


def log_of(made: ContentTaskInfo) -> list[str]:
    return list(
        ContentStep.objects.filter(task=made.id).order_by("no").values_list("step", flat=True)
    )


# --- The course of copy (CAT-4.3-11) ------------------------------------------------------------


@pytest.mark.clause("CAT-4.3-11")
def test_copy_runs_assigned_drafted_submitted_returned_approved_published(
    shop: Shop, people: Desk
) -> None:
    who, lead = actor(people.editor), actor(people.lead)
    made = people.give(COPY, "promotion", promotion_id(shop))

    people.submit(made, text="暖冬满减，满三百减四十。")
    services.send_back(task_id=made.id, reason="少了活动时间", actor=lead, at=AT)
    people.submit(made, text="暖冬满减，满三百减四十，十二月一日至八日。")
    services.approve(task_id=made.id, note="可以", actor=lead, at=AT)
    services.release(task_id=made.id, actor=who, at=AT)

    assert log_of(made) == [
        "assigned", "drafted", "submitted", "returned", "drafted", "submitted", "approved",
        "published",
    ]  # fmt: skip
    assert [one.no for one in selectors.versions(task_id=made.id)] == [2, 1]
    told = Notice.objects.filter(person=people.editor.person_id).values_list("title", flat=True)
    assert len(set(told)) == 3


@pytest.mark.clause("CAT-4.3-11")
@pytest.mark.clause("CAT-4.3-12")
@pytest.mark.parametrize("kind", [COPY, DESIGN, ContentKind.POST])
def test_a_skipped_step_is_refused_whichever_it_is(
    shop: Shop, people: Desk, kind: ContentKind
) -> None:
    """Every pair of steps that is not declared is refused by the service and by the database."""
    given = granted(people.worker(kind).pk, kind, "promotion", promotion_id(shop), shop.channel_id)
    task = ContentTask.objects.get(pk=given)
    tried = 0
    for before in TaskStep:
        for after in set(TaskStep) - {step for was, step in rules.MOVES[kind] if was == before}:
            task.step = before
            with pytest.raises(errors.StepSkipped):
                log.move(task, after, actor=SYSTEM, at=AT)
            tried += 1
    assert tried > 70
    steps = ContentStep.objects.filter(task=given).count()
    standing = ContentTask.objects.get(pk=given)
    skipped = [
        after
        for after in TaskStep
        if (standing.step, after) not in {(a.value, b) for a, b in rules.MOVES[kind]}
    ]

    for after in skipped:
        with refused_by("contentstep_in_order"):
            put_step(standing, after)

    assert ContentStep.objects.filter(task=given).count() == steps
    assert ContentTask.objects.get(pk=given).step == standing.step


def test_the_table_of_moves_is_what_the_steps_declare(db: None) -> None:
    kept = set(ContentMove.objects.values_list("kind", "before", "after"))

    assert kept == {(k, a.value, b.value) for k, moves in rules.MOVES.items() for a, b in moves}
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        ContentMove.objects.create(kind="copy", before="wanted", after="published")


@pytest.mark.clause("CAT-4.3-11")
@pytest.mark.clause("CAT-4.3-12")
@pytest.mark.parametrize("kind", [COPY, DESIGN])
def test_every_step_has_its_limit_and_a_clock_that_names_who_is_late(
    shop: Shop, people: Desk, kind: ContentKind
) -> None:
    """The clock of a step ends with it; past the limit it breaches and is the worker's."""
    made = people.give(kind, "promotion", promotion_id(shop))
    running = Clock.objects.filter(subject_type=log.SUBJECT, subject_id=made.id)
    waiting = running.get(ended_at__isnull=True)

    later = waiting.due_at + timedelta(minutes=1)
    clocks.sweep(actor=SYSTEM, at=later)

    waiting.refresh_from_db()
    task = ContentTask.objects.get(pk=made.id)
    assert waiting.kind == log.clock_of(kind, task.step)
    assert (waiting.state, waiting.person_id) == ("breached", people.worker(kind).person_id)
    assert task.step_due_at == waiting.due_at
    late = selectors.board(actor=SYSTEM, at=later)
    assert [row.pk for row in selectors.of_tab(late, "late", actor=SYSTEM, at=later)] == [made.id]
    assert running.exclude(ended_at__isnull=True).count() == (2 if kind == DESIGN else 1)
    for stage in rules.STAGES[kind]:
        assert stage.hours > 0


@pytest.mark.clause("CAT-4.3-11")
def test_the_first_pass_rate_is_measured_for_each_editor(shop: Shop, people: Desk) -> None:
    lead, promotion = actor(people.lead), promotion_id(shop)
    for is_returned in (True, False, False):
        made = people.give(COPY, "promotion", promotion)
        people.submit(made, text="一")
        if is_returned:
            services.send_back(task_id=made.id, reason="短", actor=lead, at=AT)
            people.submit(made, text="一二三")
        people.approve(made)
    day = AT.date()

    services.measure(day=day, at=AT)

    by = metrics.by_member(keys=["content_first_pass"], dimension="worker", first=day, last=day)
    figures = {one.member: one.value for one in by["content_first_pass"]}
    assert set(figures) == {str(people.editor.person_id)}
    assert [round(value or Decimal(0), 4) for value in figures.values()] == [Decimal("0.6667")]


# --- The course of a design (CAT-4.3-12, HR-1.2-29) ---------------------------------------------


@pytest.mark.clause("CAT-4.3-12")
def test_a_design_runs_briefed_accepted_to_delivered_with_its_file_versions(
    people: Desk, stall: Stall
) -> None:
    lead, who = actor(people.lead), actor(people.designer)
    made = people.give(DESIGN, "listing", stall.listing_id, title="主图")

    people.submit(made, name="一.png", data=picture(0b11))
    services.send_back(task_id=made.id, reason="太暗", actor=lead, at=AT)
    people.submit(made, name="二.png", data=picture(0b1100))
    people.approve(made)
    services.release(task_id=made.id, angle="in_use", actor=who, at=AT)

    assert log_of(made) == [
        "briefed", "accepted", "drafted", "submitted", "returned", "drafted", "submitted",
        "approved", "delivered",
    ]  # fmt: skip
    files = [one.file.name for one in selectors.versions(task_id=made.id) if one.file]
    assert files == ["二.png", "一.png"]
    shown = ListingPicture.objects.filter(listing=stall.listing_id).order_by("-pk")[0]
    kept = Attachment.objects.get(pk=shown.file_id)
    newest = ContentVersion.objects.filter(task=made.id).order_by("-no")[0]
    assert newest.file is not None
    assert (shown.angle, kept.sha256) == ("in_use", newest.file.sha256)


@pytest.mark.clause("HR-1.2-29")
@pytest.mark.parametrize(
    ("lack", "field"),
    [({"width": None}, "width"), ({"purpose": ""}, "purpose"), ({"due_at": AT}, "due_at")],
)
def test_a_brief_without_size_purpose_or_due_date_reaches_nobody(
    people: Desk, home: int, lack: dict[str, Any], field: str
) -> None:
    with pytest.raises(errors.BriefIncomplete) as refusal:
        people.give(DESIGN, "page", home, **lack)

    assert refusal.value.context["field"] == field
    assert not ContentStep.objects.exists()


@pytest.mark.clause("HR-1.2-29")
@pytest.mark.parametrize("column", ["width", "height", "due_at", "purpose"])
def test_the_database_knows_no_briefed_design_without_size_purpose_or_due_date(
    people: Desk, home: int, column: str
) -> None:
    made = services.plan(
        kind=DESIGN,
        about="page",
        about_id=home,
        brief=brief(width=900, height=900),
        actor=actor(people.lead),
        at=AT,
    )
    empty = "''" if column == "purpose" else "NULL"
    run(f"UPDATE catalog_contenttask SET {column} = {empty} WHERE id = %s", made.id)

    with refused_by("contenttask_brief_is_whole"):
        put_step(
            ContentTask.objects.get(pk=made.id), TaskStep.BRIEFED,
            person=people.designer.person_id,
        )  # fmt: skip
    assert step_of(made) == "wanted"


@pytest.mark.clause("HR-1.2-29")
@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (picture(1, size=(900, 901)), errors.VersionWrong),
        (b"not a picture", (TableRefused, FileRefused)),
        (None, errors.VersionWrong),
    ],
)
def test_a_file_that_is_not_as_briefed_is_no_version(
    people: Desk, home: int, data: bytes | None, refusal: type[OpsError]
) -> None:
    made = people.give(DESIGN, "page", home)

    with pytest.raises(refusal):
        services.hand_version(
            task_id=made.id, name="图.png", data=data, actor=actor(people.designer), at=AT
        )

    assert not ContentVersion.objects.exists()
    assert not Attachment.objects.filter(object_type=log.SUBJECT).exists()


@pytest.mark.clause("HR-1.2-29")
def test_a_delivered_picture_passes_the_check_of_its_listing_before_use(
    people: Desk, stall: Stall
) -> None:
    """What the category refuses is refused when it comes in, however it was briefed."""
    made = people.give(DESIGN, "listing", stall.listing_id, width=700, height=700)

    with pytest.raises(errors.VersionWrong):
        people.submit(made, name="小.png", data=picture(3, size=(700, 700)))
    with pytest.raises(PictureRefused):
        listings.add_picture(
            listing_id=stall.listing_id,
            angle="front",
            name="小.png",
            data=picture(3, size=(700, 700)),
            actor=actor(people.designer),
            at=AT,
        )

    assert not ContentVersion.objects.exists()
    assert ListingPicture.objects.filter(listing=stall.listing_id).count() == 3


@pytest.mark.clause("HR-1.2-29")
def test_the_database_delivers_no_file_of_another_size(people: Desk, home: int) -> None:
    made = people.give(DESIGN, "page", home)
    people.submit(made, name="一.png", data=picture(1))
    services.send_back(task_id=made.id, reason="改", actor=actor(people.lead), at=AT)
    later = AT + timedelta(hours=1)
    put(
        "catalog_contentversion", task_id=made.id, no=2, text="x", note="", width=10, height=10,
        added_by=people.designer.person_id, added_at=later,
    )  # fmt: skip
    newest = ContentVersion.objects.get(task=made.id, no=2).pk
    for step, by in (
        (TaskStep.DRAFTED, people.designer),
        (TaskStep.SUBMITTED, people.designer),
        (TaskStep.APPROVED, people.lead),
    ):
        put_step(ContentTask.objects.get(pk=made.id), step, version_id=newest, done_by=by.person_id)

    with refused_by("contentstep_delivers_as_briefed"):
        put_step(
            ContentTask.objects.get(pk=made.id), TaskStep.DELIVERED, version_id=newest,
            done_by=people.designer.person_id,
        )  # fmt: skip
    assert step_of(made) == "approved"


# --- Whose turn it is (HR-1.2-27, HR-1.2-28, HR-1.2-29) -----------------------------------------


@pytest.mark.clause("HR-1.2-28")
@pytest.mark.clause("HR-1.2-29")
@pytest.mark.parametrize("kind", [COPY, DESIGN])
def test_nobody_works_on_what_was_assigned_to_somebody_else(
    shop: Shop, people: Desk, home: int, kind: ContentKind
) -> None:
    made = people.give(kind, "page", home)
    other = account("other", rules.WORKERS[kind])
    let_in(shop, other)
    deeds: list[Callable[[], Any]] = [
        lambda: services.hand_version(
            task_id=made.id, text="x", name="a.png", data=picture(1), actor=actor(other), at=AT
        ),
        lambda: services.submit(task_id=made.id, actor=actor(other), at=AT),
        lambda: services.release(task_id=made.id, actor=actor(other), at=AT),
        lambda: services.accept(task_id=made.id, actor=actor(other), at=AT),
    ]
    before = log_of(made)

    for deed in deeds:
        with pytest.raises(errors.NotAssigned):
            deed()
    with refused_by("contentversion_in_turn"):
        put(
            "catalog_contentversion", task_id=made.id, no=1, text="x", note="",
            added_by=other.person_id, added_at=AT,
        )  # fmt: skip

    assert log_of(made) == before
    assert not ContentVersion.objects.exists()


@pytest.mark.clause("HR-1.2-29")
def test_the_database_takes_a_step_only_from_its_worker(people: Desk, home: int) -> None:
    made = people.give(DESIGN, "page", home)
    services.hand_version(
        task_id=made.id, name="a.png", data=picture(1), actor=actor(people.designer), at=AT
    )
    version = ContentVersion.objects.get().pk

    with refused_by("contentstep_by_its_worker"):
        put_step(
            ContentTask.objects.get(pk=made.id), TaskStep.SUBMITTED, version_id=version,
            done_by=people.editor.person_id,
        )  # fmt: skip
    with refused_by("contenttask_moves_by_its_log"):
        run("UPDATE catalog_contenttask SET step = 'approved', step_no = step_no + 1")
    assert step_of(made) == "drafted"


@pytest.mark.clause("HR-1.2-27")
def test_only_the_web_editing_supervisor_assigns_and_reviews(
    shop: Shop, people: Desk, home: int
) -> None:
    made = people.give(COPY, "page", home)
    people.submit(made, text="x")

    for user in (shop.specialist, shop.supervisor, shop.manager, people.editor, people.designer):
        deeds: tuple[Callable[[Actor], Any], ...] = (
            lambda who: services.approve(task_id=made.id, actor=who, at=AT),
            lambda who: services.send_back(task_id=made.id, reason="x", actor=who, at=AT),
            lambda who: services.cancel(task_id=made.id, reason="x", actor=who, at=AT),
            lambda who: services.assign(task_id=made.id, person_id=1, actor=who, at=AT),
            lambda who: services.plan(
                kind=COPY, about="page", about_id=home, brief=brief(), actor=who, at=AT
            ),
        )
        for deed in deeds:
            with pytest.raises(Forbidden):
                deed(actor(user))

    assert log_of(made) == ["assigned", "drafted", "submitted"]
    assert ContentTask.objects.count() == 1


@pytest.mark.clause("HR-1.2-27")
def test_the_web_editing_supervisor_is_first_to_decide_content_images_and_modules() -> None:
    for part in ("copy", "images"):
        deciding = [one.role for one in flow_named("listing").steps if is_asked(one, part)]
        assert deciding[0] == Role.WEB_EDITING_SUPERVISOR
    for kind in ("catalog.page_module", "catalog.page_design", "catalog.trade_step"):
        first = flow_named(kind_named(kind).flow).steps[0]
        assert (first.role, first.when) == (Role.WEB_EDITING_SUPERVISOR, None)


@pytest.mark.clause("HR-1.2-27")
def test_who_holds_both_positions_does_not_approve_their_own_work(
    shop: Shop, people: Desk, home: int
) -> None:
    both = account("both", Role.WEB_EDITING_SUPERVISOR, Role.EDITOR)
    people.editor = both
    made = people.give(COPY, "page", home)
    people.submit(made, text="我的稿")

    deeds: tuple[Callable[[], Any], ...] = (
        lambda: services.approve(task_id=made.id, actor=actor(both), at=AT),
        lambda: services.send_back(task_id=made.id, reason="改", actor=actor(both), at=AT),
    )
    for deed in deeds:
        with pytest.raises(errors.OwnContent):
            deed()
    version = ContentVersion.objects.get().pk
    for step in (TaskStep.APPROVED, TaskStep.RETURNED):
        with refused_by("contentstep_second_person"):
            put_step(
                ContentTask.objects.get(pk=made.id), step, version_id=version,
                done_by=both.person_id, note="x",
            )  # fmt: skip

    assert step_of(made) == "submitted"


@pytest.mark.clause("HR-1.2-27")
def test_a_decision_to_send_back_says_why_and_stays_on_record(people: Desk, home: int) -> None:
    made = people.give(COPY, "page", home)
    people.submit(made, text="x")
    lead = actor(people.lead)

    with pytest.raises(ReasonNeeded):
        services.send_back(task_id=made.id, reason=" ", actor=lead, at=AT)
    services.send_back(task_id=made.id, reason="语气太硬", actor=lead, at=AT)

    kept = selectors.steps(task_id=made.id)[0]
    assert (kept.step, kept.note, kept.done_by) == ("returned", "语气太硬", people.lead.person_id)
    for statement in (
        "UPDATE catalog_contentstep SET note = 'y'",
        "DELETE FROM catalog_contentstep",
        "UPDATE catalog_contentversion SET text = 'y'",
        "DELETE FROM catalog_contenttask",
    ):
        with pytest.raises(Exception, match=r"permission denied|append"), transaction.atomic():
            run(statement)


def test_a_task_goes_only_to_who_does_such_work_and_may_go_to_another(
    shop: Shop, people: Desk, home: int
) -> None:
    made = people.give(COPY, "page", home)
    with pytest.raises(errors.WorkerWrong):
        services.assign(
            task_id=made.id,
            person_id=people.designer.person_id or 0,
            actor=actor(people.lead),
            at=AT,
        )
    second = account("second", Role.EDITOR)

    services.assign(
        task_id=made.id, person_id=second.person_id or 0, actor=actor(people.lead), at=AT
    )

    assert ContentTask.objects.get(pk=made.id).person == second.person_id
    open_ones = Clock.objects.filter(subject_id=made.id, ended_at__isnull=True)
    assert [one.person_id for one in open_ones] == [second.person_id]
    with pytest.raises(ThingMissing):
        services.plan(
            kind=COPY, about="page", about_id=0, brief=brief(), actor=actor(people.lead), at=AT
        )


def test_a_task_called_off_stops_its_clock(people: Desk, home: int) -> None:
    made = people.give(COPY, "page", home)

    services.cancel(task_id=made.id, reason="不做了", actor=actor(people.lead), at=AT)

    assert step_of(made) == "cancelled"
    assert not Clock.objects.filter(subject_id=made.id, ended_at__isnull=True).exists()


# --- Only what is assigned is written (HR-1.2-28) -----------------------------------------------


@pytest.mark.clause("HR-1.2-28")
def test_an_editor_writes_the_copy_of_a_listing_assigned_to_her_and_nothing_else(
    people: Desk, stall: Stall
) -> None:
    who = actor(people.editor)
    copy = stall.content(pictures=[], quality=None)

    def write(content: dict[str, Any]) -> Any:
        return listings.write(
            listing_id=stall.listing_id, content=content, why="文案", actor=who, at=AT
        )

    with pytest.raises(errors.NotAssigned):
        write(copy)
    made = people.give(COPY, "listing", stall.listing_id)
    with pytest.raises(errors.NotAssigned):
        write(stall.content(quality=None))
    drafted = write(copy)
    assert drafted.content["title"] == "羊绒圆领衫"
    with pytest.raises(errors.NotAssigned):
        write({**copy, "quality": stall.review_id})
    with pytest.raises(errors.NotAssigned):
        listings.add_picture(
            listing_id=stall.listing_id, angle="front", name="a.png", data=picture(7), actor=who,
            at=AT,
        )  # fmt: skip

    people.submit(made)
    with pytest.raises(errors.NotAssigned):
        write({**copy, "sections": {**SECTIONS, "use": "改。"}})

    kept = versions.open_of(kind="catalog.listing", subject_id=stall.listing_id)
    assert kept is not None
    assert kept.content == drafted.content
    assert ContentVersion.objects.get(task=made.id).revision_id == drafted.id


@pytest.mark.clause("HR-1.2-28")
def test_an_editor_keeps_the_pictures_a_draft_already_has(people: Desk, stall: Stall) -> None:
    stall.write()
    people.give(COPY, "listing", stall.listing_id)

    made = listings.write(
        listing_id=stall.listing_id,
        content=stall.content(title="羊绒圆领衫 加厚"),
        why="改标题",
        actor=actor(people.editor),
        at=AT,
    )

    assert made.content["title"] == "羊绒圆领衫 加厚"
    assert len(made.content["pictures"]) == 3


@pytest.mark.clause("HR-1.2-28")
def test_an_editor_opens_submits_and_drops_nothing_without_a_task(
    people: Desk, stall: Stall
) -> None:
    who = actor(people.editor)
    stall.write()
    waiting = versions.open_of(kind="catalog.listing", subject_id=stall.listing_id)
    assert waiting is not None

    for deed in (
        lambda: listings.submit(listing_id=stall.listing_id, actor=who, at=AT),
        lambda: listings.withdraw(listing_id=stall.listing_id, actor=who, at=AT),
        lambda: revisions.discard(revision_id=waiting.id, actor=who, at=AT),
        lambda: listings.open_listing(
            product_id=stall.product_id, channel_id=stall.shop.channel_id, actor=who, at=AT
        ),
        lambda: listings.add_proof(
            listing_id=stall.listing_id, word="最", name="a.pdf", data=b"%PDF", actor=who, at=AT
        ),
        lambda: listings.add_paper(
            listing_id=stall.listing_id, key="x", name="a.pdf", data=b"%PDF", actor=who, at=AT
        ),
    ):
        with pytest.raises(errors.NotAssigned):
            deed()

    assert versions.open_of(kind="catalog.listing", subject_id=stall.listing_id) == waiting


@pytest.mark.clause("HR-1.2-28")
@pytest.mark.clause("HR-1.2-29")
def test_pages_and_guidance_are_read_only_without_a_task(shop: Shop, people: Desk) -> None:
    house = pages.house()
    house.make_ready()
    home, pay = house.page_id("home"), house.step_id("pay")
    for kind, subject_id, content, role, task in (
        ("catalog.page_design", home, pages.design(), Role.DESIGNER, ("design", "page")),
        ("catalog.trade_step", pay, pages.GUIDANCE, Role.EDITOR, ("copy", "trade_step")),
    ):

        def draft(kind: str = kind, subject_id: int = subject_id, content: Any = content,
                  role: str = role) -> Any:  # fmt: skip
            return revisions.draft(
                kind=kind, subject_id=subject_id, content=content, why="x",
                actor=house.actor(role), at=AT,
            )  # fmt: skip

        with pytest.raises(errors.NotAssigned):
            draft()
        assert versions.open_of(kind=kind, subject_id=subject_id) is None
        house.task(role, *task, subject_id)
        assert draft().drafted_by == house.users[role].person_id


@pytest.mark.clause("CAT-4.3-11")
def test_copy_is_published_once_what_the_editor_wrote_is_live(people: Desk, stall: Stall) -> None:
    who = actor(people.editor)
    made = people.give(COPY, "listing", stall.listing_id)
    stall.write()
    listings.write(
        listing_id=stall.listing_id, content=stall.content(title="羊绒圆领衫 秋"), why="改",
        actor=who, at=AT,
    )  # fmt: skip
    people.submit(made, text="羊绒圆领衫 秋")
    people.approve(made)

    with pytest.raises(errors.NotLiveYet):
        services.release(task_id=made.id, actor=who, at=AT)

    assert step_of(made) == "approved"


# --- Help ---------------------------------------------------------------------------------------


def is_asked(step: Step, part: str) -> bool:
    return step.when is None or step.when({"parts": [part], "routed": []})


def promotion_id(shop: Shop) -> int:
    return promos.draft(shop).id


def let_in(shop: Shop, user: Any) -> None:
    identity.grant_scope(
        user_id=user.pk, kind="channel", object_id=shop.channel_id, actor=SYSTEM, at=AT
    )


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def put(table: str, **values: object) -> None:
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    run(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *values.values())


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert rule in f"{refusal.value} {refusal.value.__cause__.diag.constraint_name}"  # type: ignore[union-attr]


def put_step(task: ContentTask, step: str, **more: Any) -> None:
    """Write a line of the log with the services bypassed."""
    put(
        "catalog_contentstep",
        **{
            "task_id": task.pk, "no": task.step_no + 1, "before": task.step, "step": str(step),
            "note": "", "done_by": None, "at": AT, **more,
        },
    )  # fmt: skip

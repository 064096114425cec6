"""Feedback on products: routed to the owner's queue, answered in time and by the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, ProgrammingError, connection, transaction

from catalog.errors import feedback as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import (
    ContentTask,
    FeedbackRule,
    Listing,
    ProductFeedback,
    ProductFeedbackStep,
)
from catalog.rules import feedback as rules
from catalog.selectors import feedback as selectors
from catalog.services import feedback as services
from catalog.types.feedback import FeedbackDraft
from ops.engines.clocks import services as clocks
from ops.engines.clocks.models import Clock
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput, Forbidden, OpsError
from ops.engines.notices.models import Notice
from ops.engines.tables.services import import_file
from tests.catalog.produced import desk
from tests.catalog.shop import Shop, actor
from tests.catalog.voiced import House, open_house, reply
from tests.engines.identity.factories import AT, SYSTEM, account

clause = pytest.mark.clause("HR-1.2-02")


@pytest.fixture(name="house")
def fixture_house(shop: Shop) -> House:
    return open_house(shop)


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        yield


@clause
def test_feedback_waits_in_the_queue_of_the_owner_with_a_deadline_on_working_days(
    house: House,
) -> None:
    """AT is a Saturday: two working days end on Tuesday night."""
    made = house.say(rating=2, reference="TB-20261120-1")
    row = house.row(made)

    assert (row.department_id, row.step, row.rating) == (house.products, "new", 2)
    assert f"{row.due_at:%Y-%m-%d %H:%M}" == "2026-11-24 15:59"
    clock = Clock.objects.get(subject_type=services.SUBJECT, subject_id=row.pk)
    assert (clock.kind, clock.due_at, clock.department_id) == (
        services.REPLY, row.due_at, house.products,
    )  # fmt: skip
    queue = selectors.queue(actor=actor(house.member), at=AT)
    ours = selectors.of_tab(queue, "ours", actor=actor(house.member), at=AT)
    theirs = selectors.of_tab(queue, "ours", actor=actor(house.stranger), at=AT)
    assert (ours.count(), theirs.count()) == (1, 0)
    told = set(Notice.objects.values_list("person_id", flat=True))
    assert {house.member.person_id, house.colleague.person_id} <= told
    assert house.stranger.person_id not in told


@clause
def test_a_late_reply_escalates_and_the_time_for_it_is_the_houses_to_set(house: House) -> None:
    first = house.say()
    services.set_reply_time(working_days=5, why="大促期间", actor=actor(house.shop.manager), at=AT)
    second = house.say("领口起球")
    late = house.row(first).due_at or AT
    supervisor = house.shop.supervisor.person_id

    clocks.sweep(actor=SYSTEM, at=late + timedelta(seconds=1))
    clocks.sweep(actor=SYSTEM, at=late + timedelta(days=2))

    states = dict(Clock.objects.values_list("subject_id", "state"))
    assert (states[first.id], states[second.id]) == ("breached", "running")
    assert f"{house.row(second).due_at:%Y-%m-%d}" == "2026-11-27"
    assert Clock.objects.get(subject_id=second.id).term == "working_days:5"
    assert Notice.objects.filter(person_id=supervisor).exists()
    at = late + timedelta(days=1)
    board = selectors.queue(actor=actor(house.member), at=at)
    tab = selectors.of_tab(board, "late", actor=actor(house.member), at=at)
    assert [row.pk for row in tab] == [first.id]
    with pytest.raises(errors.ReplyTimeUnchanged):
        services.set_reply_time(working_days=5, why="再说", actor=SYSTEM, at=AT)
    with pytest.raises(Forbidden):
        services.set_reply_time(working_days=9, why="想久点", actor=actor(house.member), at=AT)
    assert FeedbackRule.objects.count() == 1


@clause
def test_an_item_is_taken_answered_closed_and_opened_again_with_its_reason(house: House) -> None:
    made = house.say()
    who, colleague = actor(house.member), actor(house.colleague)
    services.take(feedback_id=made.id, actor=who, at=AT)
    due = house.row(made).due_at
    services.take(feedback_id=made.id, actor=colleague, at=AT)
    with pytest.raises(errors.FeedbackStepSkipped):
        services.answer(feedback_id=made.id, answer=reply(), actor=who, at=AT)
    assert (house.row(made).person, house.row(made).due_at) == (colleague.person_id, due)

    done = services.answer(feedback_id=made.id, answer=reply(), actor=colleague, at=AT)
    assert (done.step, done.finding, done.due_at) == ("answered", "quality", None)
    assert Clock.objects.get(subject_id=made.id).state == "met"
    services.close(feedback_id=made.id, actor=who, at=AT)
    with pytest.raises(ReasonNeeded):
        services.reopen(feedback_id=made.id, reason=" ", actor=actor(house.agent), at=AT)
    later = AT + timedelta(days=4)
    again = services.reopen(
        feedback_id=made.id,
        reason="买家说换来的也起球",
        actor=actor(house.agent, at=later),
        at=later,
    )

    assert again.step == "reopened"
    assert again.due_at is not None
    assert again.due_at > later
    assert Clock.objects.filter(subject_id=made.id, state="running").count() == 1
    assert [one.step for one in selectors.steps(feedback_id=made.id)] == [
        "reopened", "closed", "answered", "taken", "taken",
    ]  # fmt: skip


@clause
def test_an_answer_names_what_it_led_to_by_its_number(house: House, shop: Shop) -> None:
    people = desk(shop)
    listing = Listing.objects.get(product__skus=shop.sku_ids[0], channel=shop.channel_id)
    task = people.give("copy", "listing", listing.pk)
    made = house.say("描述说是羊绒，收到的标签写羊毛")

    who = actor(house.member)
    services.take(feedback_id=made.id, actor=who, at=AT)
    other = Listing.objects.exclude(pk=listing.pk).filter(product__skus=shop.sku_ids[1]).get()

    for led, number in (("content_task", "CT-0"), ("listing", ""), ("listing", other.number)):
        wrong = reply(finding="content", led_to=led, led_number=number)
        with pytest.raises(OpsError) as refused:
            services.answer(feedback_id=made.id, answer=wrong, actor=who, at=AT)
        assert refused.value.context["field"] == "led_number"
        assert house.row(made).step == "taken"
    number = ContentTask.objects.get(pk=task.id).number
    services.answer(
        feedback_id=made.id,
        answer=reply(finding="content", led_to="content_task", led_number=number.lower()),
        actor=who,
        at=AT,
    )

    step = selectors.steps(feedback_id=made.id)[0]
    assert (step.led_to, step.led_id, step.led_number) == ("content_task", task.id, number)


@clause
def test_what_reaches_a_person_is_refused_and_never_kept(house: House) -> None:
    for text, reference in (
        ("请回电 138 0013 8000", ""),
        ("请回电 １３８００１３８０００", ""),
        ("身份证 11010519491231002X", ""),
        ("写信到 li@example.com", ""),
        ("起球", "13800138000"),
        ("起球", "11010519491231002X"),
    ):
        with pytest.raises(errors.NamesPerson):
            house.say(text, reference=reference)
    assert ProductFeedback.objects.count() == 0
    made = house.say("起球", reference="2812345678901234567")

    with pytest.raises(errors.NamesPerson):
        house.answered(made, reply="已致电 13800138000")
    assert house.row(made).step == "taken"
    assert rules.without_persons("回电13800138000谢谢") == "回电…谢谢"


@clause
def test_who_may_not_record_or_answer_is_refused_and_nothing_changes(house: House) -> None:
    keeper = account("keeper", Role.WAREHOUSE_KEEPER)
    made = house.say()
    with pytest.raises(errors.NotOfDepartment) as refused:
        services.take(feedback_id=made.id, actor=actor(house.stranger), at=AT)
    assert "归产品运营部" in str(refused.value)
    for user in (keeper, house.agent):
        with pytest.raises(Forbidden):
            services.take(feedback_id=made.id, actor=actor(user), at=AT)
    with pytest.raises(Forbidden):
        services.record(
            draft=FeedbackDraft(channel_id=1, sku_id=1, source="service", text="好"),
            actor=actor(keeper),
            at=AT,
        )
    editor = services.take(feedback_id=made.id, actor=actor(house.editor), at=AT)
    assert editor.step == "taken"

    for changes, error in (
        ({"sku_id": 0}, ThingMissing),
        ({"rating": 6}, BadInput),
        ({"source": "rumour"}, BadInput),
        ({"text": "  "}, BadInput),
        ({"received_at": AT + timedelta(days=1)}, BadInput),
    ):
        with pytest.raises(error):
            house.say(**changes)
    assert ProductFeedback.objects.count() == 1


@clause
def test_the_database_keeps_the_course_the_words_and_the_answers(house: House) -> None:
    """What a service refuses, SQL as the app's role is refused too."""
    made = house.say()
    member, stranger = house.member.person_id, house.stranger.person_id

    with refused_by("productfeedbackstep_in_order"):
        _put(made.id, no=1, before="new", step="closed", done_by=member)
    with refused_by("productfeedbackstep_by_member"):
        _put(made.id, no=1, before="new", step="taken", done_by=stranger)
    with refused_by("productfeedbackstep_keeps_its_deadline"):
        _put(made.id, no=1, before="new", step="taken", done_by=member, days=9)
    with refused_by("productfeedback_moves_by_its_log"):
        ProductFeedback.objects.filter(pk=made.id).update(step="answered", due_at=None)
    with refused_by("productfeedback_stays"):
        ProductFeedback.objects.filter(pk=made.id).update(text="很好")
    with refused_by("productfeedback_to_its_owner"):
        _copy(made.id, department_id=house.trade)
    with refused_by("productfeedback_reaches_nobody"):
        _copy(made.id, text="回电 13800138000")
    with refused_by("productfeedback_starts_new"):
        _copy(made.id, step="taken")
    services.take(feedback_id=made.id, actor=actor(house.member), at=AT)
    with refused_by("productfeedbackstep_by_who_took_it"):
        _put(made.id, no=2, before="taken", step="answered", done_by=house.colleague.person_id,
             reply="好", finding="none")  # fmt: skip
    with refused_by("productfeedbackstep_answer_is_whole"):
        _put(made.id, no=2, before="taken", step="answered", done_by=member, finding="none")
    for forbidden in (
        "UPDATE catalog_productfeedbackstep SET reply = '改'",
        "DELETE FROM catalog_productfeedback",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(forbidden)

    assert [one.step for one in selectors.steps(feedback_id=made.id)] == ["taken"]


@clause
def test_a_file_of_reviews_comes_in_once_and_names_its_bad_rows(
    house: House, tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "kept"
    path = tmp_path / "reviews.csv"
    path.write_text(
        "商品编码,评价内容,评分,订单编号\n"
        "A-1001-S,起球严重,2,TB-1\n"
        "A-1001-M,加微信 13800138000 返现,5,TB-2\n"
        "A-1001-M,颜色比图片深,3,13800138000\n"
        "NOPE,好,5,TB-3\n"
        "A-1001-M,好,7,TB-4\n",
        encoding="utf-8",
    )

    def load(name: str) -> Any:
        return import_file(
            profile="product_feedback", path=path, name=name, actor=Actor.importer(), at=AT,
            options={"channel": "tmall"},
        )  # fmt: skip

    first = load("a.csv")
    path.write_text(path.read_text("utf-8") + "A-1001-S,物流快,5,TB-5\n", encoding="utf-8")
    second = load("b.csv")

    assert (first.accepted, first.rejected) == (1, 4)
    assert (second.accepted, second.duplicate) == (1, 1)
    assert set(ProductFeedback.objects.values_list("text", "source")) == {
        ("起球严重", "file"), ("物流快", "file"),
    }  # fmt: skip
    kept = [one.read_text("utf-8") for one in (tmp_path / "kept").rglob("*rejects*")]
    assert any("NOPE" in text for text in kept)
    assert not any("13800138000" in text for text in kept)


def _put(
    feedback_id: int, *, no: int, before: str, step: str, done_by: int | None, **said: Any
) -> None:
    days = said.pop("days", None)
    due = ProductFeedback.objects.get(pk=feedback_id).due_at
    if days and due:
        due += timedelta(days=days)
    ProductFeedbackStep.objects.create(
        feedback_id=feedback_id, no=no, before=before, step=step, done_by=done_by, at=AT,
        due_at=due if step == "taken" else None, **said,
    )  # fmt: skip


def _copy(feedback_id: int, **changes: Any) -> None:
    row = ProductFeedback.objects.get(pk=feedback_id)
    row.pk, row.number = None, "FB-BYPASS"
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)

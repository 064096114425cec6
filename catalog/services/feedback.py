"""Feedback on products: recorded, routed to the owner's queue, answered in time (HR-1.2-02)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.choices.feedback import FeedbackSource, FeedbackStep, Finding, LedTo
from catalog.errors import feedback as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing, missing
from catalog.models import (
    ContentTask,
    FeedbackRule,
    Listing,
    Product,
    ProductFeedback,
    ProductFeedbackStep,
    RangeDrop,
    SelectionProposal,
    Sku,
)
from catalog.rules import feedback as rules
from catalog.selectors import feedback as selectors
from catalog.selectors import owners
from catalog.services.owners import MANAGE
from catalog.types.feedback import Answer, FeedbackDraft, FeedbackInfo, ReplyTime
from ops.engines.audit import services as audit
from ops.engines.clocks import rules as clock_rules
from ops.engines.clocks import selectors as calendars
from ops.engines.clocks import services as clocks
from ops.engines.clocks.limits import Limit, working_days
from ops.engines.clocks.types import Subject
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import Policy, may
from ops.engines.notices import services as notices
from ops.engines.notices.choices import NoticeKind
from ops.engines.numbering import services as numbering

SUBJECT: Final = "catalog.productfeedback"
SERIES: Final = "FB"
REPLY: Final = "product_feedback_reply"
_OPERATORS: Final = (
    Role.OPERATIONS_SPECIALIST,
    Role.OPERATIONS_SUPERVISOR,
    Role.WEB_EDITING_SUPERVISOR,
    Role.EDITOR,
    Role.DESIGNER,
)
# Service hears it first; the department answers.
RECORD: Final[Policy] = may("catalog", "V", Role.CUSTOMER_SERVICE_AGENT, *_OPERATORS)
ANSWER: Final[Policy] = may("catalog", "C", *_OPERATORS)
_CAME: Final = gettext_noop("Feedback on products waits for your department: %(count)s")
_NUMBERED: Final[Mapping[str, QuerySet[Any, Any]]] = {
    LedTo.CONTENT_TASK: ContentTask.objects.all(),
    LedTo.LISTING: Listing.objects.all(),
    LedTo.SELECTION: SelectionProposal.objects.all(),
    LedTo.DROP: RangeDrop.objects.all(),
}


def record(*, draft: FeedbackDraft, actor: Actor, at: datetime) -> FeedbackInfo:
    """Record what somebody said about goods; it waits in the queue of the department owning them.

    Raises what `record_many` raises.
    """
    return record_many(drafts=[draft], actor=actor, at=at)[0]


def record_many(
    *, drafts: Sequence[FeedbackDraft], actor: Actor, at: datetime
) -> list[FeedbackInfo]:
    """Record what was said, and return the new items; what was kept under its key before is not.

    Set-based. Raises Forbidden, ThingMissing (SKU, product, or a channel that is not the actor's),
    NamesPerson, BadInput naming the field.
    """
    RECORD.require(actor)
    with transaction.atomic():
        allowed = actor.scope_ids("channel", "catalog")
        for one in drafts:
            if allowed is not None and one.channel_id not in allowed:
                raise ThingMissing("channel", one.channel_id)
        products = _products(drafts)
        fresh = _fresh(drafts)
        owning = owners.owners(product_ids={products[one] for one in fresh.values()}, at=at)
        limit = working_days(selectors.reply_time().working_days)
        due_at = clock_rules.due(at, limit, calendars.calendar())
        made = [
            ProductFeedback(
                **_read(one, actor=actor, at=at),
                number=number,
                product_id=products[one],
                department_id=owning[products[one]].department_id,
                recorded_by=actor.person_id,
                recorded_at=at,
                step_at=at,
                due_at=due_at,
            )
            for one, number in zip(
                fresh.values(),
                numbering.take(SERIES, at=at, count=len(fresh)) if fresh else (),
                strict=True,
            )
        ]
        ProductFeedback.objects.bulk_create(made)
        _start_clocks(made, limit, actor=actor, at=at)
        audit.record_each(
            actor=actor,
            at=at,
            action="catalog.feedback_received",
            object_type=SUBJECT,
            bodies={
                row.pk: {
                    "number": row.number,
                    "product": row.product_id,
                    "source": row.source,
                    "department": owning[row.product_id].department,
                }
                for row in made
            },
        )
        _tell(made, actor=actor, at=at)
        return [selectors.info(row) for row in made]


def take(*, feedback_id: int, actor: Actor, at: datetime) -> FeedbackInfo:
    """Look into an item, or take it on from a colleague; the deadline stays.

    Raises Forbidden, FeedbackMissing, NotOfDepartment, FeedbackStepSkipped.
    """
    ANSWER.require(actor)
    with transaction.atomic():
        row = _locked(feedback_id, actor, at=at, right="C")
        return _move(row, FeedbackStep.TAKEN, due_at=row.due_at, actor=actor, at=at)


def answer(*, feedback_id: int, answer: Answer, actor: Actor, at: datetime) -> FeedbackInfo:
    """Answer what one looks into: the reply, what was found, and what it led to.

    Raises Forbidden, FeedbackMissing, NotOfDepartment, FeedbackStepSkipped (somebody else looks
    into it, too), NothingSoNumbered, NamesPerson, BadInput.
    """
    ANSWER.require(actor)
    reply = _words(answer.reply, "reply", actor)
    if answer.finding not in Finding.values:
        raise BadInput("catalog.feedback_finding", _("Please choose one of the list."),
                       field="finding")  # fmt: skip
    with transaction.atomic():
        row = _locked(feedback_id, actor, at=at, right="C")
        if row.step == FeedbackStep.TAKEN and row.person != actor.person_id:
            raise errors.FeedbackStepSkipped(
                _("looked into by somebody else"), FeedbackStep.ANSWERED.label
            )
        return _move(
            row,
            FeedbackStep.ANSWERED,
            reply=reply,
            finding=answer.finding,
            **_led(row, answer),
            actor=actor,
            at=at,
        )


def close(*, feedback_id: int, actor: Actor, at: datetime) -> FeedbackInfo:
    """Be done with an answered item.

    Raises Forbidden, FeedbackMissing, NotOfDepartment, FeedbackStepSkipped.
    """
    ANSWER.require(actor)
    with transaction.atomic():
        row = _locked(feedback_id, actor, at=at, right="C")
        return _move(row, FeedbackStep.CLOSED, actor=actor, at=at)


def reopen(*, feedback_id: int, reason: str, actor: Actor, at: datetime) -> FeedbackInfo:
    """Ask again, with the reason: a new deadline runs. Whoever records feedback may.

    Raises Forbidden, FeedbackMissing, FeedbackStepSkipped, ReasonNeeded, NamesPerson.
    """
    RECORD.require(actor)
    note = parse.text(reason, most=400).strip()
    if not note:
        raise ReasonNeeded
    if rules.reaches_person(note):
        raise errors.NamesPerson("reason")
    with transaction.atomic():
        row = _locked(feedback_id, actor, at=at, right="V", is_member=False)
        limit = working_days(selectors.reply_time().working_days)
        due_at = clock_rules.due(at, limit, calendars.calendar())
        made = _move(row, FeedbackStep.REOPENED, note=note, due_at=due_at, actor=actor, at=at)
        _start_clocks([row], limit, actor=actor, at=at)
        _tell([row], actor=actor, at=at)
        return made


def set_reply_time(*, working_days: int, why: str, actor: Actor, at: datetime) -> ReplyTime:
    """Say how many working days an answer may take from now on; what runs keeps its deadline.

    Raises Forbidden, ReasonNeeded, ReplyTimeUnchanged, BadInput.
    """
    MANAGE.require(actor)
    reason = parse.text(why, most=200).strip()
    if not reason:
        raise ReasonNeeded
    if not 1 <= working_days <= rules.MOST_DAYS:
        words = _("Between 1 and %(most)s working days.") % {"most": rules.MOST_DAYS}
        raise BadInput("catalog.reply_time", words, field="working_days")
    with transaction.atomic():
        now = selectors.reply_time()
        if now.no and now.working_days == working_days:
            raise errors.ReplyTimeUnchanged
        made = FeedbackRule.objects.create(
            no=now.no + 1,
            working_days=working_days,
            why=reason,
            set_by=actor.person_id,
            set_at=at,
        )
        audit.record(
            actor=actor,
            at=at,
            action="catalog.reply_time_set",
            obj=("catalog.feedbackrule", made.pk),
            body={"working_days": [str(now.working_days), str(working_days)], "why": reason},
        )
        return selectors.reply_time()


def _products(drafts: Sequence[FeedbackDraft]) -> dict[FeedbackDraft, int]:
    """Return the product each draft is about; raises ThingMissing."""
    wanted = {one.sku_id for one in drafts if one.sku_id is not None}
    of = dict(Sku.objects.filter(pk__in=wanted).values_list("pk", "product_id"))
    missing("sku", wanted, of)
    whole = {one.product_id or 0 for one in drafts if one.sku_id is None}
    known = set(Product.objects.filter(pk__in=whole).values_list("pk", flat=True))
    for one in drafts:
        if one.sku_id is None and one.product_id not in known:
            raise ThingMissing("product", one.product_id)
    return {one: of[one.sku_id] if one.sku_id else one.product_id or 0 for one in drafts}


def _fresh(drafts: Sequence[FeedbackDraft]) -> dict[str, FeedbackDraft]:
    """Return what was not kept before, each key once, in the order given."""
    keyed = {one.effect_key or f"\x00{place}": one for place, one in enumerate(drafts)}
    wanted = [one.effect_key for one in drafts if one.effect_key]
    kept = ProductFeedback.objects.filter(effect_key__in=wanted) if wanted else ()
    for row in kept:
        keyed.pop(str(row.effect_key), None)
    return keyed


def _read(one: FeedbackDraft, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return the columns of a draft as they are kept; raises NamesPerson, BadInput."""
    if one.source not in FeedbackSource.values:
        raise BadInput("catalog.feedback_source", _("Please choose one of the list."),
                       field="source")  # fmt: skip
    if one.rating is not None and not 1 <= one.rating <= 5:
        raise BadInput("catalog.feedback_rating", _("A rating is 1 to 5."), field="rating")
    received_at = one.received_at or at
    if received_at > at:
        raise BadInput("catalog.seen_in_future", _("This moment has not come yet."),
                       field="received_at")  # fmt: skip
    reference = parse.text(one.reference, most=rules.MOST_REFERENCE).strip()
    if rules.names_person(reference):
        raise errors.NamesPerson("reference")
    return {
        "sku_id": one.sku_id,
        "channel_id": one.channel_id,
        "source": one.source,
        "reference": reference,
        "text": _words(one.text, "text", actor),
        "rating": one.rating,
        "received_at": received_at,
        "effect_key": one.effect_key or None,
    }


def _words(text: str, field: str, actor: Actor) -> str:
    """Return words without what reaches a person: a machine leaves it out, a person is told."""
    read = parse.text(text, most=rules.MOST_TEXT, least=1, lines=True).strip()
    if not read:
        raise BadInput("catalog.feedback_words", _("Say what was said."), field=field)
    if not rules.reaches_person(read):
        return read
    if actor.is_machine:
        return rules.without_persons(read)
    raise errors.NamesPerson(field)


def _led(row: ProductFeedback, answer: Answer) -> dict[str, Any]:
    """Return what an answer led to, found by its number; raises NothingSoNumbered, BadInput."""
    number = answer.led_number.strip()
    if not answer.led_to and not number:
        return {}
    if answer.led_to not in LedTo.values or not number:
        words = _("Say what it led to, and its number.")
        raise BadInput("catalog.feedback_led_to", words, field="led_number")
    found = _NUMBERED[answer.led_to].filter(number__iexact=number)
    if answer.led_to == LedTo.LISTING:
        found = found.filter(product_id=row.product_id)
    if answer.led_to == LedTo.DROP:
        found = found.filter(lines__sku__product_id=row.product_id)
    one = found.first()
    if one is None:
        raise errors.NothingSoNumbered(number)
    return {"led_to": answer.led_to, "led_id": one.pk, "led_number": one.number}


def _locked(
    feedback_id: int, actor: Actor, *, at: datetime, right: str, is_member: bool = True
) -> ProductFeedback:
    rows = ProductFeedback.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=feedback_id).first()
    allowed = actor.scope_ids("channel", "catalog", right)
    if row is None or (allowed is not None and row.channel_id not in allowed):
        raise errors.FeedbackMissing(feedback_id)
    if is_member and not owners.works_for(department_id=row.department_id, actor=actor, at=at):
        raise errors.NotOfDepartment(owners.department_names()[row.department_id or 0])
    return row


def _move(
    row: ProductFeedback, step: FeedbackStep, *, actor: Actor, at: datetime, **said: Any
) -> FeedbackInfo:
    """Let a locked item take a step; the clock of the reply ends with the answer."""
    before = FeedbackStep(row.step)
    if not rules.may_move(before, step):
        raise errors.FeedbackStepSkipped(before.label, step.label)
    made = ProductFeedbackStep.objects.create(
        feedback_id=row.pk,
        no=row.step_no + 1,
        before=before,
        step=step,
        done_by=actor.person_id,
        at=at,
        **said,
    )
    row.refresh_from_db()
    if step == FeedbackStep.ANSWERED:
        clocks.meet(kind=REPLY, subjects=[(SUBJECT, row.pk)], actor=actor, at=at)
    audit.record(
        actor=actor,
        at=at,
        action=f"catalog.feedback_{step.value}",
        obj=(SUBJECT, row.pk),
        body={
            "number": row.number,
            "from": before.value,
            "finding": made.finding,
            "reply": made.reply,
            "led_to": made.led_number,
            "reason": made.note,
        },
    )
    return selectors.info(row)


def _start_clocks(
    rows: Collection[ProductFeedback], limit: Limit, *, actor: Actor, at: datetime
) -> None:
    clocks.start(
        kind=REPLY,
        subjects=[
            Subject(
                type=SUBJECT,
                id=row.pk,
                label=row.number,
                link=f"/product-feedback/{row.pk}/",
                department_id=row.department_id,
                scope=("channel", row.channel_id),
                started_at=at,
                limit=limit,
            )
            for row in rows
        ],
        actor=actor,
        at=at,
    )


def _tell(rows: Collection[ProductFeedback], *, actor: Actor, at: datetime) -> None:
    """Tell the department whose queue it came to, once however much came."""
    for (department_id, channel_id), count in Counter(
        (row.department_id, row.channel_id) for row in rows
    ).items():
        notices.notify(
            kind=NoticeKind.ACT,
            title=_CAME,
            params={"count": count},
            link="/product-feedback/?tab=ours",
            subject=SUBJECT,
            role=Role.OPERATIONS_SPECIALIST,
            department_id=department_id,
            area="catalog",
            scope=("channel", channel_id),
            actor=actor,
            at=at,
        )

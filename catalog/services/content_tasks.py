"""Content production: asked for, assigned, made, reviewed by a second person, released.

One course for editors and designers (CAT-4.3-11, CAT-4.3-12); the order of steps is data in
`rules.content_tasks` and in the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.choices.content_tasks import About, ContentKind, TaskStep
from catalog.errors import content_tasks as errors
from catalog.errors.goods import ReasonNeeded, ThingMissing
from catalog.models import ContentTask, ContentVersion, Listing, Promotion, ShopPage, TradeStep
from catalog.models.pages import PageModule
from catalog.rules import content_tasks as rules
from catalog.rules.listing.pictures import Picture, fits
from catalog.selectors import listing_grounds
from catalog.services import content_log as log
from catalog.services import listings
from catalog.types.content_tasks import Brief, ContentTaskInfo
from ops.engines.audit import services as audit
from ops.engines.files import services as files
from ops.engines.identity import selectors as identity
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import Policy, may
from ops.engines.metrics import services as metrics
from ops.engines.notices import services as notices
from ops.engines.numbering import services as numbering
from ops.engines.revisions import selectors as versions
from ops.engines.tables import pictures
from ops.engines.tables.pictures import PictureInfo

RATE: Final = "content_first_pass"
# HR-1.2-27: the web editing supervisor assigns content tasks and reviews what comes back.
LEAD: Final[Policy] = may("catalog", "A", rules.SUPERVISOR)
WORK: Final[Policy] = may("catalog", "C", *set(rules.WORKERS.values()))
MOST_SIDE: Final = 20_000
_GIVEN: Final = gettext_noop("A content task is yours: %(number)s")
_RETURNED: Final = gettext_noop("A content task came back to be redone: %(number)s")
_APPROVED: Final = gettext_noop("A content task is approved and may be released: %(number)s")
_CHANNELED: Final[Mapping[str, QuerySet[Any, Any]]] = {
    About.LISTING: Listing.objects.values_list("channel_id", flat=True),
    About.PAGE: ShopPage.objects.values_list("channel_id", flat=True),
    About.TRADE_STEP: TradeStep.objects.values_list("channel_id", flat=True),
    About.PROMOTION: Promotion.objects.values_list("channel_id", flat=True),
}


def plan(
    *,
    kind: str,
    about: str,
    about_id: int,
    channel_id: int | None = None,
    material: str = "",
    brief: Brief,
    person_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> ContentTaskInfo:
    """Ask for something to be made; somebody is named at once, or later (`assign`).

    `channel_id` is needed for page module types alone. Raises Forbidden, ThingMissing,
    BriefIncomplete, BadInput, and what `assign` raises.
    """
    LEAD.require(actor)
    _refuse_kind(kind, about)
    with transaction.atomic():
        task = ContentTask(
            kind=kind,
            channel_id=_channel(about, about_id, channel_id, actor),
            about=about,
            material=material,
            opened_by=actor.person_id,
            opened_at=at,
            step_at=at,
            step_due_at=log.due(kind, [TaskStep.WANTED], at=at)[0],
            **{f"{about}_id": about_id},
        )
        _write_brief(task, brief, at=at)
        task.number = numbering.take_one(log.SERIES, at=at)
        task.save(force_insert=True)
        log.start_clocks([task], actor=actor, at=at)
        audit.record(
            actor=actor,
            at=at,
            action="catalog.content_wanted",
            obj=(log.SUBJECT, task.pk),
            body={"number": task.number, "kind": kind, "about": about, "id": about_id},
        )
        if person_id is None:
            return log.info(task)
        return assign(task_id=task.pk, person_id=person_id, actor=actor, at=at)


def assign(
    *,
    task_id: int,
    person_id: int,
    brief: Brief | None = None,
    actor: Actor,
    at: datetime,
) -> ContentTaskInfo:
    """Name who works on a task, by a whole brief; naming somebody else begins anew.

    Raises Forbidden, ContentTaskMissing, StepSkipped, BriefIncomplete, WorkerWrong.
    """
    LEAD.require(actor)
    with transaction.atomic():
        task = locked(task_id, actor, "A")
        step = rules.given_step(task.kind)
        if not rules.may_move(task.kind, task.step, step):
            raise errors.StepSkipped(TaskStep(task.step).label, step.label)
        if brief is not None:
            _write_brief(task, brief, at=at)
        _refuse_partial(task)
        role = rules.WORKERS[task.kind]
        if not identity.holds_itself(person_id=person_id, role=role, at=at):
            raise errors.WorkerWrong
        task.save(update_fields=["title", "purpose", "words", "width", "height", "due_at"])
        moved = log.move(task, step, actor=actor, at=at, person_id=person_id)
        _tell(task, _GIVEN, [person_id], actor=actor, at=at)
        return moved


def accept(*, task_id: int, actor: Actor, at: datetime) -> ContentTaskInfo:
    """Take a briefed design on. Raises Forbidden, ContentTaskMissing, NotAssigned, StepSkipped."""
    with transaction.atomic():
        task = _mine(task_id, actor)
        return log.move(task, TaskStep.ACCEPTED, actor=actor, at=at)


def hand_version(
    *,
    task_id: int,
    text: str = "",
    name: str = "",
    data: bytes | None = None,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """Keep the next version of what a task makes; returns its number.

    A design is a picture of exactly the size the brief names, looked at in a confined child; for a
    listing it fits the category's rule too. Copy is words, a file, or the draft the worker has open
    of the thing itself. Raises Forbidden, ContentTaskMissing, NotAssigned, StepSkipped,
    VersionWrong, BadInput, and what files and pictures refuse.
    """
    words = parse.text(text, most=20_000, lines=True).strip()
    said = parse.text(note, most=200).strip()
    seen = _look(task_id, data)
    with transaction.atomic():
        task = _mine(task_id, actor)
        if task.step not in rules.WRITABLE:
            raise errors.StepSkipped(TaskStep(task.step).label, TaskStep.DRAFTED.label)
        row = ContentVersion(
            task=task,
            no=ContentVersion.objects.filter(task=task).count() + 1,
            text=words,
            note=said,
            added_by=actor.person_id or 0,
            added_at=at,
        )
        if task.kind == ContentKind.DESIGN:
            _measure(row, task, seen, at=at)
        elif not words and data is None:
            row.revision_id = _open_draft(task, actor)
        if data is not None:
            row.file_id = files.store(
                object_type=log.SUBJECT, object_id=task.pk, name=name, data=data, actor=actor, at=at
            ).id
        row.save(force_insert=True)
        if task.step != TaskStep.DRAFTED:
            log.move(task, TaskStep.DRAFTED, actor=actor, at=at, version=row)
        return row.no


def submit(*, task_id: int, actor: Actor, at: datetime) -> ContentTaskInfo:
    """Hand the newest version in for review.

    Raises Forbidden, ContentTaskMissing, NotAssigned, StepSkipped.
    """
    with transaction.atomic():
        task = _mine(task_id, actor)
        return log.move(task, TaskStep.SUBMITTED, actor=actor, at=at, version=newest_version(task))


def send_back(*, task_id: int, reason: str, actor: Actor, at: datetime) -> ContentTaskInfo:
    """Return what was handed in, with the reason; a new version follows.

    Raises Forbidden, ContentTaskMissing, OwnContent, StepSkipped, ReasonNeeded.
    """
    return _review(task_id, TaskStep.RETURNED, _reason(reason), actor=actor, at=at)


def approve(*, task_id: int, note: str = "", actor: Actor, at: datetime) -> ContentTaskInfo:
    """Approve what was handed in, as a second person.

    Raises Forbidden, ContentTaskMissing, OwnContent, StepSkipped.
    """
    said = parse.text(note, most=400).strip()
    return _review(task_id, TaskStep.APPROVED, said, actor=actor, at=at)


def release(*, task_id: int, angle: str = "", actor: Actor, at: datetime) -> ContentTaskInfo:
    """Publish approved copy, or deliver an approved design for use.

    Copy about versioned content is published once what the worker wrote is live. A design for a
    listing is put among its pictures under an `angle`, through their check; it is looked at before
    anything is locked. Raises Forbidden, ContentTaskMissing, NotAssigned, StepSkipped, NotLiveYet,
    VersionFollowed, and what `listings.add_picture` does.
    """
    shown = _delivered(task_id, actor)
    with transaction.atomic():
        task = _mine(task_id, actor)
        step = rules.last_step(task.kind)
        if not rules.may_move(task.kind, task.step, step):
            raise errors.StepSkipped(TaskStep(task.step).label, step.label)
        newest = newest_version(task)
        if task.kind == ContentKind.DESIGN:
            _use(task, newest, shown, angle, actor=actor, at=at)
        elif task.about in rules.CONTENT_OF:
            _require_live(task, at=at)
        return log.move(task, step, actor=actor, at=at, version=newest)


def cancel(*, task_id: int, reason: str, actor: Actor, at: datetime) -> ContentTaskInfo:
    """Call a task off, with the reason. Raises Forbidden, ContentTaskMissing, StepSkipped."""
    LEAD.require(actor)
    with transaction.atomic():
        task = locked(task_id, actor, "A")
        return log.move(task, TaskStep.CANCELLED, actor=actor, at=at, note=_reason(reason))


def measure(*, day: date, at: datetime) -> None:
    """Measure the first-pass rate of the last eight days anew (CAT-4.3-11)."""
    metrics.refresh(keys=[RATE], first=day - timedelta(days=7), last=day, at=at)


def locked(task_id: int, actor: Actor, right: str) -> ContentTask:
    """Lock one task in the actor's channels; raises ContentTaskMissing."""
    rows = ContentTask.objects.select_for_update(of=("self",), no_key=True)
    task = rows.filter(pk=task_id).first()
    allowed = actor.scope_ids("channel", "catalog", right)
    if task is None or (allowed is not None and task.channel_id not in allowed):
        raise errors.ContentTaskMissing(task_id)
    return task


def newest_version(task: ContentTask) -> ContentVersion | None:
    """Return the newest version of a task."""
    return ContentVersion.objects.filter(task=task).order_by("-no").first()


def _mine(task_id: int, actor: Actor) -> ContentTask:
    """Lock a task the actor works on; raises NotAssigned for somebody else's (HR-1.2-28, -29)."""
    WORK.require(actor)
    task = locked(task_id, actor, "C")
    if task.person is None or task.person != actor.person_id:
        raise errors.NotAssigned
    return task


def _review(
    task_id: int, step: TaskStep, note: str, *, actor: Actor, at: datetime
) -> ContentTaskInfo:
    LEAD.require(actor)
    with transaction.atomic():
        task = locked(task_id, actor, "A")
        made_by = set(task.versions.values_list("added_by", flat=True)) | {task.person}
        if actor.person_id is None or actor.person_id in made_by:
            raise errors.OwnContent
        moved = log.move(task, step, actor=actor, at=at, note=note, version=newest_version(task))
        words = _APPROVED if step == TaskStep.APPROVED else _RETURNED
        _tell(task, words, [task.person or 0], actor=actor, at=at, body=note)
        return moved


def _refuse_kind(kind: str, about: str) -> None:
    if kind not in ContentKind.values:
        raise ThingMissing("content_kind", kind)
    if about not in About.values:
        raise ThingMissing("content_about", about)


def _channel(about: str, about_id: int, channel_id: int | None, actor: Actor) -> int:
    """Return the channel of what a task is about, in the actor's scope; raises ThingMissing."""
    if about == About.MODULE:
        found = channel_id if PageModule.objects.filter(pk=about_id).exists() else None
    else:
        found = _CHANNELED[about].filter(pk=about_id).first()
    allowed = actor.scope_ids("channel", "catalog", "A")
    if found is None or (allowed is not None and found not in allowed):
        raise ThingMissing(about, about_id)
    return int(found)


def _write_brief(task: ContentTask, brief: Brief, *, at: datetime) -> None:
    task.title = parse.text(brief.title, most=120, least=1).strip()
    task.purpose = parse.text(brief.purpose, most=400).strip()
    task.words = parse.text(brief.words, most=4000, lines=True).strip()
    is_design = task.kind == ContentKind.DESIGN
    if not is_design and (brief.width or brief.height):
        raise errors.BriefIncomplete(_("Only a design has a size in pixels."), field="width")
    task.width, task.height = brief.width, brief.height
    if brief.due_at <= at:
        raise errors.BriefIncomplete(_("The due date lies ahead."), field="due_at")
    task.due_at = brief.due_at


def _refuse_partial(task: ContentTask) -> None:
    """Refuse a brief that does not name size, purpose and due date (HR-1.2-29)."""
    if not task.purpose:
        raise errors.BriefIncomplete(_("Say what it is for."), field="purpose")
    if task.due_at is None:
        raise errors.BriefIncomplete(_("Say until when it is needed."), field="due_at")
    if task.kind != ContentKind.DESIGN:
        return
    for field in ("width", "height"):
        side = getattr(task, field)
        if side is None or not 0 < side <= MOST_SIDE:
            words = _("The brief of a design names its width and height in pixels.")
            raise errors.BriefIncomplete(words, field=field)


def _look(task_id: int, data: bytes | None) -> PictureInfo | None:
    """Look at the picture of a design before anything is locked."""
    if data is None:
        return None
    files.require_size(len(data))
    designs = ContentTask.objects.filter(pk=task_id, kind=ContentKind.DESIGN)
    return pictures.look(data) if designs.exists() else None


def _measure(
    row: ContentVersion, task: ContentTask, seen: PictureInfo | None, *, at: datetime
) -> None:
    """Refuse a picture that is not what the brief, and a listing's category, ask for."""
    if seen is None:
        raise errors.VersionWrong(_("A design comes as a picture."), field="file")
    row.width, row.height = seen.width, seen.height
    if (seen.width, seen.height) != (task.width, task.height):
        words = _("It is %(is)s pixels; the brief asks for %(wanted)s.") % {
            "is": f"{seen.width} × {seen.height}",
            "wanted": f"{task.width} × {task.height}",
        }
        raise errors.VersionWrong(words, field="file")
    if task.listing_id is None:
        return
    rule = listing_grounds.grounds(listing_ids=[task.listing_id], at=at)[task.listing_id].rule
    measured = Picture(id=0, width=seen.width, height=seen.height, dhash=seen.dhash)
    if not fits(measured, rule.pictures):
        words = _("Pictures of this category need another size or shape: have the brief changed.")
        raise errors.VersionWrong(words, field="file")


def _open_draft(task: ContentTask, actor: Actor) -> int:
    """Return the draft the worker has open of what the task is about; raises VersionWrong."""
    kind = rules.CONTENT_OF.get(task.about)
    about_id = log.info(task).about_id
    found = versions.open_of(kind=kind, subject_id=about_id) if kind else None
    if found is None or found.drafted_by != actor.person_id:
        words = _("Write the words here, add a file, or draft them where they belong first.")
        raise errors.VersionWrong(words, field="text")
    return found.id


def _require_live(task: ContentTask, *, at: datetime) -> None:
    about_id = log.info(task).about_id
    kind = rules.CONTENT_OF[task.about]
    live = versions.live(kind=kind, subject_ids=[about_id], at=at).get(about_id)
    if live is None or live.since < task.opened_at:
        raise errors.NotLiveYet
    if versions.info_of(revision_id=live.revision_id).drafted_by != task.person:
        raise errors.NotLiveYet


@dataclass(frozen=True, slots=True)
class _Delivered:
    """The picture a design delivers to a listing, as it was looked at."""

    file_id: int
    name: str
    data: bytes
    seen: PictureInfo


def _delivered(task_id: int, actor: Actor) -> _Delivered | None:
    """Look at the approved picture of the actor's design for a listing; None: there is none."""
    rows = ContentVersion.objects.filter(
        task_id=task_id,
        task__kind=ContentKind.DESIGN,
        task__step=TaskStep.APPROVED,
        task__listing__isnull=False,
        task__person=actor.person_id or 0,
    )
    newest = rows.order_by("-no").first()
    if newest is None or newest.file_id is None:
        return None
    kept = files.open_file(attachment_id=newest.file_id, actor=actor)
    data = kept.path.read_bytes()
    return _Delivered(newest.file_id, kept.info.name, data, pictures.look(data))


def _use(
    task: ContentTask,
    newest: ContentVersion | None,
    shown: _Delivered | None,
    angle: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Put a delivered picture where it is used; other things take it from the task."""
    if task.listing_id is None or newest is None or newest.file_id is None:
        return
    if shown is None or shown.file_id != newest.file_id:
        raise errors.VersionFollowed
    listings.add_picture(
        listing_id=task.listing_id,
        angle=angle,
        name=shown.name,
        data=shown.data,
        seen=shown.seen,
        actor=actor,
        at=at,
    )


def _reason(reason: str) -> str:
    read = parse.text(reason, most=400).strip()
    if not read:
        raise ReasonNeeded
    return read


def _tell(
    task: ContentTask,
    title: str,
    persons: list[int],
    *,
    actor: Actor,
    at: datetime,
    body: str = "",
) -> None:
    notices.notify(
        person_ids=persons,
        kind="act",
        title=title,
        body=body,
        params={"number": task.number},
        link=f"/content-tasks/{task.pk}/",
        subject=f"{log.SUBJECT}:{task.pk}",
        actor=actor,
        at=at,
    )

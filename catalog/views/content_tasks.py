"""Content tasks: the board of all, and one task with its log and versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.content_tasks import About, ContentKind, TaskStep
from catalog.choices.listings import Angle
from catalog.desk.content_tasks import VIEW
from catalog.models import ContentStep, ContentTask, ContentVersion
from catalog.rules import content_tasks as rules
from catalog.selectors import content_tasks as selectors
from catalog.services import content_tasks as services
from catalog.services.content_log import SUBJECT
from catalog.views.listings import channel_choices
from ops.engines.desk.screens import (
    Action,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    Kept,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    New,
    Record,
    RecordScreen,
    Related,
    StateStep,
    Tab,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may

# Where the page of a thing is, by what a task is about.
_PAGES: Mapping[str, tuple[str, str]] = {
    About.LISTING: ("catalog:listing", "listing_id"),
    About.PAGE: ("catalog:shop_page", "page_id"),
    About.TRADE_STEP: ("catalog:trade_step", "trade_step_id"),
    About.MODULE: ("catalog:page_module", "module_id"),
    About.PROMOTION: ("catalog:promotion", "promotion_id"),
}


def _worker_choices(_actor: Actor) -> list[tuple[str, str]]:
    found = selectors.everybody_named()
    return [(str(pk), name) for pk, name in found.items()]


class TaskBoard(ListScreen):
    """`/content-tasks/`: who has what, what waits for whom, what is late."""

    policy = VIEW
    title = _("Content tasks")
    nav = "content_tasks"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("title", _("Title"), sub=lambda row: row.channel.name),
        Column("kind", _("Kind"), value=lambda row: ContentKind(row.kind).label),
        Column("step", _("State"), "badge", value=lambda row: TaskStep(row.step)),
        Column("worker", _("Worked on by"), value=lambda row: row.worker),
        Column("step_due_at", _("Next step due"), "due"),
        Column("due_at", _("Needed by"), "moment"),
        Column("is_late", _("Late"), "flag"),
    )
    filters = (
        Filter("q", _("Title or number"), "text"),
        Filter("channel", _("Channel"), choices=Kept("catalog.channels", channel_choices)),
        Filter("kind", _("Kind"), choices=ContentKind.choices),
        Filter("step", _("State"), choices=TaskStep.choices),
        Filter("worker", _("Worked on by"), choices=Kept("content.workers", _worker_choices)),
    )
    tabs = (
        Tab("open", _("Open")),
        Tab("mine", _("Mine")),
        Tab("lead", _("To assign or review")),
        Tab("late", _("Late")),
        Tab("over", _("Over")),
    )
    order = "-id"
    row_url = "catalog:content_task"
    new = New(_("Ask for content"), "catalog:content_task_new", services.LEAD)
    export_policy = may("catalog", "E")
    empty = _("No content task here. The web editing supervisor asks for copy and designs.")
    empty_href = "/content-tasks/new/"
    empty_label = _("Ask for content")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the tasks of the actor's channels."""
        found = query.narrow(
            selectors.board(actor=actor, at=query.at),
            "kind", "step", channel="channel_id", worker="person",
        )  # fmt: skip
        if text := query.get("q"):
            found = selectors.named(found, text)
        page = query.page(
            selectors.of_tab(found, query.tab, actor=actor, at=query.at), orders={"id": "id"}
        )
        names = people.person_names([row.person for row in page.rows])
        for row in page.rows:
            row.worker = names.get(row.person, "")
        return page


class TaskScreen(RecordScreen):
    """`/content-tasks/<id>/`: the brief, whose turn it is, the log of steps, the versions."""

    policy = VIEW
    title = _("Content task")
    nav = "content_tasks"
    list_url_name = "catalog:content_tasks"
    list_title = _("Content tasks")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the task with its whole history."""
        row = selectors.task(task_id=key["task_id"], actor=actor)
        steps = selectors.steps(task_id=row.pk)
        versions = selectors.versions(task_id=row.pk)
        names = people.person_names(
            [
                row.person,
                row.opened_by,
                *(one.done_by for one in steps),
                *(one.person for one in steps),
                *(one.added_by for one in versions),
            ]
        )
        return Record(
            number=row.number,
            title=row.title,
            state=TaskStep(row.step),
            states=_stations(row, names),
            actions=_actions(row, actor, versions),
            notices=_notices(row, steps, at),
            facts=(_brief(row), _work(row, names)),
            lines=(_log(steps, names), _versions(versions, names)),
            related=_related(row),
            clauses=("CAT-4.3-12" if row.kind == ContentKind.DESIGN else "CAT-4.3-11",),
            subject=(SUBJECT, row.pk),
        )


def _stations(row: ContentTask, names: Mapping[int, str]) -> list[StateStep]:
    if row.step == TaskStep.CANCELLED:
        return []
    path = rules.path(row.kind)
    standing = TaskStep.SUBMITTED if row.step == TaskStep.RETURNED else TaskStep(row.step)
    now = path.index(standing)
    is_over = row.step in rules.OVER
    return [
        StateStep(
            title=TaskStep(row.step).label if place == now else step.label,
            when="past" if place < now or (is_over and place == now)
            else "next" if place > now else "now",
            note=names.get(row.person or 0, "") if place == now else "",
            due_at=row.step_due_at if place == now else None,
        )
        for place, step in enumerate(path)
    ]  # fmt: skip


def _notices(
    row: ContentTask, steps: Sequence[ContentStep], at: dt.datetime
) -> list[tuple[str, Any]]:
    words: list[tuple[str, Any]] = []
    if row.step == TaskStep.RETURNED and steps:
        words.append(("warning", gettext("Sent back: %(why)s") % {"why": steps[0].note}))
    if row.step not in rules.OVER and row.step_due_at is not None and row.step_due_at < at:
        words.append(("warning", _("The time for the next step is over.")))
    return words


def _brief(row: ContentTask) -> FactGroup:
    facts = [
        Fact(title=_("Kind"), value=ContentKind(row.kind).label),
        Fact(title=_("For"), value=About(row.about).label, href=_about_href(row)),
        Fact(title=_("Channel"), value=row.channel.name),
        Fact(title=_("Needed by"), value=row.due_at, kind="moment"),
    ]
    if row.kind == ContentKind.DESIGN:
        size = f"{row.width} × {row.height}" if row.width else ""
        facts.append(Fact(title=_("Size in pixels"), value=size))
    if row.material:
        facts.append(Fact(title=_("Publicity material"), value=row.get_material_display()))
    facts += [
        Fact(title=_("Purpose"), value=row.purpose, is_wide=True),
        Fact(title=_("Brief"), value=row.words, is_wide=True),
    ]
    return FactGroup(title=_("Brief"), facts=facts)


def _work(row: ContentTask, names: Mapping[int, str]) -> FactGroup:
    return FactGroup(
        title=_("Work"),
        facts=(
            Fact(title=_("Worked on by"), value=names.get(row.person or 0, "")),
            Fact(title=_("Asked for by"), value=names.get(row.opened_by or 0, "")),
            Fact(title=_("Asked for at"), value=row.opened_at, kind="moment"),
            Fact(title=_("Since"), value=row.step_at, kind="moment"),
            Fact(title=_("Next step due"), value=row.step_due_at, kind="moment"),
        ),
    )


def _log(steps: Sequence[ContentStep], names: Mapping[int, str]) -> Lines:
    return Lines(
        _("Log of steps"),
        (
            Column("step", _("Step"), "badge", value=lambda one: TaskStep(one.step)),
            Column("at", _("At"), "moment"),
            Column("by", _("By"), value=lambda one: names.get(one.done_by or 0, gettext("system"))),
            Column("to", _("Worked on by"), value=lambda one: names.get(one.person or 0, "")),
            Column(
                "version", _("Version"), "number",
                value=lambda one: one.version.no if one.version else None,
            ),
            Column("due_at", _("Next step due"), "moment"),
            Column("note", _("Reason")),
        ),
        steps,
        empty=_("Nobody was named yet."),
    )  # fmt: skip


def _versions(versions: Sequence[ContentVersion], names: Mapping[int, str]) -> Lines:
    return Lines(
        _("Versions"),
        (
            Column("no", _("Version"), "number"),
            Column(
                "file", _("File"),
                value=lambda one: one.file.name if one.file else "",
                href=lambda one: f"/files/{one.file_id}/" if one.file_id else "",
            ),
            Column(
                "size", _("Size in pixels"),
                value=lambda one: f"{one.width} × {one.height}" if one.width else "",
            ),
            Column("text", _("Text"), value=_text),
            Column("note", _("Note")),
            Column("added_by", _("By"), value=lambda one: names.get(one.added_by, "")),
            Column("added_at", _("At"), "moment"),
        ),
        versions,
        empty=_("No version yet."),
    )  # fmt: skip


def _text(one: ContentVersion) -> str:
    if one.revision is not None:
        return gettext("Version %(no)s where it belongs") % {"no": one.revision.no}
    return one.text


def _about_href(row: ContentTask) -> str:
    name, column = _PAGES[row.about]
    return reverse(name, args=[getattr(row, column)])


def _related(row: ContentTask) -> list[Related]:
    return [Related(title=About(row.about).label, href=_about_href(row))]


def _deed(
    service: Callable[..., Any], task_id: int, message: str
) -> Callable[[Mapping[str, Any], Actor, dt.datetime], Done]:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        given = {name: value or "" for name, value in values.items()}
        service(task_id=task_id, **given, actor=actor, at=at)
        return Done(message=message)

    return run


def _actions(
    row: ContentTask, actor: Actor, versions: Sequence[ContentVersion]
) -> tuple[Action, ...]:
    if row.step in rules.OVER:
        return ()
    lead = services.LEAD.allows(actor)
    mine = row.person is not None and row.person == actor.person_id
    return (*(_of_worker(row, versions) if mine else ()), *(_of_lead(row) if lead else ()))


def _of_worker(row: ContentTask, versions: Sequence[ContentVersion]) -> tuple[Action, ...]:
    may_go = partial(rules.may_move, row.kind, row.step)
    actions = []
    if may_go(TaskStep.ACCEPTED):
        actions.append(
            Action(
                key="accept",
                label=_("Take it on"),
                run=_deed(services.accept, row.pk, gettext("The task is taken on.")),
                policy=services.WORK,
                is_primary=True,
            )
        )
    if may_go(TaskStep.SUBMITTED):
        actions.append(
            Action(
                key="submit",
                label=_("Submit for review"),
                run=_deed(services.submit, row.pk, gettext("It waits for its review.")),
                policy=services.WORK,
                confirm=_("Version %(no)s goes to the web editing supervisor.")
                % {"no": versions[0].no if versions else 0},
                is_primary=True,
            )
        )
    if row.step in rules.WRITABLE:
        actions.append(
            Action(
                key="version",
                label=_("Hand a version in"),
                href=reverse("catalog:content_version", args=[row.pk]),
                policy=services.WORK,
                is_primary=row.step != TaskStep.DRAFTED,
            )
        )
    if row.step == TaskStep.APPROVED:
        is_design = row.kind == ContentKind.DESIGN
        is_shown = is_design and row.listing_id is not None
        actions.append(
            Action(
                key="release",
                label=_("Deliver") if is_design else _("Publish"),
                run=_deed(services.release, row.pk, gettext("It is released.")),
                policy=services.WORK,
                fields=(
                    (Field("angle", _("Angle"), "choice", choices=Angle.choices),)
                    if is_shown
                    else ()
                ),
                is_primary=True,
            )
        )
    return tuple(actions)


def _of_lead(row: ContentTask) -> tuple[Action, ...]:
    actions = []
    if row.step == TaskStep.SUBMITTED:
        actions += [
            Action(
                key="approve",
                label=_("Approve"),
                run=_deed(services.approve, row.pk, gettext("It is approved.")),
                policy=services.LEAD,
                fields=(Field("note", _("Opinion"), most=400, required=False),),
                is_primary=True,
            ),
            Action(
                key="return",
                label=_("Send back"),
                run=_deed(services.send_back, row.pk, gettext("It was sent back.")),
                policy=services.LEAD,
                fields=(Field("reason", _("Reason"), most=400, least=2),),
            ),
        ]
    if rules.may_move(row.kind, row.step, rules.given_step(row.kind)):
        is_new = row.step == TaskStep.WANTED
        actions.append(
            Action(
                key="assign",
                label=_("Name who works on it") if is_new else _("Name somebody else"),
                href=reverse("catalog:content_assign", args=[row.pk]),
                policy=services.LEAD,
                is_primary=is_new,
            )
        )
    return (
        *actions,
        Action(
            key="cancel",
            label=_("Call off"),
            run=_deed(services.cancel, row.pk, gettext("The task is called off.")),
            policy=services.LEAD,
            fields=(Field("reason", _("Reason"), most=400, least=2),),
            is_danger=True,
        ),
    )

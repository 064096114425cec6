"""The forms of content tasks: ask for one, name who works on it, hand a version in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.content_tasks import About, ContentKind, TaskStep
from catalog.errors.content_tasks import BriefIncomplete
from catalog.rules import content_tasks as rules
from catalog.selectors import content_tasks as selectors
from catalog.services import content_tasks as services
from catalog.types.content_tasks import Brief
from ops.engines.desk.screens import Done, Field, FormScreen, Group
from ops.engines.kernel.actor import Actor

_BRIEF = (
    Field("title", _("Title"), most=120, least=2),
    Field("purpose", _("Purpose"), most=400, least=2),
    Field("words", _("Brief"), "lines", most=4000, required=False,
          hint=_("What it says or shows, examples, what to avoid.")),
    Field("width", _("Width in pixels"), "quantity", least=1, required=False,
          hint=_("Of a design only.")),
    Field("height", _("Height in pixels"), "quantity", least=1, required=False),
    Field("due_at", _("Needed by"), "moment", hint=_("Such as 2026-12-01 00:00")),
)  # fmt: skip


def _brief(values: Mapping[str, Any]) -> Brief:
    return Brief(
        title=values["title"],
        purpose=values["purpose"],
        words=values["words"] or "",
        width=values["width"],
        height=values["height"],
        due_at=values["due_at"],
    )


class TaskNew(FormScreen):
    """`/content-tasks/new/`: what is wanted, for what, by whom, until when."""

    policy = services.LEAD
    title = _("Ask for content")
    nav = "content_tasks"
    submit_label = _("Ask for it")
    lead = _("Give the number of a listing or promotion, or choose a page.")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the fields; places are those of the actor's channels."""
        return (
            Group(
                _("For"),
                (
                    Field("number", _("Listing or promotion"), "code", most=32, required=False),
                    Field(
                        "place", _("Page"), "choice", required=False,
                        choices=[("", "—"), *selectors.places(actor=actor)],
                    ),
                    Field("kind", _("Kind"), "choice", choices=ContentKind.choices),
                ),
            ),
            Group(_("Brief"), _BRIEF),
            Group(
                _("Work"),
                (
                    Field(
                        "person", _("Worked on by"), "choice", required=False,
                        choices=[("", "—"), *_people(list(rules.WORKERS), self.at)],
                        hint=_("Editors write copy and posts, designers draw."),
                    ),
                ),
            ),
        )  # fmt: skip

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Ask for it through the service."""
        about, about_id, channel_id = _thing(values, actor)
        made = services.plan(
            kind=values["kind"],
            about=about,
            about_id=about_id,
            channel_id=channel_id,
            brief=_brief(values),
            person_id=int(values["person"]) if values["person"] else None,
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("%(number)s is asked for.") % {"number": made.number},
            href=reverse("catalog:content_task", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Return to the board."""
        return reverse("catalog:content_tasks")


class _OfTask(FormScreen, abstract=True):
    """A form about one task."""

    nav = "content_tasks"

    def back_url(self, **key: Any) -> str:
        """Return to the task."""
        return reverse("catalog:content_task", args=[key["task_id"]])

    def done(self, message: str, **key: Any) -> Done:
        """Return to the task with a word."""
        return Done(message=message, href=self.back_url(**key))


class AssignForm(_OfTask):
    """`/content-tasks/<id>/assign/`: who works on it, by a whole brief."""

    policy = services.LEAD
    title = _("Name who works on it")
    submit_label = _("Assign")
    lead = _("The brief is fixed once work has begun.")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return the brief while it may be changed, and the people who do such work."""
        row = selectors.task(task_id=key["task_id"], actor=actor)
        who = Field("person", _("Worked on by"), "choice", choices=_people([row.kind], self.at))
        is_open = row.step == TaskStep.WANTED
        fields = tuple(
            one
            for one in _BRIEF
            if row.kind == ContentKind.DESIGN or one.key not in {"width", "height"}
        )
        return (*((Group(_("Brief"), fields),) if is_open else ()), Group(_("Work"), (who,)))

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Return the brief as it stands."""
        row = selectors.task(task_id=key["task_id"], actor=actor)
        named = ("title", "purpose", "words", "width", "height", "due_at")
        return {name: getattr(row, name) for name in named}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Assign it through the service."""
        given = {"width": None, "height": None, **values}
        services.assign(
            task_id=key["task_id"],
            person_id=int(values["person"]),
            brief=_brief(given) if "title" in values else None,
            actor=actor,
            at=at,
        )
        return self.done(gettext("The task is assigned."), **key)


class VersionForm(_OfTask):
    """`/content-tasks/<id>/version/`: words, a file, or the draft where it belongs."""

    policy = services.WORK
    title = _("Hand a version in")
    submit_label = _("Keep the version")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Return a picture for a design, words or a file for the rest."""
        row = selectors.task(task_id=key["task_id"], actor=actor)
        note = Field("note", _("Note"), most=200, required=False)
        if row.kind == ContentKind.DESIGN:
            size = _("Exactly %(size)s pixels.") % {"size": f"{row.width} × {row.height}"}
            picture = Field("file", _("Picture"), "file", accept=".png,.jpg,.jpeg,.webp", hint=size)
            return (Group(_("Version"), (picture, note)),)
        text = Field(
            "text", _("Text"), "lines", most=20_000, required=False,
            hint=_("Leave it empty to hand in the draft you have open where it belongs."),
        )  # fmt: skip
        paper = Field("file", _("File"), "file", accept=".pdf,.png,.jpg,.jpeg", required=False)
        return (Group(_("Version"), (text, paper, note)),)

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Keep it through the service."""
        sent = values.get("file")
        number = services.hand_version(
            task_id=key["task_id"],
            text=values.get("text") or "",
            name=sent.name if sent else "",
            data=sent.read() if sent else None,
            note=values["note"] or "",
            actor=actor,
            at=at,
        )
        return self.done(gettext("Version %(no)s is kept.") % {"no": number}, **key)


def _people(kinds: Sequence[str], at: dt.datetime) -> list[tuple[str, str]]:
    found = {
        one.person_id: one.name for kind in kinds for one in selectors.workers(kind=kind, at=at)
    }
    return [(str(pk), name) for pk, name in found.items()]


def _thing(values: Mapping[str, Any], actor: Actor) -> tuple[str, int, int | None]:
    """Return what a task is about, by the number that was typed or the page that was chosen."""
    number, place = values["number"], values["place"]
    if bool(number) == bool(place):
        words = _("Give a number, or choose a page: exactly one of both.")
        raise BriefIncomplete(words, field="number")
    if place:
        about, about_id, channel_id = str(place).split(":")
        return About(about).value, int(about_id), int(channel_id)
    return (*selectors.numbered(number=str(number), actor=actor), None)

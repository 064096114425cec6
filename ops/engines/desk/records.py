"""RecordScreen: one record with its state, facts, lines, related things and timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ops.engines.clocks import selectors as clocks
from ops.engines.clocks.types import ClockInfo
from ops.engines.desk import filing, histories
from ops.engines.desk.base import Screen
from ops.engines.desk.cells import Lines, show
from ops.engines.desk.charts import Chart
from ops.engines.desk.fields import Bound, Field, blank_form, read_form
from ops.engines.desk.filing import Files
from ops.engines.desk.proofs import demo_codes
from ops.engines.desk.states import Badge
from ops.engines.documents.papers import form_named
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass, may_read, readable
from ops.engines.kernel.errors import BadInput, NotFound, OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import Policy

Text = str | Promise
# A head shows this many actions; one more would not be worth a menu.
MOST_AT_HEAD: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One labelled value of a record; `kind` as in columns, `data` its class of data."""

    title: Text
    value: Any
    kind: str = "text"
    href: str = ""
    is_wide: bool = False
    data: DataClass = DataClass.INTERNAL

    @property
    def text(self) -> str:
        """Return the value as shown."""
        return show(self.value, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """Facts under one heading."""

    title: Text
    facts: Sequence[Fact]

    def known_to(self, actor: Actor) -> FactGroup:
        """Return the group without the facts the actor may not read."""
        return replace(self, facts=[f for f in self.facts if may_read(f.data, actor)])


@dataclass(frozen=True, slots=True, kw_only=True)
class StateStep:
    """One station of the state bar.

    `when` is "past", "now", "next" or "stopped"; `note` says who and when, who is waited for, or
    what comes.
    """

    title: Text
    when: str
    note: Text = ""
    due_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """One kind of related thing with its count."""

    title: Text
    count: int | None = None
    href: str = ""
    note: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an action or form answers: one line with the number, and where to go."""

    message: Text
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a record: a link (`href`) or a deed (`run`).

    `why_not` shows the button without effect and prints the reason under it; a policy the actor
    fails does the same by itself. `fields` holds at most a few short fields asked in a sheet;
    `confirm` is the sentence that names object, number and consequence. `run(values, actor, at)`
    acts through a service.
    """

    key: str
    label: Text
    href: str = ""
    run: Callable[[Mapping[str, Any], Actor, dt.datetime], Done | None] | None = None
    policy: Policy | None = None
    why_not: Text = ""
    fields: Sequence[Field] = ()
    confirm: Text = ""
    is_primary: bool = False
    is_danger: bool = False
    shortcut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """What is being worked out for a record now; its page renews itself when that is done.

    `total` is None while nobody knows how much there is to do.
    """

    title: Text
    done: int = 0
    total: int | None = None
    stage: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything a record page shows; templates get plain values only.

    `prints` lists the printable forms of the record: key and number of the row.
    """

    number: str
    title: Text = ""
    state: Any = None
    states: Sequence[StateStep] = ()
    actions: Sequence[Action] = ()
    notices: Sequence[tuple[str, Text]] = ()
    under_way: UnderWay | None = None
    facts: Sequence[FactGroup] = ()
    lines: Sequence[Lines] = ()
    charts: Sequence[Chart] = ()
    related: Sequence[Related] = ()
    clauses: Sequence[str] = ()
    subject: tuple[str, object] | None = None
    files: Files | None = None
    prints: Sequence[tuple[str, int]] = ()


@dataclass(slots=True)
class ShownAction:
    """An action as it stands in the page."""

    action: Action
    why_not: str
    bound: Sequence[Bound] = ()

    @property
    def needs_sheet(self) -> bool:
        """Say whether pressing it opens a sheet first."""
        return bool(self.action.fields or self.action.confirm)


def at_head(actions: Sequence[ShownAction]) -> tuple[list[ShownAction], list[ShownAction]]:
    """Return the actions the head shows, and those it keeps under "More", in declared order.

    Where there are too many, the primary one stays, then what may be done now; what ends a thing
    or may not be done is one tap further.
    """
    if len(actions) <= MOST_AT_HEAD + 1:
        return list(actions), []

    def rank(shown: ShownAction) -> int:
        return 3 if shown.why_not else 2 if shown.action.is_danger else not shown.action.is_primary

    first = sorted(actions, key=rank)[:MOST_AT_HEAD]
    return first, [shown for shown in actions if shown not in first]


class RecordScreen(Screen, abstract=True):
    """A record page. Subclass it, write `load`, mount `as_view()` with the key in the route."""

    template_name: ClassVar[str] = "desk/record.html"
    list_url_name: ClassVar[str] = ""
    list_title: ClassVar[Text] = ""

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the record; raises NotFound for what is absent or outside the actor's scope."""
        raise NotImplementedError

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Return more context for a template of one's own that extends `desk/record.html`."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Show the record, or its facts beside a list when peeked at."""
        record = self.load(actor=self.actor, at=self.at, **key)
        return self._render(request, record)

    def post(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Run one action of the record."""
        record = self.load(actor=self.actor, at=self.at, **key)
        if request.POST.get("action") == "add_files" and record.files is not None:
            return self._add_files(request, record.files)
        action = next((a for a in record.actions if a.key == request.POST.get("action")), None)
        if action is None or action.run is None:
            raise BadInput("record.action", _("This record has no such action now."))
        if action.policy is not None:
            action.policy.require(self.actor)
        if action.why_not:
            self.say(request, "error", str(action.why_not))
            return HttpResponseRedirect(request.get_full_path())
        reading = read_form(
            action.fields,
            data=request.POST,
            files=request.FILES,
            actor=self.actor,
            today=business_day(self.at),
        )
        if reading.errors:
            for _name, words in reading.errors:
                self.say(request, "error", words)
            return HttpResponseRedirect(request.get_full_path())
        try:
            done = action.run(reading.values, self.actor, self.at)
        except NotFound:
            raise
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return HttpResponseRedirect(request.get_full_path())
        if done is not None:
            self.say(request, "success", str(done.message))
        return HttpResponseRedirect((done.href if done else "") or request.get_full_path())

    def _add_files(self, request: HttpRequest, files: Files) -> HttpResponse:
        uploads = request.FILES.getlist("files")
        try:
            words = filing.add(files, uploads, actor=self.actor, at=self.at)
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
        else:
            self.say(request, "success", words)
        return HttpResponseRedirect(f"{request.get_full_path()}#files")

    def _render(self, request: HttpRequest, record: Record) -> HttpResponse:
        target = request.headers.get("HX-Target", "")
        if target.endswith("#under-way") and record.under_way is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        peek = target.endswith("#peek")
        record = known_to(record, self.actor)
        actions = [self._shown(action) for action in record.actions]
        first, more = at_head(actions)
        context = {
            "screen": self,
            "title": f"{record.number} {record.title}".strip(),
            "record": record,
            "actions": actions,
            "first_actions": first,
            "more_actions": more,
            "tables": [(lines, lines.shown(self.at)) for lines in record.lines],
            "timeline": []
            if peek or record.subject is None
            else histories.timeline(record.subject[0], record.subject[1], actor=self.actor),
            "clocks": [] if peek else self._clocks(record.subject),
            "at": self.at,
            "prints": [(form_named(key), pk) for key, pk in record.prints],
            "files": None
            if peek or record.files is None
            else filing.shown(record.files, actor=self.actor),
            **self.extra(record=record, actor=self.actor),
        }
        return render(request, "desk/_peek.html" if peek else self.template_name, context)

    def _clocks(self, subject: tuple[str, object] | None) -> list[ClockInfo]:
        if subject is None or not isinstance(subject[1], int):
            return []
        kind, number = subject[0], subject[1]
        return clocks.of_subject(subject_type=kind, subject_id=number, actor=self.actor)

    def _shown(self, action: Action) -> ShownAction:
        lacks = action.policy is not None and not action.policy.allows(self.actor)
        reason = self.lacking(action.policy) if lacks else str(action.why_not)
        codes = demo_codes(action.fields, self.request, actor=self.actor, at=self.at)
        reading = blank_form(action.fields, initial=codes, actor=self.actor)
        bound = [each for each in reading.bound.values() if isinstance(each, Bound)]
        for each in bound:
            each.ident = f"{action.key}-{each.name}"
        return ShownAction(action, reason, bound)


def known_to(record: Record, actor: Actor) -> Record:
    """Return the record without the facts, columns and charts the actor may not read."""
    return replace(
        record,
        facts=[group.known_to(actor) for group in record.facts],
        lines=[lines.known_to(actor) for lines in record.lines],
        charts=[chart for chart in record.charts if readable(chart.key, actor)],
    )


__all__ = [
    "Action",
    "Badge",
    "Done",
    "Fact",
    "FactGroup",
    "Lines",
    "Record",
    "RecordScreen",
    "Related",
    "StateStep",
]

"""Checks and forms: the list, one sheet with its hands and history, opening one by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from ops.engines.desk import checks
from ops.engines.desk.base import Screen
from ops.engines.desk.cells import Column, Lines
from ops.engines.desk.fields import Field, Group
from ops.engines.desk.filters import Filter
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen, Tab
from ops.engines.desk.records import (
    Action,
    Done,
    Fact,
    FactGroup,
    Record,
    RecordScreen,
    Related,
    StateStep,
)
from ops.engines.desk.words import role_name
from ops.engines.identity import selectors as identity
from ops.engines.identity.scopes import scope_model
from ops.engines.jobs.units import DAY, MONTH, QUARTER, WEEK, YEAR
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.kernel.parse import business_day
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sheets import selectors, services
from ops.engines.sheets.choices import UNSIGNED, SheetState
from ops.engines.sheets.models import Case, Draw, Sheet
from ops.engines.sheets.services.signing import why_not_sign
from ops.engines.sheets.templates import Template, template_named, templates
from ops.engines.sheets.types import SheetDetail

_UNITS = {"day": DAY, "week": WEEK, "month": MONTH, "quarter": QUARTER, "year": YEAR}


class SheetList(ListScreen):
    """`/sheets/`: the sheets of the actor's places."""

    policy = SIGNED_IN
    title = _("Checks and forms")
    nav = "sheets"
    row_url = "desk:sheet"
    columns = (
        Column("number", _("Number"), "code", name=True, value=lambda row: row.sheet.number),
        Column("title", _("Check or form")),
        Column("place", _("Where")),
        Column("period", _("Period"), value=lambda row: row.sheet.period),
        Column(
            "done",
            _("Filled in"),
            "number",
            value=lambda row: row.sheet.items_done,
            sub=lambda row: f"/ {row.sheet.items_total}",
        ),
        Column("due_at", _("Due"), "moment", sort=True, value=lambda row: row.sheet.due_at),
        Column("signed_at", _("Signed"), "moment", value=lambda row: row.sheet.signed_at),
        Column("state", _("State"), "badge", value=lambda row: checks.sheet_badge(row.sheet.state)),
    )
    tabs = (
        Tab("all", _("All")),
        Tab("wait", _("To settle")),
        Tab("late", _("Overdue")),
    )
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("kind", _("Check or form"), choices=checks.kinds),
        Filter("state", _("State"), choices=SheetState.choices),
        Filter("period", _("Period"), "text"),
    )
    order = "-id"
    empty = _("No sheet yet. Checks open by themselves on their days; others are opened by hand.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of sheets."""
        rows = selectors.sheets(actor=actor)
        if query.tab == "wait":
            rows = selectors.waiting(actor=actor)
        if query.tab == "late":
            rows = rows.filter(state__in=UNSIGNED, due_at__lt=query.at)
        rows = query.narrow(rows, "number", "state", "period")
        if kind := query.get("kind"):
            rows = rows.filter(template__key=kind)
        page = query.page(rows, orders={"id": "id", "due_at": "due_at"})
        return dataclasses.replace(page, rows=checks.rows_of(page.rows))

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer to open one, and to look at what is asked."""
        actions = [Action(key="kinds", label=_("What is asked"), href=reverse("desk:sheet-kinds"))]
        if _openable(actor):
            href = reverse("desk:sheet-new")
            actions.insert(0, Action(key="new", label=_("Open a sheet"), href=href))
        return actions


class SheetForm(FormScreen):
    """`/sheets/new/`: open one sheet by hand."""

    policy = SIGNED_IN
    title = _("Open a sheet")
    nav = "sheets"
    submit_label = _("Open the sheet")

    def form_groups(self, *, actor: Actor, **key: Any) -> Sequence[Group]:
        """Ask for kind and place together, and for a day of the period."""
        return [
            Group(
                _("Check or form"),
                (
                    Field("which", _("Sheet and place"), "choice", choices=_openable),
                    Field("day", _("A day of the period"), "day"),
                ),
            )
        ]

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Start with today."""
        return {"day": business_day(at)}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Open it."""
        name, _mark, place = values["which"].partition(":")
        unit = _unit(template_named(name))
        first = unit.start_of(values["day"])
        made = services.open_one(
            template=name,
            period=unit.write(first),
            first=first,
            last=unit.next(first) - dt.timedelta(days=1),
            scope_id=int(place) if place else None,
            actor=actor,
            at=at,
        )
        return Done(
            message=now("%(number)s is open.") % {"number": made.number},
            href=reverse("desk:sheet", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the list."""
        return reverse("desk:sheets")


class SheetRecord(RecordScreen):
    """`/sheets/<id>/`: what stands on a sheet, its hands, its cases, its history."""

    policy = SIGNED_IN
    nav = "sheets"
    template_name = "desk/checked.html"
    list_url_name = "desk:sheets"
    list_title = _("Checks and forms")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the sheet; raises SheetMissing."""
        row = selectors.sheet(sheet_id=int(key["pk"]), actor=actor)
        detail = selectors.detail(sheet_id=row.pk, actor=actor)
        cases = list(row.cases.select_related("sheet", "sheet__version").order_by("pk"))
        people = {each.person_id for each in detail.answers.values()}
        names = identity.person_names(people | {each.person_id for each in detail.signatures})
        self.shown = (row, detail, names)
        return Record(
            number=row.number,
            title=f"{detail.title} {detail.scope_name}".strip(),
            state=checks.sheet_badge(row.state),
            states=_steps(row, detail, names),
            actions=_actions(row, detail, actor),
            notices=_notices(row),
            facts=_facts(row, detail),
            lines=[_answers(detail, names), *_cases(cases), *_sample(detail)],
            related=[
                Related(title=now("Cases"), count=len(cases), href=_cases_href(row)),
                *_draw(row),
            ],
            clauses=template_named(row.template.key).clauses,
            subject=(selectors.SUBJECT, row.pk),
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Add what signing needs: the hash of what is shown, or why it is not this actor's turn."""
        row, detail, names = self.shown
        is_waiting = row.state in UNSIGNED
        photos = [
            (line.item.title, each)
            for line in checks.answer_rows(detail, names)
            for each in checks.photos_of(line)
        ]
        return {
            "sheet": row,
            "person": actor,
            "is_waiting": is_waiting,
            "role": role_name(detail.next_role),
            "digest": detail.current_hash,
            "why_not": why_not_sign(row, actor) if is_waiting else "",
            "may_send_back": is_waiting and bool(detail.signatures),
            "photos": photos,
        }


class SignSheet(Screen):
    """`/sheets/<id>/sign/`: put one's hand under what the page showed, or send it back."""

    policy = SIGNED_IN

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign, or send back with a reason."""
        here = HttpResponseRedirect(reverse("desk:sheet", args=[pk]))
        try:
            if request.POST.get("step") == "back":
                reason = request.POST.get("reason", "")
                done = services.send_back(sheet_id=pk, reason=reason, actor=self.actor, at=self.at)
                words = now("%(number)s was sent back.")
            else:
                digest = request.POST.get("digest", "")
                done = services.sign(sheet_id=pk, content_hash=digest, actor=self.actor, at=self.at)
                words = now("%(number)s is signed.")
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
            return here
        self.say(request, "success", words % {"number": done.number})
        return here


def _unit(template: Template) -> Any:
    return template.cadence.unit if template.cadence is not None else DAY


def _openable(actor: Actor) -> list[tuple[str, str]]:
    """Return the kinds and places of which this actor may open a sheet."""
    found = []
    for key, template in templates().items():
        if not template.fill.allows(actor):
            continue
        if template.scopes is None:
            if actor.scope_ids("", template.area, "C") is None:
                found.append((f"{key}:", str(template.title)))
            continue
        ids = [pk for pk in template.scopes() if selectors.may_touch(template, pk, actor, "C")]
        places = scope_model(template.scope)._default_manager.in_bulk(ids)  # noqa: SLF001
        found += [(f"{key}:{pk}", f"{template.title} {places[pk]}") for pk in ids if pk in places]
    return found


def _actions(row: Sheet, detail: SheetDetail, actor: Actor) -> list[Action]:
    template = template_named(row.template.key)
    actions = []
    if row.state in UNSIGNED and not detail.signatures:
        actions.append(
            Action(
                key="fill",
                label=_("Fill in"),
                href=reverse("desk:sheet-fill", args=[row.pk]),
                policy=template.fill,
                is_primary=row.state == SheetState.OPEN,
            )
        )
    actions.append(
        Action(key="print", label=_("PDF"), href=reverse("desk:sheet-print", args=[row.pk]))
    )
    if row.state in UNSIGNED and not detail.signatures and actor.holds(template.owner):
        actions.append(
            Action(
                key="void",
                label=_("Put out of use"),
                run=_void(row.pk),
                fields=(Field("reason", _("Reason"), least=1, most=500),),
                is_danger=True,
            )
        )
    return actions


def _void(pk: int) -> Any:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        done = services.void(sheet_id=pk, reason=values["reason"], actor=actor, at=at)
        return Done(message=now("%(number)s is out of use.") % {"number": done.number})

    return run


def _steps(row: Sheet, detail: SheetDetail, names: Mapping[int, str]) -> list[StateStep]:
    if row.state == SheetState.VOID:
        return [StateStep(title=_("Put out of use"), when="stopped", note=row.void_reason)]
    is_filled = row.state != SheetState.OPEN
    steps = [
        StateStep(
            title=_("Fill in"),
            when="past" if is_filled else "now",
            note=f"{row.items_done}/{row.items_total}",
            due_at=None if is_filled else row.due_at,
        )
    ]
    hands = {each.step: each for each in detail.signatures}
    for step, role in enumerate(detail.signers):
        is_now = is_filled and step == len(hands)
        note = names.get(hands[step].person_id, "") if step in hands else ""
        steps.append(
            StateStep(
                title=now("Signature: %(role)s") % {"role": role_name(role)},
                when="past" if step in hands else "now" if is_now else "next",
                note=note,
                due_at=row.due_at if is_now else None,
            )
        )
    if row.state in (SheetState.SIGNED, SheetState.CLOSED):
        is_done = row.state == SheetState.CLOSED
        steps.append(StateStep(title=_("Cases settled"), when="past" if is_done else "now"))
    return steps


def _notices(row: Sheet) -> list[tuple[str, str]]:
    if row.returned_reason and row.state in UNSIGNED:
        return [("warning", now("Sent back: %(reason)s") % {"reason": row.returned_reason})]
    return []


def _facts(row: Sheet, detail: SheetDetail) -> list[FactGroup]:
    return [
        FactGroup(
            title=_("Check or form"),
            facts=[
                Fact(title=_("Where"), value=detail.scope_name or now("the whole company")),
                Fact(title=_("Period"), value=row.period),
                Fact(title=_("Opened"), value=row.opened_at, kind="moment"),
                Fact(title=_("Due"), value=row.due_at, kind="moment"),
                Fact(title=_("Version of what is asked"), value=detail.version, kind="number"),
                Fact(title=_("Signed"), value=row.signed_at, kind="moment"),
                Fact(title=_("Content hash"), value=row.content_hash, kind="code", is_wide=True),
            ],
        )
    ]


def _answers(detail: SheetDetail, names: Mapping[int, str]) -> Lines:
    return Lines(
        _("Entries"),
        [
            Column("item", _("Item"), value=lambda line: str(line.item.title)),
            Column("text", _("Answer")),
            Column(
                "abnormal",
                _("Abnormal"),
                value=lambda line: now("Yes") if line.answer and line.answer.is_abnormal else "",
            ),
            Column("note", _("Note"), value=lambda line: line.answer.note if line.answer else ""),
            Column("name", _("By")),
            Column("at", _("At"), "moment", value=lambda line: line.answer and line.answer.at),
        ],
        checks.answer_rows(detail, names),
    )


def _cases(cases: Sequence[Case]) -> list[Lines]:
    if not cases:
        return []
    return [
        Lines(
            _("Cases"),
            [
                Column(
                    "number",
                    _("Number"),
                    "code",
                    href=lambda case: reverse("desk:sheet-case", args=[case.pk]),
                ),
                Column("item", _("Item"), value=checks.item_title),
                Column("found", _("What was found")),
                Column("due_on", _("Due on"), "day"),
                Column(
                    "state", _("State"), "badge", value=lambda case: checks.case_badge(case.state)
                ),
            ],
            cases,
        )
    ]


def _sample(detail: SheetDetail) -> list[Lines]:
    if not detail.sample:
        return []
    rows = [{"id": each} for each in detail.sample]
    return [Lines(_("Drawn sample"), [Column("id", _("Record"), "code")], rows)]


def _draw(row: Sheet) -> list[Related]:
    drawn = Draw.objects.filter(sheet=row).first()
    if drawn is None:
        return []
    note = now("%(size)s of %(population)s, seed %(seed)s") % {
        "size": drawn.size,
        "population": drawn.population,
        "seed": drawn.seed[:8],
    }
    return [Related(title=now("Drawn sample"), note=note)]


def _cases_href(row: Sheet) -> str:
    return f"{reverse('desk:sheet-cases')}?sheet={row.number}"

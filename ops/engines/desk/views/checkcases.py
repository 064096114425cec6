"""Cases: what was found abnormal, why, what was done, and who looked at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from ops.engines.desk import checks
from ops.engines.desk.cells import Column
from ops.engines.desk.fields import Field
from ops.engines.desk.filters import Filter
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
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import SIGNED_IN
from ops.engines.sheets import selectors, services
from ops.engines.sheets.choices import UNSETTLED, CaseState
from ops.engines.sheets.models import Case
from ops.engines.sheets.templates import template_named


class CaseList(ListScreen):
    """`/sheets/cases/`: the cases of the actor's places."""

    policy = SIGNED_IN
    title = _("Cases")
    nav = "sheet-cases"
    row_url = "desk:sheet-case"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column("sheet", _("Check or form"), value=lambda case: checks.title_of(case.sheet)),
        Column("item", _("Item"), value=checks.item_title),
        Column("found", _("What was found")),
        Column("owner", _("Owner"), value=lambda case: role_name(case.owner_role)),
        Column("due_on", _("Due on"), "day", sort=True),
        Column("state", _("State"), "badge", value=lambda case: checks.case_badge(case.state)),
    )
    tabs = (Tab("all", _("All")), Tab("open", _("To settle")))
    filters = (
        Filter("number", _("Number"), "text"),
        Filter("sheet", _("Number of the sheet"), "text"),
        Filter("kind", _("Check or form"), choices=checks.kinds),
        Filter("state", _("State"), choices=CaseState.choices),
    )
    order = "-id"
    empty = _("Nothing abnormal was found. What a check finds comes here with its owner.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of cases."""
        rows = selectors.cases(actor=actor)
        if query.tab == "open":
            rows = rows.filter(state__in=UNSETTLED)
        rows = query.narrow(
            rows, "number", "state", sheet="sheet__number", kind="sheet__template__key"
        )
        return query.page(rows, orders={"id": "id", "due_on": "due_on"})


class CaseRecord(RecordScreen):
    """`/sheets/cases/<id>/`: one case with its next step."""

    policy = SIGNED_IN
    nav = "sheet-cases"
    list_url_name = "desk:sheet-cases"
    list_title = _("Cases")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the case; raises SheetMissing."""
        case = selectors.case(case_id=int(key["pk"]), actor=actor)
        names = identity.person_names({case.remedied_by_id, case.closed_by_id})
        href = reverse("desk:sheet", args=[case.sheet_id])
        place = selectors.scope_names([case.sheet])[case.sheet_id]
        return Record(
            number=case.number,
            title=checks.item_title(case),
            state=checks.case_badge(case.state),
            states=_steps(case, names),
            actions=_actions(case, actor),
            facts=[
                FactGroup(
                    title=_("Case"),
                    facts=[
                        Fact(title=_("What was found"), value=case.found, is_wide=True),
                        Fact(title=_("Where"), value=place or now("the whole company")),
                        Fact(title=_("Owner"), value=role_name(case.owner_role)),
                        Fact(title=_("Opened"), value=case.opened_at, kind="moment"),
                        Fact(title=_("Due on"), value=case.due_on, kind="day"),
                        Fact(title=_("Cause"), value=case.cause, is_wide=True),
                        Fact(title=_("What was done"), value=case.remedy, is_wide=True),
                        Fact(title=_("Closing note"), value=case.closing_note, is_wide=True),
                    ],
                )
            ],
            related=[Related(title=case.sheet.number, note=checks.title_of(case.sheet), href=href)],
            clauses=template_named(case.sheet.template.key).clauses,
            subject=(selectors.CASE, case.pk),
        )


def _steps(case: Case, names: Mapping[int, str]) -> list[StateStep]:
    if case.state == CaseState.WITHDRAWN:
        return [StateStep(title=CaseState.WITHDRAWN.label, when="stopped")]
    is_done = case.state == CaseState.CLOSED
    is_remedied = case.state == CaseState.REMEDIED
    return [
        StateStep(
            title=_("Put right"),
            when="past" if is_remedied or is_done else "now",
            note=names.get(case.remedied_by_id or 0, ""),
        ),
        StateStep(
            title=_("Looked at and closed"),
            when="past" if is_done else "now" if is_remedied else "next",
            note=names.get(case.closed_by_id or 0, role_name(case.owner_role)),
        ),
    ]


def _actions(case: Case, actor: Actor) -> list[Action]:
    def remedy(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        done = services.remedy_case(
            case_id=case.pk, cause=values["cause"], remedy=values["remedy"], actor=actor, at=at
        )
        return Done(message=now("%(number)s is put right.") % {"number": done.number})

    def close(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        done = services.close_case(case_id=case.pk, note=values["note"], actor=actor, at=at)
        return Done(message=now("%(number)s is closed.") % {"number": done.number})

    if case.state == CaseState.OPEN:
        return [
            Action(
                key="remedy",
                label=_("Put right"),
                run=remedy,
                fields=(
                    Field("cause", _("Cause"), "lines", least=1, most=500),
                    Field("remedy", _("What was done"), "lines", least=1, most=500),
                ),
                is_primary=True,
            )
        ]
    if case.state == CaseState.REMEDIED:
        same = case.remedied_by_id == actor.person_id
        why = now("You put this right; another person closes it.") if same else ""
        return [
            Action(
                key="close",
                label=_("Close the case"),
                run=close,
                why_not=why,
                fields=(Field("note", _("Closing note"), "lines", least=1, most=500),),
                is_primary=True,
            )
        ]
    return []

"""How an app declares a sheet: a few lines in its `sheets.py`.

    sheet(
        "warehouse_closing",
        title=_("Closing check"),
        area="inventory",
        scope="warehouse",
        scopes=places.active_ids,                       # the places that get one
        items=(yes_no("locked", _("Doors and windows are locked")),),
        signers=(Role.WAREHOUSE_KEEPER,),               # one or two positions, in order
        owner=Role.STORE_MANAGER,                       # owns cases, approves other items
        watchers=(Role.OPERATIONS_DIRECTOR,),           # told of what is abnormal or late
        opened=by_job("warehouse_check_open", _("Open the checks"), daily("06:30")),
        watched=by_job("warehouse_check_watch", _("Watch the checks"), every(minutes=5)),
        due=same_day("21:00"),
        clauses=["SCM-2.2-15"],
    )

The declaration makes the template, its right to be filled in, the approval flow of other items,
and the jobs that open and watch it. Several sheets may share a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ops.engines.approvals import flows
from ops.engines.approvals.flows import Example, Flow, Step
from ops.engines.jobs.cadences import every, several
from ops.engines.jobs.declarations import Run, job
from ops.engines.jobs.timetables import Cadence, Calendar
from ops.engines.kernel.canonical import content_hash
from ops.engines.kernel.policy import declare, may
from ops.engines.sheets import rules, services
from ops.engines.sheets.choices import Layout
from ops.engines.sheets.due import Due
from ops.engines.sheets.services import versions
from ops.engines.sheets.templates import (
    Item,
    Sampling,
    Template,
    Text,
    choice,
    day,
    enter,
    number,
    photo,
    signature,
    table,
    templates,
    text,
    yes_no,
)

__all__ = [
    "ByJob",
    "Sampling",
    "by_job",
    "choice",
    "day",
    "number",
    "photo",
    "sheet",
    "signature",
    "table",
    "text",
    "yes_no",
]


@dataclass(frozen=True, slots=True)
class ByJob:
    """The job that opens or watches sheets: its name, its title, and when it runs."""

    name: str
    title: Text
    cadence: Any


def by_job(name: str, title: Text, cadence: Cadence) -> ByJob:
    """Say which job does it; the first sheet that names a job gives its title."""
    return ByJob(name, title, cadence)


_WATCHED = by_job("sheet_watch", _("Watch checks and forms"), every(minutes=5))
_titles: dict[str, Text] = {}


def sheet(
    key: str,
    *,
    title: Text,
    area: str,
    items: Sequence[Item],
    signers: Sequence[str],
    owner: str,
    due: Due,
    fillers: Sequence[str] = (),
    watchers: Sequence[str] = (),
    readers: Sequence[str] = (),
    scope: str = "",
    scopes: Callable[[], Iterable[int]] | None = None,
    opened: ByJob | None = None,
    watched: ByJob = _WATCHED,
    case_days: int = 3,
    layout: Layout = Layout.STEPS,
    sampling: Sampling | None = None,
    clauses: Sequence[str] = (),
    about: Text = "",
) -> Template:
    """Declare a sheet.

    `fillers` are the positions that fill it in (the first signer unless named); `scope` and
    `scopes` name the kind of place and the ids of those that get one (without: the company has
    one); `opened` the job that opens it (without: by hand); `case_days` how long an abnormal item
    may wait; `sampling` a sample to be drawn when it is opened. Raises TypeError for a sheet that
    nobody or more than two sign, RuntimeError when the key is taken.
    """
    if not 1 <= len(signers) <= 2 or not items or bool(scope) != (scopes is not None):
        raise TypeError(f"sheet {key}: one or two signers, items, and places with their kind")
    made = enter(
        Template(
            key=key,
            title=title,
            area=area,
            items=tuple(items),
            signers=tuple(map(str, signers)),
            fillers=tuple(map(str, fillers or signers[:1])),
            owner=str(owner),
            watchers=tuple(map(str, watchers)),
            readers=tuple(map(str, readers)),
            due=due,
            scope=scope,
            scopes=scopes,
            opened_by=opened.name if opened else "",
            watched_by=watched.name,
            cadence=opened.cadence if opened else None,
            case_days=case_days,
            layout=layout,
            sampling=sampling,
            clauses=tuple(clauses),
            about=about,
        )
    )
    declare("sheet", key, made.fill)
    _declare_flow(made)
    if opened is not None:
        _declare_job(made, opened, "open", open_by_clock, _cadence(opened.name))
    _declare_job(made, watched, "watch", watch_by_clock, watched.cadence)
    return made


def open_by_clock(run: Run) -> Mapping[str, Any]:
    """Open every sheet of this job whose cadence has this period."""
    opened = [
        each.number
        for template in _of("opened_by", run.job)
        if template.cadence is not None and template.cadence.unit.write(run.first) == run.period
        for each in services.open_sheets(
            template=template.key,
            period=run.period,
            first=run.first,
            last=run.last,
            actor=run.actor,
            at=run.at,
        )
    ]
    return {"opened": opened}


def watch_by_clock(run: Run) -> Mapping[str, Any]:
    """Tell of what is late among the sheets of this job."""
    keys = [template.key for template in _of("watched_by", run.job)]
    return services.watch(templates=keys, actor=run.actor, at=run.at)


def _of(field: str, name: str) -> list[Template]:
    return [each for each in templates().values() if getattr(each, field) == name]


def _cadence(name: str) -> Any:
    """Return the one cadence of a job that opens several sheets.

    Raises TypeError when two of its sheets name periods of one kind at different times.
    """
    cadences: list[Calendar] = []
    for template in _of("opened_by", name):
        if template.cadence is not None and template.cadence not in cadences:
            cadences.append(template.cadence)
    return cadences[0] if len(cadences) == 1 else several(*cadences)


def _declare_job(
    made: Template, by: ByJob, family: str, call: Callable[[Run], Mapping[str, Any]], cadence: Any
) -> None:
    field = "opened_by" if family == "open" else "watched_by"
    clauses = {clause for each in _of(field, by.name) for clause in each.clauses}
    job(
        by.name,
        family=family,
        cadence=cadence,
        clauses=sorted(clauses),
        title=_titles.setdefault(by.name, by.title),
        policy=may(made.area, "P"),
    )(call)


def _declare_flow(made: Template) -> None:
    askers = frozenset(made.fillers) - {made.owner}
    if not askers:
        raise RuntimeError(f"sheet {made.key}: nobody but its owner could ask for other items")
    flows.register(
        Flow(
            made.flow,
            title=_("Other items of a check or form"),
            requester=askers,
            steps=(Step(made.owner),),
            area=made.area,
            effect=versions.publish,
            guards="sheets_templateversion",
            describe=versions.describe_version,
            clauses=made.clauses,
            examples=(_example(made),),
        )
    )


def _example(made: Template) -> Example:
    """Return a request that asks for the items as they are declared, from a day on."""
    kept = rules.document(made.specs())
    return Example(
        content={
            "template": made.key,
            "items": kept,
            "items_hash": content_hash(kept),
            "valid_from": "2100-01-01",
            "reason": "the form of the insurer changed",
            "before": kept,
        },
        figures={"items": len(kept), "items_before": len(kept)},
    )

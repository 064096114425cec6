"""What apps declare to the engines: facts, ports, flows, jobs, reports, sheets, metrics, limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext

from ops.engines.approvals.flows import flows
from ops.engines.clocks.kinds import kinds
from ops.engines.desk.words import role_name
from ops.engines.events.facts import Fact
from ops.engines.events.handling import handlers
from ops.engines.jobs.declarations import jobs
from ops.engines.kernel.policy import Policy
from ops.engines.kernel.ports import ports
from ops.engines.metrics.definitions import dictionary
from ops.engines.reports.declarations import catalogue
from ops.engines.sheets.templates import templates
from ops.engines.tables.registry import profiles
from ops.management.reference.markdown import Page, about, both, code, dotted, zh


def events() -> list[Page]:
    """Return the facts apps announce, and who takes them."""
    page = Page(
        "events.md", "Facts and handlers", "What is announced through the outbox, and who acts."
    )
    taken: dict[str, list[str]] = {}
    for name, handler in handlers().items():
        taken.setdefault(handler.kind.name, []).append(name)
    rows = []
    for kind in sorted(_kinds_of(Fact), key=lambda one: str(one.name)):
        fields = [code(one.name) for one in dataclasses.fields(kind)]
        rows.append(
            (
                code(kind.name),
                about(kind),
                fields,
                [code(one) for one in sorted(taken.get(kind.name, ()))],
            )
        )
    page.table(("Fact", "Meaning", "Carries", "Taken by"), rows)
    return [page]


def ports_page() -> list[Page]:
    """Return the named ports and who fills them."""
    page = Page("ports.md", "Ports", "Questions and vetoes declared below and answered above.")
    page.table(
        ("Port", "Kind", "Meaning", "Filled by"),
        [
            (
                code(name),
                type(port).__name__.lower(),
                port.doc,
                [code(one) for one in sorted(port.filled_by)],
            )
            for name, port in sorted(ports().items())
        ],
    )
    return [page]


def flows_page() -> list[Page]:
    """Return the approval flows, step by step."""
    page = Page(
        "flows.md", "Approval flows", "Who asks, who decides in which order, what it guards."
    )
    for key, flow in sorted(flows().items()):
        page.head(f"{both(flow.title)} (`{key}`)")
        page.table(
            ("Asked by", "Confined by", "Guards", "Effect", "Clauses"),
            [
                (
                    [_role(role) for role in sorted(flow.requester)],
                    flow.scope or "",
                    code(flow.guards),
                    code(dotted(flow.effect)) if flow.effect else "",
                    flow.clauses,
                )
            ],
        )
        page.table(
            ("Step", "Decided by", "Only when", "Persons", "Second factor"),
            [
                (
                    number,
                    _role(step.role) if step.role else "",
                    code(dotted(step.when)) if step.when else "always",
                    step.needed,
                    "fresh" if step.step_up else "",
                )
                for number, step in enumerate(flow.steps, 1)
            ],
        )
    return [page]


def jobs_page() -> list[Page]:
    """Return the jobs by family."""
    page = Page(
        "jobs.md", "Jobs", "What runs by itself, when, once per period, and for which clauses."
    )
    page.table(
        ("Job", "Title", "Family", "Cadence", "Caught up", "By hand", "Clauses"),
        [
            (
                code(name),
                both(job.title),
                job.family,
                both(job.cadence.label),
                job.catch_up,
                job.policy.label,
                job.clauses,
            )
            for name, job in sorted(jobs().items())
        ],
    )
    return [page]


def reports_page() -> list[Page]:
    """Return the reports and packs with their columns."""
    page = Page("reports.md", "Reports", "What is reported, to whom, when, and from which columns.")
    for name, report in sorted(catalogue().items()):
        page.head(f"{both(report.title)} (`{name}`)")
        if report.about:
            page.say(both(report.about))
        columns = [] if report.is_pack else [both(c.title) for c in getattr(report, "columns", ())]
        page.table(
            ("Who may", "Confined by", "Made", "Formats", "Clauses"),
            [
                (
                    report.policy.label,
                    report.scopes,
                    report.cadence
                    if isinstance(report.cadence, str)
                    else both(report.cadence.label),
                    sorted(str(one.value) for one in report.formats),
                    report.clauses,
                )
            ],
        )
        if columns:
            page.say("Columns: " + ", ".join(columns) + ".")
    return [page]


def sheets_page() -> list[Page]:
    """Return the check lists and forms with their items."""
    page = Page(
        "sheets.md", "Sheets", "Check lists and forms: who fills in, who signs, which items."
    )
    for key, sheet in sorted(templates().items()):
        page.head(f"{both(sheet.title)} (`{key}`)")
        page.table(
            ("Filled in by", "Signed by", "Confined by", "Clauses"),
            [
                (
                    [_role(one) for one in sheet.fillers],
                    [_role(one) for one in sheet.signers],
                    sheet.scope,
                    sheet.clauses,
                )
            ],
        )
        page.table(
            ("Item", "Words", "Kind", "Demanded"),
            [
                (code(one.key), both(one.title), one.kind.value, "yes" if one.is_required else "")
                for one in sheet.specs()
            ],
        )
    return [page]


def scores_page() -> list[Page]:
    """Return the score sheets, where the engine of them is part of the house."""
    name = "ops.engines.scorecards.declarations"
    page = Page(
        "scores.md", "Score sheets", "Criteria with weights that become a score and a grade."
    )
    module = import_module(name) if _is_there(name) else None
    known = getattr(module, "scorecards", None) or getattr(module, "scores", None)
    found: Mapping[str, Any] = known() if callable(known) else {}
    for key, score in sorted(found.items()):
        page.head(f"{both(getattr(score, 'title', key))} (`{key}`)")
        page.say(*_plain_lines(score))
    if not found:
        page.say("None.")
    return [page]


def metrics_page() -> list[Page]:
    """Return the metric dictionary."""
    page = Page("metrics.md", "Metrics", "One definition and one owner for every figure.")
    page.table(
        ("Metric", "Title", "Unit", "Definition", "Owner", "Version", "Who may", "Clauses"),
        [
            (
                code(key),
                both(one.title),
                both(one.unit),
                both(one.formula),
                _role(one.owner_role),
                one.version,
                one.policy.label,
                one.clauses,
            )
            for key, one in sorted(dictionary().items())
        ],
    )
    return [page]


def clocks_page() -> list[Page]:
    """Return the time limits and who is told when."""
    page = Page(
        "clocks.md", "Time limits", "Limits on working calendars: who is due, reminded, told above."
    )
    page.table(
        (
            "Limit",
            "Title",
            "Within",
            "Due from",
            "Reminded at",
            "Told above",
            "Extended by",
            "Clauses",
        ),
        [
            (
                code(name),
                both(_Message(one.title)),
                str(one.limit),
                _role(one.role),
                [f"{share:.0%}" for share in one.remind],
                [f"{level.after}: {_role(level.role)}" for level in one.escalate],
                one.extend.label,
                one.clauses,
            )
            for name, one in sorted(kinds().items())
        ],
    )
    return [page]


def imports_page() -> list[Page]:
    """Return the file layouts that are taken in."""
    page = Page(
        "imports.md",
        "Imports",
        "Which files are read, who may hand them in, which columns they have.",
    )
    for one in sorted(profiles(), key=lambda each: each.profile.name):
        profile = one.profile
        page.head(f"{both(profile.title)} (`{profile.name}`)")
        page.say(f"Who may: {one.policy.label}.")
        page.table(
            ("Column", "Read from", "Demanded", "Personal"),
            [
                (
                    code(column.key),
                    column.headers,
                    "yes" if column.required else "",
                    "yes" if column.personal else "",
                )
                for column in profile.columns
            ],
        )
    return [page]


def _role(key: Any) -> str:
    return f"{zh_role(str(key))} ({key})"


def zh_role(key: str) -> str:
    """Return a position's Chinese name."""
    return zh(_Role(key))


class _Role:
    """A position's name, said when it is printed."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __str__(self) -> str:
        return role_name(self.key)


class _Message:
    """A message id that is translated when it is printed."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __str__(self) -> str:
        return gettext(self.words)


def _kinds_of(kind: type[Any]) -> set[type[Any]]:
    below = {one for each in kind.__subclasses__() for one in (each, *_kinds_of(each))}
    return {
        one for one in below if getattr(one, "name", "") and not one.__module__.startswith("tests")
    }


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _plain_lines(thing: Any) -> list[str]:
    lines = []
    for one in dataclasses.fields(thing):
        value = getattr(thing, one.name)
        if callable(value) and not isinstance(value, Promise):
            value = code(dotted(value))
        if isinstance(value, Policy):
            value = value.label
        if value not in ("", None, ()):
            lines.append(f"- {one.name}: {both(value)}")
    return lines

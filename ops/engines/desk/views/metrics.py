"""Metrics: the dictionary, one metric by period and dimension, cases of figures out of range."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.desk import measuring
from ops.engines.desk.base import Screen
from ops.engines.desk.cells import Column, show
from ops.engines.desk.fields import Field, Group
from ops.engines.desk.filing import Files
from ops.engines.desk.filters import Filter
from ops.engines.desk.forms import FormScreen
from ops.engines.desk.keyset import ListPage
from ops.engines.desk.lists import ListQuery, ListScreen, Tab
from ops.engines.desk.records import Action, Done, Fact, FactGroup, Record, RecordScreen, Related
from ops.engines.desk.states import Tone, register_states
from ops.engines.desk.words import role_name
from ops.engines.files.holders import declare_holder
from ops.engines.identity import selectors as identity
from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.policy import SIGNED_IN, only
from ops.engines.metrics import selectors, services
from ops.engines.metrics.choices import LIVE, AnomalyState, Direction, LimitKind, MetricKind
from ops.engines.metrics.definitions import dictionary, metric_named
from ops.engines.metrics.members import names_of
from ops.engines.metrics.models import Anomaly
from ops.engines.metrics.services.anomalies import CLOSERS
from ops.engines.metrics.types import Target

KIND_TITLES: Final = {
    MetricKind.SUM: gettext_lazy("sum"),
    MetricKind.RATIO: gettext_lazy("ratio of sums"),
    MetricKind.LEVEL: gettext_lazy("newest level"),
}
DIRECTION_TITLES: Final = {
    Direction.UP: gettext_lazy("more is better"),
    Direction.DOWN: gettext_lazy("less is better"),
    Direction.NONE: "-",
}
WORKERS: Final = (Role.OPERATIONS_SPECIALIST, Role.OPERATIONS_SUPERVISOR)

register_states(
    {
        AnomalyState.OPEN: Tone.STOPPED,
        AnomalyState.EXPLAINED: Tone.RUNNING,
        AnomalyState.RECOVERED: Tone.DONE,
        AnomalyState.CLOSED: Tone.DONE,
    }
)


def _visible(actor: Actor, object_id: str) -> bool:
    rows = selectors.anomalies(actor=actor)
    return object_id.isdigit() and rows.filter(pk=int(object_id)).exists()


declare_holder("metrics.anomaly", policy=SIGNED_IN, visible=_visible)


class Dictionary(Screen):
    """`/metrics/`: every metric this person may see: meaning, owner, version, newest day."""

    policy = SIGNED_IN
    title = gettext_lazy("Metrics")
    nav = "metrics"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the dictionary."""
        seen = [m for m in dictionary().values() if m.is_for(self.actor)]
        newest = selectors.newest_days()
        live = selectors.anomalies(actor=self.actor).filter(state__in=LIVE).order_by()
        cases = dict(live.values_list("metric").annotate(n=Count("pk")))
        context = {
            "screen": self,
            "title": self.title,
            "rows": [
                {
                    "metric": each,
                    "kind": KIND_TITLES[each.kind],
                    "direction": DIRECTION_TITLES[each.direction],
                    "newest": newest.get(each.key),
                    "cases": cases.get(each.key, 0),
                }
                for each in seen
            ],
        }
        return render(request, "desk/metrics.html", context)


class MetricScreen(Screen):
    """`/metrics/<key>/`: a metric over a period, by step and dimension; all in the address."""

    policy = SIGNED_IN
    nav = "metrics"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show figure, chart, members, target, limits and cases."""
        metric = metric_named(key)
        metric.require(self.actor)
        asked = measuring.asked(request.GET, metric=metric, at=self.at)
        page = measuring.page(metric=metric, asked=asked, actor=self.actor)
        context = {
            "screen": self,
            "title": str(metric.title),
            "metric": metric,
            "kind": KIND_TITLES[metric.kind],
            "direction": DIRECTION_TITLES[metric.direction],
            "asked": asked,
            "page": page,
            "owns": self.actor.holds(metric.owner_role),
        }
        return render(request, "desk/metric.html", context)


class TargetForm(FormScreen):
    """`/metrics/<key>/target/`: what the figure should reach, set by who answers for it."""

    policy = SIGNED_IN
    title = gettext_lazy("Set a target")
    nav = "metrics"
    submit_label = gettext_lazy("Set the target")
    groups = (
        Group(
            gettext_lazy("Target"),
            (
                Field("first", gettext_lazy("From"), "day"),
                Field("last", gettext_lazy("To"), "day"),
                Field(
                    "value",
                    gettext_lazy("Value"),
                    "money",
                    places=6,
                    negative=True,
                    hint=gettext_lazy("A share as 0.03, not as 3 %."),
                ),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Set it; the same days again replace it."""
        if values["last"] < values["first"]:
            raise BadInput("metrics.days", _("The range ends before it begins."), field="last")
        target = Target(key["key"], "", "", values["first"], values["last"], values["value"])
        services.set_target(target=target, actor=actor, at=at)
        return Done(message=_("The target is set."))

    def back_url(self, **key: Any) -> str:
        """Return to the metric."""
        return reverse("desk:metric", args=[key["key"]])


class ReportForm(FormScreen):
    """`/metrics/<key>/report/`: a person saw a figure that cannot be right (HR-1.2-18)."""

    policy = SIGNED_IN
    title = gettext_lazy("Report a figure")
    nav = "cases"
    submit_label = gettext_lazy("Report a figure")
    groups = (
        Group(
            gettext_lazy("What was seen"),
            (
                Field("day", gettext_lazy("Day"), "day"),
                Field("value", gettext_lazy("Value"), "money", places=6, negative=True),
                Field(
                    "note",
                    gettext_lazy("What was seen"),
                    "lines",
                    most=500,
                    hint=gettext_lazy("Screenshots are added to the case."),
                ),
            ),
        ),
    )

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Open the case."""
        case = services.report(key=key["key"], **values, actor=actor, at=at)
        return Done(message=_("The case is open."), href=reverse("desk:case", args=[case.pk]))

    def back_url(self, **key: Any) -> str:
        """Return to the metric."""
        return reverse("desk:metric", args=[key["key"]])


class CaseList(ListScreen):
    """`/metrics/cases/`: figures out of range, and what became of them."""

    policy = SIGNED_IN
    title = gettext_lazy("Figures out of range")
    nav = "cases"
    row_url = "desk:case"
    columns = (
        Column("metric", gettext_lazy("Metric"), name=True, value=lambda c: _title(c.metric)),
        Column("day", gettext_lazy("Day"), "day", sort=True),
        Column("member", gettext_lazy("Of"), value=lambda c: c.member or _("all")),
        Column("value", gettext_lazy("Value"), "number", value=lambda c: _shown(c, c.value),
               exact=lambda c: c.value),
        Column("expected", gettext_lazy("Expected value"), "number",
               value=lambda c: _shown(c, c.expected), exact=lambda c: c.expected),
        Column("rule", gettext_lazy("Found by"), value=lambda c: LimitKind(c.rule).label),
        Column("state", gettext_lazy("State"), "badge", value=lambda c: AnomalyState(c.state)),
    )  # fmt: skip
    filters = (
        Filter(
            "metric",
            gettext_lazy("Metric"),
            choices=lambda actor: [
                (key, m.title) for key, m in dictionary().items() if m.is_for(actor)
            ],
        ),
        Filter("state", gettext_lazy("State"), choices=AnomalyState.choices),
    )
    tabs = (Tab("live", gettext_lazy("Open")), Tab("all", gettext_lazy("All")))
    order = "-day"
    export_policy = SIGNED_IN
    empty = gettext_lazy("No figure is out of range. The scan looks every hour and every morning.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the cases this person may see."""
        rows = selectors.anomalies(actor=actor)
        if query.tab == "live":
            rows = rows.filter(state__in=LIVE)
        rows = query.narrow(rows, "metric", "state")
        return query.page(rows, orders={"day": "day"})


class CaseRecord(RecordScreen):
    """`/metrics/cases/<id>/`: one figure out of range: size, cause, proposal, owner, end."""

    policy = SIGNED_IN
    nav = "cases"
    list_url_name = "desk:cases"
    list_title = gettext_lazy("Figures out of range")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the case."""
        case = selectors.anomaly(anomaly_id=key["case_id"], actor=actor)
        metric = metric_named(case.metric)
        people = {case.owner_id or 0, case.ended_by or 0, case.found_by or 0} - {0}
        names = identity.person_names(people)
        member = names_of(case.dimension, [case.member])[case.member] if case.member else _("all")
        page = f"{reverse('desk:metric', args=[case.metric])}?period={case.day:%Y-%m}"
        if case.dimension:
            page += f"&dimension={case.dimension}"
        return Record(
            number=case.day.isoformat(),
            title=str(metric.title),
            state=AnomalyState(case.state),
            actions=_actions(case, at),
            facts=(
                FactGroup(
                    title=_("The figure"),
                    facts=[
                        Fact(title=_("Of"), value=member),
                        Fact(title=_("Value"), value=_shown(case, case.value)),
                        Fact(title=_("Expected value"), value=_shown(case, case.expected)),
                        Fact(title=_("Found by"), value=LimitKind(case.rule).label),
                        Fact(title=_("Limit"), value=_bound(case)),
                        Fact(title=_("Reported by"), value=names.get(case.found_by or 0)),
                        Fact(title=_("What was seen"), value=case.note, is_wide=True),
                    ],
                ),
                FactGroup(
                    title=_("What is done"),
                    facts=[
                        Fact(title=_("Responsible for the figure"),
                             value=role_name(metric.owner_role)),
                        Fact(title=_("Person in charge"), value=names.get(case.owner_id or 0)),
                        Fact(title=_("Ended"), value=case.ended_at, kind="moment"),
                        Fact(title=_("Cause"), value=case.cause, is_wide=True),
                        Fact(title=_("Proposed measure"), value=case.proposal, is_wide=True),
                        Fact(title=_("Reason for closing"), value=case.closing_reason,
                             is_wide=True),
                    ],
                ),
            ),
            related=_related(case, page),
            clauses=("HR-1.2-18", "SYS-6.4-02"),
            subject=("metrics.anomaly", case.pk),
            files=Files(object_type="metrics.anomaly", object_id=case.pk, add=metric.policy),
        )  # fmt: skip


def _related(case: Anomaly, page: str) -> Sequence[Related]:
    rows = metric_named(case.metric).drill_link(
        period=f"{case.day:%Y-%m}", dimension=case.dimension, member=case.member
    )
    found = [Related(title=_("The metric in this month"), href=page)]
    return [*found, Related(title=_("The rows behind it"), href=rows)] if rows else found


def _actions(case: Anomaly, at: dt.datetime) -> list[Action]:
    why = "" if case.state in LIVE else _("This case has ended already.")
    return [
        Action(
            key="explain",
            label=_("Explain"),
            run=_explain(case),
            fields=(
                Field("cause", _("Cause"), "lines", most=500),
                Field("proposal", _("Proposed measure"), "lines", most=500),
                Field("owner_id", _("Person in charge"), "choice", choices=_people(case, at)),
            ),
            why_not=why,
            is_primary=True,
        ),
        Action(
            key="close",
            label=_("Close"),
            run=_close(case),
            policy=only(*CLOSERS),
            fields=(Field("reason", _("Reason"), "lines", most=500),),
            why_not=why,
        ),
    ]


def _explain(case: Anomaly) -> Any:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        services.explain(
            anomaly_id=case.pk, cause=values["cause"], proposal=values["proposal"],
            owner_id=int(values["owner_id"]), actor=actor, at=at,
        )  # fmt: skip
        return Done(message=_("Cause, proposal and owner are kept."))

    return run


def _close(case: Anomaly) -> Any:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        services.close(anomaly_id=case.pk, reason=values["reason"], actor=actor, at=at)
        return Done(message=_("The case is closed."))

    return run


def _people(case: Anomaly, at: dt.datetime) -> list[tuple[str, str]]:
    """Return who may be given a case: whoever answers for the figure, and the shop's line."""
    roles = (metric_named(case.metric).owner_role, *WORKERS)
    found = {p.person_id: p.name for role in roles for p in identity.holders(role=role, at=at)}
    return [(str(pk), name) for pk, name in sorted(found.items(), key=lambda pair: pair[1])]


def _title(key: str) -> str:
    found = dictionary().get(key)
    return str(found.title) if found else key


def _shown(case: Anomaly, value: Any) -> str:
    found = dictionary().get(case.metric)
    return show(value, found.value_kind if found else "number")


def _bound(case: Anomaly) -> str:
    if case.bound is None:
        return ""
    kind = "pct" if case.rule == LimitKind.RELATIVE else None
    shown = show(case.bound, kind) if kind else (
        _shown(case, case.bound) if case.rule == LimitKind.ABSOLUTE else show(case.bound, "number")
    )  # fmt: skip
    return (_("over %(bound)s") if case.is_over else _("under %(bound)s")) % {"bound": shown}

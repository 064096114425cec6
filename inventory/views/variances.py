"""The variance report of a count (V12), and every difference of every count as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from inventory import flows
from inventory.choices import CountState, VarianceCause, VarianceTreatment
from inventory.errors import NotReady
from inventory.models import CountLine, StockCount
from inventory.selectors import documents as selected
from inventory.selectors import variances as found
from inventory.services import counting, counts, variances
from inventory.types import Explanation
from inventory.views.counts import COUNT, KNOWN, MOST_ROWS, WORK, count_of, related, step
from inventory.views.stock import EXPORT, VIEW
from ops.engines.approvals import selectors as approvals
from ops.engines.desk import decisions, formats
from ops.engines.desk.screens import (
    Action,
    Chart,
    Column,
    Fact,
    FactGroup,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Series,
    StateStep,
)
from ops.engines.identity import selectors as identity
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.errors import NotFound, OpsError

MOST_BARS = 20
_YES = (("1", _("Yes")),)


def _cause(line: CountLine) -> str:
    return str(VarianceCause(line.cause).label) if line.cause else ""


def _treatment(line: CountLine) -> str:
    return str(VarianceTreatment(line.treatment).label) if line.treatment else ""


class VarianceList(ListScreen):
    """`/inventory/variances/`: differences of closed counts, line by line, also as a file."""

    policy = VIEW
    title = _("Differences of stock counts")
    nav = "counts"
    columns = (
        Column("count", _("Stock count"), "code", value=lambda row: row.count.number, name=True),
        Column("sku", _("SKU"), "code", value=lambda row: row.sku.code, sub=lambda r: r.sku.name),
        Column("location", _("Place"), "code", value=lambda row: row.location.code),
        Column("lot", _("Lot"), "code", value=lambda row: row.lot.code if row.lot else ""),
        Column("expected", _("Book"), "number"),
        Column("counted", _("First count"), "number"),
        Column("recounted", _("Recount"), "number"),
        Column("variance", _("Difference"), "number"),
        Column("value", _("Value"), "money", unit=_("CNY"), data=DataClass.COST),
        Column("cause", _("Cause"), value=_cause),
        Column("responsible", _("Responsible")),
        Column("treatment", _("Treatment"), value=_treatment),
        Column("note", _("Note"), optional=True),
    )
    filters = (
        Filter("count", _("Stock count"), "text"),
        Filter("sku", _("SKU"), "text"),
        Filter("place", _("Place"), "text"),
        Filter("cause", _("Cause"), choices=VarianceCause.choices),
        Filter("silent", _("Not explained yet"), choices=_YES),
    )
    order = "-id"
    export_policy = EXPORT
    empty = _("No difference; every count that is closed agrees with its book.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of differences."""
        rows = found.lines(actor=actor)
        rows = query.narrow(
            rows, "cause", count="count__number", sku="sku__code", place="location__code"
        )
        if query.get("silent"):
            rows = rows.filter(cause="")
        return query.page(rows, orders={"id": "id"})

    def row_href(self, row: CountLine) -> str:
        """Open the report at the line."""
        return f"{reverse('inventory:count-variance', args=[row.count_id])}#line-{row.pk}"


class VarianceScreen(RecordScreen):
    """`/inventory/counts/<id>/variance/`: differences, recounts, causes; handed in from here."""

    policy = VIEW
    nav = "counts"
    template_name = "inventory/variance.html"
    list_url_name = "inventory:counts"
    list_title = _("Stock counts")
    count: StockCount
    lines: Sequence[CountLine]
    before: Mapping[int, found.Earlier]

    def load(self, *, actor: Actor, at: datetime, **key: Any) -> Record:
        """Return the report; raises UnknownDocument, NotReady before counting is closed."""
        pk = int(key["pk"])
        row = self.count = count_of(actor, pk)
        if row.state not in KNOWN:
            raise NotReady("inventory.count_still_blind", now("The count is not closed yet."))
        sums = found.sums(count=row)
        self.lines = list(selected.variances(count=row)[:MOST_ROWS])
        self.before = found.earlier(count=row)
        return Record(
            number=row.number,
            title=now("Variance report"),
            state=CountState(row.state),
            states=_states(row, sums, actor=actor, at=at),
            actions=_actions(row, sums),
            facts=[FactGroup(title=_("Summary"), facts=_facts(row, sums, self.before))],
            charts=_charts(self.lines),
            related=[
                Related(title=row.number, href=reverse("inventory:count", args=[pk])),
                *related(row),
            ],
            clauses=["SCM-2.3-06"],
            subject=(counts.SUBJECT, pk),
        )

    def extra(self, *, record: Record, actor: Actor) -> Mapping[str, Any]:
        """Return the rows to be explained and counted again."""
        people = {one for line in self.lines for one in (line.counted_by, line.recounted_by) if one}
        names = identity.person_names(people) if people else {}
        is_open = self.count.state == CountState.REVIEW
        silent = [line.pk for line in self.lines if line.variance and not _is_explained(line)]
        return {
            "rows": [
                {
                    "line": line,
                    "counter": names.get(line.counted_by or 0, ""),
                    "recounter": names.get(line.recounted_by or 0, ""),
                    "may_recount": is_open
                    and COUNT.allows(actor)
                    and line.counted_by != actor.person_id,
                    "cause": _cause(line),
                    "treatment": _treatment(line),
                    "before": self.before.get(line.pk),
                }
                for line in self.lines
            ],
            "silent": len(silent),
            "first_silent": silent[0] if silent else None,
            "causes": VarianceCause.choices,
            "treatments": VarianceTreatment.choices,
            "may_explain": is_open and WORK.allows(actor),
        }

    def post(self, request: HttpRequest, *args: Any, **key: Any) -> HttpResponse:
        """Save causes and recounts of many lines at once, or run an action."""
        if request.POST.get("action") != "save_lines":
            return super().post(request, *args, **key)
        WORK.require(self.actor)
        row = count_of(self.actor, key["pk"])
        try:
            words = self._save(request, row)
        except OpsError as refusal:
            self.say(request, "error", str(refusal))
        else:
            self.say(request, "success", words)
        return HttpResponseRedirect(request.path)

    def _save(self, request: HttpRequest, row: StockCount) -> str:
        ids = [int(one) for one in request.POST.getlist("line") if one.isdigit()]
        again = {
            pk: int(text)
            for pk in ids
            if (text := request.POST.get(f"recount-{pk}", "").strip()).isdigit()
        }
        if again:
            counting.recount(count_id=row.pk, quantities=again, actor=self.actor, at=self.at)
        differing = set(
            CountLine.objects.filter(count=row, pk__in=ids)
            .exclude(variance=0)
            .values_list("pk", flat=True)
        )
        said = [
            Explanation(
                line_id=pk,
                cause=request.POST.get(f"cause-{pk}", ""),
                responsible=request.POST.get(f"responsible-{pk}", ""),
                treatment=request.POST.get(f"treatment-{pk}", ""),
                note=request.POST.get(f"note-{pk}", ""),
            )
            for pk in ids
            if pk in differing and request.POST.get(f"cause-{pk}", "")
        ]
        if said:
            variances.explain(count_id=row.pk, explanations=said, actor=self.actor, at=self.at)
        return now("%(count)s lines explained, %(again)s counted again.") % {
            "count": len(said),
            "again": len(again),
        }


def _facts(row: StockCount, sums: found.Sums, before: Mapping[int, found.Earlier]) -> list[Fact]:
    anchor = now("move %(move)s, %(moment)s") % {
        "move": formats.number(row.book_move_id),
        "moment": formats.moment(row.book_at),
    }
    return [
        Fact(title=_("Book frozen at"), value=anchor),
        Fact(title=_("Surplus"), value=_lines_and_money(sums.gains, sums.gain)),
        Fact(title=_("Shortage"), value=_lines_and_money(sums.losses, sums.loss)),
        Fact(title=_("Net"), value=sums.net, kind="money", data=DataClass.COST),
        Fact(title=_("Variance rate by value"), value=_rate(sums.value_rate)),
        Fact(title=_("Variance rate by pieces"), value=_rate(sums.piece_rate)),
        Fact(
            title=_("Book value compared"), value=row.book_value, kind="money", data=DataClass.COST
        ),
        Fact(title=_("Without a cause"), value=sums.unexplained, kind="number"),
        Fact(title=_("To be counted again"), value=sums.to_recount, kind="number"),
        Fact(
            title=_("Differed at the same place in the quarter before"),
            value=now("%(times)s times on %(lines)s lines")
            % {"times": sum(one.times for one in before.values()), "lines": len(before)},
        ),
    ]


def _lines_and_money(lines: int, value: Any) -> str:
    return now("%(lines)s lines, %(value)s") % {"lines": lines, "value": formats.money(value)}


def _rate(rate: Any) -> str:
    """Write a rate with two decimals of a percent: counts that go well differ by hundredths."""
    return formats.MISSING if rate is None else f"{rate * 100:.2f}%"


def _charts(lines: Sequence[CountLine]) -> list[Chart]:
    """Return the dearest differences, sorted from the greatest loss to the greatest gain."""
    dearest = sorted((one for one in lines if one.variance), key=lambda one: -abs(one.value))
    top = sorted(dearest[:MOST_BARS], key=lambda one: (one.value, one.pk))
    if not top:
        return []
    return [
        Chart(
            key="variance",
            title=_("Differences by value"),
            kind="bar",
            categories=[f"{one.sku.code} {one.location.code}" for one in top],
            series=[Series(_("Value"), [one.value for one in top])],
            unit=_("CNY"),
            value_kind="money",
            hrefs=[f"#line-{one.pk}" for one in top],
        )
    ]


def _states(
    row: StockCount, sums: found.Sums, *, actor: Actor, at: datetime
) -> Sequence[StateStep]:
    """Return the stations: draft, handed in, opinion, decision; with names once it is asked."""
    is_draft = row.state == CountState.REVIEW
    draft = StateStep(title=_("Draft"), when="now" if is_draft else "past")
    if not is_draft and row.approval_id:
        try:
            detail = approvals.request(request_id=row.approval_id, actor=actor, at=at)
        except NotFound:
            return [draft]
        return [draft, *decisions.states_of(detail)]
    figures = {"kind": row.kind, "gross": sums.gain - sums.loss}
    coming = (
        (_("Store manager's opinion"), _("Director's decision"))
        if flows.needs_director(figures)
        else (_("Store manager's decision"),)
    )
    return [
        draft,
        StateStep(title=_("Handed in"), when="next"),
        *(StateStep(title=title, when="next") for title in coming),
    ]


def _actions(row: StockCount, sums: found.Sums) -> list[Action]:
    file = Action(
        key="export",
        label=_("Export"),
        href=f"{reverse('inventory:variances')}?count={row.number}&export=xlsx",
        policy=EXPORT,
    )
    if row.state != CountState.REVIEW:
        return [file]
    why = ""
    if sums.to_recount:
        why = now("%(count)s lines wait to be counted again by another person.") % {
            "count": sums.to_recount
        }
    elif sums.unexplained:
        why = now("%(count)s lines lack a cause.") % {"count": sums.unexplained}
    return [
        file,
        Action(
            key="submit",
            label=_("Hand in"),
            run=step(row, variances.submit_count, now("handed in")),
            policy=WORK,
            why_not=why,
            is_primary=True,
        ),
    ]


def _is_explained(line: CountLine) -> bool:
    return bool(line.cause and line.responsible and line.treatment)

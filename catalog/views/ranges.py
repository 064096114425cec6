"""The range review on screen: the months, the ranked SKUs of one, one SKU (CAT-4.1-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.ranges import Verdict
from catalog.desk.range_tables import drop_lines, grounds_of, sale_lines
from catalog.models import Category, RangeReviewRow
from catalog.selectors import ranges as selected
from catalog.services import ranging
from ops.engines.desk.screens import (
    Action,
    BulkAction,
    BulkOutcome,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Refused,
    Related,
    Tab,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.classified import DataClass
from ops.engines.kernel.policy import may

VIEW, EXPORT = may("catalog", "V"), may("catalog", "E")
_HELD = _("A drop is handed in or decided already.")


class ReviewList(ListScreen):
    """`/range-reviews/`: one review a month, and how much of it waits for a decision."""

    policy = VIEW
    title = _("Range review")
    nav = "ranges"
    row_url = "catalog:range_review"
    columns = (
        Column("month", _("Month"), "code", name=True, value=lambda row: f"{row.month:%Y-%m}"),
        Column("sku_count", _("SKUs ranked"), "number"),
        Column("push_count", _("To push"), "number"),
        Column("drop_count", _("To drop"), "number"),
        Column("dropped_count", _("Dropped"), "number"),
        Column("open_count", _("Not decided"), "number"),
        Column("made_at", _("Made"), "moment"),
    )
    order = "-month"
    export_policy = EXPORT
    empty = _("No review yet. On the third of each month the SKUs of the month before are ranked.")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of reviews."""
        del actor
        return query.page(selected.reviews(), orders={"month": "month"})


def _category_choices(_actor: Actor) -> list[tuple[str, str]]:
    rows = Category.objects.order_by("path").values_list("pk", "name", "path")
    return [(str(pk), f"{'— ' * path.count('.')}{name}") for pk, name, path in rows]


def _check(ids: Sequence[str], actor: Actor, _at: dt.datetime) -> list[Refused]:
    held = selected.held_rows(row_ids=[int(one) for one in ids], actor=actor)
    return [Refused(str(row.pk), _HELD, row.sku.code) for row in held]


def _decide(verdict: Verdict, note: str) -> Callable[..., BulkOutcome]:
    def run(ids: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
        done = ranging.decide(
            row_ids=[int(one) for one in ids], verdict=verdict, note=note, actor=actor, at=at
        )
        return BulkOutcome(done=done)

    return run


def _drop(note: str) -> Callable[..., BulkOutcome]:
    def run(ids: Sequence[str], actor: Actor, at: dt.datetime) -> BulkOutcome:
        made = ranging.ask_drop(row_ids=[int(one) for one in ids], note=note, actor=actor, at=at)
        words = gettext("%(number)s waits for a decision.") % {"number": made.number}
        return BulkOutcome(done=len(made.sku_ids), message=words)

    return run


def _drop_effect(ids: Sequence[str], _actor: Actor, _at: dt.datetime) -> str:
    return ngettext(
        "Once approved, nothing more of %(count)s SKU is bought, and what is left of it is"
        " disposed of.",
        "Once approved, nothing more of %(count)s SKUs is bought, and what is left of them is"
        " disposed of.",
        len(ids),
    ) % {"count": len(ids)}


def _bulk(verdict: Verdict) -> BulkAction:
    def filled(values: Mapping[str, Any]) -> BulkAction:
        return BulkAction(
            key=verdict.value,
            label=verdict.label,
            run=_decide(verdict, values["note"] or ""),
            check=_check,
            policy=ranging.DECIDE,
        )

    return BulkAction(
        key=verdict.value,
        label=verdict.label,
        fields=(Field("note", _("Note"), most=400, required=False),),
        filled=filled,
        policy=ranging.DECIDE,
    )


def _bulk_drop() -> BulkAction:
    def filled(values: Mapping[str, Any]) -> BulkAction:
        return BulkAction(
            key="drop",
            label=_("Drop"),
            run=_drop(values["note"]),
            check=_check,
            effect=_drop_effect,
            policy=ranging.ASK,
            is_danger=True,
        )

    return BulkAction(
        key="drop",
        label=_("Drop"),
        fields=(Field("note", _("Reason"), most=400, least=2),),
        filled=filled,
        policy=ranging.ASK,
        is_danger=True,
    )


def _pieces(count: int) -> str:
    return ngettext("%(count)s piece", "%(count)s pieces", count) % {"count": count}


def _rate(row: RangeReviewRow) -> str:
    return "" if row.margin_percent is None else f"{row.margin_percent} %"


class ReviewScreen(ListScreen):
    """`/range-reviews/<id>/`: every SKU of the month by rank; keep, push or drop, many at once."""

    policy = VIEW
    title = _("Range review")
    nav = "ranges"
    review_id = 0
    row_url = "catalog:range_row"
    lead = _(
        "Ranked by what a SKU earned (40 %), how often its stock turned over (40 %) and how seldom"
        " it came back (20 %)."
    )
    columns = (
        Column("rank", _("Rank"), "number", sort=True),
        Column(
            "sku",
            _("SKU"),
            "code",
            name=True,
            value=lambda row: row.sku.code,
            sub=lambda row: row.sku.name,
        ),
        Column(
            "proposal",
            _("Verdict proposed"),
            "badge",
            value=lambda row: Verdict(row.proposal),
            sub=lambda row: grounds_of(row.grounds),
        ),
        Column(
            "decision",
            _("Decision"),
            "badge",
            value=lambda row: Verdict(row.decision) if row.decision else None,
            sub=lambda row: row.note,
        ),
        Column("score", _("Score"), "number"),
        Column("revenue", _("Sold for"), "money", sort=True, sub=lambda row: _pieces(row.pieces)),
        Column("margin", _("Earned"), "money", data=DataClass.COST, sub=_rate),
        Column("turns", _("Turnovers a year"), "number", sort=True),
        Column("return_rate", _("Returns (%)"), "number", sort=True),
        Column("stock", _("Stock at the end"), "number"),
        Column(
            "category",
            _("Category"),
            value=lambda row: row.sku.product.category.name,
            optional=True,
        ),
        Column("decided_at", _("Decided"), "moment", optional=True),
    )
    filters = (
        Filter("sku", _("SKU"), "text"),
        Filter("proposal", _("Verdict proposed"), choices=Verdict.choices),
        Filter("decision", _("Decision"), choices=Verdict.choices),
        Filter("category", _("Category"), choices=_category_choices),
    )
    tabs = (
        Tab("open", _("Not decided")),
        Tab("decided", _("Already decided")),
        Tab("all", _("All")),
    )
    order = "rank"
    export_policy = EXPORT
    empty = _("Nothing here: every SKU of this choice is decided, or none was ranked.")
    bulk = (_bulk(Verdict.KEEP), _bulk(Verdict.PUSH), _bulk_drop())

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Remember which review the address names."""
        super().setup(request, *args, **kwargs)
        self.review_id = kwargs["review_id"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the rows; raises ReviewMissing."""
        found = selected.review(review_id=self.review_id)
        self.title = gettext("Range review of %(month)s") % {"month": f"{found.month:%Y-%m}"}  # type: ignore[assignment,misc]
        return super().get(request, *args, **kwargs)

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of rows."""
        return query.page(
            self._found(actor, query),
            orders={
                "rank": "rank",
                "revenue": "revenue",
                "turns": "turns",
                "return_rate": "return_rate",
            },
        )

    def all_keys(self, *, actor: Actor, query: ListQuery) -> Sequence[str]:
        """Return the rows that match, for one decision about all of them."""
        found = self._found(actor, query).order_by("rank")[: self.bulk_limit + 1]
        return [str(pk) for pk in found.values_list("pk", flat=True)]

    def _found(self, actor: Actor, query: ListQuery) -> Any:
        found = query.narrow(
            selected.rows(review_id=self.review_id, actor=actor),
            "proposal",
            "decision",
            sku="sku__code",
            category="sku__product__category_id",
        )
        if query.tab == "open":
            return found.filter(decision="")
        return found.exclude(decision="") if query.tab == "decided" else found


class RowScreen(RecordScreen):
    """`/range-reviews/rows/<id>/`: one SKU of a month, what stands behind it, what is decided."""

    policy = VIEW
    nav = "ranges"
    title = _("Range review")
    list_url_name = "catalog:range_reviews"
    list_title = _("Range review")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the row with the sales behind it and its drops; raises ReviewMissing."""
        del at
        row = selected.row(row_id=int(key["row_id"]), actor=actor)
        sold = selected.sales(row=row, actor=actor)
        return Record(
            number=row.sku.code,
            title=row.sku.name,
            state=Verdict(row.decision) if row.decision else None,
            actions=_actions(row),
            facts=(_figures(row), _judgement(row)),
            lines=(sale_lines(sold), drop_lines(list(selected.drops_of(sku_id=row.sku_id)))),
            related=_related(row),
            clauses=("CAT-4.1-05",),
            subject=(ranging.REVIEW, row.review_id),
        )


def _figures(row: RangeReviewRow) -> FactGroup:
    return FactGroup(
        title=gettext("Figures of %(month)s") % {"month": f"{row.review.month:%Y-%m}"},
        facts=(
            Fact(title=_("Pieces sold"), value=row.pieces, kind="number"),
            Fact(title=_("Sold for"), value=row.revenue, kind="money"),
            Fact(title=_("Earned"), value=row.margin, kind="money", data=DataClass.COST),
            Fact(
                title=_("Margin (%)"),
                value=row.margin_percent,
                kind="number",
                data=DataClass.COST,
            ),
            Fact(title=_("Stock at the end"), value=row.stock, kind="number"),
            Fact(title=_("Turnovers a year"), value=row.turns, kind="number"),
            Fact(title=_("Pieces returned"), value=row.returned, kind="number"),
            Fact(title=_("Return rate (%)"), value=row.return_rate, kind="number"),
        ),
    )


def _judgement(row: RangeReviewRow) -> FactGroup:
    rank = gettext("%(rank)s of %(count)s") % {"rank": row.rank, "count": row.review.sku_count}
    return FactGroup(
        title=_("Judgement"),
        facts=(
            Fact(title=_("Rank"), value=rank),
            Fact(title=_("Score"), value=row.score, kind="number"),
            Fact(title=_("Verdict proposed"), value=Verdict(row.proposal).label),
            Fact(title=_("Why"), value=grounds_of(row.grounds)),
            Fact(title=_("Decision"), value=Verdict(row.decision).label if row.decision else ""),
            Fact(title=_("Note"), value=row.note, is_wide=True),
            Fact(
                title=_("Decided by"),
                value=people.person_name(row.decided_by) if row.decided_by else "",
            ),
            Fact(title=_("Decided"), value=row.decided_at, kind="moment"),
        ),
    )


def _related(row: RangeReviewRow) -> tuple[Related, ...]:
    span = f"{row.review.month}..{row.review.last_day}"
    moves = reverse("inventory:moves")

    def link(reason: str) -> str:
        return f"{moves}?{urlencode({'sku': row.sku.code, 'reason': reason, 'day': span})}"

    return (
        Related(title=_("What left stock in the month"), note=row.sku.code, href=link("sale")),
        Related(title=_("What came back in the month"), note=row.sku.code, href=link("return")),
        Related(
            title=_("Stock of now"),
            note=row.sku.code,
            href=f"{reverse('inventory:stock')}?{urlencode({'sku': row.sku.code})}",
        ),
        Related(
            title=_("The whole review"),
            note=f"{row.review.month:%Y-%m}",
            href=reverse("catalog:range_review", args=[row.review_id]),
        ),
    )


def _actions(row: Any) -> tuple[Action, ...]:
    held = _HELD if row.is_dropped else ""
    return (
        _deciding(row, Verdict.KEEP, held),
        _deciding(row, Verdict.PUSH, held),
        Action(
            key="drop",
            label=_("Drop"),
            run=lambda values, actor, at: _dropped(row.pk, values, actor, at),
            policy=ranging.ASK,
            fields=(Field("note", _("Reason"), most=400, least=2),),
            why_not=held,
            is_danger=True,
        ),
    )


def _deciding(row: RangeReviewRow, verdict: Verdict, held: Any) -> Action:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        ranging.decide(
            row_ids=[row.pk], verdict=verdict, note=values["note"] or "", actor=actor, at=at
        )
        words = gettext("%(code)s: %(verdict)s is decided.")
        return Done(message=words % {"code": row.sku.code, "verdict": verdict.label})

    return Action(
        key=verdict.value,
        label=verdict.label,
        run=run,
        policy=ranging.DECIDE,
        fields=(Field("note", _("Note"), most=400, required=False),),
        why_not=held,
        is_primary=not held and row.proposal == verdict,
    )


def _dropped(row_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    made = ranging.ask_drop(row_ids=[row_id], note=values["note"], actor=actor, at=at)
    return Done(message=gettext("%(number)s waits for a decision.") % {"number": made.number})

"""Feedback on products: the queue, one item, recording, counts, the time to reply (HR-1.2-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.choices.feedback import FeedbackSource, FeedbackStep, Finding, LedTo
from catalog.desk.feedback import VIEW
from catalog.models import ProductFeedback, ProductFeedbackStep, Sku
from catalog.rules import feedback as rules
from catalog.selectors import feedback as selectors
from catalog.selectors import owners
from catalog.services import feedback as services
from catalog.services.owners import MANAGE
from catalog.types.feedback import Answer, FeedbackDraft
from catalog.views.listings import channel_choices
from catalog.views.products import department_choices
from ops.engines.desk.screens import (
    Action,
    Chart,
    Column,
    Done,
    Fact,
    FactGroup,
    Field,
    Filter,
    FormScreen,
    Group,
    Kept,
    Lines,
    ListPage,
    ListQuery,
    ListScreen,
    Record,
    RecordScreen,
    Related,
    Series,
    StateStep,
    Tab,
)
from ops.engines.identity import selectors as people
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import BadInput
from ops.engines.kernel.parse import BUSINESS_ZONE, business_day
from ops.engines.kernel.policy import may

DAYS: Final = 90
_LED: Final[Mapping[str, str]] = {
    LedTo.CONTENT_TASK: "catalog:content_task",
    LedTo.LISTING: "catalog:listing",
    LedTo.SELECTION: "catalog:selection_proposal",
}
_TYPED: Final = [one for one in FeedbackSource.choices if one[0] != FeedbackSource.RETURN]


def _stars(row: ProductFeedback) -> str:
    return "" if row.rating is None else "★" * row.rating + "☆" * (5 - row.rating)


class FeedbackList(ListScreen):
    """`/product-feedback/`: what waits for whom, until when, what is late."""

    policy = VIEW
    title = _("Product feedback")
    nav = "feedback"
    columns = (
        Column("number", _("Number"), "code", name=True),
        Column(
            "product", _("Product"), value=lambda row: row.product.name,
            sub=lambda row: row.sku.code if row.sku else row.product.code,
        ),
        Column("text", _("What was said"), value=lambda row: _short(row.text), sub=_stars),
        Column("step", _("State"), "badge", value=lambda row: FeedbackStep(row.step)),
        Column("due_at", _("Reply due"), "due"),
        Column("is_late", _("Late"), "flag"),
        Column(
            "department", _("Department"),
            value=lambda row: row.department.name if row.department else _("everybody"),
        ),
        Column("worker", _("Looked into by"), value=lambda row: row.worker),
        Column(
            "finding", _("Finding"),
            value=lambda row: Finding(row.finding).label if row.finding else "",
        ),
        Column("source", _("Source"), value=lambda row: row.get_source_display(), optional=True),
        Column("channel", _("Channel"), value=lambda row: row.channel.name, optional=True),
        Column("received_at", _("Came in"), "moment", optional=True),
    )  # fmt: skip
    filters = (
        Filter("q", _("Number, goods or words"), "text"),
        Filter("channel", _("Channel"), choices=Kept("catalog.channels", channel_choices)),
        Filter("department", _("Department"),
               choices=Kept("catalog.departments", department_choices)),
        Filter("source", _("Source"), choices=FeedbackSource.choices),
        Filter("step", _("State"), choices=FeedbackStep.choices),
        Filter("finding", _("Finding"), choices=Finding.choices),
        Filter("received", _("Came in"), "span"),
    )  # fmt: skip
    tabs = (
        Tab("open", _("All open")),
        Tab("ours", _("Our queue")),
        Tab("mine", _("Mine")),
        Tab("late", _("Late")),
        Tab("over", _("Answered")),
        Tab("all", _("All")),
    )
    order = "-id"
    row_url = "catalog:feedback_item"
    export_policy = may("catalog", "E")
    empty = _("Nothing waits here. What buyers say about goods comes from service, files, returns.")
    empty_href = "/product-feedback/new/"
    empty_label = _("Record feedback")

    def select(self, *, actor: Actor, query: ListQuery) -> ListPage:
        """Return one page of the items of the actor's channels."""
        found = query.narrow(
            selectors.queue(actor=actor, at=query.at),
            "step", "finding", "source", channel="channel_id", department="department_id",
        )  # fmt: skip
        if text := query.get("q"):
            found = selectors.named(found, text)
        if span := query.get("received"):
            found = _within(found, span.first, span.last)
        page = query.page(
            selectors.of_tab(found, query.tab, actor=actor, at=query.at), orders={"id": "id"}
        )
        names = people.person_names([row.person for row in page.rows])
        for row in page.rows:
            row.worker = names.get(row.person, "")
        return page

    def head_actions(self, *, actor: Actor) -> Sequence[Action]:
        """Offer to record one, the counts, and the time for a reply."""
        del actor
        return (
            Action(
                key="new", label=_("Record feedback"), href=reverse("catalog:feedback_new"),
                policy=services.RECORD, is_primary=True,
            ),
            Action(key="counts", label=_("Counts"), href=reverse("catalog:feedback_counts")),
            Action(
                key="rule", label=_("Time for a reply"), href=reverse("catalog:feedback_rule"),
                policy=MANAGE,
            ),
        )  # fmt: skip


class FeedbackScreen(RecordScreen):
    """`/product-feedback/<id>/`: what was said, whose turn it is, what was answered."""

    policy = VIEW
    title = _("Product feedback")
    nav = "feedback"
    list_url_name = "catalog:feedback"
    list_title = _("Product feedback")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the item with its log; raises FeedbackMissing."""
        row = selectors.item(feedback_id=key["feedback_id"], actor=actor)
        log = selectors.steps(feedback_id=row.pk)
        names = people.person_names([row.person, row.recorded_by, *(one.done_by for one in log)])
        return Record(
            number=row.number,
            title=row.product.name,
            state=FeedbackStep(row.step),
            states=_stations(row, names),
            actions=_actions(row, actor, at),
            notices=_notices(row, log, at),
            facts=(_said(row, names), _work(row, names)),
            lines=(_log(log, names),),
            related=_related(row),
            clauses=("HR-1.2-02",),
            subject=(services.SUBJECT, row.pk),
        )


class FeedbackForm(FormScreen):
    """`/product-feedback/new/`: record what somebody said about goods."""

    policy = services.RECORD
    title = _("Record feedback")
    nav = "feedback"
    submit_label = _("Record it")
    lead = _(
        "It goes to the department that owns the product, which replies in time. No phone or"
        " identity number and no address of a person."
    )
    groups = (
        Group(
            _("What it is about"),
            (
                Field("sku", _("SKU"), "code", most=64),
                Field("channel", _("Channel"), "choice", choices=channel_choices),
                Field("source", _("Source"), "choice", choices=_TYPED),
                Field("reference", _("Order, return or review"), required=False,
                      most=rules.MOST_REFERENCE, hint=_("Its number, where there is one.")),
            ),
        ),
        Group(
            _("What was said"),
            (
                Field("text", _("Words"), "lines", most=rules.MOST_TEXT, least=1),
                Field("rating", _("Rating"), "choice", required=False,
                      choices=[(str(n), "★" * n) for n in range(1, 6)]),
                Field("received_at", _("Came in"), "moment", required=False,
                      hint=_("Empty: now.")),
            ),
        ),
    )  # fmt: skip

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Suggest what service notes."""
        return {"source": FeedbackSource.SERVICE.value}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Record it through the service."""
        sku = Sku.objects.filter(code=values["sku"]).values_list("pk", flat=True).first()
        if sku is None:
            raise BadInput("catalog.sku_unknown", gettext("There is no such SKU."), field="sku")
        made = services.record(
            draft=FeedbackDraft(
                sku_id=sku,
                channel_id=int(values["channel"]),
                source=values["source"],
                reference=values["reference"] or "",
                text=values["text"],
                rating=int(values["rating"]) if values["rating"] else None,
                received_at=values["received_at"],
            ),
            actor=actor,
            at=at,
        )
        return Done(
            message=gettext("%(number)s waits for its reply.") % {"number": made.number},
            href=reverse("catalog:feedback_item", args=[made.id]),
        )

    def back_url(self, **key: Any) -> str:
        """Lead to the queue."""
        return reverse("catalog:feedback")


class ReplyTimeForm(FormScreen):
    """`/product-feedback/rule/`: how many working days a reply may take from now on."""

    policy = MANAGE
    title = _("Time for a reply")
    nav = "feedback"
    lead = _("It counts for what comes from now on; what waits keeps its deadline.")
    groups = (
        Group(
            _("Rule"),
            (
                Field("working_days", _("Working days"), "quantity", least=1),
                Field("why", _("Reason"), most=200, least=2),
            ),
        ),
    )

    def initial(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Mapping[str, Any]:
        """Begin with the rule in force."""
        return {"working_days": selectors.reply_time().working_days}

    def submit(
        self, *, values: Mapping[str, Any], actor: Actor, at: dt.datetime, **key: Any
    ) -> Done:
        """Put it in force through the service."""
        made = services.set_reply_time(
            working_days=values["working_days"], why=values["why"], actor=actor, at=at
        )
        words = ngettext(
            "A reply may take %(count)s working day.",
            "A reply may take %(count)s working days.",
            made.working_days,
        )
        return Done(message=words % {"count": made.working_days})

    def back_url(self, **key: Any) -> str:
        """Lead to the queue."""
        return reverse("catalog:feedback")


class FeedbackCounts(RecordScreen):
    """`/product-feedback/counts/`: what was found, and about which goods, in the last 90 days."""

    policy = VIEW
    title = _("Counts of feedback")
    nav = "feedback"
    list_url_name = "catalog:feedback"
    list_title = _("Product feedback")

    def load(self, *, actor: Actor, at: dt.datetime, **key: Any) -> Record:
        """Return the counts; each leads to the items behind it."""
        today = business_day(at)
        first = today - dt.timedelta(days=DAYS - 1)
        found = _within(selectors.items(actor=actor), first, today)
        products = selectors.by_product(found)
        span = f"{first}..{today}"
        return Record(
            number=gettext("Counts of feedback"),
            title=f"{first} – {today}",
            charts=(_findings(selectors.by_finding(found), span), _goods(products, span)),
            lines=(_table(products, span),),
            clauses=("HR-1.2-02",),
        )


def _link(span: str, **asked: str) -> str:
    query = urlencode({"tab": "all", "received": span, **asked})
    return f"{reverse('catalog:feedback')}?{query}"


def _findings(counts: Mapping[str, int], span: str) -> Chart:
    ranked = sorted(Finding, key=lambda one: -counts.get(one, 0))
    return Chart(
        key="findings",
        title=_("What was found"),
        kind="bar",
        categories=[one.label for one in ranked],
        series=[Series(_("Items of feedback"), [counts.get(one, 0) for one in ranked])],
        hrefs=[_link(span, finding=one.value) for one in ranked],
    )


def _goods(products: Sequence[Mapping[str, Any]], span: str) -> Chart:
    return Chart(
        key="products",
        title=_("Which goods most is said about"),
        kind="bar",
        categories=[one["product__name"] for one in products],
        series=[Series(_("Items of feedback"), [one["count"] for one in products])],
        hrefs=[_link(span, q=one["product__code"]) for one in products],
        is_tall=len(products) > 6,
    )


def _table(products: Sequence[Mapping[str, Any]], span: str) -> Lines:
    return Lines(
        _("Goods"),
        (
            Column("code", _("Product"), "code", value=lambda one: one["product__code"],
                   href=lambda one: reverse("catalog:product", args=[one["product_id"]])),
            Column("name", _("Title"), value=lambda one: one["product__name"],
                   href=lambda one: _link(span, q=one["product__code"])),
            Column("count", _("Items of feedback"), "number"),
            Column("waiting", _("Waiting"), "number"),
        ),
        products,
        empty=_("Nothing was said in this time."),
    )  # fmt: skip


def _within(
    found: QuerySet[ProductFeedback], first: dt.date, last: dt.date
) -> QuerySet[ProductFeedback]:
    begin = dt.datetime.combine(first, dt.time(), BUSINESS_ZONE)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), BUSINESS_ZONE)
    return found.filter(received_at__gte=begin, received_at__lt=end)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _stations(row: ProductFeedback, names: Mapping[int, str]) -> list[StateStep]:
    path = [FeedbackStep.NEW, FeedbackStep.TAKEN, FeedbackStep.ANSWERED, FeedbackStep.CLOSED]
    again = row.step == FeedbackStep.REOPENED
    now = 0 if again else path.index(FeedbackStep(row.step))
    return [
        StateStep(
            title=FeedbackStep(row.step).label if place == now else step.label,
            when="past"
            if place < now or row.step == FeedbackStep.CLOSED
            else "now"
            if place == now
            else "next",
            note=names.get(row.person or 0, "") if place == now and not again else "",
            due_at=row.due_at if place == now else None,
        )
        for place, step in enumerate(path)
    ]


def _notices(
    row: ProductFeedback, log: Sequence[ProductFeedbackStep], at: dt.datetime
) -> list[tuple[str, Any]]:
    words: list[tuple[str, Any]] = []
    if row.due_at is not None and row.due_at < at:
        words.append(("warning", _("The time for the reply is over.")))
    if row.step == FeedbackStep.REOPENED and log:
        words.append(("warning", gettext("Opened again: %(why)s") % {"why": log[0].note}))
    return words


def _said(row: ProductFeedback, names: Mapping[int, str]) -> FactGroup:
    return FactGroup(
        title=_("What was said"),
        facts=(
            Fact(title=_("Words"), value=row.text, is_wide=True),
            Fact(title=_("Rating"), value=_stars(row)),
            Fact(
                title=_("SKU"),
                value=row.sku.code if row.sku else "",
                kind="code",
                href=reverse("catalog:sku", args=[row.sku_id]) if row.sku_id else "",
            ),
            Fact(
                title=_("Product"),
                value=row.product.name,
                href=reverse("catalog:product", args=[row.product_id]),
            ),
            Fact(title=_("Channel"), value=row.channel.name),
            Fact(title=_("Source"), value=row.get_source_display()),
            Fact(title=_("Order, return or review"), value=row.reference, kind="code"),
            Fact(title=_("Came in"), value=row.received_at, kind="moment"),
            Fact(title=_("Recorded by"), value=names.get(row.recorded_by or 0, gettext("system"))),
        ),
    )


def _work(row: ProductFeedback, names: Mapping[int, str]) -> FactGroup:
    return FactGroup(
        title=_("Reply"),
        facts=(
            Fact(
                title=_("Department"),
                value=row.department.name if row.department else gettext("everybody"),
            ),
            Fact(title=_("Looked into by"), value=names.get(row.person or 0, "")),
            Fact(title=_("Reply due"), value=row.due_at, kind="moment"),
            Fact(title=_("Finding"), value=Finding(row.finding).label if row.finding else ""),
        ),
    )


def _log(log: Sequence[ProductFeedbackStep], names: Mapping[int, str]) -> Lines:
    return Lines(
        _("Log of steps"),
        (
            Column("step", _("Step"), "badge", value=lambda one: FeedbackStep(one.step)),
            Column("at", _("At"), "moment"),
            Column("by", _("By"), value=lambda one: names.get(one.done_by or 0, "")),
            Column("reply", _("Reply"), value=lambda one: one.reply or one.note),
            Column(
                "finding", _("Finding"),
                value=lambda one: Finding(one.finding).label if one.finding else "",
            ),
            Column("led", _("Led to"), "code", value=lambda one: one.led_number,
                   href=_led_href, sub=lambda one: one.get_led_to_display()),
        ),
        log,
        empty=_("Nobody looked into it yet."),
    )  # fmt: skip


def _led_href(one: ProductFeedbackStep) -> str:
    name = _LED.get(one.led_to)
    return reverse(name, args=[one.led_id]) if name else ""


def _related(row: ProductFeedback) -> list[Related]:
    life = reverse("catalog:product_life", args=[row.product_id])
    asked = urlencode({"tab": "all", "q": row.product.code})
    found = [
        Related(title=_("Life of the product"), href=life),
        Related(title=_("Other feedback on it"), href=f"{reverse('catalog:feedback')}?{asked}"),
    ]
    if row.source == FeedbackSource.RETURN:
        query = urlencode({"q": row.reference})
        found.append(
            Related(
                title=_("Return"),
                note=row.reference,
                href=f"{reverse('customers:returns')}?{query}",
            )
        )
    return found


def _actions(row: ProductFeedback, actor: Actor, at: dt.datetime) -> tuple[Action, ...]:
    ours = owners.works_for(department_id=row.department_id, actor=actor, at=at)
    lacking = (
        ""
        if ours or row.department is None
        else gettext("%(department)s answers this.") % {"department": row.department.name}
    )
    mine = row.person is not None and row.person == actor.person_id
    found = []
    if rules.may_move(row.step, FeedbackStep.TAKEN) and not mine:
        found.append(
            Action(
                key="take",
                label=_("Look into it") if row.person is None else _("Take it on"),
                run=_deed(services.take, row.pk, gettext("You look into it.")),
                policy=services.ANSWER,
                why_not=lacking,
                is_primary=True,
            )
        )
    if row.step == FeedbackStep.REOPENED and mine:
        found.append(
            Action(
                key="take",
                label=_("Look into it again"),
                run=_deed(services.take, row.pk, gettext("You look into it.")),
                policy=services.ANSWER,
                why_not=lacking,
                is_primary=True,
            )
        )
    if row.step == FeedbackStep.TAKEN and mine:
        found.append(
            Action(
                key="answer",
                label=_("Reply"),
                run=lambda values, who, when: _answer(row.pk, values, who, when),
                policy=services.ANSWER,
                fields=_ANSWER,
                why_not=lacking,
                is_primary=True,
            )
        )
    if row.step == FeedbackStep.ANSWERED:
        found.append(
            Action(
                key="close",
                label=_("Be done with it"),
                run=_deed(services.close, row.pk, gettext("It is done with.")),
                policy=services.ANSWER,
                why_not=lacking,
                is_primary=True,
            )
        )
    if rules.may_move(row.step, FeedbackStep.REOPENED):
        found.append(
            Action(
                key="reopen",
                label=_("Open it again"),
                run=_deed(services.reopen, row.pk, gettext("It waits for a reply again.")),
                policy=services.RECORD,
                fields=(Field("reason", _("Reason"), most=400, least=2),),
            )
        )
    return tuple(found)


_ANSWER: Final = (
    Field("reply", _("Reply"), "lines", most=rules.MOST_TEXT, least=1),
    Field("finding", _("Finding"), "choice", choices=Finding.choices),
    Field("led_to", _("Led to"), "choice", required=False, choices=LedTo.choices),
    Field("led_number", _("Its number"), required=False, most=32),
)


def _answer(feedback_id: int, values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
    services.answer(
        feedback_id=feedback_id,
        answer=Answer(
            reply=values["reply"],
            finding=values["finding"],
            led_to=values["led_to"] or "",
            led_number=values["led_number"] or "",
        ),
        actor=actor,
        at=at,
    )
    return Done(message=gettext("It is answered."))


def _deed(
    service: Callable[..., Any], feedback_id: int, message: str
) -> Callable[[Mapping[str, Any], Actor, dt.datetime], Done]:
    def run(values: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Done:
        service(feedback_id=feedback_id, **values, actor=actor, at=at)
        return Done(message=message)

    return run

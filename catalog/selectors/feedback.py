"""Feedback on products as an actor may see it: the queue, one item, counts with the rows behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from catalog.choices.feedback import FeedbackStep
from catalog.errors.feedback import FeedbackMissing
from catalog.models import FeedbackRule, ProductFeedback, ProductFeedbackStep
from catalog.rules import feedback as rules
from catalog.selectors import owners
from catalog.types.feedback import FeedbackInfo, ReplyTime
from ops.engines.kernel.actor import Actor

MOST_BARS = 12


def items(*, actor: Actor) -> QuerySet[ProductFeedback]:
    """Return what was said in the actor's channels, each with its goods, channel and department."""
    found = ProductFeedback.objects.select_related("product", "sku", "channel", "department")
    mine = actor.scope_ids("channel", "catalog")
    return found if mine is None else found.filter(channel_id__in=mine)


def item(*, feedback_id: int, actor: Actor) -> ProductFeedback:
    """Return one item in the actor's channels; raises FeedbackMissing."""
    found = items(actor=actor).filter(pk=feedback_id).first()
    if found is None:
        raise FeedbackMissing(feedback_id)
    return found


def queue(*, actor: Actor, at: datetime) -> QuerySet[ProductFeedback]:
    """Return items with whether their reply is late."""
    return items(actor=actor).annotate(
        is_late=ExpressionWrapper(Q(due_at__lt=at), output_field=BooleanField())
    )


def of_tab(
    found: QuerySet[ProductFeedback], tab: str, *, actor: Actor, at: datetime
) -> QuerySet[ProductFeedback]:
    """Narrow the queue to one of its tabs; `ours` are the actor's departments and nobody's."""
    if tab == "all":
        return found
    if tab == "over":
        return found.exclude(step__in=rules.OPEN)
    left = found.filter(step__in=rules.OPEN)
    if tab == "ours":
        return of_department(left, actor=actor, at=at)
    if tab == "mine":
        return left.filter(person=actor.person_id or 0)
    return left.filter(due_at__lt=at) if tab == "late" else left


def of_department(
    found: QuerySet[ProductFeedback], *, actor: Actor, at: datetime
) -> QuerySet[ProductFeedback]:
    """Narrow items to the queues of the actor's departments, and to what nobody owns."""
    ours = owners.departments_of(actor=actor, at=at)
    if ours is None:
        return found
    return found.filter(Q(department_id__in=ours) | Q(department__isnull=True))


def named(found: QuerySet[ProductFeedback], text: str) -> QuerySet[ProductFeedback]:
    """Narrow items to a number, a SKU, a product code, or words that were said."""
    return found.filter(
        Q(number__istartswith=text)
        | Q(sku__code__iexact=text)
        | Q(product__code__iexact=text)
        | Q(product__name__icontains=text)
        | Q(text__icontains=text)
    )


def steps(*, feedback_id: int) -> Sequence[ProductFeedbackStep]:
    """Return the log of an item, newest first."""
    return list(ProductFeedbackStep.objects.filter(feedback_id=feedback_id).order_by("-no"))


def by_finding(found: QuerySet[ProductFeedback]) -> dict[str, int]:
    """Return how many answered items had which finding."""
    rows = found.exclude(finding="").order_by().values_list("finding")
    return dict(rows.annotate(count=Count("pk")))


def by_product(found: QuerySet[ProductFeedback]) -> list[dict[str, Any]]:
    """Return the products most is said about: id, code, name, count, how many wait."""
    rows = found.order_by().values("product_id", "product__code", "product__name")
    waiting = Count("pk", filter=Q(step__in=rules.OPEN))
    counted = rows.annotate(count=Count("pk"), waiting=waiting)
    return [{**row} for row in counted.order_by("-count", "product_id")[:MOST_BARS]]


def reply_time() -> ReplyTime:
    """Return how long an answer may take now."""
    row = FeedbackRule.objects.order_by("-no").first()
    if row is None:
        return ReplyTime(no=0, working_days=rules.USUAL_DAYS)
    return ReplyTime(no=row.no, working_days=row.working_days)


def info(row: ProductFeedback) -> FeedbackInfo:
    """Return the plain form of an item."""
    return FeedbackInfo(
        id=row.pk,
        number=row.number,
        product_id=row.product_id,
        channel_id=row.channel_id,
        department_id=row.department_id,
        step=row.step,
        finding=row.finding,
        due_at=row.due_at,
    )


def newest_answer() -> datetime | None:
    """Return when feedback was last answered."""
    rows = ProductFeedbackStep.objects.filter(step=FeedbackStep.ANSWERED)
    return rows.order_by("-at").values_list("at", flat=True).first()


def newest() -> datetime | None:
    """Return when feedback last came in."""
    return ProductFeedback.objects.order_by("-pk").values_list("recorded_at", flat=True).first()

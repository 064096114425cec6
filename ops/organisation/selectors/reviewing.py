"""Reading reviews of rights: one's own lines, or all of them for those who watch."""

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from ops.engines.identity.choices import Role
from ops.engines.kernel.actor import Actor
from ops.organisation.choices import ReviewState, Verdict
from ops.organisation.errors import ReviewMissing
from ops.organisation.models import AccessReview, AccessReviewLine

WATCHERS = (
    Role.COMPLIANCE_OFFICER,
    Role.AUDITOR,
    Role.EXECUTIVE,
    Role.HR_OFFICER,
    Role.INFORMATION_SUPERVISOR,
)


def reviews(*, actor: Actor) -> QuerySet[AccessReview]:
    """Return reviews with `total` and `waiting` lines this actor may see."""
    mine = Q() if _sees_all(actor) else Q(lines__reviewer_id=actor.person_id)
    found = AccessReview.objects.annotate(
        total=Count("lines", filter=mine),
        waiting=Count("lines", filter=mine & Q(lines__verdict=Verdict.PENDING)),
    )
    return found if _sees_all(actor) else found.filter(total__gt=0)


def review(*, review_id: int, actor: Actor) -> AccessReview:
    """Return one review with its counts. Raises ReviewMissing."""
    found = reviews(actor=actor).filter(pk=review_id).first()
    if found is None:
        raise ReviewMissing("organisation.review_missing", _("There is no such review."))
    return found


def lines(*, review_id: int, actor: Actor) -> QuerySet[AccessReviewLine]:
    """Return the lines of a review this actor may see: one's own, or all for a watcher."""
    found = AccessReviewLine.objects.filter(review=review_id).select_related(
        "review", "person", "reviewer", "decided_by"
    )
    return found if _sees_all(actor) else found.filter(reviewer_id=actor.person_id)


def waiting_for(*, actor: Actor) -> QuerySet[AccessReviewLine]:
    """Return the lines that wait for this person's answer."""
    return AccessReviewLine.objects.filter(
        reviewer_id=actor.person_id or 0,
        verdict=Verdict.PENDING,
        review__state=ReviewState.OPEN,
    ).select_related("review")


def all_lines() -> QuerySet[AccessReviewLine]:
    """Return every line of every review, oldest first, for the report."""
    return AccessReviewLine.objects.select_related(
        "review", "person", "reviewer", "decided_by"
    ).order_by("pk")


def _sees_all(actor: Actor) -> bool:
    return actor.is_machine or actor.holds(*WATCHERS)

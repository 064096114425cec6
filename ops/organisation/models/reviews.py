"""The quarterly review: every right of every person, kept or taken away by somebody else."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ops.organisation.choices import ReviewState, RightKind, Verdict


class AccessReview(models.Model):
    """One review of all rights (SYS-6.3-02)."""

    period = models.CharField(_("period"), max_length=16, unique=True)
    state = models.CharField(
        _("state"), max_length=8, choices=ReviewState, default=ReviewState.OPEN
    )
    opened_at = models.DateTimeField(_("opened at"))
    due_on = models.DateField(_("due on"))
    lapses_on = models.DateField(_("unanswered rights lapse on"))
    reminders = models.PositiveSmallIntegerField(_("reminders sent"), default=0)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("access review")
        verbose_name_plural = _("access reviews")
        constraints = [
            models.CheckConstraint(
                name="accessreview_state_known", condition=Q(state__in=ReviewState.values)
            ),
            models.CheckConstraint(
                name="accessreview_closed_dated",
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state="closed", closed_at__isnull=False),
            ),
            # A right lapses only after two reminders and an escalation.
            models.CheckConstraint(
                name="accessreview_escalated_after_reminders",
                condition=Q(escalated_at__isnull=True) | Q(reminders__gte=2),
            ),
            models.CheckConstraint(
                name="accessreview_lapses_after_due", condition=Q(lapses_on__gt=F("due_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.period


class AccessReviewLine(models.Model):
    """One right of one person, with who must answer for it and the signed answer."""

    review = models.ForeignKey(
        AccessReview, models.PROTECT, related_name="lines", verbose_name=_("access review")
    )
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    reviewer = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("to be answered by"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=RightKind)
    # What is reviewed: an assignment, or an account with a kind and id of an object.
    assignment_id = models.BigIntegerField(_("assignment"), null=True, blank=True)
    user_id = models.BigIntegerField(_("account"), null=True, blank=True)
    scope_kind = models.CharField(_("object kind"), max_length=40, blank=True)
    scope_id = models.BigIntegerField(_("object"), null=True, blank=True)
    right_zh = models.CharField(_("right"), max_length=160)
    right_en = models.CharField(_("right (English)"), max_length=160)
    is_protected = models.BooleanField(_("never lapses by itself"), default=False)
    verdict = models.CharField(_("answer"), max_length=8, choices=Verdict, default=Verdict.PENDING)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    decided_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    decided_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    signature = models.CharField(_("signature"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("line of an access review")
        verbose_name_plural = _("lines of access reviews")
        constraints = [
            models.CheckConstraint(
                name="reviewline_kind_known", condition=Q(kind__in=RightKind.values)
            ),
            models.CheckConstraint(
                name="reviewline_verdict_known", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(
                name="reviewline_names_its_right",
                condition=Q(kind="position", assignment_id__isnull=False)
                | (Q(kind="scope", user_id__isnull=False, scope_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="reviewline_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("person")),
            ),
            models.CheckConstraint(
                name="reviewline_answer_signed",
                condition=Q(verdict="pending", decided_at__isnull=True, signature="")
                | Q(verdict="lapsed", decided_at__isnull=False)
                | (
                    Q(
                        verdict__in=["kept", "revoked"],
                        decided_at__isnull=False,
                        decided_by__isnull=False,
                    )
                    & Q(signature__regex="^[0-9a-f]{64}$")
                ),
            ),
            models.UniqueConstraint(
                name="reviewline_position_once",
                fields=["review", "assignment_id"],
                condition=Q(kind="position"),
            ),
            models.UniqueConstraint(
                name="reviewline_scope_once",
                fields=["review", "user_id", "scope_kind", "scope_id"],
                condition=Q(kind="scope"),
            ),
        ]
        indexes = [
            models.Index(
                name="reviewline_waiting",
                fields=["reviewer", "id"],
                condition=Q(verdict="pending"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.right_zh}"

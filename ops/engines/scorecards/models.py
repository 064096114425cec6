"""Cards, what they were scored by, marks and objections; decided results never change."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.scorecards.choices import DECIDED, CardState, ObjectionState

# PostgreSQL's NaN is greater than every number, so an upper bound keeps it out.
_BOUND = Decimal(10) ** 14


class ScorecardVersion(models.Model):
    """The rules of a scorecard from a day on: weights, bandings, grades. Append-only. PII: none."""

    scorecard = models.CharField(_("scorecard"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    first_on = models.DateField(_("first day"))
    content = models.JSONField(_("rules"))
    is_declared = models.BooleanField(_("taken from the declaration"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    set_by = models.BigIntegerField(_("set by"), null=True, blank=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        db_table = "scorecards_version"
        verbose_name = _("version of a scorecard")
        verbose_name_plural = _("versions of scorecards")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="version_once", fields=["scorecard", "number"]),
            models.CheckConstraint(
                name="version_edited_by_someone_for_a_reason",
                condition=Q(is_declared=True) | Q(set_by__isnull=False) & ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} v{self.number}"


class Card(models.Model):
    """One subject judged for one period; a revision replaces it after an upheld objection.

    PII: the subject's name when it is a person; kept as the evidence of the appraisal.
    """

    scorecard = models.CharField(_("scorecard"), max_length=60)
    subject_type = models.CharField(_("sort of subject"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    subject_name = models.CharField(_("name"), max_length=200)
    subject_person_id = models.BigIntegerField(_("person judged"), null=True, blank=True)
    scope_id = models.BigIntegerField(_("scope"), null=True, blank=True)
    period = models.CharField(_("period"), max_length=10)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    version = models.ForeignKey(
        ScorecardVersion, models.PROTECT, related_name="cards", verbose_name=_("version")
    )
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    revises = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revised_by",
        verbose_name=_("replaced card"),
    )
    state = models.CharField(_("state"), max_length=10, choices=CardState, default=CardState.OPEN)
    score = models.DecimalField(_("score"), null=True, blank=True, max_digits=5, decimal_places=2)
    grade = models.CharField(_("grade"), max_length=2, blank=True, default="")
    opened_at = models.DateTimeField(_("opened at"))
    mark_by_on = models.DateField(_("to be marked by"))
    computed_at = models.DateTimeField(_("computed at"), null=True, blank=True)
    confirmed_by = models.BigIntegerField(_("confirmed by"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    comment = models.CharField(_("decision"), max_length=500, blank=True, default="")
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    shown_until = models.DateField(_("on show until"), null=True, blank=True)
    objection_until = models.DateField(_("objections until"), null=True, blank=True)
    final_at = models.DateTimeField(_("final at"), null=True, blank=True)

    class Meta:
        db_table = "scorecards_card"
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="card_once",
                fields=["scorecard", "subject_type", "subject_id", "period", "revision"],
            ),
            models.UniqueConstraint(
                name="card_one_in_force",
                fields=["scorecard", "subject_type", "subject_id", "period"],
                condition=~Q(state="revised"),
            ),
            models.CheckConstraint(
                name="card_state_known", condition=Q(state__in=CardState.values)
            ),
            models.CheckConstraint(
                name="card_score_in_range",
                condition=Q(score__isnull=True, grade="") | Q(score__gte=0, score__lte=100),
            ),
            models.CheckConstraint(
                name="card_graded_with_its_score",
                condition=Q(score__isnull=True) | ~Q(grade=""),
            ),
            models.CheckConstraint(
                name="card_decided_by_someone",
                condition=~Q(state__in=DECIDED)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="card_not_confirmed_by_its_subject",
                condition=Q(confirmed_by__isnull=True)
                | Q(subject_person_id__isnull=True)
                | ~Q(confirmed_by=F("subject_person_id")),
            ),
            models.CheckConstraint(
                name="card_days_in_order", condition=Q(first_on__lte=F("last_on"))
            ),
            models.CheckConstraint(
                name="card_revision_replaces_one",
                condition=Q(revision=1, revises__isnull=True)
                | Q(revision__gt=1, revises__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="card_of_subject", fields=["subject_type", "subject_id", "id"]),
            models.Index(name="card_at_work", fields=["scorecard", "state", "id"]),
            models.Index(name="card_of_period", fields=["scorecard", "period", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.period} {self.subject_name}"


class Mark(models.Model):
    """A person's points for one criterion; a changed mark is a new revision. Append-only.

    PII: who marked, and the comment; kept as evidence.
    """

    card = models.ForeignKey(Card, models.PROTECT, related_name="marks", verbose_name=_("card"))
    criterion = models.CharField(_("criterion"), max_length=40)
    revision = models.PositiveSmallIntegerField(_("revision"))
    points = models.DecimalField(_("points"), max_digits=5, decimal_places=2)
    comment = models.CharField(_("reason of the mark"), max_length=500)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True, default="")
    marked_by = models.BigIntegerField(_("marked by"))
    marked_at = models.DateTimeField(_("marked at"))

    class Meta:
        db_table = "scorecards_mark"
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="mark_revision_once", fields=["card", "criterion", "revision"]
            ),
            models.CheckConstraint(
                name="mark_points_in_range", condition=Q(points__gte=0, points__lte=100)
            ),
            models.CheckConstraint(name="mark_is_explained", condition=~Q(comment="")),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.criterion} r{self.revision}"


class CardLine(models.Model):
    """One criterion of a card with everything its points came from. PII: none."""

    card = models.ForeignKey(Card, models.PROTECT, related_name="lines", verbose_name=_("card"))
    place = models.PositiveSmallIntegerField(_("place"))
    criterion = models.CharField(_("criterion"), max_length=40)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2)
    metric = models.CharField(_("metric"), max_length=60, blank=True, default="")
    metric_version = models.PositiveSmallIntegerField(
        _("version of the definition"), null=True, blank=True
    )
    numerator = models.DecimalField(
        _("numerator"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    denominator = models.DecimalField(
        _("denominator"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    mark = models.ForeignKey(
        Mark, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mark")
    )
    points = models.DecimalField(_("points"), null=True, blank=True, max_digits=5, decimal_places=2)

    class Meta:
        db_table = "scorecards_line"
        verbose_name = _("line of a scorecard")
        verbose_name_plural = _("lines of scorecards")
        ordering = ("card", "place")
        constraints = [
            models.UniqueConstraint(name="line_once", fields=["card", "criterion"]),
            models.CheckConstraint(
                name="line_weight_in_range", condition=Q(weight__gt=0, weight__lte=100)
            ),
            models.CheckConstraint(
                name="line_points_in_range",
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=100),
            ),
            models.CheckConstraint(
                name="line_points_have_a_source",
                condition=Q(points__isnull=True)
                | Q(mark__isnull=False)
                | ~Q(metric="") & Q(metric_version__isnull=False, numerator__isnull=False),
            ),
            models.CheckConstraint(
                name="line_parts_finite",
                condition=(
                    Q(numerator__isnull=True) | Q(numerator__gt=-_BOUND, numerator__lt=_BOUND)
                )
                & (
                    Q(denominator__isnull=True) | Q(denominator__gt=-_BOUND, denominator__lt=_BOUND)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.criterion}"


class Objection(models.Model):
    """Somebody disagrees with a published result; one independent person decides.

    PII: who objected and why; kept as evidence.
    """

    card = models.OneToOneField(
        Card, models.PROTECT, related_name="objection", verbose_name=_("card")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ObjectionState, default=ObjectionState.OPEN
    )
    reason = models.CharField(_("reason"), max_length=1000)
    on_behalf_of = models.CharField(_("on behalf of"), max_length=200, blank=True, default="")
    filed_by = models.BigIntegerField(_("filed by"))
    filed_at = models.DateTimeField(_("filed at"))
    finding = models.CharField(_("finding"), max_length=1000, blank=True, default="")
    decided_by = models.BigIntegerField(_("decided by"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        db_table = "scorecards_objection"
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="objection_state_known", condition=Q(state__in=ObjectionState.values)
            ),
            models.CheckConstraint(name="objection_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="objection_decided_with_finding",
                condition=Q(state="open", decided_by__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(finding=""),
            ),
            models.CheckConstraint(
                name="objection_not_decided_by_its_author",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("filed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.state}"

"""The rule library: a document keeps its number for good, a version its words."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from ops.engines.documents.choices import ENDED, IN_FORCE, OPEN, DocumentKind, VersionState

_DAYS = Func(
    F("effective_on"),
    F("ended_on"),
    Value("[)"),
    function="daterange",
    output_field=models.TextField(),
)


class RuleDocument(models.Model):
    """One written rule of the house, whatever its version. PII: the owner's person."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=DocumentKind)
    department = models.ForeignKey(
        "identity.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    owner = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    audience = models.JSONField(_("audience"), default=list)
    clauses = models.JSONField(_("clauses"), default=list)
    review_months = models.PositiveSmallIntegerField(_("months between reviews"), default=6)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("rule document")
        verbose_name_plural = _("rule documents")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                name="ruledocument_kind_known", condition=Q(kind__in=DocumentKind.values)
            ),
            models.CheckConstraint(
                name="ruledocument_code_well_formed",
                condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9-]{1,39}$"),
            ),
            models.CheckConstraint(
                name="ruledocument_is_reviewed",
                condition=Q(review_months__gte=1, review_months__lte=36),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class DocumentVersion(models.Model):
    """One version: its words are fixed once handed in; in force from a day to a day.

    PII: who drafted it, kept with the document.
    """

    document = models.ForeignKey(
        RuleDocument, models.PROTECT, related_name="versions", verbose_name=_("rule document")
    )
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT
    )
    text = models.TextField(_("text"))
    reason = models.TextField(_("reason of the change"))
    impact = models.TextField(_("what it touches"), blank=True)
    digest = models.CharField(_("digest"), max_length=64)
    effective_on = models.DateField(_("effective on"))
    expires_on = models.DateField(_("trial ends on"), null=True, blank=True)
    ended_on = models.DateField(_("no longer in force from"), null=True, blank=True)
    review_on = models.DateField(_("review due on"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    abolition = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval of the abolition"),
    )

    class Meta:
        verbose_name = _("version of a rule document")
        verbose_name_plural = _("versions of rule documents")
        ordering = ("document", "-number")
        constraints = [
            models.UniqueConstraint(name="documentversion_once", fields=["document", "number"]),
            models.UniqueConstraint(
                name="documentversion_one_open",
                fields=["document"],
                condition=Q(state__in=OPEN),
            ),
            models.UniqueConstraint(
                name="documentversion_one_in_force",
                fields=["document"],
                condition=Q(state=VersionState.EFFECTIVE),
            ),
            ExclusionConstraint(
                name="documentversion_one_a_day",
                expressions=[("document", RangeOperators.EQUAL), (_DAYS, RangeOperators.OVERLAPS)],
                condition=Q(state__in=IN_FORCE),
            ),
            models.CheckConstraint(
                name="documentversion_state_known", condition=Q(state__in=VersionState.values)
            ),
            models.CheckConstraint(
                name="documentversion_digest_hex", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="documentversion_says_something", condition=~Q(text="") & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="documentversion_in_force_was_approved",
                condition=Q(state__in=[VersionState.DRAFT, VersionState.REVIEW])
                | Q(approval__isnull=False, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="documentversion_abolished_was_approved",
                condition=~Q(state=VersionState.ABOLISHED)
                | Q(abolition__isnull=False)
                | Q(expires_on__lte=F("ended_on")),
            ),
            models.CheckConstraint(
                name="documentversion_ended_has_day",
                condition=Q(
                    state__in=ENDED,
                    ended_on__isnull=False,
                )
                | (~Q(state__in=ENDED) & Q(ended_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="documentversion_ends_after_it_begins",
                condition=(Q(ended_on__isnull=True) | Q(ended_on__gte=F("effective_on")))
                & (Q(expires_on__isnull=True) | Q(expires_on__gt=F("effective_on"))),
            ),
        ]
        indexes = [
            models.Index(
                name="documentversion_due",
                fields=["effective_on"],
                condition=Q(state=VersionState.APPROVED),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"

"""What was reported: versions of figures, and the files made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ops.engines.reports.choices import OPEN_STATES, Format, RunState, SignatureKind, Standing

_SHA256 = r"^[0-9a-f]{64}$"


class ReportEdition(models.Model):
    """One version of one report's figures for one period, parameters and scope; never changed.

    PII: the content file holds what the report shows; kept as long as the report.
    """

    name = models.CharField(_("report"), max_length=80)
    period = models.CharField(_("period"), max_length=24)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    params = models.JSONField(_("parameters"), default=dict)
    scopes = models.JSONField(_("scopes"), default=dict)
    scope_key = models.CharField(_("scope key"), max_length=64)
    key = models.CharField(_("key"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    standing = models.CharField(_("standing"), max_length=12, choices=Standing)
    cut_off_at = models.DateTimeField(_("cut-off"))
    rows = models.BigIntegerField(_("rows"))
    digest = models.CharField(_("content digest"), max_length=64)
    stored_name = models.CharField(_("stored name"), max_length=80, unique=True)
    restated_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("restated from"),
    )
    differences = models.BigIntegerField(_("differing rows"), null=True)
    differences_digest = models.CharField(
        _("digest of the differences"), max_length=64, blank=True, default=""
    )

    class Meta:
        verbose_name = _("report version")
        verbose_name_plural = _("report versions")
        constraints = [
            models.UniqueConstraint(name="reportedition_version_once", fields=["key", "version"]),
            models.CheckConstraint(name="reportedition_version_counts", condition=Q(version__gt=0)),
            models.CheckConstraint(
                name="reportedition_digest_hex",
                condition=Q(digest__regex=_SHA256) & Q(key__regex=_SHA256),
            ),
            models.CheckConstraint(
                name="reportedition_first_has_no_former",
                condition=Q(version=1, restated_from__isnull=True, differences__isnull=True)
                | Q(version__gt=1, restated_from__isnull=False, differences__gte=0),
            ),
            models.CheckConstraint(
                name="reportedition_differences_digest_hex",
                condition=Q(differences_digest="") | Q(differences_digest__regex=_SHA256),
            ),
            models.CheckConstraint(
                name="reportedition_restated_differs",
                condition=~Q(standing=Standing.RESTATED) | Q(differences__gt=0),
            ),
        ]
        indexes = [
            models.Index(
                name="reportedition_by_name", fields=["name", "scope_key", "-last_on", "-id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period} v{self.version}"


class ReportConfirmation(models.Model):
    """One person's word that they read a final version of figures; never changed.

    PII: who confirmed; kept as long as the version.
    """

    edition = models.ForeignKey(
        ReportEdition,
        models.PROTECT,
        related_name="confirmations",
        verbose_name=_("report version"),
    )
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"))

    class Meta:
        verbose_name = _("confirmation of a report")
        verbose_name_plural = _("confirmations of reports")
        constraints = [
            models.UniqueConstraint(name="reportconfirmation_once", fields=["edition", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.person_id}"


class ReportRun(models.Model):
    """The making of one file; once done it is sealed by its hash and never changed.

    PII: the file holds what the report shows; kept as long as the report.
    """

    name = models.CharField(_("report"), max_length=80)
    period = models.CharField(_("period"), max_length=24)
    params = models.JSONField(_("parameters"), default=dict)
    scopes = models.JSONField(_("scopes"), default=dict)
    scope_key = models.CharField(_("scope key"), max_length=64)
    key = models.CharField(_("key"), max_length=64)
    format = models.CharField(_("format"), max_length=8, choices=Format)
    language = models.CharField(_("language"), max_length=12)
    state = models.CharField(_("state"), max_length=8, choices=RunState, default=RunState.QUEUED)
    stage = models.CharField(_("stage"), max_length=20, blank=True)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("total"), null=True, blank=True)
    requested_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_user_id = models.BigIntegerField(_("requested by (account)"), null=True, blank=True)
    requested_name = models.CharField(_("requested by (name)"), max_length=120)
    requested_at = models.DateTimeField(_("requested at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    stage_at = models.DateTimeField(_("stage began at"), null=True, blank=True)
    cancel_asked_at = models.DateTimeField(_("asked to stop at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    edition = models.ForeignKey(
        ReportEdition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("report version"),
    )
    cut_off_at = models.DateTimeField(_("cut-off"), null=True, blank=True)
    rows = models.BigIntegerField(_("rows"), null=True, blank=True)
    digest = models.CharField(_("content digest"), max_length=64, blank=True)
    sha256 = models.CharField(_("sha256"), max_length=64, blank=True)
    size = models.BigIntegerField(_("size in bytes"), null=True, blank=True)
    stored_name = models.CharField(_("stored name"), max_length=80, blank=True)
    sealed_at = models.DateTimeField(_("sealed at"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=80, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        constraints = [
            models.UniqueConstraint(
                name="reportrun_one_open",
                fields=["key", "format", "language"],
                condition=Q(state__in=OPEN_STATES),
            ),
            models.CheckConstraint(
                name="reportrun_done_is_sealed",
                condition=~Q(state=RunState.DONE)
                | (
                    Q(sha256__regex=_SHA256, digest__regex=_SHA256, size__gt=0, rows__gte=0)
                    & Q(sealed_at__isnull=False, cut_off_at__isnull=False)
                    & ~Q(stored_name="")
                    & (Q(edition__isnull=False) | Q(format=Format.ZIP))
                ),
            ),
            models.CheckConstraint(
                name="reportrun_sealed_is_done",
                condition=Q(state=RunState.DONE) | Q(sealed_at__isnull=True, sha256=""),
            ),
            models.CheckConstraint(
                name="reportrun_failure_has_code",
                condition=~Q(state=RunState.FAILED) | ~Q(error_code=""),
            ),
            models.UniqueConstraint(
                name="reportrun_file_once", fields=["stored_name"], condition=~Q(stored_name="")
            ),
        ]
        indexes = [
            models.Index(name="reportrun_by_name", fields=["name", "scope_key", "-id"]),
            models.Index(
                name="reportrun_open", fields=["requested_at"], condition=Q(state__in=OPEN_STATES)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period} {self.format} #{self.pk}"


class ReportDifference(models.Model):
    """One row in which a version differs from the one before, and what caused it; never changed.

    PII: holds what the report shows; kept as long as the version.
    """

    edition = models.ForeignKey(
        ReportEdition,
        models.PROTECT,
        related_name="changes",
        verbose_name=_("report version"),
    )
    position = models.PositiveIntegerField(_("position"))
    section = models.CharField(_("section"), max_length=80, blank=True)
    key = models.JSONField(_("key"))
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    columns = models.JSONField(_("columns that differ"), default=list)
    documents = models.JSONField(_("documents that caused it"), default=list)

    class Meta:
        verbose_name = _("difference between report versions")
        verbose_name_plural = _("differences between report versions")
        ordering = ("edition", "position")
        constraints = [
            models.UniqueConstraint(name="reportdifference_once", fields=["edition", "position"]),
            models.CheckConstraint(
                name="reportdifference_has_a_side",
                condition=Q(before__isnull=False) | Q(after__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.position}"


class ReportSignature(models.Model):
    """One person's signature under a final version: it cites the figures' digest; never changed.

    PII: who signed; kept as long as the version.
    """

    edition = models.ForeignKey(
        ReportEdition,
        models.PROTECT,
        related_name="signatures",
        verbose_name=_("report version"),
    )
    kind = models.CharField(_("signed as"), max_length=8, choices=SignatureKind)
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, related_name="+", verbose_name=_("person")
    )
    digest = models.CharField(_("content digest"), max_length=64)
    differences_digest = models.CharField(
        _("digest of the differences"), max_length=64, blank=True, default=""
    )
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature of a report")
        verbose_name_plural = _("signatures of reports")
        constraints = [
            models.UniqueConstraint(name="reportsignature_once", fields=["edition", "kind"]),
            # Who prepared figures does not approve them (FIN-7.4-02).
            models.UniqueConstraint(
                name="reportsignature_two_persons",
                fields=["edition", "person"],
                condition=Q(kind__in=[SignatureKind.PREPARED, SignatureKind.APPROVED]),
            ),
            models.CheckConstraint(
                name="reportsignature_kind_known", condition=Q(kind__in=SignatureKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.kind}"


class ReportSubscription(models.Model):
    """Whether a person wants to be told of a report, against what their position says.

    PII: who wants what; goes with the person.
    """

    name = models.CharField(_("report"), max_length=80)
    person = models.ForeignKey(
        "identity.Person", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    wants = models.BooleanField(_("wants it"))
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("subscription of a report")
        verbose_name_plural = _("subscriptions of reports")
        constraints = [
            models.UniqueConstraint(name="reportsubscription_once", fields=["name", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.person_id}"

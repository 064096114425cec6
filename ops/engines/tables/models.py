"""Import batches: one row per file somebody brought, kept for ever as evidence."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .choices import LOADED, BatchState

_SHA256 = r"^[0-9a-f]{64}$"


class ImportBatch(models.Model):
    """One file read under one profile, from preview to result; a finished one never changes.

    PII: none; personal profiles keep neither the file nor personal cells of rejects.
    """

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    profile = models.CharField(_("profile"), max_length=80)
    file_name = models.CharField(_("file name"), max_length=200)
    file_sha256 = models.CharField(_("sha256 of the file"), max_length=64, blank=True)
    content_digest = models.CharField(_("digest of the rows"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=BatchState)
    scope_kind = models.CharField(_("scope kind"), max_length=40, blank=True)
    scope_id = models.BigIntegerField(_("scope"), null=True)
    options = models.JSONField(_("options"), default=dict)
    rows_read = models.BigIntegerField(_("rows read"), default=0)
    accepted = models.BigIntegerField(_("accepted"), default=0)
    duplicate = models.BigIntegerField(_("duplicate"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    control_totals = models.JSONField(_("control totals"), default=dict)
    reasons = models.JSONField(_("reasons of rejection"), default=dict)
    source_file = models.CharField(_("stored file"), max_length=120, blank=True)
    rejects_file = models.CharField(_("file of rejects"), max_length=120, blank=True)
    message = models.TextField(_("message"), blank=True)
    actor_person_id = models.BigIntegerField(_("person"), null=True)
    actor_name = models.CharField(_("brought by"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("import batch")
        verbose_name_plural = _("import batches")
        constraints = [
            models.UniqueConstraint(
                name="importbatch_content_once",
                fields=["profile", "scope_kind", "scope_id", "content_digest"],
                condition=Q(state__in=LOADED),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="importbatch_state_known", condition=Q(state__in=BatchState.values)
            ),
            models.CheckConstraint(
                name="importbatch_counts_not_negative",
                condition=Q(rows_read__gte=0)
                & Q(accepted__gte=0)
                & Q(duplicate__gte=0)
                & Q(rejected__gte=0),
            ),
            models.CheckConstraint(
                name="importbatch_every_row_accounted_for",
                condition=~Q(state__in=[BatchState.DONE, BatchState.DONE_WITH_REJECTS])
                | Q(rows_read=F("accepted") + F("duplicate") + F("rejected")),
            ),
            models.CheckConstraint(
                name="importbatch_rejects_named",
                condition=~Q(state=BatchState.DONE) | Q(rejected=0),
            ),
            models.CheckConstraint(
                name="importbatch_loaded_is_hashed",
                condition=~Q(state__in=LOADED)
                | Q(content_digest__regex=_SHA256, file_sha256__regex=_SHA256),
            ),
            models.CheckConstraint(
                name="importbatch_final_has_end",
                condition=Q(state__in=[BatchState.PREVIEWED, BatchState.RUNNING])
                | Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="importbatch_scope_whole",
                condition=Q(scope_kind="", scope_id__isnull=True)
                | (~Q(scope_kind="") & Q(scope_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="importbatch_newest", fields=["profile", "-id"]),
            models.Index(name="importbatch_by_file", fields=["file_sha256"]),
        ]

    def __str__(self) -> str:
        return f"B-{self.pk}"

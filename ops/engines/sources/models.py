"""Outside sources, and the files they sent: the import log with counts and source."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .choices import KEPT, FileState, Rhythm, Weekday

_SHA256 = r"^[0-9a-f]{64}$"


class Source(models.Model):
    """Who brings figures of one layout, when they are owed, and who answers for them."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("source"), max_length=80)
    profile = models.CharField(_("file layout"), max_length=80)
    options = models.JSONField(_("options"), default=dict)
    scope_kind = models.CharField(_("scope kind"), max_length=40, blank=True)
    scope_id = models.BigIntegerField(_("scope"), null=True)
    rhythm = models.CharField(_("how often"), max_length=6, choices=Rhythm)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    hour = models.PositiveSmallIntegerField(_("hour"))
    owner = models.CharField(_("who answers for it"), max_length=40)
    licence = models.CharField(_("licence note"), max_length=400, blank=True)
    opened_by = models.BigIntegerField(_("opened by"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outside source")
        verbose_name_plural = _("outside sources")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="source_code_sane", condition=Q(code__regex=r"^[a-z0-9][a-z0-9_-]{1,39}$")
            ),
            models.CheckConstraint(
                name="source_owes_at_a_known_time",
                condition=Q(rhythm__in=Rhythm.values, weekday__gte=1, weekday__lte=7, hour__lte=23),
            ),
            models.CheckConstraint(
                name="source_is_named", condition=~Q(title="") & ~Q(profile="") & ~Q(owner="")
            ),
            models.CheckConstraint(
                name="source_scope_whole",
                condition=Q(scope_kind="", scope_id__isnull=True)
                | (~Q(scope_kind="") & Q(scope_id__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SentFile(models.Model):
    """A file somebody sent for a source, and what came of it; it is never deleted.

    Its bytes lie in the house's own folder until they are read; then the import batch keeps them.
    PII: none of its own; what the layout calls personal is kept by its import alone.
    """

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="files", verbose_name=_("source"), db_index=False
    )
    file_name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(_("sha256 of the file"), max_length=64)
    size = models.BigIntegerField(_("bytes"))
    state = models.CharField(_("state"), max_length=8, choices=FileState, default=FileState.WAITING)
    tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    message = models.TextField(_("why"), blank=True)
    batch = models.ForeignKey(
        "tables.ImportBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("import"),
        db_index=False,
    )
    sent_by = models.BigIntegerField(_("sent by"), null=True)
    sent_name = models.CharField(_("sender"), max_length=120, blank=True)
    sent_at = models.DateTimeField(_("sent at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of a source")
        verbose_name_plural = _("files of sources")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="sentfile_bytes_once",
                fields=["source", "sha256"],
                condition=Q(state__in=KEPT),
            ),
            models.CheckConstraint(
                name="sentfile_state_known", condition=Q(state__in=FileState.values)
            ),
            models.CheckConstraint(
                name="sentfile_is_hashed", condition=Q(sha256__regex=_SHA256, size__gte=1)
            ),
            models.CheckConstraint(
                name="sentfile_waits_or_was_read",
                condition=Q(state=FileState.WAITING, read_at__isnull=True, batch__isnull=True)
                | (~Q(state=FileState.WAITING) & Q(read_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="sentfile_taken_names_its_import",
                condition=~Q(state__in=[FileState.TAKEN, FileState.KNOWN]) | Q(batch__isnull=False),
            ),
            models.CheckConstraint(
                name="sentfile_says_why_not",
                condition=~Q(state__in=[FileState.REFUSED, FileState.FAILED]) | ~Q(message=""),
            ),
        ]
        indexes = [
            models.Index(name="sentfile_newest", fields=["source", "-id"]),
            models.Index(
                name="sentfile_waiting", fields=["id"], condition=Q(state=FileState.WAITING)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.file_name}"

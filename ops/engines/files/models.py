"""Files that hang on records: the row is evidence and never changes; the bytes lie on disk."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Attachment(models.Model):
    """One file someone handed in for one record.

    PII: may show people (photos, papers); the bytes go with `erase`, the row stays.
    """

    object_type = models.CharField(_("object type"), max_length=60)
    object_id = models.CharField(_("object"), max_length=64)
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(_("content type"), max_length=100)
    sha256 = models.CharField(_("sha256"), max_length=64)
    size = models.BigIntegerField(_("size in bytes"))
    stored_name = models.CharField(_("stored name"), max_length=80, unique=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    uploaded_by = models.ForeignKey(
        "identity.Person",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(
                name="attachment_once_per_object", fields=["object_type", "object_id", "sha256"]
            ),
            models.CheckConstraint(name="attachment_not_empty", condition=Q(size__gt=0)),
            models.CheckConstraint(
                name="attachment_sha256_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="attachment_name_has_no_path",
                condition=~Q(name__contains="/") & ~Q(name__contains="\\") & ~Q(name=""),
            ),
        ]
        indexes = [
            models.Index(
                name="attachment_by_uploader",
                fields=["uploaded_by", "uploaded_at"],
                include=["size"],
            )
        ]

    def __str__(self) -> str:
        return self.name

"""The inbox of persons."""

from __future__ import annotations

from django.db import models
from django.db.models import JSONField, Q
from django.utils.translation import gettext_lazy as _

from ops.engines.notices.choices import NoticeKind


class Notice(models.Model):
    """One message to one person; titles name documents, never people's data.

    `title` and `body` are message ids with named placeholders, filled from `params` and translated
    when read, so that each reader sees their own language.
    """

    person = models.ForeignKey(
        "identity.Person", models.CASCADE, related_name="+", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=3, choices=NoticeKind)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("body"), blank=True)
    params = JSONField(_("values"), default=dict)
    link = models.CharField(_("link"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="notice_kind_known", condition=Q(kind__in=NoticeKind.values)
            ),
            models.CheckConstraint(
                name="notice_link_stays_here", condition=Q(link="") | Q(link__regex="^/[^/]")
            ),
        ]
        indexes = [
            models.Index(name="notice_inbox", fields=["person", "-id"]),
            models.Index(
                name="notice_open_subject",
                fields=["subject"],
                condition=Q(acknowledged_at__isnull=True) & ~Q(subject=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

"""What the desk remembers: unfinished forms, for thirty days and for their writer alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """What a person typed into one form and did not hand in yet."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account")
    )
    form = models.CharField(_("form"), max_length=200)
    body = models.JSONField(_("entries"))
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(name="draft_once_per_form", fields=["user", "form"]),
        ]

    def __str__(self) -> str:
        return self.form


class SavedView(models.Model):
    """A named query string of one list, kept by one person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account")
    )
    screen = models.CharField(_("list"), max_length=200)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("query"), max_length=2000)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(name="savedview_once", fields=["user", "screen", "name"]),
            models.CheckConstraint(name="savedview_named", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

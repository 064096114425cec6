"""Buyers: what we must know to deliver, encrypted field by field (CRM-3.1-03)."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonKey(models.Model):
    """The wrapped data key of one person; without it nothing of the person can be read."""

    wrapped = models.TextField(_("wrapped key"))
    created_at = models.DateTimeField(_("created at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal key")
        verbose_name_plural = _("personal keys")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Customer(models.Model):
    """A buyer as one channel knows them: ciphertext, found by a keyed hash."""

    uuid = models.UUIDField(_("identifier"), unique=True, default=uuid4, editable=False)
    channel = models.ForeignKey(
        "catalog.Channel", models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    code = models.CharField(_("buyer code"), max_length=64, db_collation="C")
    key = models.ForeignKey(
        PersonKey, models.PROTECT, null=True, related_name="+", verbose_name=_("personal key")
    )
    name_enc = models.TextField(_("name"), blank=True)
    phone_enc = models.TextField(_("phone"), blank=True)
    address_enc = models.TextField(_("address"), blank=True)
    phone_index = models.CharField(_("phone index"), max_length=64, blank=True, db_index=True)
    country = models.CharField(_("country or region"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="customer_once_per_channel", fields=["channel", "code"])
        ]

    def __str__(self) -> str:
        return self.code

"""Where accounts are signed in, codes for a lost second factor, links that open accounts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .accounts import User


class Device(models.Model):
    """One sign-in of a browser; it lives as long as its session and its account's epoch."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="devices", verbose_name=_("account")
    )
    session_key = models.CharField(_("session"), max_length=40, unique=True)
    epoch = models.PositiveIntegerField(_("session epoch"))
    label = models.CharField(_("browser"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    opened_at = models.DateTimeField(_("signed in at"))

    class Meta:
        verbose_name = _("signed-in device")
        verbose_name_plural = _("signed-in devices")
        indexes = [models.Index(name="device_of_account", fields=["user", "opened_at"])]

    def __str__(self) -> str:
        return self.label


class RecoveryCode(models.Model):
    """One code that stands in for a lost second factor, kept as a keyed hash, good once."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="recovery_codes", verbose_name=_("account")
    )
    digest = models.CharField(_("hash"), max_length=64)
    made_at = models.DateTimeField(_("made at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(name="recoverycode_once", fields=["user", "digest"]),
            models.CheckConstraint(
                name="recoverycode_is_a_hash", condition=Q(digest__regex="^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d}"


class AccountLink(models.Model):
    """The one-time link by which a newcomer sets the first password of an account."""

    user = models.ForeignKey(User, models.CASCADE, related_name="links", verbose_name=_("account"))
    digest = models.BinaryField(_("hash"), max_length=32, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("account link")
        verbose_name_plural = _("account links")
        constraints = [
            models.CheckConstraint(
                name="accountlink_ends_after_start",
                condition=Q(expires_at__gt=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"

"""Keys that live on a person's own device, and the challenges they answered."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .accounts import User


class Passkey(models.Model):
    """One key of an account; only the auth role writes it, and it stays when it is removed.

    What it signed is checked with it for as long as decisions are kept.
    """

    user = models.ForeignKey(
        User, models.PROTECT, related_name="passkeys", verbose_name=_("account")
    )
    credential_id = models.CharField(_("key id"), max_length=1400, unique=True)
    credential = models.BinaryField(_("public key"))
    name = models.CharField(_("name"), max_length=80)
    sign_count = models.BigIntegerField(_("signatures counted"), default=0)
    made_at = models.DateTimeField(_("made at"), db_default=Now())
    used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        constraints = [
            models.UniqueConstraint(name="passkey_of_user", fields=["id", "user"]),
            models.CheckConstraint(name="passkey_has_name", condition=~Q(name="")),
            models.CheckConstraint(name="passkey_counts_up", condition=Q(sign_count__gte=0)),
        ]

    def __str__(self) -> str:
        return self.name


class SpentChallenge(models.Model):
    """A challenge that was answered; a second answer finds it here. Append-only."""

    digest = models.CharField(_("hash"), max_length=64, primary_key=True)
    spent_at = models.DateTimeField(_("spent at"), db_default=Now())

    class Meta:
        verbose_name = _("answered challenge")
        verbose_name_plural = _("answered challenges")
        constraints = [
            models.CheckConstraint(
                name="spentchallenge_is_a_hash", condition=Q(digest__regex="^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return self.digest[:12]

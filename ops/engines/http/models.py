"""Answers given once per idempotency key."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """The first answer to a request that named a key; it commits with the effect it speaks of."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account")
    )
    route = models.CharField(_("route"), max_length=255)
    key = models.CharField(_("key"), max_length=255)
    request_hash = models.BinaryField(_("hash of the request"), max_length=32)
    at = models.DateTimeField(_("at"))
    status = models.PositiveSmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("answer"))

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            models.UniqueConstraint(
                name="idempotencykey_answered_once", fields=["user", "route", "key"]
            ),
        ]
        indexes = [models.Index(name="idempotencykey_by_age", fields=["at"])]

    def __str__(self) -> str:
        return self.key

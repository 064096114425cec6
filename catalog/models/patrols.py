"""What the patrol did, and what a confirmed violation costs a channel (CAT-4.2-03)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .patrol import PriceViolation
from .products import Channel


class PricePatrol(models.Model):
    """One round of the patrol through a channel; append-only. The patrol log."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    patrolled_at = models.DateTimeField(_("patrolled at"))
    offers = models.PositiveIntegerField(_("offers looked at"))
    opened = models.PositiveIntegerField(_("cases opened"))
    again = models.PositiveIntegerField(_("cases seen again"))
    severe = models.PositiveIntegerField(_("severe"))
    suspended = models.PositiveIntegerField(_("taken off sale"))

    class Meta:
        verbose_name = _("price patrol")
        verbose_name_plural = _("price patrols")
        ordering = ("-id",)
        indexes = [
            models.Index(name="pricepatrol_newest", fields=["channel", "-id"]),
            models.Index(name="pricepatrol_at", fields=["patrolled_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.patrolled_at:%Y-%m-%d %H:%M}"


class PricePenalty(models.Model):
    """A violation confirmed against who runs the channel: points that its assessment counts.

    Nobody confirms a case of a price of one's own, or takes back what oneself confirmed.
    """

    violation = models.OneToOneField(
        PriceViolation, models.PROTECT, related_name="penalty", verbose_name=_("case")
    )
    number = models.CharField(_("number"), max_length=32, unique=True)
    points = models.PositiveSmallIntegerField(_("penalty points"))
    rule = models.CharField(_("rule broken"), max_length=200)
    statement = models.CharField(_("what the channel answered"), max_length=400)
    confirmed_by = models.BigIntegerField(_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed at"))
    revoked_by = models.BigIntegerField(_("taken back by"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    revoked_why = models.CharField(_("why it was taken back"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("price penalty")
        verbose_name_plural = _("price penalties")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="pricepenalty_says_why", condition=~Q(rule="") & ~Q(statement="")
            ),
            models.CheckConstraint(
                name="pricepenalty_taken_back_says_why",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoked_why="")
                | (
                    Q(revoked_at__gte=F("confirmed_at"), revoked_by__isnull=False)
                    & ~Q(revoked_why="")
                ),
            ),
            models.CheckConstraint(
                name="pricepenalty_two_persons",
                condition=Q(revoked_by__isnull=True) | ~Q(revoked_by=F("confirmed_by")),
            ),
        ]
        indexes = [models.Index(name="pricepenalty_confirmed", fields=["confirmed_at"])]

    def __str__(self) -> str:
        return self.number

"""The outbox: facts, and what each handler has done with them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    """Where a delivery stands; done is final."""

    PENDING = "pending", _("pending")
    DONE = "done", _("done")
    PARKED = "parked", _("parked")


class StoredFact(models.Model):
    """One published fact. Append-only; partitioned by ranges of `id` (SQL in 0001)."""

    id = models.BigAutoField(_("number"), primary_key=True)
    name = models.TextField(_("name"))
    key = models.TextField(_("ordering key"))
    payload = models.JSONField(_("content"))
    dated_on = models.DateField(_("business day"), null=True)
    at = models.DateTimeField(_("published at"))

    class Meta:
        db_table = "events_fact"
        verbose_name = _("fact")
        verbose_name_plural = _("facts")

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


class Delivery(models.Model):
    """One fact for one handler. `key` and `dated_on` repeat the fact's, for the indexes."""

    fact = models.ForeignKey(
        StoredFact,
        models.PROTECT,
        verbose_name=_("fact"),
        related_name="deliveries",
        db_index=False,  # the unique constraint leads with it
    )
    handler = models.TextField(_("handler"))
    key = models.TextField(_("ordering key"))
    dated_on = models.DateField(_("business day"), null=True)
    state = models.TextField(_("state"), choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.SmallIntegerField(_("failed attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    done_at = models.DateTimeField(_("done at"), null=True)
    error = models.TextField(_("last error"), default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["fact", "handler"]),
            models.CheckConstraint(
                name="delivery_state_known", condition=Q(state__in=DeliveryState.values)
            ),
            models.CheckConstraint(name="delivery_attempts_counted", condition=Q(attempts__gte=0)),
            models.CheckConstraint(
                name="delivery_done_has_its_moment",
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                name="delivery_pending", fields=["handler", "fact"], condition=Q(state="pending")
            ),
            models.Index(
                name="delivery_held",
                fields=["handler", "key", "fact"],
                condition=~Q(state="done") & ~Q(key=""),
            ),
            models.Index(name="delivery_undated", fields=["dated_on"], condition=~Q(state="done")),
            models.Index(name="delivery_parked", fields=["id"], condition=Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.fact_id} {self.handler}"

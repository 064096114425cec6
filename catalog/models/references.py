"""Former prices that may be struck out, each with the rows that prove it (CAT-4.2-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import ReferenceKind
from catalog.models.products import Channel, Sku


class ReferencePrice(models.Model):
    """The highest price that may stand struck out beside a SKU's price; never changed.

    Of kind `deal` it is the lowest real deal price of the days before `until_at`, and `evidence`
    lists the sale lines that prove it, the cheapest first. Of kind `suggested` it is named as such
    and rests on a file.
    """

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ReferenceKind)
    name = models.CharField(_("name shown"), max_length=80, blank=True)
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=2)
    since_at = models.DateTimeField(_("window from"), null=True, blank=True)
    until_at = models.DateTimeField(_("window until"), null=True, blank=True)
    deals = models.PositiveIntegerField(_("deals in the window"), default=0)
    evidence = models.JSONField(_("proving deals"), default=list)
    file = models.ForeignKey(
        "files.Attachment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("evidence file"),
        db_index=False,
    )
    made_by = models.BigIntegerField(_("recorded by"))
    made_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("reference price")
        verbose_name_plural = _("reference prices")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="referenceprice_kind_known", condition=Q(kind__in=ReferenceKind.values)
            ),
            models.CheckConstraint(
                name="referenceprice_price_sane", condition=Q(price__gt=0, price__lt=10**12)
            ),
            models.CheckConstraint(
                name="referenceprice_deal_is_proved",
                condition=~Q(kind=ReferenceKind.DEAL)
                | Q(since_at__isnull=False, until_at__gt=F("since_at"), deals__gt=0),
            ),
            models.CheckConstraint(
                name="referenceprice_suggested_is_named",
                condition=~Q(kind=ReferenceKind.SUGGESTED) | (~Q(name="") & Q(file__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="referenceprice_of_sku", fields=["channel", "sku", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.channel_id}: {self.price}"

"""What channels really show, what rivals ask, and what the patrol made of both."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.patrol import (
    CaseState,
    OutlierKind,
    OutlierState,
    Severity,
    ViolationKind,
)
from catalog.models.prices import PriceChange
from catalog.models.products import Channel, Sku

_SANE = Q(price__gt=0, price__lt=10**12)


class ShownOffer(models.Model):
    """What a channel shows of a SKU, as last read from it; one row a SKU and channel."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    price = models.DecimalField(_("price shown"), max_digits=20, decimal_places=2)
    struck_price = models.DecimalField(
        _("struck-out price shown"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    seen_at = models.DateTimeField(_("seen at"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("offer as shown")
        verbose_name_plural = _("offers as shown")
        constraints = [
            models.UniqueConstraint(name="shownoffer_once", fields=["channel", "sku"]),
            models.CheckConstraint(name="shownoffer_price_sane", condition=_SANE),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.channel_id}: {self.price}"


class CompetitorPrice(models.Model):
    """What a rival asked for a SKU on a day, with its source; append-only (CAT-4.2-06)."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    rival = models.CharField(_("rival"), max_length=80)
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=2)
    seen_on = models.DateField(_("seen on"))
    source = models.CharField(_("source"), max_length=400)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.BigIntegerField(_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("competitor price")
        verbose_name_plural = _("competitor prices")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="competitorprice_once", fields=["sku", "rival", "seen_on", "source"]
            ),
            models.CheckConstraint(name="competitorprice_price_sane", condition=_SANE),
            models.CheckConstraint(
                name="competitorprice_says_where", condition=~Q(source="") & ~Q(rival="")
            ),
        ]
        indexes = [models.Index(name="competitorprice_newest", fields=["sku", "-seen_on"])]

    def __str__(self) -> str:
        return f"{self.rival}: {self.price}"


class PriceViolation(models.Model):
    """A case: an offer that is not what was approved, with severity, owner and handling."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    kind = models.CharField(_("kind"), max_length=12, choices=ViolationKind)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    shown_price = models.DecimalField(
        _("price shown"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    right_price = models.DecimalField(
        _("should be"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    found_at = models.DateTimeField(_("found at"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    times_seen = models.PositiveIntegerField(_("times seen"), default=1)
    owner_id = models.BigIntegerField(_("owner"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=CaseState, default=CaseState.OPEN)
    handling = models.CharField(_("handling"), max_length=400, blank=True)
    handled_by = models.BigIntegerField(_("handled by"), null=True, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("price violation")
        verbose_name_plural = _("price violations")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="priceviolation_one_open",
                fields=["channel", "sku", "kind"],
                condition=Q(state=CaseState.OPEN),
            ),
            models.CheckConstraint(
                name="priceviolation_words_known",
                condition=Q(
                    kind__in=ViolationKind.values,
                    severity__in=Severity.values,
                    state__in=CaseState.values,
                ),
            ),
            models.CheckConstraint(
                name="priceviolation_handled_says_how",
                condition=Q(state=CaseState.OPEN, handled_at__isnull=True)
                | (
                    Q(state=CaseState.HANDLED, handled_at__isnull=False, handled_by__isnull=False)
                    & ~Q(handling="")
                ),
            ),
        ]
        indexes = [
            models.Index(name="priceviolation_queue", fields=["state", "severity", "-id"]),
            models.Index(name="priceviolation_found", fields=["found_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class OfferSuspension(models.Model):
    """An offer off sale at once: while it is open, the SKU has no price in the channel.

    Who lifts it is another person than who set it; a machine's is lifted by one person.
    """

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    violation = models.ForeignKey(
        PriceViolation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suspensions",
        verbose_name=_("case"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    since = models.DateTimeField(_("since"))
    set_by = models.BigIntegerField(_("suspended by"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.BigIntegerField(_("lifted by"), null=True, blank=True)
    lifted_why = models.CharField(_("reason of lifting"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("suspended offer")
        verbose_name_plural = _("suspended offers")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="offersuspension_one_open",
                fields=["channel", "sku"],
                condition=Q(lifted_at__isnull=True),
            ),
            models.CheckConstraint(name="offersuspension_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="offersuspension_lifted_says_why",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_why="")
                | (Q(lifted_at__gte=F("since"), lifted_by__isnull=False) & ~Q(lifted_why="")),
            ),
            models.CheckConstraint(
                name="offersuspension_two_persons",
                condition=Q(set_by__isnull=True)
                | Q(lifted_by__isnull=True)
                | ~Q(lifted_by=F("set_by")),
            ),
        ]
        indexes = [models.Index(name="offersuspension_of", fields=["channel", "sku", "since"])]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.channel_id}"


class PriceOutlier(models.Model):
    """A suggestion of the weekly check: draft another price, or say why this one stays."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", verbose_name=_("SKU"))
    kind = models.CharField(_("kind"), max_length=12, choices=OutlierKind)
    price = models.DecimalField(_("own price"), max_digits=20, decimal_places=2)
    compared_with = models.DecimalField(_("compared with"), max_digits=20, decimal_places=2)
    percent = models.DecimalField(_("deviation (%)"), max_digits=12, decimal_places=1)
    limit = models.DecimalField(_("limit (%)"), max_digits=5, decimal_places=1)
    suggested = models.DecimalField(_("suggested price"), max_digits=20, decimal_places=2)
    found_at = models.DateTimeField(_("found at"))
    state = models.CharField(
        _("state"), max_length=8, choices=OutlierState, default=OutlierState.OPEN
    )
    decided_by = models.BigIntegerField(_("decided by"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    change = models.ForeignKey(
        PriceChange,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("price change"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("price outlier")
        verbose_name_plural = _("price outliers")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="priceoutlier_one_open",
                fields=["channel", "sku", "kind"],
                condition=Q(state=OutlierState.OPEN),
            ),
            models.CheckConstraint(
                name="priceoutlier_words_known",
                condition=Q(kind__in=OutlierKind.values, state__in=OutlierState.values),
            ),
            models.CheckConstraint(
                name="priceoutlier_decided_says_what",
                condition=Q(state=OutlierState.OPEN, decided_at__isnull=True)
                | Q(
                    state=OutlierState.DRAFTED,
                    change__isnull=False,
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                )
                | (
                    Q(
                        state=OutlierState.KEPT,
                        change__isnull=True,
                        decided_at__isnull=False,
                        decided_by__isnull=False,
                    )
                    & ~Q(reason="")
                ),
            ),
        ]
        indexes = [models.Index(name="priceoutlier_queue", fields=["state", "-id"])]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.channel_id}: {self.percent} %"

"""Shop pages: what versioned content is about (its words live in the revisions engine)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.pages import PageKind, PreviewOrigin, TradeStepKind
from catalog.models.products import Channel
from catalog.rules.pages.pictures import WIDTHS


class PageModule(models.Model):
    """A type of page module, named once; its fields and sizes are versioned content."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("page module type")
        verbose_name_plural = _("page module types")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class ShopPage(models.Model):
    """One page of a channel's set."""

    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        related_name="shop_pages",
        verbose_name=_("channel"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=PageKind)

    class Meta:
        verbose_name = _("shop page")
        verbose_name_plural = _("shop pages")
        ordering = ("channel", "kind")
        constraints = [
            models.UniqueConstraint(name="shoppage_once_per_channel", fields=["channel", "kind"]),
            models.CheckConstraint(
                name="shoppage_kind_known", condition=Q(kind__in=PageKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind}"


class TradeStep(models.Model):
    """One step of a purchase in one channel."""

    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        related_name="trade_steps",
        verbose_name=_("channel"),
        db_index=False,
    )
    step = models.CharField(_("step"), max_length=10, choices=TradeStepKind)

    class Meta:
        verbose_name = _("trade step")
        verbose_name_plural = _("trade steps")
        ordering = ("channel", "id")
        constraints = [
            models.UniqueConstraint(name="tradestep_once_per_channel", fields=["channel", "step"]),
            models.CheckConstraint(
                name="tradestep_step_known", condition=Q(step__in=TradeStepKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.step}"


class PagePreview(models.Model):
    """A picture of exactly one content of a page at one width (SYS-6.2-12); append-only."""

    page = models.ForeignKey(
        ShopPage, models.PROTECT, related_name="previews", verbose_name=_("shop page")
    )
    content_hash = models.CharField(_("content hash"), max_length=64)
    width = models.PositiveSmallIntegerField(_("width"))
    origin = models.CharField(_("origin"), max_length=9, choices=PreviewOrigin)
    attachment = models.ForeignKey(
        "files.Attachment", models.PROTECT, related_name="+", verbose_name=_("picture")
    )
    made_by = models.BigIntegerField(_("made by"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("page preview")
        verbose_name_plural = _("page previews")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="pagepreview_width_known", condition=Q(width__in=WIDTHS)),
            models.CheckConstraint(
                name="pagepreview_origin_known", condition=Q(origin__in=PreviewOrigin.values)
            ),
        ]
        indexes = [models.Index(name="pagepreview_of_content", fields=["content_hash", "width"])]

    def __str__(self) -> str:
        return f"{self.page_id} {self.width}"

"""Slots of display plans, and the goods that were shown in place of others (CAT-4.1-03).

What a plan says is content with versions (engine `revisions`); a slot keeps its name through all
of them, so that its figures and replacements follow it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.display import SlotLack
from catalog.models.pages import ShopPage
from catalog.models.products import Sku


class DisplaySlot(models.Model):
    """A place on a page that some version of its display plan filled; it is never renamed."""

    page = models.ForeignKey(
        ShopPage,
        models.PROTECT,
        related_name="display_slots",
        verbose_name=_("shop page"),
        db_index=False,
    )
    key = models.CharField(_("slot"), max_length=30)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("display slot")
        verbose_name_plural = _("display slots")
        ordering = ("page", "key")
        constraints = [
            models.UniqueConstraint(name="displayslot_once", fields=["page", "key"]),
            models.CheckConstraint(name="displayslot_has_a_name", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return self.key


class SlotReplacement(models.Model):
    """A stretch of time in which a slot showed another good than the one it wanted.

    `shown` is none where nothing was there to take the place. A row only ends.
    """

    slot = models.ForeignKey(
        DisplaySlot, models.PROTECT, related_name="replacements", verbose_name=_("display slot")
    )
    revision = models.ForeignKey(
        "revisions.Revision",
        models.PROTECT,
        related_name="+",
        verbose_name=_("version of the plan"),
        db_index=False,
    )
    wanted = models.ForeignKey(
        Sku, models.PROTECT, related_name="+", verbose_name=_("replaced SKU"), db_index=False
    )
    lack = models.CharField(_("why"), max_length=12, choices=SlotLack)
    shown = models.ForeignKey(
        Sku,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("shown instead"),
        db_index=False,
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("replacement in a slot")
        verbose_name_plural = _("replacements in slots")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="slotreplacement_one_open", fields=["slot"], condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="slotreplacement_lack_known", condition=Q(lack__in=SlotLack.values)
            ),
            models.CheckConstraint(
                name="slotreplacement_by_another",
                condition=Q(shown__isnull=True) | ~Q(shown=F("wanted")),
            ),
            models.CheckConstraint(
                name="slotreplacement_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]
        indexes = [models.Index(name="slotreplacement_of", fields=["slot", "-id"])]

    def __str__(self) -> str:
        return f"{self.slot_id}: {self.wanted_id}"

"""Listings: goods as one channel shows them, and when they stood on its shelf (CAT-4.3-07).

What is written about goods is content with versions (engine `revisions`); whether they are for sale
is the shelf. A new version does not touch the shelf, and leaving the shelf keeps the versions.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.listings import (
    Angle,
    DelistingKind,
    DelistingReason,
    DelistingState,
    ShelfHow,
    TaskKind,
    TaskOutcome,
)
from catalog.models.products import Channel, Product


class Listing(models.Model):
    """A product in one channel; its variants are sold under it.

    `percent` and `missing` are what the newest look at the live version found; `verified_at` is
    when somebody last said that it is right.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="listings", verbose_name=_("product")
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="listings", verbose_name=_("channel")
    )
    opened_by = models.BigIntegerField(_("opened by"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    percent = models.PositiveSmallIntegerField(_("complete"), null=True, blank=True)
    missing = models.JSONField(_("what is missing"), default=list, db_default=[], blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    verified_by = models.BigIntegerField(_("verified by"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(name="listing_once", fields=["product", "channel"]),
            models.UniqueConstraint(name="listing_of_goods", fields=["id", "product", "channel"]),
            models.CheckConstraint(
                name="listing_percent_sane",
                condition=Q(percent__isnull=True) | Q(percent__lte=100),
            ),
        ]
        indexes = [
            models.Index(name="listing_of_channel", fields=["channel", "-id"]),
            models.Index(name="listing_verified", fields=["verified_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class ListingShelf(models.Model):
    """A stretch of time in which goods were (or are to be) for sale in a channel; half open.

    The exclusion index serves every question for what is on sale. A delisting cuts the end.
    """

    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="shelf", verbose_name=_("listing")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    approval = models.ForeignKey(
        "approvals.Request", models.PROTECT, related_name="+", verbose_name=_("approval")
    )
    how = models.CharField(_("how"), max_length=8, choices=ShelfHow)
    during = DateTimeRangeField(_("on the shelf"), default_bounds="[)")
    delisting = models.ForeignKey(
        "catalog.Delisting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("delisting"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("time on the shelf")
        verbose_name_plural = _("times on the shelf")
        ordering = ("id",)
        constraints = [
            ExclusionConstraint(
                name="listingshelf_never_twice_at_once",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("channel", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="listingshelf_how_known", condition=Q(how__in=ShelfHow.values)
            ),
            models.CheckConstraint(
                name="listingshelf_starts_unless_taken_over",
                condition=Q(how=ShelfHow.OPENING)
                | Q(during__isempty=True)
                | Q(during__lower_inf=False),
            ),
            models.CheckConstraint(
                name="listingshelf_ends_by_delisting",
                condition=Q(delisting__isnull=False)
                | (Q(during__isempty=False) & Q(during__upper_inf=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.during}"


class Delisting(models.Model):
    """Goods are to leave the shelf: why, when, what hangs on them (CAT-4.3-08).

    Compliance acts at once and states its reason within a day.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="delistings", verbose_name=_("listing")
    )
    kind = models.CharField(
        _("kind"), max_length=8, choices=DelistingKind, default=DelistingKind.OFF
    )
    reason = models.CharField(_("reason"), max_length=12, choices=DelistingReason)
    note = models.CharField(_("note"), max_length=400, blank=True)
    effective_at = models.DateTimeField(_("takes effect at"))
    open_pieces = models.PositiveIntegerField(_("pieces in open orders"))
    stock_pieces = models.PositiveIntegerField(_("sellable pieces"))
    state = models.CharField(_("state"), max_length=10, choices=DelistingState)
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    asked_by = models.BigIntegerField(_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    stated_at = models.DateTimeField(_("reason stated at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delisting")
        verbose_name_plural = _("delistings")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="delisting_one_open",
                fields=["listing"],
                condition=Q(state=DelistingState.SUBMITTED),
            ),
            models.CheckConstraint(
                name="delisting_words_known",
                condition=Q(
                    kind__in=DelistingKind.values,
                    reason__in=DelistingReason.values,
                    state__in=DelistingState.values,
                ),
            ),
            models.CheckConstraint(
                name="delisting_states_its_reason",
                condition=Q(state=DelistingState.AT_ONCE, stated_at__isnull=True)
                | (~Q(reason=DelistingReason.UNSTATED) & ~Q(note="")),
            ),
        ]
        indexes = [
            models.Index(
                name="delisting_unstated",
                fields=["asked_at"],
                condition=Q(state=DelistingState.AT_ONCE, stated_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.number


class ListingPicture(models.Model):
    """A picture uploaded for a listing; one that was edited keeps its original and says what.

    PII: may show people; bytes are kept by the files engine.
    """

    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="pictures", verbose_name=_("listing")
    )
    file = models.ForeignKey(
        "files.Attachment", models.PROTECT, related_name="+", verbose_name=_("file")
    )
    original = models.ForeignKey(
        "files.Attachment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("original"),
        db_index=False,
    )
    edit_note = models.CharField(_("what was edited"), max_length=200, blank=True)
    angle = models.CharField(_("angle"), max_length=8, choices=Angle)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    dhash = models.CharField(_("difference hash"), max_length=16)
    added_by = models.BigIntegerField(_("added by"), null=True)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("picture of a listing")
        verbose_name_plural = _("pictures of listings")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="listingpicture_once", fields=["listing", "file"]),
            models.CheckConstraint(
                name="listingpicture_angle_known", condition=Q(angle__in=Angle.values)
            ),
            models.CheckConstraint(
                name="listingpicture_edited_keeps_original",
                condition=Q(original__isnull=True, edit_note="")
                | (Q(original__isnull=False) & ~Q(edit_note="")),
            ),
            models.CheckConstraint(
                name="listingpicture_measured",
                condition=Q(width__gt=0, height__gt=0, dhash__regex=r"^[0-9a-f]{16}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.angle}"


class ListingProof(models.Model):
    """Evidence that a superlative of a listing is true; rows only grow (CAT-4.3-02)."""

    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="proofs", verbose_name=_("listing")
    )
    word = models.CharField(_("word"), max_length=60)
    file = models.ForeignKey(
        "files.Attachment",
        models.PROTECT,
        related_name="+",
        verbose_name=_("evidence file"),
        db_index=False,
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    added_by = models.BigIntegerField(_("added by"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("evidence of a word")
        verbose_name_plural = _("evidence of words")
        ordering = ("-id",)
        constraints = [models.CheckConstraint(name="listingproof_word", condition=~Q(word=""))]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.word}"


class TruthCheck(models.Model):
    """What a reviewer attests of the pictures a version shows, line by line; rows only grow.

    It holds for exactly these pictures in this order, whatever the texts beside them say.
    """

    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="truth_checks", verbose_name=_("listing")
    )
    pictures = models.JSONField(_("pictures"))
    ticks = models.JSONField(_("attested"))
    checked_by = models.BigIntegerField(_("checked by"))
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("truthfulness list")
        verbose_name_plural = _("truthfulness lists")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.checked_by}"


class ListingTask(models.Model):
    """Upkeep of one listing: why, and what came of it (CAT-4.3-09)."""

    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="tasks", verbose_name=_("listing")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=TaskKind)
    details = models.JSONField(_("details"), default=list)
    opened_at = models.DateTimeField(_("opened at"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=TaskOutcome, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    done_by = models.BigIntegerField(_("done by"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("upkeep task")
        verbose_name_plural = _("upkeep tasks")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="listingtask_one_open", fields=["listing"], condition=Q(done_at__isnull=True)
            ),
            models.CheckConstraint(
                name="listingtask_kind_known", condition=Q(kind__in=TaskKind.values)
            ),
            models.CheckConstraint(
                name="listingtask_done_says_what",
                condition=Q(done_at__isnull=True, outcome="")
                | (Q(done_at__isnull=False, outcome__in=TaskOutcome.values)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.kind}"


class ListingText(models.Model):
    """The fingerprint of a section that a listing shows: by it copies are found (CAT-4.3-04)."""

    listing = models.ForeignKey(
        Listing, models.CASCADE, related_name="texts", verbose_name=_("listing")
    )
    section = models.CharField(_("section"), max_length=16)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        verbose_name = _("text of a listing")
        verbose_name_plural = _("texts of listings")
        constraints = [
            models.UniqueConstraint(name="listingtext_once", fields=["listing", "section"])
        ]
        indexes = [models.Index(name="listingtext_same", fields=["fingerprint"])]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.section}"

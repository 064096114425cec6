"""What is sold, and where: categories, channels, products, SKUs and the codes others use."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from catalog.choices.goods import ProductState, SkuKind
from catalog.choices.patrol import ReferenceProfile
from catalog.choices.selection import SelectionBasis


class Category(models.Model):
    """A shelf of the catalogue; `path` lists the codes from the root, separated by dots."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    path = models.CharField(_("path"), max_length=400, db_index=True)
    since = models.DateTimeField(
        _("since"),
        null=True,
        blank=True,
        help_text=_("Empty: it was there before categories were dated."),
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("path",)
        permissions = [("work_in", _("May work in this category"))]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """A place where we sell: a shop on a platform, our own site, a counter."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    platform = models.CharField(_("platform"), max_length=40)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("active"), default=True)
    is_own = models.BooleanField(
        _("our own"),
        default=False,
        db_default=False,
        help_text=_("Ours to design: it opens with all its pages and guidance texts."),
    )
    go_live_on = models.DateField(
        _("goes live on"),
        null=True,
        blank=True,
        help_text=_("Business days before this come in as history."),
    )
    reference_profile = models.CharField(
        _("rule of struck-out prices"),
        max_length=2,
        choices=ReferenceProfile,
        default=ReferenceProfile.CN,
        db_default=ReferenceProfile.CN,
    )

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("code",)
        permissions = [("work_in", _("May work in this channel"))]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What customers think of as one thing; its SKUs are the variants."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ProductState, default=ProductState.ACTIVE
    )
    weight_g = models.PositiveIntegerField(_("weight in grams"), null=True, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, db_default={}, blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @property
    def attribute_rows(self) -> list[dict[str, str]]:
        """Return the values of the attributes as rows of key and value."""
        return [{"key": key, "value": value} for key, value in self.attributes.items()]


class Sku(models.Model):
    """The unit that is priced, stocked and sold.

    `code` is shown as written; `code_key` is its NFKC-casefold, unique among the codes we issue.
    History imports may bring an external twin, kept with a `code_key` of its own (`code` exact).
    """

    code = models.CharField(_("code"), max_length=64, unique=True)
    code_key = models.CharField(_("code key"), max_length=80, unique=True)
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="skus", verbose_name=_("product")
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=SkuKind, default=SkuKind.GOODS)
    unit = models.CharField(_("unit"), max_length=16, default="piece")
    barcode = models.CharField(_("barcode"), max_length=14, blank=True)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=4, default="0.1300")
    state = models.CharField(
        _("state"), max_length=10, choices=ProductState, default=ProductState.ACTIVE
    )
    attributes = models.JSONField(_("attributes"), default=dict, db_default={}, blank=True)
    selection = models.CharField(
        _("right to be bought"),
        max_length=10,
        choices=SelectionBasis,
        default=SelectionBasis.TAKEN_OVER,
        db_default=SelectionBasis.TAKEN_OVER,
    )
    code_rule = models.ForeignKey(
        "catalog.CodeRule",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coding rule"),
        help_text=_("Empty: the usual series of the house, or a code taken over."),
    )

    class Meta:
        verbose_name = _("SKU")
        verbose_name_plural = _("SKUs")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                name="sku_barcode_once", fields=["barcode"], condition=~Q(barcode="")
            ),
            models.CheckConstraint(
                name="sku_tax_rate_sane", condition=Q(tax_rate__gte=0, tax_rate__lt=1)
            ),
        ]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="sku_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def attribute_rows(self) -> list[dict[str, str]]:
        """Return the values of the attributes as rows of key and value."""
        return [{"key": key, "value": value} for key, value in self.attributes.items()]


class ExternalCode(models.Model):
    """The exact text by which a channel names a SKU."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="external_codes", verbose_name=_("channel")
    )
    code = models.CharField(_("code"), max_length=64, db_collation="C")
    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="external_codes", verbose_name=_("SKU")
    )

    class Meta:
        verbose_name = _("channel code")
        verbose_name_plural = _("channel codes")
        constraints = [
            models.UniqueConstraint(name="externalcode_once", fields=["channel", "code"])
        ]

    def __str__(self) -> str:
        return self.code

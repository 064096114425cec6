"""What the house wants of prices, category by category, in dated versions (CAT-4.2-04)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.policies import PolicyState
from catalog.models.products import Category

EDITABLE = (PolicyState.DRAFT, PolicyState.RETURNED)


class PricePolicy(models.Model):
    """One version of the policy of a category (None: the whole house); percentages.

    In force from `starts_on` until the next approved version of the same category. What was handed
    in is fixed, and only an approved request of the flow `price_policy` lets it be in force.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="price_policies",
        verbose_name=_("category"),
        help_text=_("Empty: everything without a policy of its own."),
    )
    starts_on = models.DateField(_("in force from"))
    review_on = models.DateField(_("review until"))
    target_margin = models.DecimalField(_("target margin (%)"), max_digits=5, decimal_places=1)
    floor_margin = models.DecimalField(_("floor margin (%)"), max_digits=5, decimal_places=1)
    ceiling_margin = models.DecimalField(
        _("ceiling margin (%)"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    band = models.DecimalField(_("band (%)"), max_digits=5, decimal_places=1)
    window_days = models.PositiveSmallIntegerField(_("changes count together for (days)"))
    above_rival = models.DecimalField(
        _("above rivals at most (%)"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    under_rival = models.DecimalField(
        _("below rivals at most (%)"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=PolicyState, default=PolicyState.DRAFT
    )
    owner_id = models.BigIntegerField(_("owner"))
    drafted_at = models.DateTimeField(_("drafted at"))
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )

    class Meta:
        verbose_name = _("price policy")
        verbose_name_plural = _("price policies")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="pricepolicy_one_a_day",
                fields=["category", "starts_on"],
                condition=Q(state=PolicyState.APPROVED),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="pricepolicy_state_known", condition=Q(state__in=PolicyState.values)
            ),
            models.CheckConstraint(
                name="pricepolicy_margins_sane",
                condition=Q(floor_margin__gte=0, target_margin__gte=F("floor_margin"))
                & Q(target_margin__lt=100),
            ),
            models.CheckConstraint(
                name="pricepolicy_ceiling_above_target",
                condition=Q(ceiling_margin__isnull=True)
                | Q(ceiling_margin__gte=F("target_margin"), ceiling_margin__lt=100),
            ),
            models.CheckConstraint(
                name="pricepolicy_band_sane",
                condition=Q(band__gt=0, band__lte=100, window_days__gte=1, window_days__lte=366),
            ),
            models.CheckConstraint(
                name="pricepolicy_rivals_sane",
                condition=(Q(above_rival__isnull=True) | Q(above_rival__gte=0))
                & (Q(under_rival__isnull=True) | Q(under_rival__gte=0, under_rival__lte=100)),
            ),
            models.CheckConstraint(
                name="pricepolicy_review_within_a_year",
                condition=Q(review_on__gt=F("starts_on"))
                & Q(
                    review_on__lte=models.ExpressionWrapper(
                        F("starts_on") + models.Value(366), output_field=models.DateField()
                    )
                ),
            ),
            models.CheckConstraint(name="pricepolicy_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.number

"""New products: proposed with their research, decided, sourced (SCM-2.4-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices.selection import ProposalState, SourcingState
from catalog.models.products import Category, Product

EDITABLE = (ProposalState.DRAFT, ProposalState.RETURNED)


class SelectionProposal(models.Model):
    """One product somebody wants in the range: why, for whom, at what price, with what margin.

    What was handed in is fixed; only an approved request of the flow `product_selection` makes it
    count, for the one product that is named afterwards.
    """

    number = models.CharField(_("number"), max_length=32, unique=True)
    name = models.CharField(_("goods name"), max_length=200)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", verbose_name=_("category")
    )
    demand = models.TextField(_("demand found"))
    trend = models.TextField(_("trend found"))
    target_group = models.CharField(_("target group"), max_length=200)
    brand_fit = models.CharField(_("fit with the brand"), max_length=400)
    rivals = models.JSONField(_("rivals"), default=list)
    rival_note = models.CharField(_("why no rival"), max_length=200, blank=True)
    risk = models.CharField(_("risk"), max_length=400, blank=True)
    price = models.DecimalField(_("expected price"), max_digits=14, decimal_places=2)
    unit_cost = models.DecimalField(_("expected unit cost"), max_digits=14, decimal_places=2)
    margin = models.DecimalField(_("expected margin (%)"), max_digits=6, decimal_places=1)
    monthly_sales = models.PositiveIntegerField(_("expected pieces a month"))
    demand_mark = models.PositiveSmallIntegerField(_("mark for demand"))
    trend_mark = models.PositiveSmallIntegerField(_("mark for trend"))
    fit_mark = models.PositiveSmallIntegerField(_("mark for fit"))
    points = models.JSONField(_("points"), default=dict)
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=1)
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.DRAFT
    )
    drafted_by = models.BigIntegerField(_("drafted by"))
    drafted_at = models.DateTimeField(_("drafted at"))
    approval = models.ForeignKey(
        "approvals.Request",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval"),
    )
    product = models.OneToOneField(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="selection",
        verbose_name=_("product"),
        help_text=_("Named once it is entered; its SKUs may be bought from then on."),
    )

    class Meta:
        verbose_name = _("product proposal")
        verbose_name_plural = _("product proposals")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="selectionproposal_state_known", condition=Q(state__in=ProposalState.values)
            ),
            models.CheckConstraint(
                name="selectionproposal_researched",
                condition=~Q(demand="")
                & ~Q(trend="")
                & ~Q(target_group="")
                & ~Q(brand_fit="")
                & ~Q(name=""),
            ),
            models.CheckConstraint(
                name="selectionproposal_rivals_compared",
                condition=~Q(rivals=[]) | ~Q(rival_note=""),
            ),
            models.CheckConstraint(
                name="selectionproposal_figures_sane",
                condition=Q(price__gt=0, unit_cost__gt=0, monthly_sales__gte=1)
                & Q(demand_mark__lte=100, trend_mark__lte=100, fit_mark__lte=100)
                & Q(score__gte=0, score__lte=100),
            ),
            models.CheckConstraint(
                name="selectionproposal_only_approved_names_a_product",
                condition=Q(product__isnull=True) | Q(state=ProposalState.APPROVED),
            ),
        ]
        indexes = [models.Index(name="selectionproposal_at_work", fields=["state", "id"])]

    def __str__(self) -> str:
        return self.number


class SourcingTask(models.Model):
    """Find who supplies an approved product, at what cost; opened by the approval itself."""

    proposal = models.OneToOneField(
        SelectionProposal, models.PROTECT, related_name="sourcing", verbose_name=_("proposal")
    )
    approval = models.ForeignKey(
        "approvals.Request", models.PROTECT, related_name="+", verbose_name=_("approval")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=SourcingState, default=SourcingState.OPEN
    )
    opened_at = models.DateTimeField(_("opened at"))
    source = models.CharField(_("who supplies it"), max_length=200, blank=True)
    unit_cost = models.DecimalField(
        _("unit cost offered"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    note = models.CharField(_("reason"), max_length=400, blank=True)
    ended_by = models.BigIntegerField(_("ended by"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("sourcing task")
        verbose_name_plural = _("sourcing tasks")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="sourcingtask_ends_whole",
                condition=Q(state=SourcingState.OPEN, ended_at__isnull=True)
                | Q(
                    Q(state=SourcingState.FOUND, unit_cost__gt=0) & ~Q(source=""),
                    ended_at__gte=F("opened_at"),
                )
                | Q(Q(state=SourcingState.GIVEN_UP) & ~Q(note=""), ended_at__gte=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.proposal_id)

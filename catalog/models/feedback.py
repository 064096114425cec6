"""What is said about products, who answers it, and which department owns a product (HR-1.2-02).

The log of steps is the truth; an item repeats the newest step so that it can be listed.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from catalog.choices.feedback import FeedbackSource, FeedbackStep, Finding, LedTo
from catalog.models.products import Category, Channel, Product, Sku
from catalog.rules.feedback import PHONE, REACHES


class DepartmentOwner(models.Model):
    """A department owns a product, a category's products, or all that nobody else owns.

    Rows only grow; the end of an open one is written once, when the next begins.
    """

    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("category"), help_text=_("Neither product nor category: the house."),
    )  # fmt: skip
    department = models.ForeignKey(
        "identity.Department", models.PROTECT, related_name="+", verbose_name=_("department")
    )
    during = DateTimeRangeField(_("during"))
    why = models.CharField(_("reason"), max_length=200)
    set_by = models.BigIntegerField(_("set by"), null=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("owner of products")
        verbose_name_plural = _("owners of products")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="departmentowner_of_one_thing",
                condition=Q(product__isnull=True) | Q(category__isnull=True),
            ),
            models.CheckConstraint(
                name="departmentowner_has_time",
                condition=Q(during__isempty=False) & Q(during__startswith__isnull=False),
            ),
            models.CheckConstraint(name="departmentowner_says_why", condition=~Q(why="")),
            ExclusionConstraint(
                name="departmentowner_one_at_a_time",
                expressions=[
                    (Coalesce("product", Value(0)), RangeOperators.EQUAL),
                    (Coalesce("category", Value(0)), RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                name="departmentowner_usual", fields=["category"], condition=Q(product__isnull=True)
            ),
            models.Index(name="departmentowner_of_product", fields=["product"]),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.during}"


class FeedbackRule(models.Model):
    """How many working days an answer may take; a version counts from when it was set."""

    no = models.PositiveIntegerField(_("version"), unique=True)
    working_days = models.PositiveSmallIntegerField(_("working days"))
    why = models.CharField(_("reason"), max_length=200)
    set_by = models.BigIntegerField(_("set by"), null=True)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("rule of feedback")
        verbose_name_plural = _("rules of feedback")
        constraints = [
            models.CheckConstraint(
                name="feedbackrule_days_sane",
                condition=Q(working_days__gte=1, working_days__lte=30) & ~Q(why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.no}: {self.working_days}"


class ProductFeedback(models.Model):
    """Something said about a product or one of its SKUs; what was said stays as it came."""

    number = models.CharField(_("number"), max_length=32, unique=True)
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="feedback", verbose_name=_("product")
    )
    sku = models.ForeignKey(
        Sku, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("SKU"),
        help_text=_("Empty: the product as a whole."),
    )  # fmt: skip
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    source = models.CharField(_("source"), max_length=8, choices=FeedbackSource)
    reference = models.CharField(
        _("order, return or review"), max_length=64, blank=True, db_collation="C"
    )
    text = models.TextField(_("what was said"))
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"))
    effect_key = models.CharField(
        _("effect key"), max_length=160, null=True, blank=True, unique=True
    )
    department = models.ForeignKey(
        "identity.Department", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("department"), help_text=_("Whose queue it came to."),
    )  # fmt: skip
    recorded_by = models.BigIntegerField(_("recorded by"), null=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    step = models.CharField(
        _("state"), max_length=8, choices=FeedbackStep, default=FeedbackStep.NEW
    )
    step_no = models.PositiveIntegerField(_("number of steps"), default=0)
    step_at = models.DateTimeField(_("since"))
    due_at = models.DateTimeField(_("reply due"), null=True, blank=True)
    person = models.BigIntegerField(_("looked into by"), null=True, blank=True)
    finding = models.CharField(_("finding"), max_length=8, choices=Finding, blank=True)

    class Meta:
        verbose_name = _("product feedback")
        verbose_name_plural = _("product feedback")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="productfeedback_words_known",
                condition=Q(
                    source__in=FeedbackSource.values,
                    step__in=FeedbackStep.values,
                    finding__in=["", *Finding.values],
                )
                & ~Q(text=""),
            ),
            models.CheckConstraint(
                name="productfeedback_rating_sane",
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
            ),
            # No phone or identity number and no mail address of a person is ever kept here.
            models.CheckConstraint(
                name="productfeedback_reaches_nobody",
                condition=~Q(text__regex=REACHES) & ~Q(reference__regex=PHONE),
            ),
            # An answer is awaited exactly while the item is open.
            models.CheckConstraint(
                name="productfeedback_due_while_open",
                condition=Q(step__in=["new", "taken", "reopened"], due_at__isnull=False)
                | Q(step__in=["answered", "closed"], due_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="productfeedback_queue", fields=["department", "step", "id"]),
            models.Index(name="productfeedback_of_product", fields=["product", "-id"]),
            models.Index(name="productfeedback_by_time", fields=["received_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class ProductFeedbackStep(models.Model):
    """One step an item took; an answer says what is replied, found and begun. Rows only grow."""

    feedback = models.ForeignKey(
        ProductFeedback, models.PROTECT, related_name="steps", verbose_name=_("product feedback")
    )
    no = models.PositiveIntegerField(_("number"))
    before = models.CharField(_("step before"), max_length=8, choices=FeedbackStep)
    step = models.CharField(_("step"), max_length=8, choices=FeedbackStep)
    note = models.CharField(_("reason"), max_length=400, blank=True)
    reply = models.TextField(_("reply"), blank=True)
    finding = models.CharField(_("finding"), max_length=8, choices=Finding, blank=True)
    led_to = models.CharField(_("led to"), max_length=12, choices=LedTo, blank=True)
    led_id = models.BigIntegerField(_("what it led to"), null=True, blank=True)
    led_number = models.CharField(_("its number"), max_length=32, blank=True)
    due_at = models.DateTimeField(_("reply due"), null=True, blank=True)
    done_by = models.BigIntegerField(_("done by"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of product feedback")
        verbose_name_plural = _("steps of product feedback")
        ordering = ("feedback", "no")
        constraints = [
            models.UniqueConstraint(name="productfeedbackstep_once", fields=["feedback", "no"]),
            models.CheckConstraint(
                name="productfeedbackstep_answer_is_whole",
                condition=(Q(step=FeedbackStep.ANSWERED, finding__in=Finding.values) & ~Q(reply=""))
                | (~Q(step=FeedbackStep.ANSWERED) & Q(reply="", finding="", led_to="")),
            ),
            models.CheckConstraint(
                name="productfeedbackstep_led_to_something",
                condition=Q(led_to="", led_id__isnull=True, led_number="")
                | (Q(led_to__in=LedTo.values, led_id__isnull=False) & ~Q(led_number="")),
            ),
            models.CheckConstraint(
                name="productfeedbackstep_reopened_says_why",
                condition=~Q(step=FeedbackStep.REOPENED) | ~Q(note=""),
            ),
            models.CheckConstraint(
                name="productfeedbackstep_reaches_nobody",
                condition=~Q(reply__regex=REACHES) & ~Q(note__regex=REACHES),
            ),
        ]
        indexes = [models.Index(name="productfeedbackstep_answers", fields=["step", "at"])]

    def __str__(self) -> str:
        return f"{self.feedback_id} {self.no}: {self.step}"

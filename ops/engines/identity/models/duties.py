"""Duties two persons do: which positions carry them, who did them on what, and exceptions."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .organisation import Person, Position


class Duty(models.Model):
    """One kind of work that has an opposite; filled from duties.yaml."""

    key = models.CharField(_("key"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    acts = models.JSONField(_("acts that are this duty"), default=list, blank=True)
    positions = models.ManyToManyField(
        Position, related_name="duties", verbose_name=_("positions that carry it")
    )

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")

    def __str__(self) -> str:
        return self.name_zh


class DutyRule(models.Model):
    """Two duties that one person never does on one matter."""

    key = models.CharField(_("key"), max_length=40, unique=True)
    one = models.ForeignKey(Duty, models.CASCADE, related_name="+", verbose_name=_("one duty"))
    other = models.ForeignKey(Duty, models.CASCADE, related_name="+", verbose_name=_("other duty"))

    class Meta:
        verbose_name = _("separation of duties")
        verbose_name_plural = _("separations of duties")
        constraints = [
            models.UniqueConstraint(name="dutyrule_once", fields=["one", "other"]),
            models.CheckConstraint(name="dutyrule_two", condition=~Q(one=F("other"))),
        ]

    def __str__(self) -> str:
        return self.key


class DutyAct(models.Model):
    """A person did a duty on a matter. Append-only; a trigger refuses the opposite duty."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="done", verbose_name=_("duty"))
    object_type = models.CharField(_("object type"), max_length=80)
    object_id = models.CharField(_("object"), max_length=64)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("duty done")
        verbose_name_plural = _("duties done")
        constraints = [
            models.UniqueConstraint(
                name="dutyact_once", fields=["object_type", "object_id", "duty", "person"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} {self.object_type}:{self.object_id}"


class DutyException(models.Model):
    """Leave for one person to hold both sides of a pair for some days, from two other persons."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="duty_exceptions", verbose_name=_("person")
    )
    rule = models.ForeignKey(
        DutyRule, models.PROTECT, related_name="exceptions", verbose_name=_("separation of duties")
    )
    valid = DateRangeField(_("days"))
    reason = models.CharField(_("reason"), max_length=400)
    asked_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    first_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("first approval by"),
    )
    first_at = models.DateTimeField(_("first approval at"), null=True, blank=True)
    second_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second approval by"),
    )
    second_at = models.DateTimeField(_("second approval at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("exception from a separation")
        verbose_name_plural = _("exceptions from separations")
        constraints = [
            models.CheckConstraint(name="dutyexception_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="dutyexception_ends",
                condition=Q(valid__isempty=False)
                & Q(valid__lower_inf=False)
                & Q(valid__upper_inf=False),
            ),
            models.CheckConstraint(
                name="dutyexception_not_for_oneself", condition=~Q(asked_by=F("person"))
            ),
            models.CheckConstraint(
                name="dutyexception_first_by_another",
                condition=Q(first_by__isnull=True)
                | (~Q(first_by=F("person")) & ~Q(first_by=F("asked_by"))),
            ),
            models.CheckConstraint(
                name="dutyexception_second_by_a_third",
                condition=Q(second_by__isnull=True)
                | (
                    Q(first_by__isnull=False)
                    & ~Q(second_by=F("person"))
                    & ~Q(second_by=F("asked_by"))
                    & ~Q(second_by=F("first_by"))
                ),
            ),
            models.CheckConstraint(
                name="dutyexception_approvals_dated",
                condition=Q(first_by__isnull=True, first_at__isnull=True, second_at__isnull=True)
                | Q(first_by__isnull=False, first_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.rule_id} {self.valid}"

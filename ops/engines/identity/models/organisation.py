"""Who works here, where, and in which position on which day."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ops.engines.identity.choices import Administration, PositionKind


class Person(models.Model):
    """One human being; accounts come and go, four eyes are counted on persons."""

    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    # Null, not empty text: several persons without a number are no twins.
    employee_no = models.CharField(
        _("employee number"), max_length=40, blank=True, null=True, unique=True
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.CheckConstraint(name="person_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="person_employee_no_not_empty", condition=~Q(employee_no="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """One node of the tree of departments; the root is the company."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent department"),
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        permissions = [("work_in", _("May work in this department"))]
        constraints = [
            models.CheckConstraint(
                name="department_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """One of the 25 roles of the register."""

    key = models.CharField(_("key"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)
    summary = models.CharField(_("summary"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=10, choices=PositionKind, default=PositionKind.STAFF
    )
    administers = models.CharField(
        _("administers"), max_length=10, choices=Administration, blank=True, default=""
    )

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.CheckConstraint(
                name="position_kind_known", condition=Q(kind__in=PositionKind.values)
            ),
            # Three administrators, one position each (S24).
            models.UniqueConstraint(
                name="position_one_administrator_each",
                fields=["administers"],
                condition=~Q(administers=""),
            ),
            models.CheckConstraint(
                name="position_administers_known",
                condition=Q(administers="") | Q(administers__in=Administration.values),
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh


class PositionRight(models.Model):
    """What a position may do in one area, as the register writes it."""

    position = models.ForeignKey(
        Position, models.CASCADE, related_name="rights", verbose_name=_("position")
    )
    area = models.CharField(_("area"), max_length=20)
    letters = models.CharField(_("letters"), max_length=8)
    note = models.CharField(_("note"), max_length=60, blank=True)
    written = models.CharField(_("as written"), max_length=60)

    class Meta:
        verbose_name = _("right of a position")
        verbose_name_plural = _("rights of positions")
        constraints = [
            models.UniqueConstraint(
                name="positionright_once_per_area", fields=["position", "area"]
            ),
            models.CheckConstraint(
                name="positionright_letters_known",
                condition=Q(letters__regex="^[VCPAEMvcpaem]+$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.written}"


class PositionConflict(models.Model):
    """Two positions that one person may never hold on the same day (FIN-7.3-07)."""

    one = models.ForeignKey(
        Position, models.CASCADE, related_name="conflicts", verbose_name=_("one position")
    )
    other = models.ForeignKey(
        Position, models.CASCADE, related_name="+", verbose_name=_("other position")
    )
    reason = models.CharField(_("reason"), max_length=80)

    class Meta:
        verbose_name = _("conflict of positions")
        verbose_name_plural = _("conflicts of positions")
        constraints = [
            models.UniqueConstraint(name="positionconflict_once", fields=["one", "other"]),
            models.CheckConstraint(name="positionconflict_two", condition=~Q(one=F("other"))),
        ]

    def __str__(self) -> str:
        return self.reason


class Assignment(models.Model):
    """A person in a position for some days, in a department or company-wide."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="assignments", verbose_name=_("person")
    )
    position = models.ForeignKey(
        Position, models.PROTECT, related_name="assignments", verbose_name=_("position")
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("department"),
    )
    valid = DateRangeField(_("days"))
    deputy_for = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deputies",
        verbose_name=_("deputy for"),
    )
    assertion = models.ForeignKey(
        "identity.Assertion",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("step-up assertion"),
    )

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.CheckConstraint(
                name="assignment_has_days",
                condition=Q(valid__isempty=False) & Q(valid__startswith__isnull=False),
            ),
            models.CheckConstraint(
                name="assignment_not_own_deputy",
                condition=Q(deputy_for__isnull=True) | ~Q(deputy_for=F("person")),
            ),
            models.CheckConstraint(
                name="assignment_deputy_ends",
                condition=Q(deputy_for__isnull=True) | Q(valid__upper_inf=False),
            ),
            ExclusionConstraint(
                name="assignment_held_once_a_day",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("position", RangeOperators.EQUAL),
                    (Coalesce("department", Value(0)), RangeOperators.EQUAL),
                    (Coalesce("deputy_for", Value(0)), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.position_id} {self.valid}"

"""Tiers of buyers: dated, kept apart."""

import django.db.models.deletion
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Add the table of tiers."""

    dependencies = [
        ("catalog", "0128_goods_ban_promises"),
        ("customers", "0017_bans_of_cases"),
        ("inventory", "0031_disposal_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerTier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tier", models.CharField(max_length=40, verbose_name="tier")),
                ("valid", DateTimeRangeField(verbose_name="valid")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("file", "file"),
                            ("screen", "screen"),
                            ("api", "API"),
                            ("computed", "computed"),
                        ],
                        max_length=8,
                        verbose_name="how it came",
                    ),
                ),
                (
                    "batch_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="import batch"),
                ),
                ("set_by", models.BigIntegerField(blank=True, null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                (
                    "ended_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="ended by"),
                ),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ended at"),
                ),
                (
                    "end_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="why it ended"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "tier of a customer",
                "verbose_name_plural": "tiers of customers",
                "ordering": ("id",),
                "constraints": [
                    ExclusionConstraint(
                        name="customertier_never_two_at_once",
                        expressions=[
                            ("customer", RangeOperators.EQUAL),
                            ("valid", RangeOperators.OVERLAPS),
                        ],
                    ),
                    models.CheckConstraint(
                        name="customertier_says_why", condition=~Q(tier="") & ~Q(reason="")
                    ),
                    models.CheckConstraint(
                        name="customertier_source_known",
                        condition=Q(source="file", batch_id__isnull=False)
                        | Q(source__in=["screen", "api", "computed"], batch_id__isnull=True),
                    ),
                    models.CheckConstraint(
                        name="customertier_begins",
                        condition=Q(valid__isempty=True, ended_at__isnull=False)
                        | Q(valid__isempty=False, valid__lower_inf=False),
                    ),
                    models.CheckConstraint(
                        name="customertier_end_says_why",
                        condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                        | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                    ),
                ],
            },
        ),
    ]

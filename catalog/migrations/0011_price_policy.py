"""What the house wants of prices, in dated versions, and where a line lies."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_price_tier"), ("approvals", "0004_wider_promises")]

    operations = [
        migrations.CreateModel(
            name="PricePolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                ("starts_on", models.DateField(verbose_name="in force from")),
                ("review_on", models.DateField(verbose_name="review until")),
                (
                    "target_margin",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, verbose_name="target margin (%)"
                    ),
                ),
                (
                    "floor_margin",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, verbose_name="floor margin (%)"
                    ),
                ),
                (
                    "ceiling_margin",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="ceiling margin (%)",
                    ),
                ),
                (
                    "band",
                    models.DecimalField(decimal_places=1, max_digits=5, verbose_name="band (%)"),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        verbose_name="changes count together for (days)"
                    ),
                ),
                (
                    "above_rival",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="above rivals at most (%)",
                    ),
                ),
                (
                    "under_rival",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="below rivals at most (%)",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("approved", "approved"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("owner_id", models.BigIntegerField(verbose_name="owner")),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
            ],
            options={
                "verbose_name": "price policy",
                "verbose_name_plural": "price policies",
                "ordering": ("-id",),
            },
        ),
        migrations.AddField(
            model_name="pricechangeline",
            name="base_price",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=20,
                null=True,
                verbose_name="price at the start of the window",
            ),
        ),
        migrations.AddField(
            model_name="pricechangeline",
            name="is_outside_band",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="outside the band"
            ),
        ),
        migrations.AddField(
            model_name="pricepolicy",
            name="approval",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="approvals.request",
                verbose_name="approval",
            ),
        ),
        migrations.AddField(
            model_name="pricepolicy",
            name="category",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: everything without a policy of its own.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="price_policies",
                to="catalog.category",
                verbose_name="category",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved")),
                fields=("category", "starts_on"),
                name="pricepolicy_one_a_day",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "submitted", "returned", "approved", "withdrawn"])
                ),
                name="pricepolicy_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("floor_margin__gte", 0),
                    ("target_margin__gte", models.F("floor_margin")),
                    ("target_margin__lt", 100),
                ),
                name="pricepolicy_margins_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ceiling_margin__isnull", True),
                    models.Q(
                        ("ceiling_margin__gte", models.F("target_margin")),
                        ("ceiling_margin__lt", 100),
                    ),
                    _connector="OR",
                ),
                name="pricepolicy_ceiling_above_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("band__gt", 0),
                    ("band__lte", 100),
                    ("window_days__gte", 1),
                    ("window_days__lte", 366),
                ),
                name="pricepolicy_band_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("above_rival__isnull", True), ("above_rival__gte", 0), _connector="OR"
                    ),
                    models.Q(
                        ("under_rival__isnull", True),
                        models.Q(("under_rival__gte", 0), ("under_rival__lte", 100)),
                        _connector="OR",
                    ),
                ),
                name="pricepolicy_rivals_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_on__gt", models.F("starts_on")),
                    (
                        "review_on__lte",
                        models.ExpressionWrapper(
                            django.db.models.expressions.CombinedExpression(
                                models.F("starts_on"), "+", models.Value(366)
                            ),
                            output_field=models.DateField(),
                        ),
                    ),
                ),
                name="pricepolicy_review_within_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="pricepolicy_has_reason"
            ),
        ),
    ]

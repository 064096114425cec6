"""What the checks of promotions found (CAT-4.4-04)."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0121_patrol_log_promises")]

    operations = [
        migrations.CreateModel(
            name="PromotionCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
                (
                    "occasion",
                    models.CharField(
                        choices=[("start", "before the start"), ("hourly", "every hour")],
                        max_length=8,
                        verbose_name="occasion",
                    ),
                ),
                ("examined", models.PositiveIntegerField(verbose_name="SKUs examined")),
                ("below_floor", models.PositiveIntegerField(verbose_name="below the floor")),
                (
                    "above_reference",
                    models.PositiveIntegerField(verbose_name="above the reference price"),
                ),
                ("without_stock", models.PositiveIntegerField(verbose_name="out of stock")),
                (
                    "used",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, verbose_name="budget used"
                    ),
                ),
                (
                    "budget",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, null=True, verbose_name="budget"
                    ),
                ),
                ("findings", models.JSONField(default=list, verbose_name="what crossed a limit")),
                (
                    "why",
                    models.CharField(blank=True, max_length=200, verbose_name="paused because"),
                ),
                (
                    "promotion",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="catalog.promotion",
                        verbose_name="promotion",
                    ),
                ),
            ],
            options={
                "verbose_name": "check of a promotion",
                "verbose_name_plural": "checks of promotions",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["promotion", "-id"], name="promotioncheck_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("occasion__in", ["start", "hourly"])),
                        name="promotioncheck_occasion_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("above_reference", 0), ("below_floor", 0)),
                            models.Q(("why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="promotioncheck_crossing_pauses",
                    ),
                ],
            },
        ),
    ]

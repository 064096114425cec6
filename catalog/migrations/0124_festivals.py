"""Festivals and seasons, dated year by year (CAT-4.4-03)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0123_promotion_check_promises")]

    operations = [
        migrations.CreateModel(
            name="Festival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=60, verbose_name="English name"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("holiday", "festival"),
                            ("shopping", "shopping festival"),
                            ("season", "season"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from day")),
                ("ends_on", models.DateField(verbose_name="until day")),
                (
                    "is_marked",
                    models.BooleanField(
                        default=False,
                        help_text="Wants a promotion; missing ones are reminded of.",
                        verbose_name="marked",
                    ),
                ),
                (
                    "is_held",
                    models.BooleanField(
                        default=True,
                        help_text="One that is not held leaves the calendar.",
                        verbose_name="held",
                    ),
                ),
                (
                    "written_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="written by"),
                ),
                (
                    "written_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="written at"),
                ),
            ],
            options={
                "verbose_name": "festival",
                "verbose_name_plural": "festivals",
                "ordering": ("starts_on", "id"),
                "indexes": [models.Index(fields=["starts_on", "ends_on"], name="festival_days")],
                "constraints": [
                    models.UniqueConstraint(fields=("name", "starts_on"), name="festival_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["holiday", "shopping", "season"])),
                        name="festival_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="festival_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="festival_ends_after_start",
                    ),
                ],
            },
        ),
    ]

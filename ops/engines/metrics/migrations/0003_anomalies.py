"""Cases of figures out of range."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_history"),
        ("metrics", "0002_values_by_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="Anomaly",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=60, verbose_name="metric")),
                (
                    "dimension",
                    models.CharField(
                        blank=True, default="", max_length=30, verbose_name="dimension"
                    ),
                ),
                (
                    "member",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="member"),
                ),
                ("day", models.DateField(verbose_name="day")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("absolute", "fixed limit"),
                            ("relative", "change against comparable days"),
                            ("z_score", "distance from its usual spread"),
                            ("reported", "reported by a person"),
                        ],
                        max_length=10,
                        verbose_name="found by",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(decimal_places=6, max_digits=20, verbose_name="value"),
                ),
                (
                    "expected",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=20,
                        null=True,
                        verbose_name="expected",
                    ),
                ),
                (
                    "bound",
                    models.DecimalField(
                        blank=True, decimal_places=6, max_digits=20, null=True, verbose_name="limit"
                    ),
                ),
                ("is_over", models.BooleanField(default=False, verbose_name="over the limit")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be explained"),
                            ("explained", "explained, being worked on"),
                            ("recovered", "back in range"),
                            ("closed", "closed with a reason"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="what was seen"
                    ),
                ),
                (
                    "found_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="found by"),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                (
                    "cause",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="cause"),
                ),
                (
                    "proposal",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="proposal"
                    ),
                ),
                (
                    "explained_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="explained at"),
                ),
                (
                    "ended_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="closed by"),
                ),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="end of the case"),
                ),
                (
                    "closing_reason",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="reason"),
                ),
            ],
            options={
                "verbose_name": "figure out of range",
                "verbose_name_plural": "figures out of range",
                "ordering": ("-id",),
            },
        ),
        migrations.AddField(
            model_name="anomaly",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="owner",
            ),
        ),
        migrations.AddIndex(
            model_name="anomaly",
            index=models.Index(fields=["state", "id"], name="anomaly_live"),
        ),
        migrations.AddIndex(
            model_name="anomaly",
            index=models.Index(fields=["metric", "dimension", "day"], name="anomaly_of_metric"),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.UniqueConstraint(
                fields=("metric", "dimension", "member", "day", "rule"), name="anomaly_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "explained", "recovered", "closed"])),
                name="anomaly_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "explained"), _negated=True),
                    models.Q(
                        models.Q(("cause", ""), _negated=True),
                        models.Q(("proposal", ""), _negated=True),
                        ("owner__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="anomaly_explained_in_full",
            ),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    models.Q(
                        ("ended_by__isnull", False), models.Q(("closing_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="anomaly_closed_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ("open", "explained"))),
                    models.Q(
                        models.Q(("state__in", ("open", "explained")), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="anomaly_ended_has_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("value__gt", Decimal(-100000000000000)),
                    ("value__lt", Decimal(100000000000000)),
                ),
                name="anomaly_value_finite",
            ),
        ),
    ]

"""The range under review: reviews, their rows, drops and the SKUs of each."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0005_signed_decisions"),
        ("catalog", "0084_selection_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="RangeReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(unique=True, verbose_name="month")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("basis", models.JSONField(verbose_name="basis")),
                ("sku_count", models.PositiveIntegerField(verbose_name="SKUs ranked")),
                ("push_count", models.PositiveIntegerField(verbose_name="proposed to push")),
                ("drop_count", models.PositiveIntegerField(verbose_name="proposed to drop")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "range review",
                "verbose_name_plural": "range reviews",
                "ordering": ("-month",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="rangereview_of_a_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "sku_count__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("push_count"), "+", models.F("drop_count")
                                ),
                            )
                        ),
                        name="rangereview_counts_fit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RangeDrop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                ("note", models.CharField(max_length=400, verbose_name="reason")),
                (
                    "listings",
                    models.JSONField(default=list, verbose_name="listings that leave the shelf"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "submitted"),
                            ("returned", "returned"),
                            ("withdrawn", "withdrawn"),
                            ("approved", "approved"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("asked_by", models.BigIntegerField(verbose_name="asked by")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "approval",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.request",
                        verbose_name="approval",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drops",
                        to="catalog.rangereview",
                        verbose_name="range review",
                    ),
                ),
            ],
            options={
                "verbose_name": "drop from the range",
                "verbose_name_plural": "drops from the range",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="RangeReviewRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveIntegerField(verbose_name="rank")),
                (
                    "score",
                    models.DecimalField(decimal_places=1, max_digits=4, verbose_name="score"),
                ),
                ("pieces", models.BigIntegerField(verbose_name="pieces sold")),
                (
                    "revenue",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="revenue"),
                ),
                (
                    "margin",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, null=True, verbose_name="margin"
                    ),
                ),
                (
                    "margin_percent",
                    models.DecimalField(
                        decimal_places=1, max_digits=12, null=True, verbose_name="margin (%)"
                    ),
                ),
                ("stock", models.BigIntegerField(verbose_name="stock at the end")),
                (
                    "turns",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="turnovers a year"
                    ),
                ),
                ("returned", models.BigIntegerField(verbose_name="pieces returned")),
                (
                    "return_rate",
                    models.DecimalField(
                        decimal_places=1, max_digits=5, verbose_name="return rate (%)"
                    ),
                ),
                (
                    "proposal",
                    models.CharField(
                        choices=[("keep", "keep"), ("push", "push"), ("drop", "drop")],
                        max_length=4,
                        verbose_name="verdict proposed",
                    ),
                ),
                ("grounds", models.JSONField(default=list, verbose_name="grounds")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "keep"), ("push", "push"), ("drop", "drop")],
                        max_length=4,
                        verbose_name="decision",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("decided_by", models.BigIntegerField(null=True, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "review",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="catalog.rangereview",
                        verbose_name="range review",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.sku",
                        verbose_name="SKU",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of a range review",
                "verbose_name_plural": "rows of range reviews",
                "ordering": ("rank",),
            },
        ),
        migrations.CreateModel(
            name="RangeDropLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waits for a decision"),
                            ("stopped", "not bought any more"),
                            ("let_go", "stays in the range"),
                        ],
                        default="asked",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                (
                    "stopped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="not bought since"),
                ),
                (
                    "approval",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.request",
                        verbose_name="approval",
                    ),
                ),
                (
                    "drop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="catalog.rangedrop",
                        verbose_name="drop",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.sku",
                        verbose_name="SKU",
                    ),
                ),
                (
                    "row",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drop_lines",
                        to="catalog.rangereviewrow",
                        verbose_name="row",
                    ),
                ),
            ],
            options={
                "verbose_name": "SKU of a drop",
                "verbose_name_plural": "SKUs of drops",
                "ordering": ("id",),
            },
        ),
        migrations.AddConstraint(
            model_name="rangedrop",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="rangedrop_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="rangedrop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["submitted", "returned", "withdrawn", "approved"])
                ),
                name="rangedrop_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rangereviewrow",
            constraint=models.UniqueConstraint(
                fields=("review", "rank"), name="rangereviewrow_rank_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="rangereviewrow",
            constraint=models.UniqueConstraint(
                fields=("review", "sku"), name="rangereviewrow_sku_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="rangereviewrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proposal__in", ["keep", "push", "drop"]),
                    models.Q(
                        ("decision", ""),
                        ("decision__in", ["keep", "push", "drop"]),
                        _connector="OR",
                    ),
                ),
                name="rangereviewrow_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rangereviewrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")
                    ),
                    models.Q(
                        models.Q(("decision", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="rangereviewrow_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="rangereviewrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("pieces__gte", 0),
                    ("return_rate__range", (0, 100)),
                    ("returned__gte", 0),
                    ("score__range", (0, 100)),
                    ("turns__gte", 0),
                ),
                name="rangereviewrow_figures_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="rangedropline",
            constraint=models.UniqueConstraint(fields=("drop", "sku"), name="rangedropline_once"),
        ),
        migrations.AddConstraint(
            model_name="rangedropline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("asked", "stopped"))),
                fields=("sku",),
                name="rangedropline_one_drop_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="rangedropline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approval__isnull", False),
                        ("state", "stopped"),
                        ("stopped_at__isnull", False),
                    ),
                    models.Q(
                        ("state__in", ("asked", "let_go")),
                        ("approval__isnull", True),
                        ("stopped_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="rangedropline_stopped_whole",
            ),
        ),
    ]

"""Cases of forbidden goods that were sold, the buyers they list, and measures (CAT-4.3-05)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0112_listing_standard"),
        ("customers", "0012_discount_promises"),
        ("inventory", "0028_purchase_gate"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForbiddenSale",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("counterfeit", "counterfeit"),
                            ("shoddy", "shoddy"),
                            ("infringing", "infringing"),
                            ("prohibited", "prohibited"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("facts", models.CharField(max_length=400, verbose_name="what was established")),
                ("delisted", models.PositiveIntegerField(verbose_name="listings taken off")),
                ("blocked", models.PositiveBigIntegerField(verbose_name="pieces blocked")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("closed", "closed")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("confirmed_by", models.BigIntegerField(verbose_name="confirmed by")),
                ("confirmed_at", models.DateTimeField(verbose_name="confirmed at")),
                (
                    "outcome",
                    models.CharField(
                        blank=True, max_length=400, verbose_name="outcome of the case"
                    ),
                ),
                (
                    "closed_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="closed by"),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "sale of forbidden goods",
                "verbose_name_plural": "sales of forbidden goods",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="RecallLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField(verbose_name="quantity")),
                (
                    "told_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="buyer told at"),
                ),
                ("told_by", models.BigIntegerField(blank=True, null=True, verbose_name="told by")),
                ("how", models.CharField(blank=True, max_length=200, verbose_name="how and what")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recalls",
                        to="customers.forbiddensale",
                        verbose_name="case of forbidden goods",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.order",
                        verbose_name="order",
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
                "verbose_name": "line of a recall",
                "verbose_name_plural": "lines of recalls",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="SalePenalty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seller", models.CharField(blank=True, max_length=120, verbose_name="seller")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("warning", "warning"),
                            ("fine", "fine"),
                            ("suspension", "no further dealings"),
                        ],
                        max_length=12,
                        verbose_name="measure",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=14, verbose_name="amount"
                    ),
                ),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("decided_by", models.BigIntegerField(verbose_name="decided by")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalties",
                        to="customers.forbiddensale",
                        verbose_name="case of forbidden goods",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.supplier",
                        verbose_name="supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "penalty of a forbidden sale",
                "verbose_name_plural": "penalties of forbidden sales",
                "ordering": ("id",),
            },
        ),
        migrations.AddConstraint(
            model_name="forbiddensale",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("product",),
                name="forbiddensale_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="forbiddensale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["counterfeit", "shoddy", "infringing", "prohibited"]),
                    ("state__in", ["open", "closed"]),
                    models.Q(("facts", ""), _negated=True),
                ),
                name="forbiddensale_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="forbiddensale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("outcome", ""), ("state", "open")),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                        ("state", "closed"),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="forbiddensale_closed_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="recallline",
            constraint=models.UniqueConstraint(
                fields=("case", "order", "sku"), name="recallline_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="recallline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("how", ""), ("told_at__isnull", True), ("told_by__isnull", True)),
                    models.Q(
                        ("told_at__isnull", False),
                        ("told_by__isnull", False),
                        models.Q(("how", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="recallline_told_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="recallline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="recallline_some_pieces"
            ),
        ),
        migrations.AddConstraint(
            model_name="salepenalty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("seller", ""), ("supplier__isnull", False)),
                    models.Q(("supplier__isnull", True), models.Q(("seller", ""), _negated=True)),
                    _connector="OR",
                ),
                name="salepenalty_of_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="salepenalty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), _negated=True),
                    models.Q(
                        models.Q(("amount__gt", 0), ("measure", "fine")),
                        models.Q(("amount", 0), ("measure__in", ["warning", "suspension"])),
                        _connector="OR",
                    ),
                ),
                name="salepenalty_measure_whole",
            ),
        ),
    ]

"""Disposals of what is left of goods that are out of the range."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0091_range_promises"),
        ("inventory", "0028_purchase_gate"),
    ]

    operations = [
        migrations.CreateModel(
            name="StockDisposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                ("source_type", models.CharField(max_length=40, verbose_name="document type")),
                ("source_id", models.BigIntegerField(verbose_name="document")),
                ("pieces", models.BigIntegerField(verbose_name="pieces")),
                (
                    "value",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="value"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be proposed"),
                            ("filed", "under way"),
                            ("ended", "nothing left"),
                        ],
                        default="open",
                        max_length=5,
                        verbose_name="state",
                    ),
                ),
                (
                    "treatment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("markdown", "mark down"),
                            ("bundle", "bundle with other goods"),
                            ("supplier_return", "return to the supplier"),
                            ("donate", "donate"),
                            ("scrap", "scrap"),
                        ],
                        max_length=16,
                        verbose_name="treatment",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "filed_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="proposed by"),
                ),
                (
                    "filed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="proposed at"),
                ),
                (
                    "ended_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="ended by"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
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
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.warehouse",
                        verbose_name="warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock disposal",
                "verbose_name_plural": "stock disposals",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source_type", "source_id", "sku", "warehouse"),
                        name="stockdisposal_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ended"), _negated=True),
                        fields=("sku", "warehouse"),
                        name="stockdisposal_one_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pieces__gt", 0), ("value__gte", 0)),
                        name="stockdisposal_of_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "filed", "ended"]),
                            models.Q(
                                ("treatment", ""),
                                (
                                    "treatment__in",
                                    ["markdown", "bundle", "supplier_return", "donate", "scrap"],
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="stockdisposal_words_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("filed_at__isnull", True),
                                ("filed_by__isnull", True),
                                ("state", "open"),
                                ("treatment", ""),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                models.Q(("treatment", ""), _negated=True),
                                ("filed_at__isnull", False),
                                ("filed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="stockdisposal_filed_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                ("state", "ended"),
                            ),
                            models.Q(
                                models.Q(("state", "ended"), _negated=True),
                                ("ended_at__isnull", True),
                                ("ended_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="stockdisposal_ended_whole",
                    ),
                ],
            },
        ),
    ]

"""Levels of stock with their alerts, and the log of refused issues."""

import django.db.models.deletion
from django.db import migrations, models

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_shipment_steps")]

    operations = [
        migrations.CreateModel(
            name="RefusedIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=8, verbose_name="step")),
                ("missing", models.CharField(max_length=64, verbose_name="what was missing")),
                (
                    "person_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="tried by"),
                ),
                ("at", models.DateTimeField(verbose_name="moment")),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusals",
                        to="inventory.shipment",
                        verbose_name="shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "refused issue",
                "verbose_name_plural": "refused issues",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="StockAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("low", "low stock"),
                            ("out", "out of stock"),
                            ("over", "over-stock"),
                        ],
                        max_length=4,
                        verbose_name="kind",
                    ),
                ),
                ("available", models.BigIntegerField(verbose_name="available")),
                ("limit", models.BigIntegerField(verbose_name="limit")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                (
                    "taken_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="taken by"),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="taken at")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
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
                "verbose_name": "stock alert",
                "verbose_name_plural": "stock alerts",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("sku", "warehouse", "kind"),
                        name="stockalert_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_at__isnull", True), ("taken_by__isnull", True)),
                            models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="stockalert_taken_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("least", models.BigIntegerField(verbose_name="least")),
                ("most", models.BigIntegerField(blank=True, null=True, verbose_name="most")),
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
                "verbose_name": "stock level",
                "verbose_name_plural": "stock levels",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("sku", "warehouse"), name="stocklevel_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least__gte", 0),
                            models.Q(
                                ("most__isnull", True),
                                ("most__gt", models.F("least")),
                                _connector="OR",
                            ),
                        ),
                        name="stocklevel_least_below_most",
                    ),
                ],
            },
        ),
        append_only("inventory_refusedissue"),
    ]

"""Discounts and gifts of promotions stand beside the lines of orders and returns."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the tables of discounts and gifts, and the columns that repeat their sums."""

    dependencies = [
        ("catalog", "0051_recommendation_promises"),
        ("customers", "0008_parcel_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderDiscount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line_no", models.PositiveIntegerField(verbose_name="line")),
                ("coupon", models.CharField(blank=True, max_length=32, verbose_name="coupon")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="amount"),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="discounts",
                        to="customers.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "promotion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.promotion",
                        verbose_name="promotion",
                    ),
                ),
            ],
            options={
                "verbose_name": "discount of an order line",
                "verbose_name_plural": "discounts of order lines",
                "ordering": ("order", "line_no", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "line_no", "promotion"), name="orderdiscount_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lt", 10**15)),
                        name="orderdiscount_is_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderGift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line_no", models.PositiveIntegerField(verbose_name="line")),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, verbose_name="worth of a piece"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gifts",
                        to="customers.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "promotion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.promotion",
                        verbose_name="promotion",
                    ),
                ),
            ],
            options={
                "verbose_name": "gift of a promotion",
                "verbose_name_plural": "gifts of promotions",
                "ordering": ("order", "line_no"),
                "constraints": [
                    models.UniqueConstraint(fields=("order", "line_no"), name="ordergift_once"),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0), ("value__lt", 10**15)),
                        name="ordergift_value_sane",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="orderline",
            name="discount",
            field=models.DecimalField(
                db_default=0, decimal_places=2, default=0, max_digits=20, verbose_name="discount"
            ),
        ),
        migrations.AddField(
            model_name="returnline",
            name="discount",
            field=models.DecimalField(
                db_default=0, decimal_places=2, default=0, max_digits=20, verbose_name="discount"
            ),
        ),
        migrations.AddField(
            model_name="return",
            name="gift_value",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                max_digits=20,
                verbose_name="kept back for gifts",
            ),
        ),
    ]

"""Lots at receiving, papers of a receipt, the book a count was compared with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_promises"),
        ("catalog", "0003_price_promises"),
        ("inventory", "0014_parcel_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShelfLife",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("needs_expiry", models.BooleanField(verbose_name="needs an expiry date")),
                ("set_by", models.BigIntegerField(blank=True, null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "shelf life",
                "verbose_name_plural": "shelf lives",
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="receipt",
            name="quality_paper",
            field=models.CharField(blank=True, max_length=64, verbose_name="quality certificate"),
        ),
        migrations.AddField(
            model_name="stockcount",
            name="book_pieces",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="book quantity"),
        ),
        migrations.AddField(
            model_name="stockcount",
            name="book_value",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=20, null=True, verbose_name="book value"
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("made_on__isnull", True),
                    ("made_on__lte", models.F("received_on")),
                    _connector="OR",
                ),
                name="lot_made_before_it_came",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockcount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("book_pieces__isnull", True), ("book_value__isnull", True)),
                    models.Q(
                        ("book_pieces__gte", 0),
                        ("book_pieces__isnull", False),
                        ("book_value__gte", 0),
                        ("book_value__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="stockcount_book_whole",
            ),
        ),
        migrations.AddField(
            model_name="shelflife",
            name="category",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.category",
                verbose_name="category",
            ),
        ),
    ]

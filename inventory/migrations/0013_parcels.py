"""Shipments may go out together in one parcel."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0012_warehouse_permanent")]

    operations = [
        migrations.CreateModel(
            name="Parcel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("joined_at", models.DateTimeField(verbose_name="joined at")),
                (
                    "joined_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="joined by"),
                ),
            ],
            options={
                "verbose_name": "joint parcel",
                "verbose_name_plural": "joint parcels",
                "ordering": ("-id",),
            },
        ),
        migrations.AddField(
            model_name="shipment",
            name="parcel",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shipments",
                to="inventory.parcel",
                verbose_name="joint parcel",
            ),
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("parcel__isnull", False)),
                fields=["parcel"],
                name="shipment_by_parcel",
            ),
        ),
    ]

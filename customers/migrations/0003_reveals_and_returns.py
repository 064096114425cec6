"""Personal texts shown are counted; returns keep to their steps and to what was sold."""

import django.db.models.deletion
from django.db import migrations, models

from customers.ddl import RETURN_STEPS_REVERSE, return_steps_sql
from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """Add reveals, sums and the triggers of returns."""

    dependencies = [
        ("catalog", "0003_price_promises"),
        ("customers", "0002_order_steps"),
        ("inventory", "0011_document_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reveal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_id", models.BigIntegerField(verbose_name="person")),
                ("day", models.DateField(verbose_name="business day")),
                ("nr", models.PositiveSmallIntegerField(verbose_name="number of the day")),
                (
                    "field",
                    models.CharField(
                        choices=[("name", "name"), ("phone", "phone"), ("address", "address")],
                        max_length=12,
                        verbose_name="field",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("shipping", "shipping"),
                            ("after_sales", "after-sales"),
                            ("complaint", "complaint"),
                            ("privacy", "privacy request"),
                            ("other", "other"),
                        ],
                        max_length=16,
                        verbose_name="purpose",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "reveal",
                "verbose_name_plural": "reveals",
                "ordering": ("-id",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="return",
            name="return_total_sane",
        ),
        migrations.AddField(
            model_name="return",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("hold_reason", ""), _negated=True),
                fields=["id"],
                name="order_held",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state__in", ["placed", "paid", "confirmed", "allocated"])),
                fields=["ship_by", "id"],
                name="order_due",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["external_no"], name="order_external"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(
                condition=models.Q(("state", "requested")), fields=["id"], name="return_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", -1000000000000000),
                    ("amount__lt", 1000000000000000),
                    ("unit_price__gt", -1000000000000000),
                    ("unit_price__lt", 1000000000000000),
                ),
                name="orderline_amount_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax__gt", -1000000000000000),
                    ("tax__lt", 1000000000000000),
                    ("total__gt", -1000000000000000),
                    ("total__lt", 1000000000000000),
                ),
                name="return_total_sane",
            ),
        ),
        migrations.AddField(
            model_name="reveal",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reveals",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="reveal",
            name="order",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.order",
                verbose_name="order",
            ),
        ),
        migrations.AddConstraint(
            model_name="reveal",
            constraint=models.UniqueConstraint(
                fields=("person_id", "day", "nr"), name="reveal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reveal",
            constraint=models.CheckConstraint(
                condition=models.Q(("nr__gte", 1), ("nr__lte", 30)), name="reveal_within_limit"
            ),
        ),
        migrations.RunSQL(return_steps_sql(), RETURN_STEPS_REVERSE),
        append_only("customers_reveal"),
    ]

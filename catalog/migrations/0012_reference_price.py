"""Former prices that may be struck out, with what proves them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_price_policy"), ("files", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="ReferencePrice",
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
                            ("deal", "lowest real deal price"),
                            ("suggested", "suggested price, named as such"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="name shown")),
                (
                    "price",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="price"),
                ),
                (
                    "since_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="window from"),
                ),
                (
                    "until_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="window until"),
                ),
                (
                    "deals",
                    models.PositiveIntegerField(default=0, verbose_name="deals in the window"),
                ),
                ("evidence", models.JSONField(default=list, verbose_name="proving deals")),
                ("made_by", models.BigIntegerField(verbose_name="recorded by")),
                ("made_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "reference price",
                "verbose_name_plural": "reference prices",
                "ordering": ("-id",),
            },
        ),
        migrations.AddField(
            model_name="channel",
            name="reference_profile",
            field=models.CharField(
                choices=[
                    ("cn", "7 days before the change (China)"),
                    ("eu", "30 days before the change (European Union)"),
                ],
                db_default="cn",
                default="cn",
                max_length=2,
                verbose_name="rule of struck-out prices",
            ),
        ),
        migrations.AddField(
            model_name="pricechangeline",
            name="struck_price",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=20,
                null=True,
                verbose_name="struck-out price",
            ),
        ),
        migrations.AddField(
            model_name="referenceprice",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.channel",
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="referenceprice",
            name="file",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.attachment",
                verbose_name="evidence file",
            ),
        ),
        migrations.AddField(
            model_name="referenceprice",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddField(
            model_name="pricechangeline",
            name="reference",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.referenceprice",
                verbose_name="proof of the struck-out price",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricechangeline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("struck_price__isnull", True),
                    models.Q(
                        ("struck_price__gt", models.F("new_price")),
                        ("struck_price__lt", 1000000000000),
                    ),
                    _connector="OR",
                ),
                name="pricechangeline_struck_above_price",
            ),
        ),
        migrations.AddIndex(
            model_name="referenceprice",
            index=models.Index(fields=["channel", "sku", "-id"], name="referenceprice_of_sku"),
        ),
        migrations.AddConstraint(
            model_name="referenceprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["deal", "suggested"])),
                name="referenceprice_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="referenceprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gt", 0), ("price__lt", 1000000000000)),
                name="referenceprice_price_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="referenceprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "deal"), _negated=True),
                    models.Q(
                        ("deals__gt", 0),
                        ("since_at__isnull", False),
                        ("until_at__gt", models.F("since_at")),
                    ),
                    _connector="OR",
                ),
                name="referenceprice_deal_is_proved",
            ),
        ),
        migrations.AddConstraint(
            model_name="referenceprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "suggested"), _negated=True),
                    models.Q(models.Q(("name", ""), _negated=True), ("file__isnull", False)),
                    _connector="OR",
                ),
                name="referenceprice_suggested_is_named",
            ),
        ),
    ]

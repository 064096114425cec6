"""Slots of display plans with their replacements, and what channels say of places (CAT-4.1-03)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0128_goods_ban_promises"),
        ("revisions", "0002_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="DisplaySlot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=30, verbose_name="slot")),
                ("since", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "display slot",
                "verbose_name_plural": "display slots",
                "ordering": ("page", "key"),
            },
        ),
        migrations.CreateModel(
            name="ShownFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="business day")),
                ("shown", models.BigIntegerField(verbose_name="times shown")),
                ("clicks", models.BigIntegerField(verbose_name="clicks")),
                (
                    "orders",
                    models.BigIntegerField(blank=True, null=True, verbose_name="orders from there"),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("told_by", models.BigIntegerField(blank=True, null=True, verbose_name="told by")),
                ("told_at", models.DateTimeField(verbose_name="told at")),
            ],
            options={
                "verbose_name": "figure of a place",
                "verbose_name_plural": "figures of places",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ShownFigureTrace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shown", models.BigIntegerField(verbose_name="times shown")),
                ("clicks", models.BigIntegerField(verbose_name="clicks")),
                (
                    "orders",
                    models.BigIntegerField(blank=True, null=True, verbose_name="orders from there"),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("told_by", models.BigIntegerField(blank=True, null=True, verbose_name="told by")),
                ("told_at", models.DateTimeField(verbose_name="told at")),
                ("replaced_at", models.DateTimeField(verbose_name="replaced at")),
            ],
            options={
                "verbose_name": "replaced figure of a place",
                "verbose_name_plural": "replaced figures of places",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="SlotReplacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lack",
                    models.CharField(
                        choices=[
                            ("retired", "no longer sold"),
                            ("restricted", "may not be sold"),
                            ("off_shelf", "off the shelf"),
                            ("suspended", "suspended from sale"),
                            ("no_price", "no price in force"),
                            ("out_of_stock", "out of stock"),
                        ],
                        max_length=12,
                        verbose_name="why",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "verbose_name": "replacement in a slot",
                "verbose_name_plural": "replacements in slots",
                "ordering": ("-id",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="recommendationoutcome",
            name="recommendationoutcome_part_of_whole",
        ),
        migrations.AddField(
            model_name="recommendationoutcome",
            name="former_clicks",
            field=models.PositiveBigIntegerField(
                null=True, verbose_name="clicks of the former version"
            ),
        ),
        migrations.AddField(
            model_name="recommendationoutcome",
            name="former_impressions",
            field=models.PositiveBigIntegerField(
                null=True, verbose_name="times the former version was shown"
            ),
        ),
        migrations.AlterField(
            model_name="recommendationoutcome",
            name="clicks",
            field=models.PositiveBigIntegerField(null=True, verbose_name="clicks"),
        ),
        migrations.AlterField(
            model_name="recommendationoutcome",
            name="impressions",
            field=models.PositiveBigIntegerField(null=True, verbose_name="times shown"),
        ),
        migrations.AddConstraint(
            model_name="recommendationoutcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hits__lte", models.F("orders")),
                    models.Q(
                        models.Q(("former_hits__isnull", True), ("former_orders__isnull", True)),
                        ("former_hits__lte", models.F("former_orders")),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("clicks__isnull", True), ("impressions__isnull", True)),
                        ("clicks__lte", models.F("impressions")),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(
                            ("former_clicks__isnull", True), ("former_impressions__isnull", True)
                        ),
                        ("former_clicks__lte", models.F("former_impressions")),
                        _connector="OR",
                    ),
                ),
                name="recommendationoutcome_part_of_whole",
            ),
        ),
        migrations.AddField(
            model_name="displayslot",
            name="page",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="display_slots",
                to="catalog.shoppage",
                verbose_name="shop page",
            ),
        ),
        migrations.AddField(
            model_name="shownfigure",
            name="set",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="figures",
                to="catalog.recommendationset",
                verbose_name="recommendation set",
            ),
        ),
        migrations.AddField(
            model_name="shownfigure",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddField(
            model_name="shownfigure",
            name="slot",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="figures",
                to="catalog.displayslot",
                verbose_name="display slot",
            ),
        ),
        migrations.AddField(
            model_name="shownfiguretrace",
            name="figure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="traces",
                to="catalog.shownfigure",
                verbose_name="figure of a place",
            ),
        ),
        migrations.AddField(
            model_name="slotreplacement",
            name="revision",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="revisions.revision",
                verbose_name="version of the plan",
            ),
        ),
        migrations.AddField(
            model_name="slotreplacement",
            name="shown",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="shown instead",
            ),
        ),
        migrations.AddField(
            model_name="slotreplacement",
            name="slot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacements",
                to="catalog.displayslot",
                verbose_name="display slot",
            ),
        ),
        migrations.AddField(
            model_name="slotreplacement",
            name="wanted",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="replaced SKU",
            ),
        ),
        migrations.AddConstraint(
            model_name="displayslot",
            constraint=models.UniqueConstraint(fields=("page", "key"), name="displayslot_once"),
        ),
        migrations.AddConstraint(
            model_name="displayslot",
            constraint=models.CheckConstraint(
                condition=models.Q(("key", ""), _negated=True), name="displayslot_has_a_name"
            ),
        ),
        migrations.AddIndex(
            model_name="shownfigure",
            index=models.Index(fields=["set", "day"], name="shownfigure_of_set"),
        ),
        migrations.AddConstraint(
            model_name="shownfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("set__isnull", True), ("slot__isnull", False)),
                    models.Q(("set__isnull", False), ("slot__isnull", True)),
                    _connector="OR",
                ),
                name="shownfigure_of_one_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="shownfigure",
            constraint=models.UniqueConstraint(
                fields=("slot", "set", "day", "sku"),
                name="shownfigure_once_a_day",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="shownfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(("clicks__gte", 0), ("shown__gte", models.F("clicks"))),
                name="shownfigure_clicks_were_shown",
            ),
        ),
        migrations.AddConstraint(
            model_name="shownfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("orders__isnull", True),
                    models.Q(("orders__gte", 0), ("orders__lte", models.F("clicks"))),
                    _connector="OR",
                ),
                name="shownfigure_orders_were_clicked",
            ),
        ),
        migrations.AddConstraint(
            model_name="shownfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="shownfigure_has_a_source"
            ),
        ),
        migrations.AddIndex(
            model_name="slotreplacement",
            index=models.Index(fields=["slot", "-id"], name="slotreplacement_of"),
        ),
        migrations.AddConstraint(
            model_name="slotreplacement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("slot",),
                name="slotreplacement_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="slotreplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "lack__in",
                        [
                            "retired",
                            "restricted",
                            "off_shelf",
                            "suspended",
                            "no_price",
                            "out_of_stock",
                        ],
                    )
                ),
                name="slotreplacement_lack_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slotreplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shown__isnull", True),
                    models.Q(("shown", models.F("wanted")), _negated=True),
                    _connector="OR",
                ),
                name="slotreplacement_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="slotreplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="slotreplacement_ends_after_start",
            ),
        ),
    ]

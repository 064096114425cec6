"""What channels show of our stock, and the log by which it is kept right (CAT-4.3-10)."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0102_content_moves"),
    ]

    operations = [
        migrations.CreateModel(
            name="StockPush",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("change", "a change of stock"),
                            ("scan", "the regular comparison"),
                            ("buffer", "another buffer"),
                        ],
                        max_length=8,
                        verbose_name="why",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("told", models.PositiveIntegerField(verbose_name="figures told")),
                ("differed", models.PositiveIntegerField(verbose_name="differences")),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.channel",
                        verbose_name="channel",
                    ),
                ),
            ],
            options={
                "verbose_name": "message of stock",
                "verbose_name_plural": "messages of stock",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="StockSyncEntry",
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
                            ("changed", "our stock changed"),
                            ("differed", "the channel showed another figure"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("stood", models.BigIntegerField(null=True, verbose_name="stood there")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="seen at")),
                ("available", models.BigIntegerField(verbose_name="free to sell")),
                ("buffer", models.PositiveIntegerField(verbose_name="held back")),
                ("pieces", models.BigIntegerField(verbose_name="told")),
                (
                    "push",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="catalog.stockpush",
                        verbose_name="message",
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
                "verbose_name": "entry of the stock log",
                "verbose_name_plural": "entries of the stock log",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ChannelBuffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pieces", models.PositiveIntegerField(verbose_name="held back")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("set_by", models.BigIntegerField(null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.sku",
                        verbose_name="SKU",
                    ),
                ),
            ],
            options={
                "verbose_name": "buffer of a channel",
                "verbose_name_plural": "buffers of channels",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["channel", "sku", "-id"], name="channelbuffer_newest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="channelbuffer_says_why",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ShownStock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pieces", models.BigIntegerField(verbose_name="told")),
                ("told_at", models.DateTimeField(verbose_name="told at")),
                (
                    "seen",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="seen in the channel"
                    ),
                ),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="seen at")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.channel",
                        verbose_name="channel",
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
                "verbose_name": "stock shown",
                "verbose_name_plural": "stock shown",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["channel", "told_at"], name="shownstock_told")],
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "sku"), name="shownstock_once"),
                    models.CheckConstraint(
                        condition=models.Q(("pieces__gte", 0)), name="shownstock_not_below_none"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seen__isnull", True), ("seen_at__isnull", True)),
                            models.Q(("seen__gte", 0), ("seen_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="shownstock_seen_whole",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="stockpush",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__in", ["change", "scan", "buffer"])),
                name="stockpush_why_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockpush",
            constraint=models.CheckConstraint(
                condition=models.Q(("told__gte", 1), ("told__gte", models.F("differed"))),
                name="stockpush_tells_something",
            ),
        ),
        migrations.AddIndex(
            model_name="stocksyncentry",
            index=models.Index(fields=["kind", "-id"], name="stocksyncentry_differed"),
        ),
        migrations.AddConstraint(
            model_name="stocksyncentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["changed", "differed"])),
                name="stocksyncentry_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stocksyncentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("pieces", 0),
                    models.Q(
                        (
                            "pieces",
                            django.db.models.expressions.CombinedExpression(
                                models.F("available"), "-", models.F("buffer")
                            ),
                        ),
                        ("pieces__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="stocksyncentry_is_right",
            ),
        ),
        migrations.AddConstraint(
            model_name="stocksyncentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "changed"), ("stood__isnull", True)),
                    models.Q(
                        ("kind", "changed"),
                        ("stood__isnull", False),
                        models.Q(("stood", models.F("pieces")), _negated=True),
                    ),
                    models.Q(
                        ("kind", "differed"), ("seen_at__isnull", False), ("stood__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="stocksyncentry_says_something_new",
            ),
        ),
    ]

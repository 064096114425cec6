"""Offers as shown, competitor prices, violations, suspended offers, outliers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_reference_price")]

    operations = [
        migrations.CreateModel(
            name="CompetitorPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rival", models.CharField(max_length=80, verbose_name="rival")),
                (
                    "price",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="price"),
                ),
                ("seen_on", models.DateField(verbose_name="seen on")),
                ("source", models.CharField(max_length=400, verbose_name="source")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("recorded_by", models.BigIntegerField(verbose_name="recorded by")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "competitor price",
                "verbose_name_plural": "competitor prices",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="OfferSuspension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "set_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="suspended by"),
                ),
                (
                    "lifted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="lifted at"),
                ),
                (
                    "lifted_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="lifted by"),
                ),
                (
                    "lifted_why",
                    models.CharField(blank=True, max_length=200, verbose_name="reason of lifting"),
                ),
            ],
            options={
                "verbose_name": "suspended offer",
                "verbose_name_plural": "suspended offers",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PriceOutlier",
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
                            ("above_rival", "too far above the rivals"),
                            ("under_rival", "too far below the rivals"),
                            ("low_margin", "margin below the floor"),
                            ("high_margin", "margin above the ceiling"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "price",
                    models.DecimalField(decimal_places=2, max_digits=20, verbose_name="own price"),
                ),
                (
                    "compared_with",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, verbose_name="compared with"
                    ),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=1, max_digits=12, verbose_name="deviation (%)"
                    ),
                ),
                (
                    "limit",
                    models.DecimalField(decimal_places=1, max_digits=5, verbose_name="limit (%)"),
                ),
                (
                    "suggested",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, verbose_name="suggested price"
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be decided"),
                            ("drafted", "price change drafted"),
                            ("kept", "kept, with reason"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "decided_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="decided by"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            ],
            options={
                "verbose_name": "price outlier",
                "verbose_name_plural": "price outliers",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PriceViolation",
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
                            ("no_price", "shown without an approved price"),
                            ("wrong_price", "shown at another price than approved"),
                            ("window_over", "shown at the price of a window that is over"),
                            ("below_floor", "shown below the floor"),
                            ("floor_rose", "approved price lies below today's floor"),
                            ("no_proof", "struck-out price without proof"),
                            ("still_shown", "shown although suspended"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("severe", "severe"), ("medium", "medium"), ("light", "light")],
                        max_length=8,
                        verbose_name="severity",
                    ),
                ),
                (
                    "shown_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=20,
                        null=True,
                        verbose_name="price shown",
                    ),
                ),
                (
                    "right_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=20,
                        null=True,
                        verbose_name="should be",
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
                ("times_seen", models.PositiveIntegerField(default=1, verbose_name="times seen")),
                ("owner_id", models.BigIntegerField(blank=True, null=True, verbose_name="owner")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be handled"), ("handled", "handled")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("handling", models.CharField(blank=True, max_length=400, verbose_name="handling")),
                (
                    "handled_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="handled by"),
                ),
                (
                    "handled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="handled at"),
                ),
            ],
            options={
                "verbose_name": "price violation",
                "verbose_name_plural": "price violations",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ShownOffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2, max_digits=20, verbose_name="price shown"
                    ),
                ),
                (
                    "struck_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=20,
                        null=True,
                        verbose_name="struck-out price shown",
                    ),
                ),
                ("seen_at", models.DateTimeField(verbose_name="seen at")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "offer as shown",
                "verbose_name_plural": "offers as shown",
            },
        ),
        migrations.AddField(
            model_name="competitorprice",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddField(
            model_name="offersuspension",
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
            model_name="offersuspension",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddField(
            model_name="priceoutlier",
            name="change",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.pricechange",
                verbose_name="price change",
            ),
        ),
        migrations.AddField(
            model_name="priceoutlier",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.channel",
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="priceoutlier",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddField(
            model_name="priceviolation",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.channel",
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="priceviolation",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddField(
            model_name="offersuspension",
            name="violation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="suspensions",
                to="catalog.priceviolation",
                verbose_name="case",
            ),
        ),
        migrations.AddField(
            model_name="shownoffer",
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
            model_name="shownoffer",
            name="sku",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.sku",
                verbose_name="SKU",
            ),
        ),
        migrations.AddIndex(
            model_name="competitorprice",
            index=models.Index(fields=["sku", "-seen_on"], name="competitorprice_newest"),
        ),
        migrations.AddConstraint(
            model_name="competitorprice",
            constraint=models.UniqueConstraint(
                fields=("sku", "rival", "seen_on", "source"), name="competitorprice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="competitorprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gt", 0), ("price__lt", 1000000000000)),
                name="competitorprice_price_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="competitorprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", ""), _negated=True), models.Q(("rival", ""), _negated=True)
                ),
                name="competitorprice_says_where",
            ),
        ),
        migrations.AddIndex(
            model_name="priceoutlier",
            index=models.Index(fields=["state", "-id"], name="priceoutlier_queue"),
        ),
        migrations.AddConstraint(
            model_name="priceoutlier",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("channel", "sku", "kind"),
                name="priceoutlier_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceoutlier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["above_rival", "under_rival", "low_margin", "high_margin"]),
                    ("state__in", ["open", "drafted", "kept"]),
                ),
                name="priceoutlier_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceoutlier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("state", "open")),
                    models.Q(
                        ("change__isnull", False),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state", "drafted"),
                    ),
                    models.Q(
                        ("change__isnull", True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state", "kept"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="priceoutlier_decided_says_what",
            ),
        ),
        migrations.AddIndex(
            model_name="priceviolation",
            index=models.Index(fields=["state", "severity", "-id"], name="priceviolation_queue"),
        ),
        migrations.AddIndex(
            model_name="priceviolation",
            index=models.Index(fields=["found_at"], name="priceviolation_found"),
        ),
        migrations.AddConstraint(
            model_name="priceviolation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("channel", "sku", "kind"),
                name="priceviolation_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceviolation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "no_price",
                            "wrong_price",
                            "window_over",
                            "below_floor",
                            "floor_rose",
                            "no_proof",
                            "still_shown",
                        ],
                    ),
                    ("severity__in", ["severe", "medium", "light"]),
                    ("state__in", ["open", "handled"]),
                ),
                name="priceviolation_words_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceviolation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handled_at__isnull", True), ("state", "open")),
                    models.Q(
                        ("handled_at__isnull", False),
                        ("handled_by__isnull", False),
                        ("state", "handled"),
                        models.Q(("handling", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="priceviolation_handled_says_how",
            ),
        ),
        migrations.AddIndex(
            model_name="offersuspension",
            index=models.Index(fields=["channel", "sku", "since"], name="offersuspension_of"),
        ),
        migrations.AddConstraint(
            model_name="offersuspension",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("channel", "sku"),
                name="offersuspension_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="offersuspension",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="offersuspension_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="offersuspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lifted_at__isnull", True), ("lifted_by__isnull", True), ("lifted_why", "")
                    ),
                    models.Q(
                        ("lifted_at__gte", models.F("since")),
                        ("lifted_by__isnull", False),
                        models.Q(("lifted_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="offersuspension_lifted_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="offersuspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("set_by__isnull", True),
                    ("lifted_by__isnull", True),
                    models.Q(("lifted_by", models.F("set_by")), _negated=True),
                    _connector="OR",
                ),
                name="offersuspension_two_persons",
            ),
        ),
        migrations.AddConstraint(
            model_name="shownoffer",
            constraint=models.UniqueConstraint(fields=("channel", "sku"), name="shownoffer_once"),
        ),
        migrations.AddConstraint(
            model_name="shownoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gt", 0), ("price__lt", 1000000000000)),
                name="shownoffer_price_sane",
            ),
        ),
    ]

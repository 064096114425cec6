"""Search documents, words that mean the same, searches without result."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0073_listing_on_sale"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "sku",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="catalog.sku",
                        verbose_name="SKU",
                    ),
                ),
                (
                    "document",
                    django.contrib.postgres.search.SearchVectorField(verbose_name="document"),
                ),
                ("code_key", models.CharField(max_length=80, verbose_name="code key")),
                ("barcode", models.CharField(blank=True, max_length=14, verbose_name="barcode")),
                ("title", models.CharField(max_length=400, verbose_name="name as it is compared")),
            ],
            options={
                "verbose_name": "search document",
                "verbose_name_plural": "search documents",
                "ordering": ("sku",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["document"], name="searchdocument_words"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchSynonym",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None, verbose_name="words"
                    ),
                ),
                ("why", models.CharField(max_length=200, verbose_name="reason")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("set_by", models.BigIntegerField(null=True, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "synonyms",
                "verbose_name_plural": "synonyms",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("words",),
                        name="searchsynonym_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words__len__gte", 2), ("words__len__lte", 12)),
                        name="searchsynonym_of_several",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True),
                        name="searchsynonym_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchMiss",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, verbose_name="search word")),
                ("week_on", models.DateField(verbose_name="week from")),
                ("times", models.PositiveIntegerField(verbose_name="times")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("open", "to be decided"),
                            ("synonym", "synonym entered"),
                            ("assortment", "goods are missing"),
                            ("dismissed", "nothing to do"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="decision",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("decided_by", models.BigIntegerField(null=True, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "synonym",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.searchsynonym",
                        verbose_name="synonyms",
                    ),
                ),
            ],
            options={
                "verbose_name": "search without result",
                "verbose_name_plural": "searches without result",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["week_on", "-times"], name="searchmiss_by_week")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("word", "week_on"), name="searchmiss_once_a_week"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("times__gte", 1)), name="searchmiss_happened"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("week_on__iso_week_day", 1)),
                        name="searchmiss_on_a_monday",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision__in", ["open", "synonym", "assortment", "dismissed"])
                        ),
                        name="searchmiss_decision_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decision", "open"),
                                ("synonym__isnull", True),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                models.Q(("decision", "open"), _negated=True),
                                models.Q(
                                    models.Q(("decision", "synonym"), ("synonym__isnull", False)),
                                    models.Q(
                                        models.Q(("decision", "synonym"), _negated=True),
                                        ("synonym__isnull", True),
                                        models.Q(("note", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="searchmiss_decided_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("word__regex", "@|([0-9][^0-9]*){6}"), _negated=True),
                            models.Q(("word", ""), _negated=True),
                        ),
                        name="searchmiss_holds_no_person",
                    ),
                ],
            },
        ),
    ]

"""Search words of goods and pages, and where they stand in a channel's own search (CAT-4.3-14)."""

import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import catalog.models.ranks


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0133_recommended_not_suspended"),
        ("tables", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchKeyword",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, verbose_name="search word")),
                ("since", models.DateTimeField(verbose_name="followed since")),
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
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.shoppage",
                        verbose_name="shop page",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "search word of goods",
                "verbose_name_plural": "search words of goods",
                "ordering": ("word", "id"),
            },
        ),
        migrations.CreateModel(
            name="SearchRank",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_on", models.DateField(verbose_name="first day")),
                ("last_on", models.DateField(verbose_name="last day")),
                ("rank", models.PositiveIntegerField(verbose_name="rank")),
                ("impressions", models.BigIntegerField(verbose_name="impressions")),
                ("clicks", models.BigIntegerField(verbose_name="clicks")),
                ("source", models.CharField(blank=True, max_length=40, verbose_name="source")),
                ("kept_at", models.DateTimeField(verbose_name="kept at")),
                (
                    "replaced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="replaced at"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tables.importbatch",
                        verbose_name="import",
                    ),
                ),
                (
                    "keyword",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ranks",
                        to="catalog.searchkeyword",
                        verbose_name="search word",
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tables.importbatch",
                        verbose_name="replaced by",
                    ),
                ),
            ],
            options={
                "verbose_name": "search rank",
                "verbose_name_plural": "search ranks",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="searchkeyword",
            constraint=models.UniqueConstraint(
                fields=("channel", "word", "product", "page"),
                name="searchkeyword_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="searchkeyword",
            constraint=models.CheckConstraint(
                condition=models.Q(("word", ""), _negated=True), name="searchkeyword_is_a_word"
            ),
        ),
        migrations.AddConstraint(
            model_name="searchkeyword",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("page__isnull", False), ("product__isnull", True)),
                    models.Q(("page__isnull", True), ("product__isnull", False)),
                    _connector="OR",
                ),
                name="searchkeyword_of_goods_or_page",
            ),
        ),
        migrations.AddIndex(
            model_name="searchrank",
            index=models.Index(
                condition=models.Q(("replaced_at__isnull", True)),
                fields=["keyword", "-last_on"],
                name="searchrank_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="searchrank",
            index=models.Index(
                condition=models.Q(("replaced_at__isnull", False)),
                fields=["keyword", "first_on"],
                name="searchrank_replaced",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrank",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("replaced_at__isnull", True)),
                expressions=[
                    ("keyword", "="),
                    (
                        catalog.models.ranks.DateRange("first_on", "last_on", models.Value("[]")),
                        "&&",
                    ),
                ],
                name="searchrank_counted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrank",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_on", models.F("first_on")),
                    models.Q(
                        ("first_on__iso_week_day", 1),
                        (
                            "last_on",
                            django.db.models.expressions.CombinedExpression(
                                models.F("first_on"), "+", models.Value(datetime.timedelta(days=6))
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="searchrank_of_a_day_or_a_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrank",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("clicks__gte", 0), ("impressions__gte", models.F("clicks")), ("rank__gte", 1)
                ),
                name="searchrank_figures_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchrank",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("replaced_at__isnull", True), ("replaced_by__isnull", True)),
                    models.Q(("replaced_at__isnull", False), ("replaced_by__isnull", False)),
                    _connector="OR",
                ),
                name="searchrank_replaced_whole",
            ),
        ),
    ]

"""The patrol log, and what a confirmed violation costs a channel (CAT-4.2-03)."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0112_listing_standard")]

    operations = [
        migrations.CreateModel(
            name="PricePatrol",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("patrolled_at", models.DateTimeField(verbose_name="patrolled at")),
                ("offers", models.PositiveIntegerField(verbose_name="offers looked at")),
                ("opened", models.PositiveIntegerField(verbose_name="cases opened")),
                ("again", models.PositiveIntegerField(verbose_name="cases seen again")),
                ("severe", models.PositiveIntegerField(verbose_name="severe")),
                ("suspended", models.PositiveIntegerField(verbose_name="taken off sale")),
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
            ],
            options={
                "verbose_name": "price patrol",
                "verbose_name_plural": "price patrols",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["channel", "-id"], name="pricepatrol_newest"),
                    models.Index(fields=["patrolled_at"], name="pricepatrol_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PricePenalty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number")),
                ("points", models.PositiveSmallIntegerField(verbose_name="penalty points")),
                ("rule", models.CharField(max_length=200, verbose_name="rule broken")),
                (
                    "statement",
                    models.CharField(max_length=400, verbose_name="what the channel answered"),
                ),
                ("confirmed_by", models.BigIntegerField(verbose_name="confirmed by")),
                ("confirmed_at", models.DateTimeField(verbose_name="confirmed at")),
                (
                    "revoked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="taken back by"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken back at"),
                ),
                (
                    "revoked_why",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="why it was taken back"
                    ),
                ),
                (
                    "violation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalty",
                        to="catalog.priceviolation",
                        verbose_name="case",
                    ),
                ),
            ],
            options={
                "verbose_name": "price penalty",
                "verbose_name_plural": "price penalties",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["confirmed_at"], name="pricepenalty_confirmed")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rule", ""), _negated=True),
                            models.Q(("statement", ""), _negated=True),
                        ),
                        name="pricepenalty_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("revoked_at__isnull", True),
                                ("revoked_by__isnull", True),
                                ("revoked_why", ""),
                            ),
                            models.Q(
                                ("revoked_at__gte", models.F("confirmed_at")),
                                ("revoked_by__isnull", False),
                                models.Q(("revoked_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="pricepenalty_taken_back_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_by__isnull", True),
                            models.Q(("revoked_by", models.F("confirmed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="pricepenalty_two_persons",
                    ),
                ],
            },
        ),
    ]

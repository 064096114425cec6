"""Audit bundles that were made here."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = [
        ("compliance", "0002_register"),
        ("identity", "0004_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditBundle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_on", models.DateField(verbose_name="first day")),
                ("last_on", models.DateField(verbose_name="last day")),
                ("facts", models.BigIntegerField(verbose_name="facts")),
                ("first_anchor", models.BigIntegerField(verbose_name="first anchor")),
                ("last_anchor", models.BigIntegerField(verbose_name="last anchor")),
                ("strays", models.BigIntegerField(verbose_name="facts outside the sequence")),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "stored_name",
                    models.CharField(max_length=80, unique=True, verbose_name="stored as"),
                ),
                ("maker_name", models.CharField(max_length=150, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.person",
                        verbose_name="made by (person)",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit bundle",
                "verbose_name_plural": "audit bundles",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_on__gte", models.F("first_on"))),
                        name="auditbundle_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="auditbundle_hash_is_sha256",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_anchor__gte", 1), ("last_anchor__gte", models.F("first_anchor"))
                        ),
                        name="auditbundle_anchors_in_order",
                    ),
                ],
            },
        ),
    ]

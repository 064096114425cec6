"""Proofs of a fresh second factor."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assertion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=32, verbose_name="purpose")),
                ("payload_hash", models.CharField(max_length=64, verbose_name="payload hash")),
                ("method", models.CharField(max_length=8, verbose_name="method")),
                ("counter", models.BigIntegerField(verbose_name="one-time code number")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="made at"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "step-up assertion",
                "verbose_name_plural": "step-up assertions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("id", "person", "payload_hash"),
                        name="assertion_of_person_and_payload",
                    ),
                    models.UniqueConstraint(fields=("user", "counter"), name="assertion_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("method", "totp")), name="assertion_method_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payload_hash__regex", "^[0-9a-f]{64}$")),
                        name="assertion_names_payload",
                    ),
                ],
            },
        ),
    ]

"""Passkeys, the challenges they answered, and proofs by their signature."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0104_duty_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "credential_id",
                    models.CharField(max_length=1400, unique=True, verbose_name="key id"),
                ),
                ("credential", models.BinaryField(verbose_name="public key")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "sign_count",
                    models.BigIntegerField(default=0, verbose_name="signatures counted"),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="made at"
                    ),
                ),
                (
                    "used_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last used at"),
                ),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="removed at"),
                ),
            ],
            options={
                "verbose_name": "passkey",
                "verbose_name_plural": "passkeys",
            },
        ),
        migrations.CreateModel(
            name="SpentChallenge",
            fields=[
                (
                    "digest",
                    models.CharField(
                        max_length=64, primary_key=True, serialize=False, verbose_name="hash"
                    ),
                ),
                (
                    "spent_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="spent at",
                    ),
                ),
            ],
            options={
                "verbose_name": "answered challenge",
                "verbose_name_plural": "answered challenges",
            },
        ),
        migrations.RemoveConstraint(
            model_name="assertion",
            name="assertion_method_known",
        ),
        migrations.AddField(
            model_name="assertion",
            name="authenticator_data",
            field=models.BinaryField(blank=True, null=True, verbose_name="authenticator data"),
        ),
        migrations.AddField(
            model_name="assertion",
            name="client_data",
            field=models.TextField(blank=True, db_default="", verbose_name="client data"),
        ),
        migrations.AddField(
            model_name="assertion",
            name="signature",
            field=models.BinaryField(blank=True, null=True, verbose_name="signature"),
        ),
        migrations.AddField(
            model_name="assertion",
            name="signed",
            field=models.TextField(blank=True, db_default="", verbose_name="text signed"),
        ),
        migrations.AlterField(
            model_name="assertion",
            name="counter",
            field=models.BigIntegerField(
                blank=True, null=True, verbose_name="one-time code number"
            ),
        ),
        migrations.AddField(
            model_name="passkey",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="passkeys",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="assertion",
            name="passkey",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.passkey",
                verbose_name="passkey",
            ),
        ),
        migrations.AddConstraint(
            model_name="assertion",
            constraint=models.UniqueConstraint(
                fields=("signature",), name="assertion_signature_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="assertion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("counter__isnull", False),
                        ("method", "totp"),
                        ("passkey__isnull", True),
                        ("signature__isnull", True),
                    ),
                    models.Q(
                        ("authenticator_data__isnull", False),
                        ("counter__isnull", True),
                        ("method", "passkey"),
                        ("passkey__isnull", False),
                        ("signature__isnull", False),
                        models.Q(("signed", ""), _negated=True),
                        models.Q(("client_data", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="assertion_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="spentchallenge",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                name="spentchallenge_is_a_hash",
            ),
        ),
        migrations.AddConstraint(
            model_name="passkey",
            constraint=models.UniqueConstraint(fields=("id", "user"), name="passkey_of_user"),
        ),
        migrations.AddConstraint(
            model_name="passkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="passkey_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="passkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("sign_count__gte", 0)), name="passkey_counts_up"
            ),
        ),
    ]

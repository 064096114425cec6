"""Duties, devices, recovery codes, account links; which positions administer."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_step_up_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True, verbose_name="hash")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used at")),
            ],
            options={
                "verbose_name": "account link",
                "verbose_name_plural": "account links",
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "session_key",
                    models.CharField(max_length=40, unique=True, verbose_name="session"),
                ),
                ("epoch", models.PositiveIntegerField(verbose_name="session epoch")),
                ("label", models.CharField(blank=True, max_length=80, verbose_name="browser")),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="address")),
                ("opened_at", models.DateTimeField(verbose_name="signed in at")),
            ],
            options={
                "verbose_name": "signed-in device",
                "verbose_name_plural": "signed-in devices",
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40, unique=True, verbose_name="key")),
                ("name_zh", models.CharField(max_length=40, verbose_name="Chinese name")),
                ("name_en", models.CharField(max_length=60, verbose_name="English name")),
                (
                    "acts",
                    models.JSONField(
                        blank=True, default=list, verbose_name="acts that are this duty"
                    ),
                ),
            ],
            options={
                "verbose_name": "duty",
                "verbose_name_plural": "duties",
            },
        ),
        migrations.CreateModel(
            name="DutyAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_type", models.CharField(max_length=80, verbose_name="object type")),
                ("object_id", models.CharField(max_length=64, verbose_name="object")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "duty done",
                "verbose_name_plural": "duties done",
            },
        ),
        migrations.CreateModel(
            name="DutyException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days"),
                ),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "first_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="first approval at"),
                ),
                (
                    "second_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="second approval at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
            ],
            options={
                "verbose_name": "exception from a separation",
                "verbose_name_plural": "exceptions from separations",
            },
        ),
        migrations.CreateModel(
            name="DutyRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40, unique=True, verbose_name="key")),
            ],
            options={
                "verbose_name": "separation of duties",
                "verbose_name_plural": "separations of duties",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="hash")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used at")),
            ],
            options={
                "verbose_name": "recovery code",
                "verbose_name_plural": "recovery codes",
            },
        ),
        migrations.AddField(
            model_name="position",
            name="administers",
            field=models.CharField(
                blank=True,
                choices=[("system", "system"), ("security", "security"), ("audit", "audit")],
                default="",
                max_length=10,
                verbose_name="administers",
            ),
        ),
        migrations.AddConstraint(
            model_name="position",
            constraint=models.UniqueConstraint(
                condition=models.Q(("administers", ""), _negated=True),
                fields=("administers",),
                name="position_one_administrator_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="position",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("administers", ""),
                    ("administers__in", ["system", "security", "audit"]),
                    _connector="OR",
                ),
                name="position_administers_known",
            ),
        ),
        migrations.AddField(
            model_name="accountlink",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="device",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="devices",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="positions",
            field=models.ManyToManyField(
                related_name="duties",
                to="identity.position",
                verbose_name="positions that carry it",
            ),
        ),
        migrations.AddField(
            model_name="dutyact",
            name="duty",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="done",
                to="identity.duty",
                verbose_name="duty",
            ),
        ),
        migrations.AddField(
            model_name="dutyact",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="dutyexception",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="asked by",
            ),
        ),
        migrations.AddField(
            model_name="dutyexception",
            name="first_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="first approval by",
            ),
        ),
        migrations.AddField(
            model_name="dutyexception",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="duty_exceptions",
                to="identity.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="dutyexception",
            name="second_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="second approval by",
            ),
        ),
        migrations.AddField(
            model_name="dutyrule",
            name="one",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.duty",
                verbose_name="one duty",
            ),
        ),
        migrations.AddField(
            model_name="dutyrule",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.duty",
                verbose_name="other duty",
            ),
        ),
        migrations.AddField(
            model_name="dutyexception",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exceptions",
                to="identity.dutyrule",
                verbose_name="separation of duties",
            ),
        ),
        migrations.AddField(
            model_name="recoverycode",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recovery_codes",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="accountlink_ends_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["user", "opened_at"], name="device_of_account"),
        ),
        migrations.AddConstraint(
            model_name="dutyact",
            constraint=models.UniqueConstraint(
                fields=("object_type", "object_id", "duty", "person"), name="dutyact_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyrule",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="dutyrule_once"),
        ),
        migrations.AddConstraint(
            model_name="dutyrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("one", models.F("other")), _negated=True), name="dutyrule_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyexception",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="dutyexception_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid__isempty", False),
                    ("valid__lower_inf", False),
                    ("valid__upper_inf", False),
                ),
                name="dutyexception_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyexception",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_by", models.F("person")), _negated=True),
                name="dutyexception_not_for_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_by__isnull", True),
                    models.Q(
                        models.Q(("first_by", models.F("person")), _negated=True),
                        models.Q(("first_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dutyexception_first_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_by__isnull", True),
                    models.Q(
                        ("first_by__isnull", False),
                        models.Q(("second_by", models.F("person")), _negated=True),
                        models.Q(("second_by", models.F("asked_by")), _negated=True),
                        models.Q(("second_by", models.F("first_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dutyexception_second_by_a_third",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("first_at__isnull", True),
                        ("first_by__isnull", True),
                        ("second_at__isnull", True),
                    ),
                    models.Q(("first_at__isnull", False), ("first_by__isnull", False)),
                    _connector="OR",
                ),
                name="dutyexception_approvals_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.UniqueConstraint(fields=("user", "digest"), name="recoverycode_once"),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                name="recoverycode_is_a_hash",
            ),
        ),
    ]

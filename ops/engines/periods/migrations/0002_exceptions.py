"""Leave to post into held or closed days."""

import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table."""

    dependencies = [
        ("periods", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("module", models.TextField(verbose_name="module")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        verbose_name="business days"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="until")),
                ("over_closed", models.BooleanField(verbose_name="over closed days")),
                ("reason", models.TextField(verbose_name="reason")),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                ("granted_by", models.TextField(verbose_name="granted by")),
                (
                    "granted_person_id",
                    models.BigIntegerField(null=True, verbose_name="granted by person"),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                (
                    "confirmed_by",
                    models.TextField(blank=True, default="", verbose_name="confirmed by"),
                ),
                (
                    "confirmed_person_id",
                    models.BigIntegerField(null=True, verbose_name="confirmed by person"),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("ended_by", models.TextField(blank=True, default="", verbose_name="ended by")),
            ],
            options={
                "verbose_name": "exception from a period",
                "verbose_name_plural": "exceptions from periods",
                "db_table": "periods_exception",
                "indexes": [models.Index(fields=["module", "until"], name="exception_of_module")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="exception_reason_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__isempty", False),
                            ("days__lower_inf", False),
                            ("days__upper_inf", False),
                        ),
                        name="exception_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("granted_at"))),
                        name="exception_ends_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("module", "ledger"), ("over_closed", True), _negated=True
                        ),
                        name="exception_never_into_a_closed_ledger",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True),
                                ("confirmed_person_id__isnull", True),
                            ),
                            models.Q(
                                ("confirmed_person_id__isnull", False),
                                ("granted_person_id__isnull", False),
                                models.Q(
                                    ("confirmed_person_id", models.F("granted_person_id")),
                                    _negated=True,
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="exception_confirmed_by_another",
                    ),
                ],
            },
        ),
    ]

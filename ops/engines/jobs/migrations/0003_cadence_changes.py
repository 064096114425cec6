"""Cadences that staff change from a day on, with a reason."""

from django.db import migrations, models

from ops.engines.kernel.ddl import append_only


class Migration(migrations.Migration):
    """The table, which is append-only."""

    dependencies = [("jobs", "0002_shards")]

    operations = [
        migrations.CreateModel(
            name="CadenceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job", models.TextField(verbose_name="job")),
                ("first", models.DateField(verbose_name="from")),
                ("last", models.DateField(null=True, verbose_name="to")),
                ("is_off", models.BooleanField(default=False, verbose_name="does not run")),
                ("time", models.TimeField(null=True, verbose_name="time")),
                ("day", models.SmallIntegerField(null=True, verbose_name="day")),
                ("minutes", models.IntegerField(null=True, verbose_name="minutes")),
                ("reason", models.TextField(verbose_name="reason")),
                ("by_name", models.TextField(verbose_name="by")),
                ("by_person_id", models.BigIntegerField(null=True, verbose_name="by person")),
                ("at", models.DateTimeField(verbose_name="set at")),
            ],
            options={
                "verbose_name": "change of a cadence",
                "verbose_name_plural": "changes of cadences",
                "db_table": "jobs_cadence_change",
            },
        ),
        migrations.AddIndex(
            model_name="cadencechange",
            index=models.Index(fields=["job", "id"], name="cadencechange_of_job"),
        ),
        migrations.AddConstraint(
            model_name="cadencechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="cadencechange_reason_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="cadencechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last__isnull", True), ("last__gte", models.F("first")), _connector="OR"
                ),
                name="cadencechange_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="cadencechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("day__isnull", True), ("minutes__isnull", True), ("time__isnull", True)
                    ),
                    models.Q(("is_off", False), ("minutes__isnull", True), ("time__isnull", False)),
                    models.Q(
                        ("day__isnull", True),
                        ("is_off", False),
                        ("minutes__gte", 1),
                        ("time__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="cadencechange_says_one_thing",
            ),
        ),
        append_only("jobs_cadence_change"),
    ]

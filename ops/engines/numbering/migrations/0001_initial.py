"""Counters that only go up."""

from django.db import migrations, models

from ops.engines.kernel.ddl import revoke, revoke_columns

RISES = """
CREATE FUNCTION numbering_counter_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a number counter only goes up'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_rises';
END $$;
CREATE TRIGGER counter_rises BEFORE UPDATE ON numbering_counter FOR EACH ROW
    WHEN (NEW.last <= OLD.last) EXECUTE FUNCTION numbering_counter_rises();
"""


class Migration(migrations.Migration):
    """The counters and what keeps them honest."""

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("series", models.TextField(verbose_name="series")),
                ("period", models.TextField(verbose_name="month")),
                ("last", models.BigIntegerField(verbose_name="last number")),
            ],
            options={
                "verbose_name": "number counter",
                "verbose_name_plural": "number counters",
                "constraints": [
                    models.UniqueConstraint(fields=("series", "period"), name="counter_once"),
                    models.CheckConstraint(
                        condition=models.Q(("series__regex", "^[A-Z][A-Z0-9]{0,11}$")),
                        name="counter_series_reads_as_prefix",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__regex", "^\\d{4}(0[1-9]|1[0-2])$")),
                        name="counter_period_is_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", 1)), name="counter_begins_at_one"
                    ),
                ],
            },
        ),
        revoke("numbering_counter", "DELETE"),
        revoke_columns("numbering_counter", updatable=("last",)),
        migrations.RunSQL(
            RISES,
            "DROP TRIGGER counter_rises ON numbering_counter;"
            "DROP FUNCTION numbering_counter_rises();",
        ),
    ]

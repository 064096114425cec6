"""Periods, the guard that posting tables call, and what nobody may do to a period."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

from ops.engines.kernel.ddl import revoke, revoke_columns

# One look per period touched, not per row. The lock is asked for again when the row it waited for
# was split meanwhile: the next look has a new snapshot and finds the piece that holds the day.
GUARD = """
CREATE FUNCTION periods_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    period record;
BEGIN
    EXECUTE format('SELECT min(%I) FROM inserted', TG_ARGV[1]) INTO day;
    WHILE day IS NOT NULL LOOP
        FOR look IN 1..3 LOOP
            SELECT state, days INTO period FROM periods_period
             WHERE module = TG_ARGV[0] AND days @> day FOR SHARE;
            EXIT WHEN FOUND;
        END LOOP;
        IF period.state IS DISTINCT FROM 'open' THEN
            RAISE EXCEPTION 'period_closed: % %', TG_ARGV[0], day
                USING ERRCODE = 'check_violation', CONSTRAINT = 'period_open',
                      TABLE = TG_TABLE_NAME;
        END IF;
        EXECUTE format('SELECT min(%I) FROM inserted WHERE %I >= $1', TG_ARGV[1], TG_ARGV[1])
           INTO day USING upper(period.days);
    END LOOP;
    RETURN NULL;
END $$;
"""

REOPENING = """
CREATE FUNCTION periods_reopening_needs_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a closed period is reopened with a reason, and never put on hold'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'period_reopening_needs_reason';
END $$;
CREATE TRIGGER period_reopening_needs_reason BEFORE UPDATE ON periods_period FOR EACH ROW
    WHEN (OLD.state = 'closed' AND (NEW.state = 'hold'
          OR NEW.state = 'open' AND NEW.reason = ''))
    EXECUTE FUNCTION periods_reopening_needs_reason();
"""


class Migration(migrations.Migration):
    """The table and its two guards."""

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Period",
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
                (
                    "state",
                    models.TextField(
                        choices=[("open", "open"), ("hold", "on hold"), ("closed", "closed")],
                        default="open",
                        verbose_name="state",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                ("closed_by", models.TextField(blank=True, default="", verbose_name="closed by")),
                (
                    "reason",
                    models.TextField(
                        blank=True, default="", verbose_name="reason of the last reopening or hold"
                    ),
                ),
            ],
            options={
                "verbose_name": "period",
                "verbose_name_plural": "periods",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("module", "="), ("days", "&&")], name="period_days_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "hold", "closed"])),
                        name="period_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__isempty", False),
                            ("days__lower_inf", False),
                            ("days__upper_inf", False),
                        ),
                        name="period_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                                models.Q(("closed_by", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by", ""),
                            ),
                            _connector="OR",
                        ),
                        name="period_closed_by_somebody",
                    ),
                ],
            },
        ),
        revoke("periods_period", "DELETE"),
        revoke_columns(
            "periods_period", updatable=("days", "state", "closed_at", "closed_by", "reason")
        ),
        migrations.RunSQL(GUARD, "DROP FUNCTION periods_guard();"),
        migrations.RunSQL(
            REOPENING,
            "DROP TRIGGER period_reopening_needs_reason ON periods_period;"
            "DROP FUNCTION periods_reopening_needs_reason();",
        ),
    ]

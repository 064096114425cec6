"""The posting guard lets through what an exception in force allows."""

from importlib import import_module

from django.db import migrations

from ops.engines.kernel.ddl import revoke, revoke_columns

BEFORE = import_module("ops.engines.periods.migrations.0001_initial").GUARD

# As before, and where a day is not open, one more look for leave to post. The exception's row is
# taken FOR SHARE, so taking it back waits for the posting. Its days may end before the period's.
GUARD = """
CREATE OR REPLACE FUNCTION periods_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    upto date;
    period record;
    leave daterange;
BEGIN
    EXECUTE format('SELECT min(%I) FROM inserted', TG_ARGV[1]) INTO day;
    WHILE day IS NOT NULL LOOP
        FOR look IN 1..3 LOOP
            SELECT state, days INTO period FROM periods_period
             WHERE module = TG_ARGV[0] AND days @> day FOR SHARE;
            EXIT WHEN FOUND;
        END LOOP;
        upto := upper(period.days);
        IF period.state IS DISTINCT FROM 'open' THEN
            SELECT x.days INTO leave FROM periods_exception x
             WHERE x.module = TG_ARGV[0] AND x.days @> day AND x.ended_at IS NULL
               AND x.until > clock_timestamp()
               AND (period.state = 'hold'
                    OR period.state = 'closed' AND x.over_closed AND x.confirmed_at IS NOT NULL)
             ORDER BY upper(x.days) DESC LIMIT 1 FOR SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'period_closed: % %', TG_ARGV[0], day
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'period_open',
                          TABLE = TG_TABLE_NAME;
            END IF;
            upto := least(upto, upper(leave));
        END IF;
        EXECUTE format('SELECT min(%I) FROM inserted WHERE %I >= $1', TG_ARGV[1], TG_ARGV[1])
           INTO day USING upto;
    END LOOP;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """The guard, and what the app may change about an exception."""

    dependencies = [("periods", "0002_exceptions")]

    operations = [
        revoke("periods_exception", "DELETE"),
        revoke_columns(
            "periods_exception",
            updatable=(
                "confirmed_at",
                "confirmed_by",
                "confirmed_person_id",
                "ended_at",
                "ended_by",
            ),
        ),
        migrations.RunSQL(GUARD, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]

"""What nobody may do to clocks, whatever code does it."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke, revoke_columns

# A row is the standing after its last event: looked at when the transaction commits, from both
# sides, so neither can be written without the other.
ROW = """
CREATE FUNCTION clocks_row_is_its_events() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    wanted bigint;
BEGIN
    IF TG_TABLE_NAME = 'clocks_event' THEN
        wanted := NEW.clock_id;
    ELSE
        wanted := NEW.id;
    END IF;
    IF NOT EXISTS (
        SELECT FROM clocks_clock c JOIN clocks_event e ON e.clock_id = c.id AND e.seq = c.seq
         WHERE c.id = wanted AND e.state = c.state AND e.due_at = c.due_at AND e.term = c.term
           AND NOT EXISTS (SELECT FROM clocks_event l WHERE l.clock_id = c.id AND l.seq > c.seq))
    THEN
        RAISE EXCEPTION 'clock % differs from its events', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clock_row_is_its_events';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER clock_row_is_its_events AFTER INSERT OR UPDATE ON clocks_clock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION clocks_row_is_its_events();
CREATE CONSTRAINT TRIGGER clockevent_reaches_its_row AFTER INSERT ON clocks_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION clocks_row_is_its_events();
"""
ROW_AGAIN = """
DROP TRIGGER clockevent_reaches_its_row ON clocks_event;
DROP TRIGGER clock_row_is_its_events ON clocks_clock;
DROP FUNCTION clocks_row_is_its_events();
"""

FINAL = """
CREATE FUNCTION clocks_ended_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a clock that has ended stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'clock_ended_is_final';
END $$;
CREATE TRIGGER clock_ended_is_final BEFORE UPDATE ON clocks_clock
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION clocks_ended_is_final();
"""
FINAL_AGAIN = """
DROP TRIGGER clock_ended_is_final ON clocks_clock;
DROP FUNCTION clocks_ended_is_final();
"""


class Migration(migrations.Migration):
    """Events and calendar days are append-only; a row is its events; an end is final."""

    dependencies = [("clocks", "0001_initial")]

    operations = [
        append_only("clocks_event"),
        append_only("clocks_day"),
        revoke("clocks_clock", "DELETE"),
        revoke_columns(
            "clocks_clock",
            updatable=(
                "seq",
                "state",
                "due_at",
                "round_at",
                "term",
                "reminded",
                "level",
                "changed_at",
                "ended_at",
                "next_at",
            ),
        ),
        migrations.RunSQL(ROW, ROW_AGAIN),
        migrations.RunSQL(FINAL, FINAL_AGAIN),
    ]

"""A person gives positions proved afresh: not one more, fewer or other than was proved (S13)."""

from django.db import migrations

# What the database knows of the actor is what the service says; a machine says no person.
NEEDS = """
CREATE FUNCTION identity_assignment_proved() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a position keeps the proof it was given by'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_keeps_proof';
    END IF;
    IF NEW.assertion_id IS NULL AND nullif(current_setting('guifan.actor', true), '')::jsonb
            ->> 'person_id' IS NOT NULL THEN
        RAISE EXCEPTION 'whoever gives a position proves to be there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_needs_proof';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_assignment_needs_proof BEFORE INSERT ON identity_assignment
    FOR EACH ROW EXECUTE FUNCTION identity_assignment_proved();
CREATE TRIGGER identity_assignment_keeps_proof BEFORE UPDATE ON identity_assignment
    FOR EACH ROW WHEN (NEW.assertion_id IS DISTINCT FROM OLD.assertion_id)
    EXECUTE FUNCTION identity_assignment_proved();
"""
NO_NEEDS = """
DROP TRIGGER identity_assignment_keeps_proof ON identity_assignment;
DROP TRIGGER identity_assignment_needs_proof ON identity_assignment;
DROP FUNCTION identity_assignment_proved();
"""

# At the end of the transaction, when all positions of one proof stand there.
MATCHES = """
CREATE FUNCTION identity_assignment_proof_matches() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM identity_assertion a
        WHERE a.id = NEW.assertion_id AND a.purpose = 'identity.give'
          AND a.person_id <> NEW.person_id
          AND a.made_at > clock_timestamp() - interval '5 minutes'
          AND a.payload_hash = (
              SELECT encode(sha256(convert_to(string_agg(
                  concat_ws(':', g.person_id, g.position_id, coalesce(g.department_id::text, ''),
                            to_char(lower(g.valid), 'YYYY-MM-DD'),
                            coalesce(to_char(upper(g.valid), 'YYYY-MM-DD'), ''),
                            coalesce(g.deputy_for_id::text, '')),
                  ',' ORDER BY g.id), 'UTF8')), 'hex')
              FROM identity_assignment g WHERE g.assertion_id = NEW.assertion_id)) THEN
        RAISE EXCEPTION 'the proof is old, spent, or for other positions'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_proof_matches';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER identity_assignment_proof_matches AFTER INSERT ON identity_assignment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.assertion_id IS NOT NULL)
    EXECUTE FUNCTION identity_assignment_proof_matches();
"""
NO_MATCHES = """
DROP TRIGGER identity_assignment_proof_matches ON identity_assignment;
DROP FUNCTION identity_assignment_proof_matches();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0107_assignment_assertion")]

    operations = [
        migrations.RunSQL(NEEDS, NO_NEEDS),
        migrations.RunSQL(MATCHES, NO_MATCHES),
    ]

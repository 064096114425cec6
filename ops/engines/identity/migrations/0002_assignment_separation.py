"""No person holds two positions that exclude each other, whoever writes the row."""

from django.db import migrations

_SQL = """
CREATE FUNCTION identity_assignment_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held_kind text;
    clash text;
BEGIN
    -- One grant at a time per person: two at once would not see each other.
    PERFORM 1 FROM identity_person WHERE id = NEW.person_id FOR NO KEY UPDATE;

    SELECT kind INTO held_kind FROM identity_position WHERE id = NEW.position_id;
    IF held_kind NOT IN ('staff', 'external') THEN
        RAISE EXCEPTION 'this position is no person''s'
            USING ERRCODE = 'check_violation', TABLE = 'identity_assignment',
                  CONSTRAINT = 'assignment_position_assignable';
    END IF;

    SELECT c.reason INTO clash
    FROM identity_assignment a
    JOIN identity_positionconflict c
      ON (c.one_id = a.position_id AND c.other_id = NEW.position_id)
      OR (c.other_id = a.position_id AND c.one_id = NEW.position_id)
    WHERE a.person_id = NEW.person_id AND a.id <> NEW.id AND a.valid && NEW.valid
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'positions exclude each other: %', clash
            USING ERRCODE = 'check_violation', TABLE = 'identity_assignment',
                  CONSTRAINT = 'assignment_positions_separate';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER identity_assignment_check AFTER INSERT OR UPDATE ON identity_assignment
    FOR EACH ROW EXECUTE FUNCTION identity_assignment_check();
"""

_UNDO = """
DROP TRIGGER identity_assignment_check ON identity_assignment;
DROP FUNCTION identity_assignment_check();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [migrations.RunSQL(_SQL, _UNDO)]

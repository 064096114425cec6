"""Three administrators hold nothing else; both sides of a duty need leave from two others."""

from django.db import migrations

_SQL = """
CREATE FUNCTION identity_assignment_apart() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    clash text;
BEGIN
    -- The person is locked already by identity_assignment_check, which fires before this one.
    SELECT h.key INTO clash
    FROM identity_assignment a
    JOIN identity_position h ON h.id = a.position_id
    JOIN identity_position n ON n.id = NEW.position_id
    WHERE a.person_id = NEW.person_id AND a.id <> NEW.id AND a.valid && NEW.valid
      AND h.id <> n.id AND (h.administers <> '' OR n.administers <> '')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an administrator holds no other position: %', clash
            USING ERRCODE = 'check_violation', TABLE = 'identity_assignment',
                  CONSTRAINT = 'assignment_administrators_apart';
    END IF;

    WITH held AS (
        SELECT a.position_id, a.valid * NEW.valid AS days
        FROM identity_assignment a
        WHERE a.person_id = NEW.person_id AND a.id <> NEW.id AND a.valid && NEW.valid
    )
    SELECT r.key INTO clash
    FROM identity_dutyrule r
    JOIN identity_duty_positions n ON n.position_id = NEW.position_id
                                  AND n.duty_id IN (r.one_id, r.other_id)
    JOIN identity_duty_positions o ON o.duty_id IN (r.one_id, r.other_id) AND o.duty_id <> n.duty_id
    JOIN held h ON h.position_id = o.position_id
    WHERE NOT EXISTS (
              -- A position that carries both by the register: kept apart on each matter instead.
              SELECT FROM identity_duty_positions b
              JOIN identity_duty_positions c ON c.position_id = b.position_id
              WHERE b.duty_id = r.one_id AND c.duty_id = r.other_id
                AND b.position_id IN (NEW.position_id, h.position_id))
      AND NOT EXISTS (
              SELECT FROM identity_dutyexception e
              WHERE e.rule_id = r.id AND e.person_id = NEW.person_id
                AND e.second_by_id IS NOT NULL AND e.revoked_at IS NULL AND e.valid @> h.days)
    ORDER BY r.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'one person would hold both sides of %', clash
            USING ERRCODE = 'check_violation', TABLE = 'identity_assignment',
                  CONSTRAINT = 'assignment_duties_apart';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER identity_assignment_keep_apart AFTER INSERT OR UPDATE ON identity_assignment
    FOR EACH ROW EXECUTE FUNCTION identity_assignment_apart();

CREATE FUNCTION identity_administrator_rights() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM identity_positionright r
        JOIN identity_position p ON p.id = r.position_id AND p.administers <> ''
        WHERE r.area IN ('catalog', 'inventory', 'customers', 'marketing', 'finance')
          AND (r.letters ~ '[Pp]' OR (r.letters ~ '[CcAa]' AND r.note = ''))
    ) THEN
        RAISE EXCEPTION 'an administrator does no business'
            USING ERRCODE = 'check_violation', TABLE = 'identity_positionright',
                  CONSTRAINT = 'positionright_administrator_no_business';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER identity_administrator_rights AFTER INSERT OR UPDATE ON identity_positionright
    FOR EACH STATEMENT EXECUTE FUNCTION identity_administrator_rights();
CREATE TRIGGER identity_administrator_rights AFTER UPDATE ON identity_position
    FOR EACH STATEMENT EXECUTE FUNCTION identity_administrator_rights();
"""

_UNDO = """
DROP TRIGGER identity_administrator_rights ON identity_position;
DROP TRIGGER identity_administrator_rights ON identity_positionright;
DROP FUNCTION identity_administrator_rights();
DROP TRIGGER identity_assignment_keep_apart ON identity_assignment;
DROP FUNCTION identity_assignment_apart();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0102_register_of_duties")]

    operations = [migrations.RunSQL(_SQL, _UNDO)]

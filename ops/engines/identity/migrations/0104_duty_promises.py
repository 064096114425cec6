"""The opposite duty on one matter is refused; an exception is asked, approved twice, and ends."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

_SQL = """
CREATE FUNCTION identity_dutyact_check() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    clash text;
BEGIN
    -- One act at a time on a matter: two at once would not see each other.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.object_type || ':' || NEW.object_id, 24));
    SELECT r.key INTO clash
    FROM identity_dutyact a
    JOIN identity_dutyrule r ON (r.one_id = NEW.duty_id AND r.other_id = a.duty_id)
                             OR (r.other_id = NEW.duty_id AND r.one_id = a.duty_id)
    WHERE a.object_type = NEW.object_type AND a.object_id = NEW.object_id
      AND a.person_id = NEW.person_id
      AND NOT EXISTS (
              SELECT FROM identity_dutyexception e
              WHERE e.rule_id = r.id AND e.person_id = NEW.person_id
                AND e.second_by_id IS NOT NULL AND e.revoked_at IS NULL
                AND e.valid @> (NEW.at AT TIME ZONE 'Asia/Shanghai')::date)
    ORDER BY r.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'one person did the other side of % already', clash
            USING ERRCODE = 'check_violation', TABLE = 'identity_dutyact',
                  CONSTRAINT = 'dutyact_two_persons';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_dutyact_check BEFORE INSERT ON identity_dutyact
    FOR EACH ROW EXECUTE FUNCTION identity_dutyact_check();

CREATE FUNCTION identity_dutyexception_check() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.first_by_id IS NOT NULL OR NEW.second_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'an exception is asked for before it is approved'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'dutyexception_asked_first';
        END IF;
        IF upper(NEW.valid) - lower(NEW.valid) > 92 THEN
            RAISE EXCEPTION 'an exception lasts at most 92 days'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'dutyexception_is_short';
        END IF;
    ELSIF (NEW.person_id, NEW.rule_id, NEW.valid, NEW.reason, NEW.asked_by_id, NEW.asked_at)
              IS DISTINCT FROM
          (OLD.person_id, OLD.rule_id, OLD.valid, OLD.reason, OLD.asked_by_id, OLD.asked_at)
       OR (OLD.first_by_id IS NOT NULL AND NEW.first_by_id IS DISTINCT FROM OLD.first_by_id)
       OR (OLD.second_by_id IS NOT NULL AND NEW.second_by_id IS DISTINCT FROM OLD.second_by_id)
       OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
       OR (OLD.first_by_id IS NULL AND NEW.second_by_id IS NOT NULL) THEN
        RAISE EXCEPTION 'what was asked and approved stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dutyexception_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION identity_used_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.used_at IS NOT NULL
       OR (NEW.user_id, NEW.digest) IS DISTINCT FROM (OLD.user_id, OLD.digest) THEN
        RAISE EXCEPTION 'what was used stays used'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = TG_TABLE_NAME || '_used_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_recoverycode_used BEFORE UPDATE ON identity_recoverycode
    FOR EACH ROW EXECUTE FUNCTION identity_used_stays();
CREATE TRIGGER identity_accountlink_used BEFORE UPDATE ON identity_accountlink
    FOR EACH ROW EXECUTE FUNCTION identity_used_stays();
CREATE TRIGGER identity_dutyexception_check BEFORE INSERT OR UPDATE ON identity_dutyexception
    FOR EACH ROW EXECUTE FUNCTION identity_dutyexception_check();
"""

_UNDO = """
DROP TRIGGER identity_accountlink_used ON identity_accountlink;
DROP TRIGGER identity_recoverycode_used ON identity_recoverycode;
DROP FUNCTION identity_used_stays();
DROP TRIGGER identity_dutyexception_check ON identity_dutyexception;
DROP FUNCTION identity_dutyexception_check();
DROP TRIGGER identity_dutyact_check ON identity_dutyact;
DROP FUNCTION identity_dutyact_check();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0103_administrators_apart")]

    operations = [
        append_only("identity_dutyact"),
        revoke("identity_dutyexception", "DELETE, TRUNCATE"),
        migrations.RunSQL(_SQL, _UNDO),
    ]

"""An answer about a right stays as it was signed; no line disappears."""

from django.db import migrations

from ops.engines.kernel.ddl import permanent, revoke

_SQL = """
CREATE FUNCTION organisation_answer_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.verdict <> 'pending' OR
       (NEW.review_id, NEW.person_id, NEW.reviewer_id, NEW.kind, NEW.assignment_id, NEW.user_id,
        NEW.scope_kind, NEW.scope_id, NEW.right_zh, NEW.right_en, NEW.is_protected)
       IS DISTINCT FROM
       (OLD.review_id, OLD.person_id, OLD.reviewer_id, OLD.kind, OLD.assignment_id, OLD.user_id,
        OLD.scope_kind, OLD.scope_id, OLD.right_zh, OLD.right_en, OLD.is_protected) THEN
        RAISE EXCEPTION 'an answer stays as it was signed'
            USING ERRCODE = 'check_violation', TABLE = 'organisation_accessreviewline',
                  CONSTRAINT = 'reviewline_answer_stays';
    END IF;
    IF NEW.verdict = 'lapsed' AND NOT EXISTS (
        SELECT FROM organisation_accessreview r
        WHERE r.id = NEW.review_id AND r.escalated_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a right lapses only after reminders and an escalation'
            USING ERRCODE = 'check_violation', TABLE = 'organisation_accessreviewline',
                  CONSTRAINT = 'reviewline_lapses_after_escalation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER organisation_answer_stays BEFORE UPDATE ON organisation_accessreviewline
    FOR EACH ROW EXECUTE FUNCTION organisation_answer_stays();
"""
_UNDO = """
DROP TRIGGER organisation_answer_stays ON organisation_accessreviewline;
DROP FUNCTION organisation_answer_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_access_reviews")]

    operations = [
        migrations.RunSQL(_SQL, _UNDO),
        *(
            operation
            for table in ("organisation_accessreview", "organisation_accessreviewline")
            for operation in (permanent(table), revoke(table, "DELETE, TRUNCATE"))
        ),
    ]

"""Versions go their course, their words stay, and nothing is in force without its approval."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.kernel.ddl import append_only, revoke

COURSE = """
CREATE FUNCTION documents_version_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a version begins as a draft'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'documentversion_begins_as_draft';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
            ('draft', 'review'), ('review', 'draft'), ('review', 'approved'),
            ('approved', 'effective'), ('effective', 'superseded'), ('effective', 'abolished')) THEN
        RAISE EXCEPTION 'a version does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'documentversion_course';
    END IF;
    IF OLD.state <> 'draft' AND (OLD.text, OLD.reason, OLD.impact, OLD.digest, OLD.number,
            OLD.document_id, OLD.drafted_by_id, OLD.drafted_at, OLD.expires_on)
        IS DISTINCT FROM (NEW.text, NEW.reason, NEW.impact, NEW.digest, NEW.number,
            NEW.document_id, NEW.drafted_by_id, NEW.drafted_at, NEW.expires_on) THEN
        RAISE EXCEPTION 'the words of a version that was handed in stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'documentversion_words_stay';
    END IF;
    IF OLD.approval_id IS NOT NULL AND (OLD.approval_id, OLD.published_at, OLD.effective_on)
        IS DISTINCT FROM (NEW.approval_id, NEW.published_at, NEW.effective_on) THEN
        RAISE EXCEPTION 'what was published stays published'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'documentversion_words_stay';
    END IF;
    IF NEW.abolition_id IS NOT NULL AND NEW.abolition_id IS DISTINCT FROM OLD.abolition_id
        AND NOT EXISTS (
            SELECT FROM approvals_request r
             WHERE r.id = NEW.abolition_id AND r.flow = 'rule_document' AND r.state = 'approved'
               AND r.subject_id = NEW.id AND r.content ->> 'action' = 'abolish') THEN
        RAISE EXCEPTION 'an abolition needs its approved request'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'documentversion_needs_abolition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_version_course BEFORE INSERT OR UPDATE ON documents_documentversion
    FOR EACH ROW EXECUTE FUNCTION documents_version_course();
"""
NO_COURSE = """
DROP TRIGGER documents_version_course ON documents_documentversion;
DROP FUNCTION documents_version_course();
"""
# Read means the words: a reading cites the digest of the version it is about.
SAME = """
CREATE FUNCTION documents_reading_cites() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM documents_documentversion v
                    WHERE v.id = NEW.version_id AND v.digest = NEW.digest
                      AND v.state = 'effective') THEN
        RAISE EXCEPTION 'a reading cites the words in force'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'documentreading_cites_words';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_reading_cites BEFORE INSERT ON documents_documentreading
    FOR EACH ROW EXECUTE FUNCTION documents_reading_cites();
"""
NO_SAME = """
DROP TRIGGER documents_reading_cites ON documents_documentreading;
DROP FUNCTION documents_reading_cites();
"""


class Migration(migrations.Migration):
    """Promises of the library, in the database."""

    dependencies = [("documents", "0001_initial"), ("approvals", "0002_promises")]

    operations = [
        migrations.RunSQL(COURSE, NO_COURSE),
        migrations.RunSQL(SAME, NO_SAME),
        guard_by_approval(
            "documents_documentversion",
            "rule_document",
            line_sql="jsonb_build_object('version', n.id, 'digest', n.digest)",
            line_key="version",
            when_sql="n.state IN ('approved', 'effective', 'superseded', 'abolished')",
        ),
        append_only("documents_documentreading"),
        append_only("documents_interpretation"),
        revoke("documents_documentversion", "DELETE"),
        revoke("documents_ruledocument", "DELETE"),
    ]

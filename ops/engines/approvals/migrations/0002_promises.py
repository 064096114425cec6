"""What approvals promise, kept by the database itself."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

HASH = """
ALTER TABLE approvals_request ADD CONSTRAINT request_hash_is_of_document
    CHECK (content_hash = encode(sha256(convert_to(document, 'UTF8')), 'hex'));
ALTER TABLE approvals_request ADD CONSTRAINT request_asks_something
    CHECK (jsonb_typeof(document::jsonb -> 'content') = 'object'
           AND jsonb_typeof(document::jsonb -> 'figures') = 'object');
"""
NO_HASH = """
ALTER TABLE approvals_request DROP CONSTRAINT request_asks_something;
ALTER TABLE approvals_request DROP CONSTRAINT request_hash_is_of_document;
"""

# A decision repeats who asked and what was asked, and only a named person decides.
PAIRS = """
ALTER TABLE approvals_decision
    ADD CONSTRAINT decision_cites_requester FOREIGN KEY (request_id, requester_person_id)
        REFERENCES approvals_request (id, requester_person_id),
    ADD CONSTRAINT decision_cites_content FOREIGN KEY (request_id, content_hash)
        REFERENCES approvals_request (id, content_hash),
    ADD CONSTRAINT decision_by_named_person FOREIGN KEY (request_id, step, decider_person_id)
        REFERENCES approvals_approver (request_id, step, person_id);
"""
NO_PAIRS = """
ALTER TABLE approvals_decision
    DROP CONSTRAINT decision_by_named_person,
    DROP CONSTRAINT decision_cites_content,
    DROP CONSTRAINT decision_cites_requester;
"""

COURSE = """
CREATE FUNCTION approvals_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION approvals_request_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'ordinary' AND NEW.state <> 'submitted' THEN
        PERFORM approvals_refuse('request_starts_submitted', 'a request starts as submitted');
    END IF;
    IF NEW.kind = 'ordinary' AND (NEW.step <> 0 OR jsonb_array_length(NEW.steps) = 0
            OR (NEW.steps -> -1 ->> 'opinion')::boolean) THEN
        PERFORM approvals_refuse('request_ends_in_decision', 'a request needs a deciding step');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_request_starts BEFORE INSERT ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_request_starts();

CREATE FUNCTION approvals_request_course() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given integer;
BEGIN
    IF ROW(NEW.id, NEW.flow, NEW.kind, NEW.subject_type, NEW.subject_id, NEW.number, NEW.title,
           NEW.document, NEW.content_hash, NEW.scope_ids, NEW.department_id,
           NEW.requester_person_id, NEW.requester_user_id, NEW.requester_name, NEW.submitted_at,
           NEW.steps)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.flow, OLD.kind, OLD.subject_type, OLD.subject_id, OLD.number, OLD.title,
           OLD.document, OLD.content_hash, OLD.scope_ids, OLD.department_id,
           OLD.requester_person_id, OLD.requester_user_id, OLD.requester_name, OLD.submitted_at,
           OLD.steps) THEN
        PERFORM approvals_refuse('request_content_fixed', 'what was asked cannot change');
    END IF;
    IF OLD.state <> 'submitted' THEN
        PERFORM approvals_refuse('request_closed_for_good', 'a closed request stays as it is');
    END IF;
    SELECT count(*) INTO given FROM approvals_decision d
    WHERE d.request_id = NEW.id AND d.content_hash = NEW.content_hash
      AND d.verdict IN ('approve', 'opinion');
    IF NEW.step < OLD.step OR NEW.step > given OR NEW.step >= jsonb_array_length(NEW.steps) THEN
        PERFORM approvals_refuse('request_steps_in_order', 'a step follows its decision');
    END IF;
    IF NEW.state = 'approved' AND given <> jsonb_array_length(NEW.steps) THEN
        PERFORM approvals_refuse(
            'request_approved_by_decisions', 'approved without the decisions it needs');
    END IF;
    IF NEW.state = 'returned' AND NOT EXISTS (
            SELECT FROM approvals_decision d WHERE d.request_id = NEW.id AND d.verdict = 'return')
    THEN
        PERFORM approvals_refuse('request_returned_by_decision', 'returned without a decision');
    END IF;
    IF NEW.state = 'withdrawn' AND EXISTS (
            SELECT FROM approvals_decision d WHERE d.request_id = NEW.id) THEN
        PERFORM approvals_refuse('request_withdrawn_in_time', 'withdrawn after a decision');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_request_course BEFORE UPDATE ON approvals_request
    FOR EACH ROW EXECUTE FUNCTION approvals_request_course();

CREATE FUNCTION approvals_request_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM approvals_refuse('request_stays', 'a request is never deleted');
    RETURN NULL;
END $$;
CREATE TRIGGER approvals_request_stays BEFORE DELETE OR TRUNCATE ON approvals_request
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_request_stays();

CREATE FUNCTION approvals_decision_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked approvals_request%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM approvals_request r WHERE r.id = NEW.request_id FOR NO KEY UPDATE;
    IF asked.state <> 'submitted' OR NEW.step <> asked.step THEN
        PERFORM approvals_refuse('decision_on_current_step', 'only the current step is decided');
    END IF;
    IF NEW.verdict <> 'return'
       AND (NEW.verdict = 'opinion') <> (asked.steps -> NEW.step::int ->> 'opinion')::boolean THEN
        PERFORM approvals_refuse('decision_fits_step', 'an opinion step takes an opinion');
    END IF;
    IF NEW.figures <> asked.figures THEN
        PERFORM approvals_refuse('decision_repeats_figures', 'other figures than those shown');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_decision_in_order BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_decision_in_order();
"""
NO_COURSE = """
DROP TRIGGER approvals_decision_in_order ON approvals_decision;
DROP FUNCTION approvals_decision_in_order();
DROP TRIGGER approvals_request_stays ON approvals_request;
DROP FUNCTION approvals_request_stays();
DROP TRIGGER approvals_request_course ON approvals_request;
DROP FUNCTION approvals_request_course();
DROP TRIGGER approvals_request_starts ON approvals_request;
DROP FUNCTION approvals_request_starts();
DROP FUNCTION approvals_refuse(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [
        migrations.RunSQL(HASH, NO_HASH),
        migrations.RunSQL(PAIRS, NO_PAIRS),
        migrations.RunSQL(COURSE, NO_COURSE),
        append_only("approvals_approver"),
        append_only("approvals_decision"),
        revoke("approvals_request", "DELETE"),
    ]

"""What the wider routes promise, kept by the database itself."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

# A proof is cited with its person and its payload; Django's own unique columns make it single use.
PROOFS = """
ALTER TABLE approvals_decision ADD CONSTRAINT decision_cites_proof
    FOREIGN KEY (assertion_id, decider_person_id, content_hash)
    REFERENCES identity_assertion (id, person_id, payload_hash);
ALTER TABLE approvals_request ADD CONSTRAINT request_cites_proof
    FOREIGN KEY (assertion_id, requester_person_id, content_hash)
    REFERENCES identity_assertion (id, person_id, payload_hash);
"""
NO_PROOFS = """
ALTER TABLE approvals_request DROP CONSTRAINT request_cites_proof;
ALTER TABLE approvals_decision DROP CONSTRAINT decision_cites_proof;
"""

# Every function pins its search path: a temporary table of the same name decides nothing.
HELPERS = """
CREATE FUNCTION approvals_steps_done(request bigint, hash text, steps jsonb) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(min(s.place) - 1, jsonb_array_length(steps))
    FROM jsonb_array_elements(steps) WITH ORDINALITY AS s(step, place)
    WHERE coalesce((s.step ->> 'needed')::int, 1) > (
        SELECT count(*) FROM approvals_decision d
        WHERE d.request_id = request AND d.step = s.place - 1 AND d.content_hash = hash
          AND d.verdict IN ('approve', 'opinion'))
$$;

CREATE FUNCTION approvals_proof_is_fresh(proof bigint, for_what text) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM identity_assertion a
        WHERE a.id = proof AND a.purpose = for_what
          AND a.made_at > clock_timestamp() - interval '5 minutes')
$$;

ALTER FUNCTION approvals_refuse(text, text) SET search_path = public, pg_temp;
ALTER FUNCTION approvals_request_stays() SET search_path = public, pg_temp;
"""
NO_HELPERS = """
ALTER FUNCTION approvals_request_stays() RESET search_path;
ALTER FUNCTION approvals_refuse(text, text) RESET search_path;
DROP FUNCTION approvals_proof_is_fresh(bigint, text);
DROP FUNCTION approvals_steps_done(bigint, text, jsonb);
"""

STARTS = """
CREATE OR REPLACE FUNCTION approvals_request_starts() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.kind <> 'ordinary' THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'submitted' THEN
        PERFORM approvals_refuse('request_starts_submitted', 'a request starts as submitted');
    END IF;
    IF NEW.step <> 0 OR jsonb_array_length(NEW.steps) = 0
            OR coalesce((NEW.steps -> -1 ->> 'opinion')::boolean, true) THEN
        PERFORM approvals_refuse('request_ends_in_decision', 'a request needs a deciding step');
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(NEW.steps) s(step)
               WHERE coalesce((s.step ->> 'needed')::int, 1) < 1) THEN
        PERFORM approvals_refuse('request_steps_need_somebody', 'a step needs a person');
    END IF;
    IF NEW.assertion_id IS NULL AND EXISTS (
            SELECT FROM approvals_stepuprule u WHERE u.flow = NEW.flow AND u.on_request) THEN
        PERFORM approvals_refuse('request_needs_proof', 'the requester is not proved');
    END IF;
    IF NEW.assertion_id IS NOT NULL
       AND NOT approvals_proof_is_fresh(NEW.assertion_id, 'approvals.request') THEN
        PERFORM approvals_refuse('request_proof_fresh', 'the proof is old or for something else');
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM approvals_request o
            WHERE o.id = NEW.replaces_id AND o.state = 'voided' AND o.flow = NEW.flow
              AND (o.subject_type, o.subject_id) = (NEW.subject_type, NEW.subject_id)
              AND (o.requester_person_id = NEW.requester_person_id
                   OR NEW.barred_person_ids @> to_jsonb(o.requester_person_id))) THEN
        PERFORM approvals_refuse('request_replaces_voided', 'it replaces nothing that was voided');
    END IF;
    RETURN NEW;
END $$;
"""

COURSE = """
CREATE OR REPLACE FUNCTION approvals_request_course() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    done bigint;
BEGIN
    IF ROW(NEW.id, NEW.flow, NEW.kind, NEW.subject_type, NEW.subject_id, NEW.number, NEW.title,
           NEW.document, NEW.content_hash, NEW.scope_ids, NEW.department_id,
           NEW.requester_person_id, NEW.requester_user_id, NEW.requester_name, NEW.submitted_at,
           NEW.steps, NEW.barred_person_ids, NEW.counted_key, NEW.counted_amount,
           NEW.assertion_id, NEW.replaces_id)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.flow, OLD.kind, OLD.subject_type, OLD.subject_id, OLD.number, OLD.title,
           OLD.document, OLD.content_hash, OLD.scope_ids, OLD.department_id,
           OLD.requester_person_id, OLD.requester_user_id, OLD.requester_name, OLD.submitted_at,
           OLD.steps, OLD.barred_person_ids, OLD.counted_key, OLD.counted_amount,
           OLD.assertion_id, OLD.replaces_id) THEN
        PERFORM approvals_refuse('request_content_fixed', 'what was asked cannot change');
    END IF;
    IF OLD.state <> 'submitted' AND NOT (OLD.state = 'approved' AND NEW.state = 'voided') THEN
        PERFORM approvals_refuse('request_closed_for_good', 'a closed request stays as it is');
    END IF;
    done := approvals_steps_done(NEW.id, NEW.content_hash, NEW.steps);
    IF NEW.step < OLD.step OR NEW.step > done OR NEW.step >= jsonb_array_length(NEW.steps) THEN
        PERFORM approvals_refuse('request_steps_in_order', 'a step follows its decision');
    END IF;
    IF NEW.state = 'approved' AND done <> jsonb_array_length(NEW.steps) THEN
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

CREATE FUNCTION approvals_request_voided() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM approvals_request r WHERE r.replaces_id = NEW.id) THEN
        PERFORM approvals_refuse('request_voided_by_change', 'voided, and nothing takes its place');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approvals_request_voided AFTER UPDATE ON approvals_request
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'voided') EXECUTE FUNCTION approvals_request_voided();
"""

DECISIONS = """
CREATE OR REPLACE FUNCTION approvals_decision_in_order() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    asked approvals_request%ROWTYPE;
    wanted jsonb;
BEGIN
    SELECT * INTO asked FROM approvals_request r WHERE r.id = NEW.request_id FOR NO KEY UPDATE;
    wanted := asked.steps -> NEW.step::int;
    -- Two hosts' clocks may differ a little; nobody decides on a day before it was asked.
    IF asked.state <> 'submitted' OR NEW.step <> asked.step
            OR NEW.at < asked.submitted_at - interval '1 minute' THEN
        PERFORM approvals_refuse('decision_on_current_step', 'only the current step is decided');
    END IF;
    IF NEW.verdict <> 'return'
       AND (NEW.verdict = 'opinion') <> coalesce((wanted ->> 'opinion')::boolean, false) THEN
        PERFORM approvals_refuse('decision_fits_step', 'an opinion step takes an opinion');
    END IF;
    IF NEW.figures <> asked.figures THEN
        PERFORM approvals_refuse('decision_repeats_figures', 'other figures than those shown');
    END IF;
    IF asked.barred_person_ids @> to_jsonb(NEW.decider_person_id)
       OR asked.barred_person_ids @> to_jsonb(NEW.deputy_for_id) THEN
        PERFORM approvals_refuse('decision_not_by_barred', 'this person took part in the matter');
    END IF;
    IF (SELECT count(*) FROM approvals_decision d
        WHERE d.request_id = NEW.request_id AND d.step = NEW.step)
       >= coalesce((wanted ->> 'needed')::int, 1) THEN
        PERFORM approvals_refuse('decision_once_per_step', 'the step has the decisions it needs');
    END IF;
    IF EXISTS (SELECT FROM approvals_decision d
               WHERE d.request_id = NEW.request_id
                 AND (d.deputy_for_id IN (NEW.decider_person_id, NEW.deputy_for_id)
                      OR d.decider_person_id = NEW.deputy_for_id)) THEN
        PERFORM approvals_refuse('decision_once_per_place', 'a deputy decides instead, not beside');
    END IF;
    IF NEW.assertion_id IS NULL AND NEW.verdict <> 'return'
       AND (coalesce((wanted ->> 'step_up')::boolean, false) OR EXISTS (
            SELECT FROM approvals_stepuprule u WHERE u.flow = asked.flow AND u.on_decision)) THEN
        PERFORM approvals_refuse('decision_needs_proof', 'the decider is not proved');
    END IF;
    IF NEW.assertion_id IS NOT NULL
       AND NOT approvals_proof_is_fresh(NEW.assertion_id, 'approvals.decide') THEN
        PERFORM approvals_refuse('decision_proof_fresh', 'the proof is old or for something else');
    END IF;
    RETURN NEW;
END $$;

-- Fires after the foreign keys, whose refusals say more.
CREATE FUNCTION approvals_decision_by_holder() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
            SELECT FROM identity_assignment a
            JOIN identity_position p ON p.id = a.position_id AND p.key = NEW.role
            WHERE a.person_id = NEW.decider_person_id
              AND a.valid @> (NEW.at AT TIME ZONE 'Asia/Shanghai')::date
              AND a.deputy_for_id IS NOT DISTINCT FROM NEW.deputy_for_id
              AND a.deputy_for_id IS DISTINCT FROM NEW.requester_person_id) THEN
        PERFORM approvals_refuse('decision_by_holder', 'the position was not held on the day');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER zz_approvals_decision_by_holder AFTER INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_decision_by_holder();
"""
NOT_AGAIN = """
DROP TRIGGER zz_approvals_decision_by_holder ON approvals_decision;
DROP FUNCTION approvals_decision_by_holder();
DROP TRIGGER approvals_request_voided ON approvals_request;
DROP FUNCTION approvals_request_voided();
"""

# Guards made before their template pinned its path; on a new database there are none yet.
GUARDS = r"""
DO $$
DECLARE
    guard regprocedure;
BEGIN
    FOR guard IN SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE '%\_needs\_%'
          AND p.prorettype = 'trigger'::regtype AND p.proconfig IS NULL
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', guard);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_wider_routes")]

    operations = [
        migrations.RunSQL(HELPERS, NO_HELPERS),
        migrations.RunSQL(PROOFS, NO_PROOFS),
        migrations.RunSQL(STARTS, migrations.RunSQL.noop),
        migrations.RunSQL(COURSE + DECISIONS, NOT_AGAIN),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        append_only("approvals_comment"),
        revoke("approvals_stepuprule", "INSERT, UPDATE, DELETE"),
        revoke("approvals_question", "DELETE"),
    ]

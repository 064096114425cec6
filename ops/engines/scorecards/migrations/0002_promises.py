"""What cards promise, kept by the database itself: results add up, hands stay apart."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, permanent

VERSIONS = """
CREATE FUNCTION scorecards_weights_make_100(content jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum(value::numeric) = 100 AND min(value::numeric) > 0, false)
      FROM jsonb_each_text(content -> 'weights')
$$;
CREATE FUNCTION scorecards_grades_leave_no_gap(content jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(min(least) = 0 AND max(least) <= 100 AND bool_and(falls)
                    AND count(DISTINCT letter) = count(*), false)
      FROM (SELECT g ->> 0 AS letter, (g ->> 1)::numeric AS least,
                   (g ->> 1)::numeric < coalesce(lag((g ->> 1)::numeric) OVER (ORDER BY n), 101)
                       AS falls
              FROM jsonb_array_elements(content -> 'grades') WITH ORDINALITY AS t(g, n)) s
$$;
ALTER TABLE scorecards_version
    ADD CONSTRAINT version_weights_make_100 CHECK (scorecards_weights_make_100(content)),
    ADD CONSTRAINT version_grades_leave_no_gap CHECK (scorecards_grades_leave_no_gap(content));
"""
NO_VERSIONS = """
ALTER TABLE scorecards_version
    DROP CONSTRAINT version_grades_leave_no_gap, DROP CONSTRAINT version_weights_make_100;
DROP FUNCTION scorecards_grades_leave_no_gap(jsonb);
DROP FUNCTION scorecards_weights_make_100(jsonb);
"""
COURSE = """
CREATE FUNCTION scorecards_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION scorecards_card_starts() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state <> 'open' THEN
        PERFORM scorecards_refuse('card_starts_open', 'a card starts open');
    END IF;
    IF NEW.revises_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM scorecards_card o WHERE o.id = NEW.revises_id AND o.state = 'revised'
               AND (o.scorecard, o.subject_type, o.subject_id, o.period, o.revision + 1)
                 = (NEW.scorecard, NEW.subject_type, NEW.subject_id, NEW.period, NEW.revision))
    THEN
        PERFORM scorecards_refuse('card_replaces_its_own', 'a revision replaces its own card');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scorecards_card_starts BEFORE INSERT ON scorecards_card
    FOR EACH ROW EXECUTE FUNCTION scorecards_card_starts();

CREATE FUNCTION scorecards_card_course() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF ROW(NEW.id, NEW.scorecard, NEW.subject_type, NEW.subject_id, NEW.subject_name,
           NEW.subject_person_id, NEW.scope_id, NEW.period, NEW.first_on, NEW.last_on,
           NEW.version_id, NEW.revision, NEW.revises_id, NEW.opened_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.scorecard, OLD.subject_type, OLD.subject_id, OLD.subject_name,
           OLD.subject_person_id, OLD.scope_id, OLD.period, OLD.first_on, OLD.last_on,
           OLD.version_id, OLD.revision, OLD.revises_id, OLD.opened_at) THEN
        PERFORM scorecards_refuse('card_keeps_its_subject', 'whom a card judges never changes');
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
            ('open', 'marked'), ('marked', 'open'), ('marked', 'confirmed'),
            ('confirmed', 'published'), ('confirmed', 'final'),
            ('published', 'objected'), ('published', 'final'),
            ('objected', 'final'), ('objected', 'revised')) THEN
        PERFORM scorecards_refuse('card_step_allowed',
            format('a card does not go from %s to %s', OLD.state, NEW.state));
    END IF;
    IF OLD.state NOT IN ('open', 'marked') AND
       ROW(NEW.score, NEW.grade, NEW.computed_at, NEW.confirmed_by, NEW.confirmed_at, NEW.comment)
       IS DISTINCT FROM
       ROW(OLD.score, OLD.grade, OLD.computed_at, OLD.confirmed_by, OLD.confirmed_at, OLD.comment)
    THEN
        PERFORM scorecards_refuse('card_result_fixed', 'a confirmed result never changes');
    END IF;
    IF OLD.state = 'marked' AND NEW.state = 'confirmed' AND EXISTS (
            SELECT FROM scorecards_mark m
             WHERE m.card_id = NEW.id AND m.marked_by = NEW.confirmed_by) THEN
        PERFORM scorecards_refuse('card_not_confirmed_by_its_marker',
            'who marked does not confirm');
    END IF;
    IF OLD.state = 'objected' AND NEW.state <> 'objected' AND NOT EXISTS (
            SELECT FROM scorecards_objection o WHERE o.card_id = NEW.id
               AND o.state = CASE NEW.state WHEN 'revised' THEN 'upheld' ELSE 'rejected' END) THEN
        PERFORM scorecards_refuse('card_objection_decided', 'the objection is decided first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scorecards_card_course BEFORE UPDATE ON scorecards_card
    FOR EACH ROW EXECUTE FUNCTION scorecards_card_course();

CREATE FUNCTION scorecards_card_adds_up() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    whole numeric;
    carried numeric;
    total numeric;
    stands record;
BEGIN
    SELECT c.score, c.state INTO stands FROM scorecards_card c WHERE c.id = NEW.id;
    SELECT sum(l.weight), sum(l.weight) FILTER (WHERE l.points IS NOT NULL),
           sum(l.weight * l.points)
      INTO whole, carried, total FROM scorecards_line l WHERE l.card_id = NEW.id;
    IF whole IS DISTINCT FROM 100 THEN
        PERFORM scorecards_refuse('card_lines_make_100', 'the weights of a card make 100');
    END IF;
    IF stands.score IS NOT NULL
       AND stands.score IS DISTINCT FROM round(total / nullif(carried, 0), 2) THEN
        PERFORM scorecards_refuse('card_score_adds_up', 'the score is not that of its lines');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER scorecards_card_adds_up AFTER UPDATE OF state, score ON scorecards_card
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state NOT IN ('open', 'marked')) EXECUTE FUNCTION scorecards_card_adds_up();
"""
NO_COURSE = """
DROP TRIGGER scorecards_card_adds_up ON scorecards_card;
DROP FUNCTION scorecards_card_adds_up();
DROP TRIGGER scorecards_card_course ON scorecards_card;
DROP FUNCTION scorecards_card_course();
DROP TRIGGER scorecards_card_starts ON scorecards_card;
DROP FUNCTION scorecards_card_starts();
DROP FUNCTION scorecards_refuse(text, text);
"""
# A shared lock on the card keeps a late mark or line out while somebody confirms.
LINES = """
CREATE FUNCTION scorecards_line_open() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    stands text;
BEGIN
    SELECT c.state INTO stands FROM scorecards_card c
     WHERE c.id = CASE TG_OP WHEN 'DELETE' THEN OLD.card_id ELSE NEW.card_id END FOR SHARE;
    IF stands NOT IN ('open', 'marked') THEN
        PERFORM scorecards_refuse('line_before_confirmation', 'the card is confirmed');
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM scorecards_refuse('line_stays', 'a line of a card is never deleted');
    END IF;
    IF TG_OP = 'UPDATE' AND ROW(NEW.card_id, NEW.criterion, NEW.weight, NEW.metric)
       IS DISTINCT FROM ROW(OLD.card_id, OLD.criterion, OLD.weight, OLD.metric) THEN
        PERFORM scorecards_refuse('line_keeps_its_criterion', 'what a line weighs never changes');
    END IF;
    IF NEW.mark_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM scorecards_mark m WHERE m.id = NEW.mark_id AND m.card_id = NEW.card_id
               AND m.criterion = NEW.criterion AND m.points = NEW.points) THEN
        PERFORM scorecards_refuse('line_repeats_its_mark', 'a line has the points of its mark');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scorecards_line_open BEFORE INSERT OR UPDATE OR DELETE ON scorecards_line
    FOR EACH ROW EXECUTE FUNCTION scorecards_line_open();

CREATE FUNCTION scorecards_mark_open() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    stands record;
BEGIN
    SELECT c.state, c.subject_person_id INTO stands FROM scorecards_card c
     WHERE c.id = NEW.card_id FOR SHARE;
    IF stands.state NOT IN ('open', 'marked') THEN
        PERFORM scorecards_refuse('mark_before_confirmation', 'the card is confirmed');
    END IF;
    IF stands.subject_person_id = NEW.marked_by THEN
        PERFORM scorecards_refuse('mark_not_by_its_subject', 'nobody marks oneself');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scorecards_mark_open BEFORE INSERT ON scorecards_mark
    FOR EACH ROW EXECUTE FUNCTION scorecards_mark_open();
"""
NO_LINES = """
DROP TRIGGER scorecards_mark_open ON scorecards_mark;
DROP FUNCTION scorecards_mark_open();
DROP TRIGGER scorecards_line_open ON scorecards_line;
DROP FUNCTION scorecards_line_open();
"""
OBJECTIONS = """
CREATE FUNCTION scorecards_objection_course() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    judged record;
BEGIN
    SELECT c.state, c.confirmed_by, c.subject_person_id INTO judged
      FROM scorecards_card c WHERE c.id = NEW.card_id FOR SHARE;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR judged.state NOT IN ('published', 'objected') THEN
            PERFORM scorecards_refuse('objection_to_a_published_result',
                'an objection starts open, on a published result');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'open' OR ROW(NEW.card_id, NEW.reason, NEW.on_behalf_of, NEW.filed_by,
           NEW.filed_at) IS DISTINCT FROM ROW(OLD.card_id, OLD.reason, OLD.on_behalf_of,
           OLD.filed_by, OLD.filed_at) THEN
        PERFORM scorecards_refuse('objection_stays', 'an objection is decided once');
    END IF;
    IF NEW.decided_by IN (judged.confirmed_by, judged.subject_person_id) OR EXISTS (
            SELECT FROM scorecards_mark m
             WHERE m.card_id = NEW.card_id AND m.marked_by = NEW.decided_by) THEN
        PERFORM scorecards_refuse('objection_decided_independently',
            'marker, confirmer and subject do not decide an objection');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scorecards_objection_course BEFORE INSERT OR UPDATE ON scorecards_objection
    FOR EACH ROW EXECUTE FUNCTION scorecards_objection_course();
"""
NO_OBJECTIONS = """
DROP TRIGGER scorecards_objection_course ON scorecards_objection;
DROP FUNCTION scorecards_objection_course();
"""


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0001_initial")]

    operations = [
        append_only("scorecards_version"),
        append_only("scorecards_mark"),
        permanent("scorecards_card"),
        permanent("scorecards_objection"),
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
        migrations.RunSQL(COURSE, NO_COURSE),
        migrations.RunSQL(LINES, NO_LINES),
        migrations.RunSQL(OBJECTIONS, NO_OBJECTIONS),
    ]

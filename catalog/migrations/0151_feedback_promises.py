"""Feedback moves by its log alone, in the declared order; answers stay as they were given."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

STEPS = """
CREATE FUNCTION catalog_productfeedbackstep_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    f catalog_productfeedback;
BEGIN
    SELECT * INTO f FROM catalog_productfeedback WHERE id = NEW.feedback_id FOR NO KEY UPDATE;
    IF NEW.no <> f.step_no + 1 OR NEW.before <> f.step
       OR NOT (f.step || '>' || NEW.step) = ANY (ARRAY[
            'new>taken', 'reopened>taken', 'taken>taken', 'taken>answered', 'answered>closed',
            'answered>reopened', 'closed>reopened']) THEN
        PERFORM catalog_refuse('productfeedbackstep_in_order',
            'no ' || NEW.step || ' follows ' || f.step);
    END IF;
    IF NEW.done_by IS NULL THEN
        PERFORM catalog_refuse('productfeedbackstep_by_a_person', 'a person takes every step');
    END IF;
    IF NEW.step = 'answered' AND NEW.done_by IS DISTINCT FROM f.person THEN
        PERFORM catalog_refuse('productfeedbackstep_by_who_took_it',
                               'who looks into it answers it');
    END IF;
    IF (NEW.step IN ('taken', 'reopened')) <> (NEW.due_at IS NOT NULL)
       OR (NEW.step = 'taken' AND NEW.due_at IS DISTINCT FROM f.due_at) THEN
        PERFORM catalog_refuse('productfeedbackstep_keeps_its_deadline',
                               'taking an item on does not move its deadline');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_productfeedbackstep_next BEFORE INSERT ON catalog_productfeedbackstep
    FOR EACH ROW EXECUTE FUNCTION catalog_productfeedbackstep_next();

CREATE FUNCTION catalog_productfeedbackstep_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_productfeedback
       SET step = NEW.step, step_no = NEW.no, step_at = NEW.at, due_at = NEW.due_at,
           person = CASE WHEN NEW.step = 'taken' THEN NEW.done_by ELSE person END,
           finding = CASE WHEN NEW.step = 'answered' THEN NEW.finding ELSE finding END
     WHERE id = NEW.feedback_id;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_productfeedbackstep_taken AFTER INSERT ON catalog_productfeedbackstep
    FOR EACH ROW EXECUTE FUNCTION catalog_productfeedbackstep_taken();
"""
NO_STEPS = """
DROP TRIGGER catalog_productfeedbackstep_taken ON catalog_productfeedbackstep;
DROP FUNCTION catalog_productfeedbackstep_taken();
DROP TRIGGER catalog_productfeedbackstep_next ON catalog_productfeedbackstep;
DROP FUNCTION catalog_productfeedbackstep_next();
"""

ITEMS = """
CREATE FUNCTION catalog_productfeedback_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.step <> 'new' OR NEW.step_no <> 0 OR NEW.person IS NOT NULL OR NEW.finding <> '' THEN
            PERFORM catalog_refuse('productfeedback_starts_new', 'an item waits when it comes');
        END IF;
        IF NEW.sku_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM catalog_sku s
                WHERE s.id = NEW.sku_id AND s.product_id = NEW.product_id) THEN
            PERFORM catalog_refuse('productfeedback_of_its_sku', 'the SKU is of another product');
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - ARRAY['step', 'step_no', 'step_at', 'due_at', 'person', 'finding'])
       IS DISTINCT FROM
       (to_jsonb(OLD) - ARRAY['step', 'step_no', 'step_at', 'due_at', 'person', 'finding']) THEN
        PERFORM catalog_refuse('productfeedback_stays', 'what was said stays as it came');
    END IF;
    IF NOT EXISTS (
            SELECT 1 FROM catalog_productfeedbackstep s
            WHERE s.feedback_id = NEW.id AND s.no = NEW.step_no AND s.no = OLD.step_no + 1
              AND s.step = NEW.step AND s.at = NEW.step_at
              AND s.due_at IS NOT DISTINCT FROM NEW.due_at
              AND NEW.person IS NOT DISTINCT FROM
                  CASE WHEN s.step = 'taken' THEN s.done_by ELSE OLD.person END
              AND NEW.finding = CASE WHEN s.step = 'answered' THEN s.finding
                                     ELSE OLD.finding END) THEN
        PERFORM catalog_refuse('productfeedback_moves_by_its_log', 'an item moves by a step alone');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_productfeedback_course BEFORE INSERT OR UPDATE ON catalog_productfeedback
    FOR EACH ROW EXECUTE FUNCTION catalog_productfeedback_course();
CREATE TRIGGER catalog_productfeedback_stays BEFORE DELETE OR TRUNCATE ON catalog_productfeedback
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
"""
NO_ITEMS = """
DROP TRIGGER catalog_productfeedback_stays ON catalog_productfeedback;
DROP TRIGGER catalog_productfeedback_course ON catalog_productfeedback;
DROP FUNCTION catalog_productfeedback_course();
"""


class Migration(migrations.Migration):
    """Refuse skipped steps, answers of others, moved deadlines and changed words."""

    dependencies = [("catalog", "0150_feedback")]

    operations = [
        migrations.RunSQL(STEPS, NO_STEPS),
        migrations.RunSQL(ITEMS, NO_ITEMS),
        append_only("catalog_productfeedbackstep"),
        append_only("catalog_feedbackrule"),
        revoke("catalog_productfeedback", "DELETE"),
    ]

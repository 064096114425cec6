"""What content production promises, kept by the database (CAT-4.3-11, CAT-4.3-12, CAT-4.4-05)."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

# A step locks its task, follows the newest one, and is taken by whom it belongs to.
STEPS = """
CREATE FUNCTION catalog_contentstep_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    t catalog_contenttask;
    newest catalog_contentversion;
BEGIN
    SELECT * INTO t FROM catalog_contenttask WHERE id = NEW.task_id FOR NO KEY UPDATE;
    IF NEW.no <> t.step_no + 1 OR NEW.before <> t.step OR NOT EXISTS (
            SELECT 1 FROM catalog_contentmove m
            WHERE m.kind = t.kind AND m.before = t.step AND m.after = NEW.step) THEN
        PERFORM catalog_refuse('contentstep_in_order',
            'of ' || t.kind || ' no ' || NEW.step || ' follows ' || t.step);
    END IF;
    IF (NEW.step IN ('assigned', 'briefed')) <> (NEW.person IS NOT NULL) THEN
        PERFORM catalog_refuse('contentstep_names_the_worker',
                               'exactly an assignment names who works on it');
    END IF;
    IF NEW.step IN ('accepted', 'drafted', 'submitted', 'published', 'delivered')
       AND NEW.done_by IS DISTINCT FROM t.person THEN
        PERFORM catalog_refuse('contentstep_by_its_worker', 'the task is somebody else''s');
    END IF;
    IF NEW.step IN ('returned', 'approved') AND (
            NEW.done_by IS NULL OR NEW.done_by = t.person OR EXISTS (
                SELECT 1 FROM catalog_contentversion v
                WHERE v.task_id = t.id AND v.added_by = NEW.done_by)) THEN
        PERFORM catalog_refuse('contentstep_second_person', 'nobody reviews what they made');
    END IF;
    IF NEW.step IN ('drafted', 'submitted', 'returned', 'approved', 'published', 'delivered') THEN
        SELECT * INTO newest FROM catalog_contentversion v
        WHERE v.task_id = t.id ORDER BY v.no DESC LIMIT 1;
        IF newest.id IS NULL OR NEW.version_id IS DISTINCT FROM newest.id THEN
            PERFORM catalog_refuse('contentstep_of_the_newest_version',
                                   'a step is about the newest version');
        END IF;
        IF NEW.step = 'drafted' AND t.step = 'returned' AND newest.added_at < t.step_at THEN
            PERFORM catalog_refuse('contentstep_redone_by_a_new_version',
                                   'what was sent back needs a new version');
        END IF;
        IF NEW.step = 'delivered' AND t.kind = 'design'
           AND (newest.file_id IS NULL
                OR (newest.width, newest.height) IS DISTINCT FROM (t.width, t.height)) THEN
            PERFORM catalog_refuse('contentstep_delivers_as_briefed',
                                   'the file is not of the size the brief names');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_contentstep_next BEFORE INSERT ON catalog_contentstep
    FOR EACH ROW EXECUTE FUNCTION catalog_contentstep_next();

CREATE FUNCTION catalog_contentstep_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_contenttask
       SET step = NEW.step, step_no = NEW.no, step_at = NEW.at, step_due_at = NEW.due_at,
           person = coalesce(NEW.person, person)
     WHERE id = NEW.task_id;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_contentstep_taken AFTER INSERT ON catalog_contentstep
    FOR EACH ROW EXECUTE FUNCTION catalog_contentstep_taken();
"""
NO_STEPS = """
DROP TRIGGER catalog_contentstep_taken ON catalog_contentstep;
DROP FUNCTION catalog_contentstep_taken();
DROP TRIGGER catalog_contentstep_next ON catalog_contentstep;
DROP FUNCTION catalog_contentstep_next();
"""

TASKS = """
CREATE FUNCTION catalog_contenttask_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.step <> 'wanted' OR NEW.step_no <> 0 OR NEW.person IS NOT NULL THEN
            PERFORM catalog_refuse('contenttask_starts_unassigned', 'a task starts unassigned');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.step, NEW.step_no, NEW.step_at, NEW.person)
       IS DISTINCT FROM (OLD.step, OLD.step_no, OLD.step_at, OLD.person)
       AND NOT EXISTS (
            SELECT 1 FROM catalog_contentstep s
            WHERE s.task_id = NEW.id AND s.no = NEW.step_no AND s.no = OLD.step_no + 1
              AND s.step = NEW.step AND s.at = NEW.step_at
              AND coalesce(s.person, OLD.person) IS NOT DISTINCT FROM NEW.person) THEN
        PERFORM catalog_refuse('contenttask_moves_by_its_log', 'a task moves by a step alone');
    END IF;
    IF (to_jsonb(NEW) - ARRAY['step', 'step_no', 'step_at', 'step_due_at', 'person', 'title', 'purpose',
                              'words', 'width', 'height', 'due_at'])
       IS DISTINCT FROM
       (to_jsonb(OLD) - ARRAY['step', 'step_no', 'step_at', 'step_due_at', 'person', 'title', 'purpose',
                              'words', 'width', 'height', 'due_at'])
       OR (OLD.step NOT IN ('wanted', 'assigned', 'briefed')
           AND (NEW.title, NEW.purpose, NEW.words, NEW.width, NEW.height, NEW.due_at)
               IS DISTINCT FROM
               (OLD.title, OLD.purpose, OLD.words, OLD.width, OLD.height, OLD.due_at)) THEN
        PERFORM catalog_refuse('contenttask_brief_stays', 'the brief of a task stays');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_contenttask_course BEFORE INSERT OR UPDATE ON catalog_contenttask
    FOR EACH ROW EXECUTE FUNCTION catalog_contenttask_course();
CREATE TRIGGER catalog_contenttask_stays BEFORE DELETE OR TRUNCATE ON catalog_contenttask
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
"""
NO_TASKS = """
DROP TRIGGER catalog_contenttask_stays ON catalog_contenttask;
DROP TRIGGER catalog_contenttask_course ON catalog_contenttask;
DROP FUNCTION catalog_contenttask_course();
"""

VERSIONS = """
CREATE FUNCTION catalog_contentversion_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    t catalog_contenttask;
BEGIN
    SELECT * INTO t FROM catalog_contenttask WHERE id = NEW.task_id FOR NO KEY UPDATE;
    IF t.step NOT IN ('assigned', 'accepted', 'drafted', 'returned')
       OR NEW.added_by IS DISTINCT FROM t.person
       OR NEW.no <> 1 + (SELECT count(*) FROM catalog_contentversion WHERE task_id = t.id) THEN
        PERFORM catalog_refuse('contentversion_in_turn',
                               'only whose turn it is hands in the next version');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_contentversion_in_turn BEFORE INSERT ON catalog_contentversion
    FOR EACH ROW EXECUTE FUNCTION catalog_contentversion_in_turn();
"""
NO_VERSIONS = """
DROP TRIGGER catalog_contentversion_in_turn ON catalog_contentversion;
DROP FUNCTION catalog_contentversion_in_turn();
"""

# Asked by the clock of promotions before and by the trigger of runs after: one truth for both.
HOLD = """
CREATE FUNCTION catalog_promotion_lacking(promotion bigint) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(m.material ORDER BY m.place), '{}')
    FROM catalog_promotion p
    CROSS JOIN LATERAL jsonb_array_elements_text(p.materials) WITH ORDINALITY AS m(material, place)
    WHERE p.id = promotion AND (
        NOT EXISTS (
            SELECT 1 FROM catalog_contenttask t
            WHERE t.promotion_id = p.id AND t.material = m.material
              AND t.step IN ('approved', 'published', 'delivered'))
        OR EXISTS (
            SELECT 1 FROM catalog_contenttask t
            WHERE t.promotion_id = p.id AND t.material = m.material
              AND t.step NOT IN ('approved', 'published', 'delivered', 'cancelled')))
$$;

CREATE FUNCTION catalog_promotionrun_has_its_material() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
            SELECT 1 FROM fresh n JOIN catalog_promotion p ON p.id = n.promotion_id
            WHERE p.materials <> '[]' AND catalog_promotion_lacking(p.id) <> '{}') THEN
        PERFORM catalog_refuse('promotionrun_has_its_material',
                               'material of this promotion is not approved');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_promotionrun_has_its_material AFTER INSERT ON catalog_promotionrun
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_promotionrun_has_its_material();

CREATE FUNCTION catalog_promotion_material_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('draft', 'returned')
       AND (NEW.materials, NEW.no_material) IS DISTINCT FROM (OLD.materials, OLD.no_material) THEN
        PERFORM catalog_refuse('promotion_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state = 'scheduled' AND OLD.state = 'submitted' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id
              AND coalesce(r.content -> 'materials', '[]') = NEW.materials) THEN
        PERFORM catalog_refuse('promotion_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_promotion_material_stays BEFORE UPDATE ON catalog_promotion
    FOR EACH ROW EXECUTE FUNCTION catalog_promotion_material_stays();
ALTER TABLE catalog_promotion ADD CONSTRAINT promotion_material_known
    CHECK (materials <@ '["page", "images", "copy", "posts"]');
"""
NO_HOLD = """
ALTER TABLE catalog_promotion DROP CONSTRAINT promotion_material_known;
DROP TRIGGER catalog_promotion_material_stays ON catalog_promotion;
DROP FUNCTION catalog_promotion_material_stays();
DROP TRIGGER catalog_promotionrun_has_its_material ON catalog_promotionrun;
DROP FUNCTION catalog_promotionrun_has_its_material();
DROP FUNCTION catalog_promotion_lacking(bigint);
"""


class Migration(migrations.Migration):
    """Refuse skipped steps, foreign hands, own reviews; hold promotions without material."""

    dependencies = [("catalog", "0100_content_tasks")]

    operations = [
        migrations.RunSQL(STEPS, NO_STEPS),
        migrations.RunSQL(TASKS, NO_TASKS),
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
        append_only("catalog_contentstep"),
        append_only("catalog_contentversion"),
        revoke("catalog_contenttask", "DELETE"),
        revoke("catalog_contentmove", "INSERT, UPDATE, DELETE"),
        migrations.RunSQL(HOLD, NO_HOLD),
    ]

"""What sheets promise, kept by the database itself."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

CONTENT = """
CREATE FUNCTION sheets_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- The newest answer of each item of a sheet; a taken-back one has no value.
CREATE FUNCTION sheets_newest(sheet bigint)
RETURNS TABLE (id bigint, item text, value jsonb, note text, is_abnormal boolean)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (a.item) a.id, a.item, a.value, a.note, a.is_abnormal
    FROM sheets_answer a WHERE a.sheet_id = sheet ORDER BY a.item, a.id DESC
$$;

-- What a hand is put under: the items asked, and one line per answered item.
CREATE FUNCTION sheets_content_hash(sheet bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\\n', v.content_hash, s.number, (
        SELECT string_agg(
            jsonb_build_array(n.item, n.value, n.note)::text, E'\\n' ORDER BY n.item COLLATE "C")
        FROM sheets_newest(s.id) n WHERE n.value IS NOT NULL
    )), 'UTF8')), 'hex')
    FROM sheets_sheet s JOIN sheets_templateversion v ON v.id = s.version_id
    WHERE s.id = sheet
$$;
"""
NO_CONTENT = """
DROP FUNCTION sheets_content_hash(bigint);
DROP FUNCTION sheets_newest(bigint);
DROP FUNCTION sheets_refuse(text, text);
"""

# Other items than the declared ones need the owner's approval of exactly these items.
VERSIONS = """
CREATE FUNCTION sheets_version_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_declared AND NOT EXISTS (
        SELECT FROM approvals_request r JOIN sheets_template t ON t.id = NEW.template_id
        WHERE r.id = NEW.approval_id AND r.kind = 'ordinary' AND r.state = 'approved'
          AND r.flow = 'sheet_' || t.key AND r.subject_id = t.id
          AND r.content ->> 'items_hash' = NEW.content_hash
          AND r.content -> 'items' = NEW.items
          AND r.content ->> 'valid_from' = NEW.valid_from::text) THEN
        PERFORM sheets_refuse(
            'templateversion_approved', 'other items than those the owner approved');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheets_version_approved BEFORE INSERT ON sheets_templateversion
    FOR EACH ROW EXECUTE FUNCTION sheets_version_approved();
ALTER TABLE sheets_sheet ADD CONSTRAINT sheet_version_of_template
    FOREIGN KEY (version_id, template_id) REFERENCES sheets_templateversion (id, template_id);
"""
NO_VERSIONS = """
ALTER TABLE sheets_sheet DROP CONSTRAINT sheet_version_of_template;
DROP TRIGGER sheets_version_approved ON sheets_templateversion;
DROP FUNCTION sheets_version_approved();
"""

ANSWERS = """
CREATE FUNCTION sheets_answer_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held sheets_sheet%ROWTYPE;
BEGIN
    SELECT * INTO held FROM sheets_sheet s WHERE s.id = NEW.sheet_id FOR SHARE;
    IF held.state NOT IN ('open', 'filled') OR EXISTS (
        SELECT FROM sheets_signature g WHERE g.sheet_id = held.id AND g.round = held.round) THEN
        PERFORM sheets_refuse('answer_before_signing', 'entries stay as they were signed');
    END IF;
    IF NOT EXISTS (
        SELECT FROM sheets_templateversion v, jsonb_array_elements(v.items) i
        WHERE v.id = held.version_id AND i ->> 'key' = NEW.item) THEN
        PERFORM sheets_refuse('answer_of_known_item', 'the sheet asks for no such item');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheets_answer_in_time BEFORE INSERT ON sheets_answer
    FOR EACH ROW EXECUTE FUNCTION sheets_answer_in_time();
"""
NO_ANSWERS = """
DROP TRIGGER sheets_answer_in_time ON sheets_answer;
DROP FUNCTION sheets_answer_in_time();
"""

HANDS = """
CREATE FUNCTION sheets_signature_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held sheets_sheet%ROWTYPE;
    given integer;
BEGIN
    SELECT * INTO held FROM sheets_sheet s WHERE s.id = NEW.sheet_id FOR NO KEY UPDATE;
    SELECT count(*) INTO given FROM sheets_signature g
    WHERE g.sheet_id = held.id AND g.round = held.round;
    IF held.state <> 'filled' OR NEW.round <> held.round OR NEW.step <> given
       OR NEW.role IS DISTINCT FROM held.signers ->> given THEN
        PERFORM sheets_refuse('signature_in_order', 'positions sign a filled sheet in order');
    END IF;
    IF NEW.content_hash <> sheets_content_hash(held.id) THEN
        PERFORM sheets_refuse('signature_of_content', 'signed under other entries');
    END IF;
    IF EXISTS (
        SELECT FROM sheets_templateversion v, jsonb_array_elements(v.items) i
        WHERE v.id = held.version_id AND (i ->> 'required')::boolean AND NOT EXISTS (
            SELECT FROM sheets_newest(held.id) n
            WHERE n.item = i ->> 'key' AND n.value IS NOT NULL)) THEN
        PERFORM sheets_refuse('signature_of_filled', 'a required item has no answer');
    END IF;
    IF EXISTS (
        SELECT FROM sheets_newest(held.id) n WHERE n.is_abnormal AND NOT EXISTS (
            SELECT FROM sheets_case c
            WHERE c.sheet_id = held.id AND c.item = n.item AND c.state <> 'withdrawn')) THEN
        PERFORM sheets_refuse('signature_abnormal_has_case', 'an abnormal item has no case');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheets_signature_fits BEFORE INSERT ON sheets_signature
    FOR EACH ROW EXECUTE FUNCTION sheets_signature_fits();
"""
NO_HANDS = """
DROP TRIGGER sheets_signature_fits ON sheets_signature;
DROP FUNCTION sheets_signature_fits();
"""

COURSE = """
CREATE FUNCTION sheets_sheet_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' OR NEW.round <> 1 OR jsonb_typeof(NEW.signers) <> 'array'
       OR jsonb_array_length(NEW.signers) NOT IN (1, 2) THEN
        PERFORM sheets_refuse('sheet_starts_open', 'a sheet starts open, with its signers');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheets_sheet_starts BEFORE INSERT ON sheets_sheet
    FOR EACH ROW EXECUTE FUNCTION sheets_sheet_starts();

CREATE FUNCTION sheets_sheet_course() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given integer;
BEGIN
    IF ROW(NEW.id, NEW.number, NEW.template_id, NEW.version_id, NEW.scope_kind, NEW.scope_id,
           NEW.period, NEW.signers, NEW.items_total, NEW.opened_at, NEW.due_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.number, OLD.template_id, OLD.version_id, OLD.scope_kind, OLD.scope_id,
           OLD.period, OLD.signers, OLD.items_total, OLD.opened_at, OLD.due_at) THEN
        PERFORM sheets_refuse('sheet_fixed', 'what a sheet is about cannot change');
    END IF;
    IF OLD.state IN ('signed', 'closed', 'void') AND
       ROW(NEW.round, NEW.signed_at, NEW.content_hash, NEW.items_done, NEW.void_reason)
       IS DISTINCT FROM
       ROW(OLD.round, OLD.signed_at, OLD.content_hash, OLD.items_done, OLD.void_reason) THEN
        PERFORM sheets_refuse('sheet_settled', 'a signed sheet stays as it is');
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('open', 'filled'), ('open', 'void'), ('filled', 'open'), ('filled', 'signed'),
        ('filled', 'void'), ('signed', 'closed')) THEN
        PERFORM sheets_refuse('sheet_steps', 'no such step in the life of a sheet');
    END IF;
    IF NEW.round <> OLD.round AND (NEW.round <> OLD.round + 1 OR NEW.returned_reason = '') THEN
        PERFORM sheets_refuse('sheet_round_has_reason', 'a sheet is sent back with a reason');
    END IF;
    SELECT count(*) INTO given FROM sheets_signature g
    WHERE g.sheet_id = NEW.id AND g.round = NEW.round;
    IF NEW.state = 'signed' AND OLD.state <> 'signed' AND (
        given <> jsonb_array_length(NEW.signers)
        OR EXISTS (SELECT FROM sheets_signature g WHERE g.sheet_id = NEW.id
                   AND g.round = NEW.round AND g.content_hash <> NEW.content_hash)) THEN
        PERFORM sheets_refuse('sheet_signed_by_all', 'signed without every hand it needs');
    END IF;
    IF NEW.state IN ('open', 'void') AND NEW.state <> OLD.state AND given > 0 THEN
        PERFORM sheets_refuse('sheet_hand_holds', 'somebody has signed this sheet');
    END IF;
    IF NEW.state = 'closed' AND OLD.state <> 'closed' AND EXISTS (
        SELECT FROM sheets_case c
        WHERE c.sheet_id = NEW.id AND c.state IN ('open', 'remedied')) THEN
        PERFORM sheets_refuse('sheet_closed_without_cases', 'a case is still open');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheets_sheet_course BEFORE UPDATE ON sheets_sheet
    FOR EACH ROW EXECUTE FUNCTION sheets_sheet_course();

CREATE FUNCTION sheets_case_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NOT EXISTS (
            SELECT FROM sheets_answer a WHERE a.id = NEW.answer_id AND a.sheet_id = NEW.sheet_id
              AND a.item = NEW.item AND a.is_abnormal) THEN
            PERFORM sheets_refuse('case_of_abnormal_answer', 'a case starts from its answer');
        END IF;
        RETURN NEW;
    END IF;
    IF ROW(NEW.id, NEW.number, NEW.sheet_id, NEW.item, NEW.answer_id, NEW.found, NEW.owner_role,
           NEW.opened_at, NEW.due_on)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.number, OLD.sheet_id, OLD.item, OLD.answer_id, OLD.found, OLD.owner_role,
           OLD.opened_at, OLD.due_on) THEN
        PERFORM sheets_refuse('case_fixed', 'what was found cannot change');
    END IF;
    IF (OLD.state IN ('closed', 'withdrawn') AND NEW IS DISTINCT FROM OLD)
       OR (NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('open', 'remedied'), ('open', 'withdrawn'), ('remedied', 'closed'))) THEN
        PERFORM sheets_refuse('case_steps', 'no such step in the life of a case');
    END IF;
    IF NEW.state = 'withdrawn' AND NEW.state <> OLD.state AND EXISTS (
        SELECT FROM sheets_newest(NEW.sheet_id) n WHERE n.item = NEW.item AND n.is_abnormal) THEN
        PERFORM sheets_refuse('case_withdrawn_when_corrected', 'the item is still abnormal');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sheets_case_course BEFORE INSERT OR UPDATE ON sheets_case
    FOR EACH ROW EXECUTE FUNCTION sheets_case_course();
"""
NO_COURSE = """
DROP TRIGGER sheets_case_course ON sheets_case;
DROP FUNCTION sheets_case_course();
DROP TRIGGER sheets_sheet_course ON sheets_sheet;
DROP FUNCTION sheets_sheet_course();
DROP TRIGGER sheets_sheet_starts ON sheets_sheet;
DROP FUNCTION sheets_sheet_starts();
"""


class Migration(migrations.Migration):
    dependencies = [("sheets", "0001_initial"), ("approvals", "0002_promises")]

    operations = [
        migrations.RunSQL(CONTENT, NO_CONTENT),
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
        migrations.RunSQL(ANSWERS, NO_ANSWERS),
        migrations.RunSQL(HANDS, NO_HANDS),
        migrations.RunSQL(COURSE, NO_COURSE),
        append_only("sheets_templateversion"),
        append_only("sheets_answer"),
        append_only("sheets_signature"),
        append_only("sheets_draw"),
        revoke("sheets_sheet", "DELETE, TRUNCATE"),
        revoke("sheets_case", "DELETE, TRUNCATE"),
        revoke("sheets_template", "DELETE, TRUNCATE"),
    ]

"""What revisions promise, kept by the database itself."""

from django.db import migrations

from ops.engines.kernel.ddl import permanent, revoke

DIGEST = """
ALTER TABLE revisions_revision ADD CONSTRAINT revision_hash_of_document
    CHECK (content_hash = encode(sha256(convert_to(document, 'UTF8')), 'hex'));
ALTER TABLE revisions_revision ADD CONSTRAINT revision_based_on_own_piece
    FOREIGN KEY (based_on_id, piece_id) REFERENCES revisions_revision (id, piece_id);
ALTER TABLE revisions_publication ADD CONSTRAINT publication_of_own_piece
    FOREIGN KEY (revision_id, piece_id) REFERENCES revisions_revision (id, piece_id);
"""
NO_DIGEST = """
ALTER TABLE revisions_publication DROP CONSTRAINT publication_of_own_piece;
ALTER TABLE revisions_revision DROP CONSTRAINT revision_based_on_own_piece;
ALTER TABLE revisions_revision DROP CONSTRAINT revision_hash_of_document;
"""

HELPERS = """
CREATE FUNCTION revisions_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- The request that speaks of exactly this version: its flow, its piece, its words.
CREATE FUNCTION revisions_is_of(version revisions_revision, request bigint, wanted text)
RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM approvals_request r
        JOIN revisions_piece p ON p.id = version.piece_id
        JOIN revisions_kind k ON k.key = p.kind_id
        WHERE r.id = request AND r.flow = k.flow AND r.state = wanted
          AND (r.kind = 'opening'
               OR (r.subject_type = 'revisions.piece' AND r.subject_id = p.id
                   AND (r.content ->> 'revision')::bigint = version.id
                   AND r.content ->> 'content_hash' = version.content_hash
                   AND (r.content ->> 'publish_at')::timestamptz
                       IS NOT DISTINCT FROM version.publish_at)))
$$;
"""
NO_HELPERS = """
DROP FUNCTION revisions_is_of(revisions_revision, bigint, text);
DROP FUNCTION revisions_refuse(text, text);
"""

COURSE = """
CREATE FUNCTION revisions_piece_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM revisions_refuse('piece_stays', 'what a piece is about cannot change');
    RETURN NULL;
END $$;
CREATE TRIGGER revisions_piece_stays BEFORE UPDATE ON revisions_piece
    FOR EACH ROW EXECUTE FUNCTION revisions_piece_stays();

CREATE FUNCTION revisions_revision_starts() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state = 'draft' AND NEW.approval_id IS NULL AND NEW.submitted_at IS NULL
       AND NEW.findings IS NULL THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'approved' OR NOT EXISTS (
        SELECT FROM approvals_request r JOIN revisions_piece p ON p.id = NEW.piece_id
        JOIN revisions_kind k ON k.key = p.kind_id
        WHERE r.id = NEW.approval_id AND r.kind = 'opening' AND r.flow = k.flow) THEN
        PERFORM revisions_refuse('revision_starts_as_draft', 'a version starts as a draft');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revisions_revision_starts BEFORE INSERT ON revisions_revision
    FOR EACH ROW EXECUTE FUNCTION revisions_revision_starts();

CREATE FUNCTION revisions_revision_course() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.piece_id, NEW.no, NEW.drafted_by, NEW.drafted_at, NEW.based_on_id)
       IS DISTINCT FROM
       (OLD.id, OLD.piece_id, OLD.no, OLD.drafted_by, OLD.drafted_at, OLD.based_on_id) THEN
        PERFORM revisions_refuse('revision_fixed', 'whose version it is cannot change');
    END IF;
    IF OLD.state <> 'draft' AND
       (NEW.document, NEW.why, NEW.parts, NEW.publish_at, NEW.findings, NEW.submitted_at,
        NEW.approval_id)
       IS DISTINCT FROM
       (OLD.document, OLD.why, OLD.parts, OLD.publish_at, OLD.findings, OLD.submitted_at,
        OLD.approval_id) THEN
        PERFORM revisions_refuse('revision_content_fixed', 'what was handed in stays as it is');
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('draft', 'submitted'), ('draft', 'withdrawn'),
        ('submitted', 'approved'), ('submitted', 'returned'), ('submitted', 'withdrawn')) THEN
        PERFORM revisions_refuse('revision_moves_as_declared',
            'no version goes from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    IF NEW.state = 'submitted' AND NOT revisions_is_of(NEW, NEW.approval_id, 'submitted') THEN
        PERFORM revisions_refuse('revision_in_review_by_request', 'no request asks for this');
    END IF;
    IF NEW.state = 'submitted' AND (jsonb_typeof(NEW.findings) IS DISTINCT FROM 'array'
       OR jsonb_path_exists(NEW.findings, '$[*] ? (@.level == "stop")')) THEN
        PERFORM revisions_refuse('revision_without_stops', 'a finding must be mended first');
    END IF;
    IF NEW.state = 'approved' AND NOT revisions_is_of(NEW, NEW.approval_id, 'approved') THEN
        PERFORM revisions_refuse('revision_approved_by_request', 'its request is not approved');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revisions_revision_course BEFORE UPDATE ON revisions_revision
    FOR EACH ROW EXECUTE FUNCTION revisions_revision_course();
"""
NO_COURSE = """
DROP TRIGGER revisions_revision_course ON revisions_revision;
DROP FUNCTION revisions_revision_course();
DROP TRIGGER revisions_revision_starts ON revisions_revision;
DROP FUNCTION revisions_revision_starts();
DROP TRIGGER revisions_piece_stays ON revisions_piece;
DROP FUNCTION revisions_piece_stays();
"""

LIVE = """
CREATE FUNCTION revisions_publication_approved() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    broken bigint;
    one record;
    wrong text;
BEGIN
    SELECT min(n.id) INTO broken
    FROM fresh n
    JOIN revisions_revision v ON v.id = n.revision_id
    JOIN revisions_piece p ON p.id = n.piece_id
    JOIN revisions_kind k ON k.key = p.kind_id
    LEFT JOIN approvals_request r
           ON r.id = n.approval_id AND r.flow = k.flow AND r.state = 'approved'
    WHERE r.id IS NULL OR v.state <> 'approved' OR v.approval_id <> n.approval_id
       OR NOT revisions_is_of(v, n.approval_id, 'approved')
       OR (n.how = 'opening') <> (r.kind = 'opening' AND n.why = '');
    IF broken IS NOT NULL THEN
        PERFORM revisions_refuse('publication_needs_approval',
            'publication ' || broken || ' has no approved request for this version');
    END IF;
    SELECT min(n.id) INTO broken
    FROM fresh n JOIN revisions_revision v ON v.id = n.revision_id
    WHERE isempty(n.during) OR upper(n.during) IS NOT NULL OR n.ended_why <> ''
       OR (n.how = 'published'
           AND n.since < greatest(coalesce(v.publish_at, v.submitted_at), v.submitted_at));
    IF broken IS NOT NULL THEN
        PERFORM revisions_refuse('publication_on_its_day', 'not the moment that was approved');
    END IF;
    FOR one IN
        SELECT k.accepts, v.content, p.subject_id, n.since
        FROM fresh n
        JOIN revisions_revision v ON v.id = n.revision_id
        JOIN revisions_piece p ON p.id = n.piece_id
        JOIN revisions_kind k ON k.key = p.kind_id
        WHERE k.accepts <> '' AND n.how <> 'opening'
    LOOP
        EXECUTE format('SELECT %I($1, $2, $3)', one.accepts)
           INTO wrong USING one.content, one.subject_id, one.since;
        IF wrong IS NOT NULL THEN
            PERFORM revisions_refuse('publication_acceptable', wrong);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER revisions_publication_approved AFTER INSERT ON revisions_publication
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION revisions_publication_approved();

CREATE FUNCTION revisions_publication_only_cut() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.piece_id, NEW.revision_id, NEW.approval_id, NEW.how, NEW.since, NEW.why)
       IS DISTINCT FROM
       (OLD.id, OLD.piece_id, OLD.revision_id, OLD.approval_id, OLD.how, OLD.since, OLD.why)
       OR isempty(OLD.during) OR NEW.ended_why = ''
       OR NOT (isempty(NEW.during)
               OR (upper(NEW.during) IS NOT NULL
                   AND (upper_inf(OLD.during) OR upper(NEW.during) < upper(OLD.during)))) THEN
        PERFORM revisions_refuse('publication_only_ends', 'a publication only ends, with a reason');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revisions_publication_only_cut BEFORE UPDATE ON revisions_publication
    FOR EACH ROW EXECUTE FUNCTION revisions_publication_only_cut();
"""
NO_LIVE = """
DROP TRIGGER revisions_publication_only_cut ON revisions_publication;
DROP FUNCTION revisions_publication_only_cut();
DROP TRIGGER revisions_publication_approved ON revisions_publication;
DROP FUNCTION revisions_publication_approved();
"""


class Migration(migrations.Migration):
    dependencies = [("revisions", "0001_initial"), ("approvals", "0004_wider_promises")]

    operations = [
        migrations.RunSQL(DIGEST, NO_DIGEST),
        migrations.RunSQL(HELPERS, NO_HELPERS),
        migrations.RunSQL(COURSE, NO_COURSE),
        migrations.RunSQL(LIVE, NO_LIVE),
        permanent("revisions_piece"),
        permanent("revisions_revision"),
        permanent("revisions_publication"),
        revoke("revisions_kind", "INSERT, UPDATE, DELETE, TRUNCATE"),
        revoke("revisions_piece", "DELETE, TRUNCATE"),
        revoke("revisions_revision", "DELETE, TRUNCATE"),
        revoke("revisions_publication", "DELETE, TRUNCATE"),
    ]

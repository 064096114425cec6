"""What shop pages promise, kept by the database itself."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, permanent, revoke

# Every channel has its set from the moment it is there: three pages, six steps.
SETS = """
CREATE FUNCTION catalog_channel_has_set() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO catalog_shoppage (channel_id, kind)
    SELECT NEW.id, k FROM unnest(ARRAY['home', 'detail', 'category']) AS k ON CONFLICT DO NOTHING;
    INSERT INTO catalog_tradestep (channel_id, step)
    SELECT NEW.id, s FROM unnest(
        ARRAY['register', 'choose', 'order', 'pay', 'deliver', 'confirm']) AS s
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_channel_has_set AFTER INSERT ON catalog_channel
    FOR EACH ROW EXECUTE FUNCTION catalog_channel_has_set();
"""
NO_SETS = """
DROP TRIGGER catalog_channel_has_set ON catalog_channel;
DROP FUNCTION catalog_channel_has_set();
"""

OPENING = """
CREATE FUNCTION catalog_channel_lacks(channel bigint, at timestamptz) RETURNS text[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT array_agg(w.part ORDER BY w.part) FROM (
        SELECT g.kind AS part FROM catalog_shoppage g
        WHERE g.channel_id = channel AND NOT EXISTS (
            SELECT FROM revisions_piece p JOIN revisions_publication l ON l.piece_id = p.id
            WHERE p.kind_id = 'catalog.page_design' AND p.subject_id = g.id AND l.during @> at)
        UNION ALL
        SELECT t.step FROM catalog_tradestep t
        WHERE t.channel_id = channel AND NOT EXISTS (
            SELECT FROM revisions_piece p JOIN revisions_publication l ON l.piece_id = p.id
            WHERE p.kind_id = 'catalog.trade_step' AND p.subject_id = t.id AND l.during @> at)
    ) w
$$;
CREATE FUNCTION catalog_channel_opens_whole() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    missing text[];
BEGIN
    IF NOT (NEW.is_own AND NEW.is_active)
       OR (TG_OP = 'UPDATE' AND OLD.is_own AND OLD.is_active) THEN
        RETURN NEW;
    END IF;
    missing := catalog_channel_lacks(NEW.id, clock_timestamp());
    IF TG_OP = 'INSERT' OR missing IS NOT NULL THEN
        PERFORM catalog_refuse('channel_opens_whole',
            'nothing is live of ' || coalesce(array_to_string(missing, ', '), 'its pages'));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_channel_opens_whole BEFORE INSERT OR UPDATE ON catalog_channel
    FOR EACH ROW EXECUTE FUNCTION catalog_channel_opens_whole();
"""
NO_OPENING = """
DROP TRIGGER catalog_channel_opens_whole ON catalog_channel;
DROP FUNCTION catalog_channel_opens_whole();
DROP FUNCTION catalog_channel_lacks(bigint, timestamptz);
"""

# The version that is about to live is the newest of its page with these very words. The plan it
# follows is asked for the day it was handed in, so that a way back is not barred by a newer plan.
ACCEPTS = """
CREATE FUNCTION catalog_page_acceptable(content jsonb, subject bigint, at timestamptz)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    version revisions_revision%ROWTYPE;
    wrong text;
BEGIN
    SELECT v.* INTO version FROM revisions_revision v JOIN revisions_piece p ON p.id = v.piece_id
    WHERE p.kind_id = 'catalog.page_design' AND p.subject_id = subject AND v.content = $1
      AND v.state = 'approved'
    ORDER BY v.id DESC LIMIT 1;
    IF NOT EXISTS (
        SELECT FROM catalog_shoppage g
        JOIN revisions_piece p ON p.kind_id = 'catalog.shop_plan' AND p.subject_id = g.channel_id
        JOIN revisions_publication l ON l.piece_id = p.id
        JOIN revisions_revision v ON v.id = l.revision_id
        WHERE g.id = subject AND v.no = ($1 ->> 'plan')::int
          AND l.during @> version.submitted_at) THEN
        RETURN 'the shop plan it follows was not in force';
    END IF;
    SELECT min(m ->> 'module') INTO wrong
    FROM jsonb_array_elements($1 -> 'modules') m
    WHERE NOT EXISTS (
        SELECT FROM catalog_pagemodule t
        JOIN revisions_piece p ON p.kind_id = 'catalog.page_module' AND p.subject_id = t.id
        JOIN revisions_revision v ON v.piece_id = p.id
        WHERE t.code = m ->> 'module' AND v.no = (m ->> 'version')::int AND v.state = 'approved');
    IF wrong IS NOT NULL THEN
        RETURN 'module ' || wrong || ' is not approved';
    END IF;
    IF ($1 -> 'checklist' @> '{"navigation": "yes", "layout": "yes", "type": "yes",
                                   "targets": "yes", "words": "yes"}'
            AND ($1 #>> '{checklist,steps}')::numeric <= 5
            AND ($1 #>> '{checklist,load}')::numeric <= 3) IS NOT TRUE THEN
        RETURN 'a mandatory line of the checklist is not met';
    END IF;
    IF (SELECT count(DISTINCT w.width) FROM catalog_pagepreview w
        WHERE w.page_id = subject AND w.content_hash = version.content_hash) < 2 THEN
        RETURN 'it was not looked at in two widths';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION catalog_guidance_acceptable(content jsonb, subject bigint, at timestamptz)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN c.is_own AND content ->> 'text' = '' THEN 'its own words are missing'
                WHEN NOT c.is_own AND content ->> 'link' = '' THEN 'the link is missing' END
    FROM catalog_tradestep t JOIN catalog_channel c ON c.id = t.channel_id WHERE t.id = subject
$$;
"""
NO_ACCEPTS = """
DROP FUNCTION catalog_guidance_acceptable(jsonb, bigint, timestamptz);
DROP FUNCTION catalog_page_acceptable(jsonb, bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0060_pages_tables"), ("revisions", "0002_promises")]

    operations = [
        migrations.RunSQL(SETS, NO_SETS),
        migrations.RunSQL(OPENING, NO_OPENING),
        migrations.RunSQL(ACCEPTS, NO_ACCEPTS),
        append_only("catalog_pagepreview"),
        permanent("catalog_pagemodule"),
        permanent("catalog_shoppage"),
        permanent("catalog_tradestep"),
        revoke("catalog_pagemodule", "UPDATE, DELETE, TRUNCATE"),
        revoke("catalog_shoppage", "UPDATE, DELETE, TRUNCATE"),
        revoke("catalog_tradestep", "UPDATE, DELETE, TRUNCATE"),
    ]

"""What display plans promise, kept by the database itself (CAT-4.1-03)."""

from django.db import migrations

from ops.engines.kernel.ddl import permanent, revoke, revoke_columns
from ops.engines.revisions.ddl import revised_kind

# Two slots may share a place on the page, but never at one time. The version that is about to live
# is the newest approved one of its page with these very words.
ACCEPTS = """
CREATE FUNCTION catalog_display_acceptable(content jsonb, subject bigint, at timestamptz)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    wrong text;
    version text;
BEGIN
    SELECT min(s ->> 'key') INTO wrong FROM jsonb_array_elements($1 -> 'slots') s
    WHERE nullif(s ->> 'until', '')::timestamptz <= nullif(s ->> 'since', '')::timestamptz;
    IF wrong IS NOT NULL THEN
        RETURN 'slot ' || wrong || ' ends before it starts';
    END IF;
    WITH slots AS MATERIALIZED (
        SELECT v ->> 'key' AS key, (v ->> 'place')::int AS place, n,
               tstzrange(nullif(v ->> 'since', '')::timestamptz,
                         nullif(v ->> 'until', '')::timestamptz) AS during
        FROM jsonb_array_elements($1 -> 'slots') WITH ORDINALITY AS e(v, n))
    SELECT min(a.key || ' and ' || b.key) INTO wrong FROM slots a JOIN slots b ON a.n < b.n
    WHERE a.key = b.key OR (a.place = b.place AND a.during && b.during);
    IF wrong IS NOT NULL THEN
        RETURN 'slots ' || wrong || ' stand in one place at one time';
    END IF;
    SELECT min(s ->> 'key') INTO wrong FROM jsonb_array_elements($1 -> 'slots') s
    WHERE (s ->> 'rule' IN ('category', 'popularity', 'promotion')) IS NOT TRUE
       OR (s ->> 'size' IN ('key', 'large', 'normal')) IS NOT TRUE
       OR (s ->> 'rule' = 'category') <> (s ->> 'category' <> '')
       OR (s ->> 'category' <> ''
           AND NOT EXISTS (SELECT FROM catalog_category c WHERE c.code = s ->> 'category'))
       OR (s ->> 'pinned' <> ''
           AND NOT EXISTS (SELECT FROM catalog_sku k WHERE k.code = s ->> 'pinned'));
    IF wrong IS NOT NULL THEN
        RETURN 'slot ' || wrong || ' has no rule that could fill it';
    END IF;
    SELECT v.content_hash INTO version
    FROM revisions_revision v JOIN revisions_piece p ON p.id = v.piece_id
    WHERE p.kind_id = 'catalog.display_plan' AND p.subject_id = subject AND v.content = $1
      AND v.state = 'approved'
    ORDER BY v.id DESC LIMIT 1;
    IF (SELECT count(DISTINCT w.width) FROM catalog_pagepreview w
        WHERE w.page_id = subject AND w.content_hash = version) < 2 THEN
        RETURN 'it was not looked at in two widths';
    END IF;
    RETURN NULL;
END $$;
"""
NO_ACCEPTS = "DROP FUNCTION catalog_display_acceptable(jsonb, bigint, timestamptz);"

ENDS = """
CREATE FUNCTION catalog_slotreplacement_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.until IS NOT NULL OR (NEW.slot_id, NEW.revision_id, NEW.wanted_id, NEW.lack,
          NEW.shown_id, NEW.since) IS DISTINCT FROM (OLD.slot_id, OLD.revision_id, OLD.wanted_id,
          OLD.lack, OLD.shown_id, OLD.since) THEN
        PERFORM catalog_refuse('slotreplacement_only_ends', 'a replacement only ends');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_slotreplacement_ends_once BEFORE UPDATE ON catalog_slotreplacement
    FOR EACH ROW EXECUTE FUNCTION catalog_slotreplacement_ends_once();
"""
NO_ENDS = """
DROP TRIGGER catalog_slotreplacement_ends_once ON catalog_slotreplacement;
DROP FUNCTION catalog_slotreplacement_ends_once();
"""


class Migration(migrations.Migration):
    """Refuse two slots in one place, and keep what was replaced."""

    dependencies = [("catalog", "0131_figure_promises"), ("revisions", "0002_promises")]

    operations = [
        migrations.RunSQL(ACCEPTS, NO_ACCEPTS),
        migrations.RunSQL(ENDS, NO_ENDS),
        permanent("catalog_displayslot"),
        revoke("catalog_displayslot", "UPDATE, DELETE, TRUNCATE"),
        permanent("catalog_slotreplacement"),
        revoke("catalog_slotreplacement", "DELETE, TRUNCATE"),
        revoke_columns("catalog_slotreplacement", updatable=("until",)),
        revised_kind(
            "catalog.display_plan", flow="page_design", accepts="catalog_display_acceptable"
        ),
    ]

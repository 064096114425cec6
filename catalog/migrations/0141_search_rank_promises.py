"""A rank is never overwritten: a correction replaces it once, and both stay (CAT-4.3-14)."""

from django.db import migrations

from ops.engines.kernel.ddl import revoke, revoke_columns

REPLACED_ONCE = """
CREATE FUNCTION catalog_searchrank_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.replaced_at IS NOT NULL OR NEW.replaced_at IS NULL
       OR to_jsonb(NEW) - 'replaced_at' - 'replaced_by_id' IS DISTINCT FROM
          to_jsonb(OLD) - 'replaced_at' - 'replaced_by_id' THEN
        PERFORM catalog_refuse('searchrank_stays', 'a rank is replaced once, never overwritten');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_searchrank_stays BEFORE UPDATE ON catalog_searchrank
    FOR EACH ROW EXECUTE FUNCTION catalog_searchrank_stays();
CREATE FUNCTION catalog_searchkeyword_at_home() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM catalog_shoppage g
                   WHERE g.id = NEW.page_id AND g.channel_id = NEW.channel_id) THEN
        PERFORM catalog_refuse('searchkeyword_at_home', 'the page is one of another channel');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_searchkeyword_at_home BEFORE INSERT ON catalog_searchkeyword
    FOR EACH ROW WHEN (NEW.page_id IS NOT NULL) EXECUTE FUNCTION catalog_searchkeyword_at_home();
"""
OVERWRITTEN = """
DROP TRIGGER catalog_searchkeyword_at_home ON catalog_searchkeyword;
DROP FUNCTION catalog_searchkeyword_at_home();
DROP TRIGGER catalog_searchrank_stays ON catalog_searchrank;
DROP FUNCTION catalog_searchrank_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0140_search_ranks")]

    operations = [
        migrations.RunSQL(REPLACED_ONCE, OVERWRITTEN),
        revoke("catalog_searchkeyword", "UPDATE, DELETE"),
        revoke("catalog_searchrank", "DELETE"),
        revoke_columns("catalog_searchrank", updatable=("replaced_at", "replaced_by_id")),
    ]

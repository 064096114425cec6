"""A later figure replaces the former one, and the database keeps that beside it (CAT-4.1-04)."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, permanent, revoke, revoke_columns

DAY = """
ALTER TABLE catalog_shownfigure ADD CONSTRAINT shownfigure_day_has_come
    CHECK (day <= (told_at AT TIME ZONE 'Asia/Shanghai')::date);
"""
NO_DAY = "ALTER TABLE catalog_shownfigure DROP CONSTRAINT shownfigure_day_has_come;"

# The app may not write traces: whoever changes a figure leaves one, whatever the way.
TRACE = """
CREATE FUNCTION catalog_shownfigure_leaves_trace() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM stood o JOIN stands n USING (id) WHERE n.told_at < o.told_at) THEN
        PERFORM catalog_refuse('shownfigure_later_replaces',
                               'only a later figure replaces a former one');
    END IF;
    INSERT INTO catalog_shownfiguretrace
        (figure_id, shown, clicks, orders, source, told_by, told_at, replaced_at)
    SELECT o.id, o.shown, o.clicks, o.orders, o.source, o.told_by, o.told_at, n.told_at
    FROM stood o JOIN stands n USING (id) ORDER BY o.id;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_shownfigure_leaves_trace AFTER UPDATE ON catalog_shownfigure
    REFERENCING OLD TABLE AS stood NEW TABLE AS stands FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_shownfigure_leaves_trace();
"""
NO_TRACE = """
DROP TRIGGER catalog_shownfigure_leaves_trace ON catalog_shownfigure;
DROP FUNCTION catalog_shownfigure_leaves_trace();
"""


class Migration(migrations.Migration):
    """Keep every figure that was told."""

    dependencies = [("catalog", "0130_display_tables")]

    operations = [
        migrations.RunSQL(DAY, NO_DAY),
        migrations.RunSQL(TRACE, NO_TRACE),
        permanent("catalog_shownfigure"),
        revoke("catalog_shownfigure", "DELETE, TRUNCATE"),
        revoke_columns(
            "catalog_shownfigure",
            updatable=("shown", "clicks", "orders", "source", "told_by", "told_at"),
        ),
        append_only("catalog_shownfiguretrace"),
        revoke("catalog_shownfiguretrace", "INSERT"),
    ]

"""A file that was read stays as it was read; what a source is about is fixed."""

from django.db import migrations

from ops.engines.kernel.ddl import revoke, revoke_columns

READ_ONCE = """
CREATE FUNCTION sources_sentfile_read_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a file that was read stays as it was read'
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'sentfile_read_once';
END $$;
CREATE TRIGGER sources_sentfile_read_once BEFORE UPDATE ON sources_sentfile
    FOR EACH ROW WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION sources_sentfile_read_once();
"""
READ_AGAIN = """
DROP TRIGGER sources_sentfile_read_once ON sources_sentfile;
DROP FUNCTION sources_sentfile_read_once();
"""


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]

    operations = [
        migrations.RunSQL(READ_ONCE, READ_AGAIN),
        revoke("sources_source", "DELETE"),
        revoke("sources_sentfile", "DELETE"),
        revoke_columns(
            "sources_source",
            updatable=("title", "rhythm", "weekday", "hour", "owner", "licence", "closed_at"),
        ),
        revoke_columns(
            "sources_sentfile", updatable=("state", "tries", "message", "batch_id", "read_at")
        ),
    ]

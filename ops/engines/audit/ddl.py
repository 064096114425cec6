"""Migration operations of the audit engine; a migration that uses them depends on audit 0001."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import migrations

FIRST_PARTITIONS = 2


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def track_history(table: str, *, columns: Sequence[str]) -> migrations.RunSQL:
    """Write every change of the named columns to `audit_fieldchange`, whoever makes it.

    The table's key is `id`. A deleted row leaves its last values with nothing after them.
    """
    trigger, name = _quoted(f"{table}_history"), _quoted(table)
    arguments = ", ".join("'" + column.replace("'", "''") + "'" for column in columns)
    return migrations.RunSQL(
        f"CREATE TRIGGER {trigger} AFTER UPDATE OR DELETE ON {name}"
        f" FOR EACH ROW EXECUTE FUNCTION audit_track_fields({arguments});",
        f"DROP TRIGGER {trigger} ON {name};",
    )


def cut_first_partitions(table: str) -> migrations.RunSQL:
    """Give a table that is PARTITION BY RANGE (id) its default partition and its first ranges.

    Later ranges are cut by `audit.partitions.cut_ahead`. Use it after `append_only(table)`.
    """
    rest, role = _quoted(f"{table}_rest"), _quoted(settings.DB_APP_ROLE)
    return migrations.RunSQL(
        f"""
        CREATE TABLE {rest} PARTITION OF {_quoted(table)} DEFAULT;
        REVOKE ALL ON {rest} FROM {role};
        CREATE TRIGGER {_quoted(f"{table}_rest_no_truncate")} BEFORE TRUNCATE ON {rest}
            FOR EACH STATEMENT EXECUTE FUNCTION guifan_append_only();
        SELECT guifan_cut_partitions('{table}', {FIRST_PARTITIONS});
        """,
        migrations.RunSQL.noop,
    )

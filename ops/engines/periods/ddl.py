"""Migration operations of the periods engine; a migration that uses them depends on its 0001."""

from __future__ import annotations

from django.db import migrations


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def guard_period(table: str, module: str, column: str = "business_day") -> migrations.RunSQL:
    """Refuse to insert rows whose business day lies in no open period of the module.

    Checked once per statement over all its rows; the period's row is locked FOR SHARE, so a close
    waits for the posting and the next posting sees the close. SQLSTATE 23514, constraint
    `period_open`, message "period_closed: <module> <day>".
    """
    trigger, name = _quoted(f"{table}_period_open"), _quoted(table)
    return migrations.RunSQL(
        f"CREATE TRIGGER {trigger} AFTER INSERT ON {name} REFERENCING NEW TABLE AS inserted"
        f" FOR EACH STATEMENT EXECUTE FUNCTION periods_guard('{module}', '{column}');",
        f"DROP TRIGGER {trigger} ON {name};",
    )

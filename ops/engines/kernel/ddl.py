"""Migration operations that put a promise into the database itself."""

from django.conf import settings
from django.db import migrations

_REFUSE = """
CREATE OR REPLACE FUNCTION guifan_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def revoke(table: str, privileges: str) -> migrations.RunSQL:
    """Take privileges on a table from the app role, such as "UPDATE, DELETE"."""
    name, role = _quoted(table), _quoted(settings.DB_APP_ROLE)
    return migrations.RunSQL(
        f"REVOKE {privileges} ON {name} FROM {role};",
        f"GRANT {privileges} ON {name} TO {role};",
    )


def revoke_columns(table: str, *, updatable: tuple[str, ...]) -> migrations.RunSQL:
    """Let the app role update only the named columns of a table."""
    name, role = _quoted(table), _quoted(settings.DB_APP_ROLE)
    columns = ", ".join(_quoted(column) for column in updatable)
    return migrations.RunSQL(
        f"REVOKE UPDATE ON {name} FROM {role}; GRANT UPDATE ({columns}) ON {name} TO {role};",
        f"REVOKE UPDATE ({columns}) ON {name} FROM {role}; GRANT UPDATE ON {name} TO {role};",
    )


def grant(table: str, privileges: str, *, role: str) -> migrations.RunSQL:
    """Give privileges on a table, such as "INSERT (a, b)", to a role that has none by default."""
    name, who = _quoted(table), _quoted(role)
    return migrations.RunSQL(
        f"GRANT {privileges} ON {name} TO {who};", f"REVOKE {privileges} ON {name} FROM {who};"
    )


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE of a table, to the app role and to its owner.

    The refusal is an integrity error (check_violation) that says "<table> is append-only".
    """
    name, role = _quoted(table), _quoted(settings.DB_APP_ROLE)
    row, whole = _quoted(f"{table}_append_only"), _quoted(f"{table}_no_truncate")
    return migrations.RunSQL(
        f"""{_REFUSE}
        CREATE TRIGGER {row} BEFORE UPDATE OR DELETE ON {name}
            FOR EACH ROW EXECUTE FUNCTION guifan_append_only();
        CREATE TRIGGER {whole} BEFORE TRUNCATE ON {name}
            FOR EACH STATEMENT EXECUTE FUNCTION guifan_append_only();
        REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {role};
        """,
        f"""
        DROP TRIGGER {whole} ON {name};
        DROP TRIGGER {row} ON {name};
        GRANT UPDATE, DELETE ON {name} TO {role};
        """,
    )

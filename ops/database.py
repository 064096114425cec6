"""Who may do what in the database: the router of the roles and their privileges."""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from ops.embedded.roles import ALIASES

EXTENSIONS = ("btree_gist", "pg_trgm", "ltree", "unaccent")


class RoleRouter:
    """Only the owner migrates; everything else reads and writes as the app role."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Allow migrations on the owner's alias alone."""
        return db == "owner"

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        """Allow relations: all aliases are one database."""
        return True


def recorded_fingerprint(connection: BaseDatabaseWrapper) -> str:
    """Return the fingerprint of the migrations this database was last brought to, or ""."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('django_migrations'), 'pg_class')")
        row = cursor.fetchone()
    return (row[0] if row else None) or ""


def record_fingerprint(connection: BaseDatabaseWrapper, fingerprint: str) -> None:
    """Write the fingerprint beside the migrations it stands for; "" when they are in motion."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute("COMMENT ON TABLE django_migrations IS %s", [fingerprint])


def missing_roles(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the roles that this code grants to and the server does not have."""
    names = [connections.settings[alias]["USER"] for alias in ALIASES]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS wanted(name)"
            " WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)",
            [names],
        )
        return [row[0] for row in cursor.fetchall()]


def grant_defaults(connection: BaseDatabaseWrapper, *, app_role: str, report_role: str) -> None:
    """Let the app role use, and the report role read, whatever the owner makes from now on.

    Idempotent; run by the owner before it migrates. Functions are the app's alone: a definer's
    function must not be open to whoever may read. Every other role may look into the schema and
    has exactly what a migration grants it.
    """
    quote = connection.ops.quote_name
    app, report = quote(app_role), quote(report_role)
    others = (connections.settings[alias]["USER"] for alias in ALIASES if alias != "owner")
    everybody = ", ".join(sorted({quote(name) for name in others}))
    statements = [f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS]
    statements += [
        f"GRANT USAGE ON SCHEMA public TO {everybody}",
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        f"ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO {app}",
        f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        f"ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {report}",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

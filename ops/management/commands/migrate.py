"""Migrate as the owner of the database, one migrator at a time."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from ops.database import grant_defaults, missing_roles, record_fingerprint
from ops.fingerprint import migration_fingerprint
from ops.migration_state import quick_constraints

MIGRATION_LOCK = 7_031_981  # any number of ours: two migrators wait for each other


class Command(DjangoMigrate):
    """Django's migrate on the owner's alias, with default privileges granted first."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take Django's arguments; the database defaults to the owner's alias."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, then migrate, under a session lock."""
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            if missing := missing_roles(connection):
                raise CommandError(
                    f"The database has no role {', '.join(missing)}: an administrator makes it"
                    " as scripts/postgres_roles.sh does (docs/configuration.md)."
                )
            grant_defaults(
                connection,
                app_role=settings.DB_APP_ROLE,
                report_role=settings.DB_REPORT_ROLE,
            )
            record_fingerprint(connection, "")
            with quick_constraints():
                super().handle(*args, **options)
            if not options["app_label"] and not options["plan"] and not options["fake"]:
                record_fingerprint(connection, migration_fingerprint())
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])

"""The test cluster: one template per state of the migrations, one database per worker."""

import contextlib
import functools
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ops.embedded.keys import SUPERUSER, Keys
from ops.embedded.places import locked, socket_folder
from ops.embedded.postgres import ensure_postgres, postgres_pid
from ops.embedded.roles import ALIASES, ROLES
from ops.fingerprint import migration_fingerprint

TEMPLATE_PREFIX, WORK_PREFIX = "guifan_tpl_", "guifan_test_"
_ANALYZE = """
DO $$
DECLARE one regclass; has_rows boolean;
BEGIN
    FOR one IN SELECT oid FROM pg_class
                WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO has_rows;
        IF has_rows THEN EXECUTE format('ANALYZE %s', one); END IF;
    END LOOP;
END $$
"""
TEMPLATES_KEPT = 4  # people on other branches share the cluster
_numbers = itertools.count(1)


@functools.cache
def _keys() -> Keys:
    return ensure_postgres(settings.DATA_DIR, durable=False)


def start() -> None:
    """Start the embedded test cluster, or take the server of TEST_DATABASE_OWNER_URL."""
    if not settings.EMBEDDED_DATABASE:
        return
    data_dir: Path = settings.DATA_DIR
    keys = _keys()
    for role in ROLES:
        connections.settings[role.alias].update(
            PASSWORD=keys.roles[role.key], HOST=str(socket_folder(data_dir))
        )


def answers() -> bool:
    """Say whether there is a server by now; none is started for the question."""
    if settings.EMBEDDED_DATABASE:
        return postgres_pid(settings.DATA_DIR) is not None
    with contextlib.suppress(psycopg2.OperationalError):
        connect("postgres").close()
        return True
    return False


def connect(name: str, *, superuser: bool = False) -> Connection:
    """Open an autocommit connection to a database, as the owner or as the superuser."""
    owner = connections.settings["owner"]
    user, password = owner["USER"], owner["PASSWORD"]
    if superuser and settings.EMBEDDED_DATABASE:
        user, password = SUPERUSER, _keys().superuser
    opened = psycopg2.connect(
        dbname=name,
        user=user,
        password=password,
        host=owner["HOST"],
        port=owner["PORT"] or None,
    )
    opened.autocommit = True
    return opened


@contextlib.contextmanager
def _maintenance() -> Iterator[psycopg2.extensions.cursor]:
    link = connect("postgres", superuser=True)
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def point_to(name: str) -> None:
    """Let every alias, in this thread and in new ones, connect to the database."""
    for alias in ALIASES:
        connections[alias].close()
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def create(name: str, template: str) -> None:
    """Create a database from a template.

    Its files are copied, not written through the log: half the work, and nobody here needs a log.
    """
    owner = connections.settings["owner"]["USER"]
    with _maintenance() as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template)
            )
        )


def drop(name: str) -> None:
    """Drop a database and end whoever is still connected."""
    with _maintenance() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def analyze(name: str) -> None:
    """Count what lies in a database, as autovacuum does a minute later; its copies know it too."""
    link = connect(name)
    try:
        with link.cursor() as cursor:
            cursor.execute(_ANALYZE)
    finally:
        link.close()


def _names(prefix: str) -> list[str]:
    with _maintenance() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [prefix]
        )
        return [row[0] for row in cursor.fetchall()]


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _sweep() -> None:
    for name in _names(WORK_PREFIX):
        if not _alive(name.removeprefix(WORK_PREFIX).split("_")[0]):
            drop(name)
    for name in _names(TEMPLATE_PREFIX)[:-TEMPLATES_KEPT]:
        drop(name)


@functools.cache
def template() -> str:
    """Return the migrated template, built by the owner when the migrations have changed."""
    name = TEMPLATE_PREFIX + migration_fingerprint()
    with locked(settings.DATA_DIR, ".template.lock"):
        if name in _names(TEMPLATE_PREFIX):
            return name
        _sweep()
        building = f"{WORK_PREFIX}{os.getpid()}_building"
        drop(building)
        create(building, "template1")
        point_to(building)
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            point_to("postgres")
        with _maintenance() as cursor:
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(building), sql.Identifier(name)
                )
            )
    return name


def fresh_name() -> str:
    """Return a database name that no other process or test uses."""
    return f"{WORK_PREFIX}{os.getpid()}_{next(_numbers)}"


@dataclass(frozen=True, kw_only=True)
class OwnDatabase:
    """A database of one test: real commits, real threads, dropped afterwards."""

    name: str

    def connect(self, *, superuser: bool = False) -> Connection:
        """Open an autocommit connection as the owner, or as the superuser."""
        return connect(self.name, superuser=superuser)

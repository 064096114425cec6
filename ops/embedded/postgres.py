"""The life of the embedded PostgreSQL: made once, started when it is not running, stopped."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ops.embedded.binaries import postgres_bin, without_root
from ops.embedded.keys import DATABASE, SUPERUSER, Keys, ensure_keys
from ops.embedded.places import locked, private_folder, socket_folder
from ops.embedded.roles import OWNER, ROLES

EXTENSIONS = ("btree_gist", "pg_trgm", "ltree", "unaccent", "pg_stat_statements")
START_TRIES = 60
_MAKE_ROLE = "CREATE ROLE {} LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %s"

SETTINGS = {
    "listen_addresses": "",
    "shared_preload_libraries": "pg_stat_statements",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "jit": "off",
    "unix_socket_permissions": "0700",
    # Who asked and has gone away holds no lock until his statement ends.
    "client_connection_check_interval": "5s",
}
# Never for data that anyone wants to keep: a power cut may lose the whole cluster.
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "1GB",
}


def superuser_connection(data_dir: Path, keys: Keys, name: str = "postgres") -> Connection:
    """Open an autocommit connection of the bootstrap superuser, over the socket."""
    opened = psycopg2.connect(
        host=str(socket_folder(data_dir)),
        user=SUPERUSER,
        password=keys.superuser,
        dbname=name,
        connect_timeout=3,
        sslmode="disable",
    )
    opened.autocommit = True
    return opened


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8"}


def _initialise(base: Path, keys: Keys, *, durable: bool) -> None:
    draft, programs = base / "pg.init", postgres_bin()
    shutil.rmtree(draft, ignore_errors=True)
    version = subprocess.check_output([programs / "postgres", "--version"], text=True)
    major = int(version.split()[2].split(".")[0])
    # The builtin provider gives trigrams of Chinese text; libc's C locale silently gives none.
    provider = ["--locale-provider=builtin"] if major >= 17 else []
    password = base / "pg.password"
    password.touch(mode=0o600)
    password.write_text(keys.superuser)
    try:
        subprocess.run(
            [
                *without_root(), programs / "initdb", "-D", draft, "-U", SUPERUSER,
                "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8",
                *provider, "--locale=C.UTF-8", "--no-instructions",
                *([] if durable else ["--no-sync"]),
            ],
            check=True,
            env=_clean_environment(),
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
    finally:
        password.unlink()
    settings = SETTINGS | ({} if durable else THROW_AWAY)
    with (draft / "postgresql.auto.conf").open("a") as handle:
        handle.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    draft.rename(base / "pg")  # a half-made cluster is never taken for a whole one


def _answers(base: Path, keys: Keys) -> bool:
    # A real query: right after kill -9 `pg_ctl status` still says "running".
    try:
        with superuser_connection(base, keys) as link, link.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            row = cursor.fetchone()
        link.close()
    except psycopg2.OperationalError:
        return False
    return row is not None and row[0] == str(base / "pg")


def _start(base: Path, keys: Keys) -> None:
    sockets = private_folder(socket_folder(base))
    for attempt in range(START_TRIES):
        if _answers(base, keys):
            return
        # The first start after kill -9 fails while old back ends still hold the shared memory.
        subprocess.run(
            [
                *without_root(), postgres_bin() / "pg_ctl", "-D", base / "pg", "-w", "-t", "300",
                "-l", base / "pg.log", "-o", f"-k {sockets}", "start",
            ],
            env=_clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )  # fmt: skip
        time.sleep(0.1 if attempt else 0)
    raise RuntimeError((base / "pg.log").read_text(errors="replace")[-2000:])


def _make_roles(base: Path, keys: Keys) -> None:
    """Make the roles that are not there yet: a newer version may bring one."""
    link = superuser_connection(base, keys)
    with link.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        present = {row[0] for row in cursor.fetchall()}
        for role in ROLES:
            if role.name in present:
                continue
            name = sql.Identifier(role.name)
            cursor.execute(sql.SQL(_MAKE_ROLE).format(name), [keys.roles[role.key]])
            for setting, value in role.settings:
                cursor.execute(
                    sql.SQL("ALTER ROLE {} SET {} = %s").format(name, sql.Identifier(setting)),
                    [value],
                )
    link.close()


def _make_extensions(base: Path, keys: Keys, name: str) -> None:
    link = superuser_connection(base, keys, name)
    with link.cursor() as cursor:
        for extension in EXTENSIONS:
            cursor.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
            )
    link.close()


def create_database(data_dir: Path, keys: Keys, name: str, *, template: str = "template1") -> None:
    """Create a database that belongs to the owner role, as a copy of the template."""
    link = superuser_connection(data_dir.resolve(), keys)
    with link.cursor() as cursor:
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        cursor.execute(
            statement.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template))
        )
    link.close()


def _has_database(base: Path, keys: Keys, name: str) -> bool:
    link = superuser_connection(base, keys)
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        found = cursor.fetchone() is not None
    link.close()
    return found


def ensure_postgres(data_dir: Path, *, durable: bool = True, database: str = DATABASE) -> Keys:
    """Make and start the cluster with its roles and database when they are not there yet.

    Idempotent, and safe to race. `durable=False` turns fsync off: only for tests.
    """
    base = data_dir.resolve()
    with locked(base):
        keys = ensure_keys(base)
        first = not (base / "pg" / "PG_VERSION").exists()
        if first:
            _initialise(base, keys, durable=durable)
        _start(base, keys)
        _make_roles(base, keys)
        if first or not _has_database(base, keys, database):
            _make_extensions(base, keys, "template1")
            create_database(base, keys, database)
    return keys


def postgres_pid(data_dir: Path) -> int | None:
    """Return the process id the running server wrote down, or None."""
    try:
        return int((data_dir / "pg" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def stop_postgres(data_dir: Path) -> None:
    """Stop the cluster, ending its sessions."""
    base = data_dir.resolve()
    if postgres_pid(base) is None:
        return
    subprocess.run(
        [*without_root(), postgres_bin() / "pg_ctl", "-D", base / "pg", "-w", "-m", "fast", "stop"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )

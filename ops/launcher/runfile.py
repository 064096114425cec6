"""DATA_DIR/run.json: what runs, for tools and for `down`."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from ops.embedded.keys import database_urls, read_keys
from ops.embedded.postgres import postgres_pid
from ops.embedded.roles import ROLES
from ops.embedded.valkey import valkey_pid


def accounts_file() -> Path:
    """Return where the demo writes its accounts."""
    path: Path = settings.ACCOUNTS_FILE
    return path


def _urls() -> dict[str, str]:
    if settings.EMBEDDED_DATABASE and (keys := read_keys(settings.DATA_DIR)):
        return database_urls(settings.DATA_DIR, keys)
    usual = os.environ.get("DATABASE_URL", "")
    return {role.alias: os.environ.get(role.url_variable, usual) for role in ROLES}


def write(children: Mapping[str, int | None]) -> None:
    """Write the file anew, readable by this user only."""
    urls, path = _urls(), settings.DATA_DIR / "run.json"
    accounts = accounts_file()
    servers = {
        "postgres": postgres_pid(settings.DATA_DIR) if settings.EMBEDDED_DATABASE else None,
        "valkey": valkey_pid(settings.DATA_DIR) if settings.EMBEDDED_BROKER else None,
    }
    content = {
        "url": f"http://127.0.0.1:{settings.PORT}/",
        "pids": servers | dict(children),
        "database_url": urls["default"],
        "owner_database_url": urls["owner"],
        "report_database_url": urls["report"],
        "broker_url": settings.CELERY_BROKER_URL,
        "accounts": str(accounts) if accounts.exists() else None,
    }
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(content, handle, indent=1)
    draft.replace(path)


def remove() -> None:
    """Remove the file: nothing runs any more."""
    (settings.DATA_DIR / "run.json").unlink(missing_ok=True)


def read() -> dict[str, Any] | None:
    """Return what run.json says, or None when nothing runs."""
    try:
        content: dict[str, Any] = json.loads((settings.DATA_DIR / "run.json").read_text())
    except FileNotFoundError:
        return None
    return content


def take_place() -> IO[str] | None:
    """Become the one supervisor of this data directory, or return None when there is one."""
    path = settings.DATA_DIR / "up.pid"
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def supervisor_pid() -> int | None:
    """Return the process id of the running supervisor, or None."""
    try:
        with (settings.DATA_DIR / "up.pid").open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(handle.read())
    except FileNotFoundError:
        return None
    return None

"""Passwords and keys of one installation, random, in one file that only its user may read.

`ROLES` is the one table of database roles: a new one is one entry there, one field of `Keys`, one
line each in `scripts/postgres_roles.sh`, `docker-compose.yml` and `docs/configuration.md`.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ops.embedded.places import locked, private_folder, socket_folder

DATABASE = "guifan"
SUPERUSER = "guifan_super"
OWNER = "guifan_owner"


@dataclass(frozen=True, kw_only=True)
class DatabaseRole:
    """One login of the database: Django's alias, its field of `Keys`, its own defaults."""

    name: str
    alias: str
    key: str
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def variable(self) -> str:
        """Return the environment variable that holds its URL."""
        return "DATABASE_URL" if self.alias == "default" else f"DATABASE_{self.alias.upper()}_URL"


ROLES: Final = (
    DatabaseRole(name=OWNER, alias="owner", key="owner"),
    DatabaseRole(name="guifan_app", alias="default", key="app"),
    DatabaseRole(
        name="guifan_report",
        alias="report",
        key="report",
        defaults={"statement_timeout": "120s", "default_transaction_read_only": "on"},
    ),
    DatabaseRole(
        name="guifan_auth",
        alias="auth",
        key="auth",
        # It writes beside an open transaction of the app: never wait for that one for ever.
        defaults={"statement_timeout": "10s", "lock_timeout": "5s"},
    ),
)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of an installation; the last three are base64 of 32 bytes or more."""

    superuser: str
    owner: str
    app: str
    report: str
    auth: str
    secret_key: str
    field_key: str
    blind_index_key: str


def _path(data_dir: Path) -> Path:
    return data_dir / "secrets.json"


def _fresh() -> Keys:
    def key(size: int) -> str:
        return base64.b64encode(secrets.token_bytes(size)).decode()

    return Keys(
        superuser=secrets.token_urlsafe(24),
        owner=secrets.token_urlsafe(24),
        app=secrets.token_urlsafe(24),
        report=secrets.token_urlsafe(24),
        auth=secrets.token_urlsafe(24),
        secret_key=key(48),
        field_key=key(32),
        blind_index_key=key(32),
    )


def _stored(data_dir: Path) -> dict[str, str]:
    try:
        stored = json.loads(_path(data_dir).read_text())
    except FileNotFoundError:
        return {}
    return {each.name: stored[each.name] for each in fields(Keys) if each.name in stored}


def read_keys(data_dir: Path) -> Keys | None:
    """Return the installation's secrets, or None before its first start and while some lack."""
    stored = _stored(data_dir)
    return Keys(**stored) if len(stored) == len(fields(Keys)) else None


def ensure_keys(data_dir: Path) -> Keys:
    """Return the installation's secrets; hold the data directory's lock.

    What does not exist yet is made: all of them at first, a new role's password later.
    """
    if found := read_keys(data_dir):
        return found
    made = Keys(**(asdict(_fresh()) | _stored(data_dir)))
    path = _path(private_folder(data_dir))
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(asdict(made), handle, indent=1)
    draft.rename(path)
    return made


def installation_keys(data_dir: Path) -> Keys:
    """Return the installation's secrets, made on first use by whoever comes first."""
    if found := read_keys(data_dir):
        return found
    with locked(data_dir):
        return ensure_keys(data_dir)


def database_url(data_dir: Path, role: str, password: str, name: str = DATABASE) -> str:
    """Return the libpq URL of a role over the socket of the embedded server."""
    host = quote(str(socket_folder(data_dir)), safe="/")
    return f"postgresql://{role}:{quote(password, safe='')}@/{name}?host={host}"


def database_urls(data_dir: Path, keys: Keys, name: str = DATABASE) -> dict[str, str]:
    """Return the URLs of the roles by Django's alias."""
    return {
        role.alias: database_url(data_dir, role.name, getattr(keys, role.key), name)
        for role in ROLES
    }

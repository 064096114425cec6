"""Passwords and keys of one installation, random, in one file that only its user may read."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import quote

from ops.embedded.places import locked, private_folder, socket_folder

DATABASE = "guifan"
SUPERUSER = "guifan_super"
OWNER = "guifan_owner"
APP = "guifan_app"
REPORT = "guifan_report"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of an installation; the last three are base64 of 32 bytes or more."""

    superuser: str
    owner: str
    app: str
    report: str
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
        secret_key=key(48),
        field_key=key(32),
        blind_index_key=key(32),
    )


def read_keys(data_dir: Path) -> Keys | None:
    """Return the installation's secrets, or None before its first start."""
    try:
        stored = json.loads(_path(data_dir).read_text())
    except FileNotFoundError:
        return None
    return Keys(**{field.name: stored[field.name] for field in fields(Keys)})


def ensure_keys(data_dir: Path) -> Keys:
    """Return the installation's secrets, made on first use; hold the data directory's lock."""
    if found := read_keys(data_dir):
        return found
    made = _fresh()
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
    """Return the URLs of the three roles by Django's alias."""
    return {
        "default": database_url(data_dir, APP, keys.app, name),
        "owner": database_url(data_dir, OWNER, keys.owner, name),
        "report": database_url(data_dir, REPORT, keys.report, name),
    }

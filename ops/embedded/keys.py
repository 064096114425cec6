"""Passwords and keys of one installation, random, in one file that only its user may read."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ops.embedded.places import locked, private_folder, socket_folder
from ops.embedded.roles import ROLES

DATABASE = "guifan"
SUPERUSER = "guifan_super"
_KEY_BYTES = {"secret_key": 48, "field_key": 32, "blind_index_key": 32}


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of an installation: passwords by role key, and base64 of 32 bytes or more."""

    superuser: str
    roles: Mapping[str, str]
    secret_key: str
    field_key: str
    blind_index_key: str


def _path(data_dir: Path) -> Path:
    return data_dir / "secrets.json"


def _fresh() -> dict[str, str]:
    passwords = ("superuser", *(role.key for role in ROLES))
    made = {name: secrets.token_urlsafe(24) for name in passwords}
    return made | {
        name: base64.b64encode(secrets.token_bytes(size)).decode()
        for name, size in _KEY_BYTES.items()
    }


def _read(data_dir: Path) -> dict[str, str]:
    try:
        stored: dict[str, str] = json.loads(_path(data_dir).read_text())
    except FileNotFoundError:
        return {}
    return stored


def _keys(stored: Mapping[str, str]) -> Keys:
    return Keys(
        superuser=stored["superuser"],
        roles={role.key: stored[role.key] for role in ROLES},
        **{name: stored[name] for name in _KEY_BYTES},
    )


def read_keys(data_dir: Path) -> Keys | None:
    """Return the installation's secrets, or None before its first start with this code."""
    stored = _read(data_dir)
    return _keys(stored) if stored.keys() >= _fresh().keys() else None


def ensure_keys(data_dir: Path) -> Keys:
    """Return the installation's secrets; what is missing is made. Hold the data directory's lock.

    A role that came with a newer version gets its password; what was there stays.
    """
    stored, fresh = _read(data_dir), _fresh()
    if stored.keys() >= fresh.keys():
        return _keys(stored)
    made = fresh | stored
    path = _path(private_folder(data_dir))
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(made, handle, indent=1)
    draft.rename(path)
    return _keys(made)


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
    """Return the URL of every role by Django's alias."""
    return {
        role.alias: database_url(data_dir, role.name, keys.roles[role.key], name) for role in ROLES
    }

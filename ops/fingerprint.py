"""One hash over everything that decides what the database looks like after migrating."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

DECIDING = ("ops/database.py", "ops/engines/kernel/ddl.py", "ops/engines/audit/ddl.py")


def digest(paths: Iterable[Path], *extra: str) -> str:
    """Return a hash of the files' names and bytes and of the extra texts."""
    whole = hashlib.sha256()
    for text in extra:
        whole.update(text.encode() + b"\0")
    for path in sorted(paths):
        whole.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def migration_fingerprint() -> str:
    """Return the hash of all migrations, the operations they use and the roles they name."""
    base: Path = settings.BASE_DIR
    apps = {path.parent for path in base.glob("*/apps.py")} | {base / "ops"}
    files = {path for app in apps for path in app.rglob("migrations/*.py")}
    files |= {base / name for name in DECIDING if (base / name).exists()}
    files |= set(base.glob("*/ddl.py")) | set(base.glob("ops/engines/*/ddl.py"))
    return digest(
        files,
        *settings.INSTALLED_APPS,
        settings.AUTH_USER_MODEL,
        settings.DB_APP_ROLE,
        settings.DB_REPORT_ROLE,
        settings.DB_AUTH_ROLE,
        version("django"),
        version("django-guardian"),
    )

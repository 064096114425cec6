"""Load the register the product carries, with its Chinese wording; protect what was published.

A later register comes in by `seed_register` and the nightly scan, not by another migration.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import yaml
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from compliance import ddl
from ops.engines.kernel.ddl import append_only, revoke

FOLDER = Path(__file__).resolve().parent.parent / "register"
LISTS = {
    "job": "jobs",
    "approval": "approvals",
    "report": "reports",
    "role": "roles",
    "document": "documents",
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert the register's rows."""
    raw = (FOLDER / "clauses.yaml").read_bytes()
    words = FOLDER / "requirements_zh.yaml"
    said = words.read_bytes() if words.exists() else b""
    loaded = yaml.load(raw, Loader=_LOADER)  # noqa: S506 - a safe loader
    chinese = (yaml.load(said, Loader=_LOADER) if said else None) or {}  # noqa: S506 - the same
    with schema_editor.connection.cursor() as cursor:
        ddl.fill(
            cursor,
            clauses=loaded["clauses"],
            chinese=chinese,
            lists={kind: loaded[name] for kind, name in LISTS.items()},
        )
        digest = hashlib.sha256(raw + said).hexdigest()
        count = len(loaded["clauses"])
        cursor.execute(ddl.LOAD_EDITION, [digest, str(loaded["version"]), count, datetime.now(UTC)])


def empty(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the register's rows out again."""
    with schema_editor.connection.cursor() as cursor:
        for table in ("clausestanding", "clausesource", "clause", "registeritem"):
            cursor.execute(f"DELETE FROM compliance_{table}")
        cursor.execute("DELETE FROM compliance_registeredition")


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]

    operations = [
        migrations.RunPython(fill, empty),
        # A published number is never taken back.
        revoke("compliance_clause", "DELETE, TRUNCATE"),
        append_only("compliance_attestation"),
    ]

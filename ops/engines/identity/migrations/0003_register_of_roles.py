"""Fill positions, rights and conflicts from roles.yaml; the app role may only read them."""

import re
from pathlib import Path

import yaml
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ops.engines.kernel.ddl import revoke

ROLES = Path(__file__).resolve().parent.parent / "roles.yaml"
NOTE = re.compile(r"\(([^)]*)\)")


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert the register's rows."""
    alias = schema_editor.connection.alias
    position, right, conflict = (
        apps.get_model("identity", name).objects.using(alias)
        for name in ("Position", "PositionRight", "PositionConflict")
    )
    register = yaml.safe_load(ROLES.read_text(encoding="utf-8"))
    ids = {}
    for role in register["roles"]:
        made = position.create(
            key=role["key"],
            name_zh=role["name_zh"],
            name_en=role["name_en"],
            summary=role["summary"],
            kind=role.get("kind", "staff"),
        )
        ids[role["key"]] = made.pk
        for area, written in role["rights"].items():
            if written == "-":
                continue
            right.create(
                position=made,
                area=area,
                letters=NOTE.sub("", written).replace(" ", ""),
                note="; ".join(NOTE.findall(written)),
                written=written,
            )
    for rule in register["conflicts"]:
        for one in rule["either"]:
            for other in rule["other"]:
                conflict.create(one_id=ids[one], other_id=ids[other], reason=rule["reason"])


def empty(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the register's rows out again."""
    alias = schema_editor.connection.alias
    for name in ("PositionConflict", "PositionRight", "Position"):
        apps.get_model("identity", name).objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_assignment_separation")]

    operations = [
        migrations.RunPython(fill, empty),
        *(
            revoke(f"identity_{table}", "INSERT, UPDATE, DELETE, TRUNCATE")
            for table in ("position", "positionright", "positionconflict")
        ),
    ]

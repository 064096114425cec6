"""Fill duties and their separations from duties.yaml and name the three administrators."""

from pathlib import Path

import yaml
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ops.engines.kernel.ddl import revoke

DUTIES = Path(__file__).resolve().parent.parent / "duties.yaml"
ADMINISTRATORS = {
    "information_supervisor": "system",
    "compliance_officer": "security",
    "auditor": "audit",
}


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert the register's rows."""
    alias = schema_editor.connection.alias
    duty, rule, position = (
        apps.get_model("identity", name).objects.using(alias)
        for name in ("Duty", "DutyRule", "Position")
    )
    for key, administers in ADMINISTRATORS.items():
        position.filter(key=key).update(administers=administers)
    register = yaml.safe_load(DUTIES.read_text(encoding="utf-8"))
    positions = dict(position.values_list("key", "pk"))
    made = {}
    for each in register["duties"]:
        made[each["key"]] = duty.create(
            key=each["key"], name_zh=each["zh"], name_en=each["en"], acts=each["acts"]
        )
        made[each["key"]].positions.set([positions[key] for key in each["positions"]])
    for each in register["rules"]:
        rule.create(key=each["key"], one=made[each["one"]], other=made[each["other"]])


def empty(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the register's rows out again."""
    alias = schema_editor.connection.alias
    for name in ("DutyRule", "Duty"):
        apps.get_model("identity", name).objects.using(alias).all().delete()
    apps.get_model("identity", "Position").objects.using(alias).update(administers="")


class Migration(migrations.Migration):
    dependencies = [("identity", "0101_duties_and_devices")]

    operations = [
        migrations.RunPython(fill, empty),
        *(
            revoke(f"identity_{table}", "INSERT, UPDATE, DELETE, TRUNCATE")
            for table in ("duty", "dutyrule", "duty_positions")
        ),
    ]

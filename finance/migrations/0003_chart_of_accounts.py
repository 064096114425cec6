"""The chart of accounts, from `finance/data/chart_of_accounts.csv`."""

import csv
from pathlib import Path

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHART = Path(__file__).resolve().parent.parent / "data" / "chart_of_accounts.csv"


def load(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the accounts of the file."""
    with CHART.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    account = apps.get_model("finance", "Account")
    account.objects.using(schema_editor.connection.alias).bulk_create(
        account(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            kind=row["kind"],
            is_postable=row["postable"] == "yes",
        )
        for row in rows
    )


def clear(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the accounts out again."""
    accounts = apps.get_model("finance", "Account").objects
    accounts.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    """Seed the chart."""

    dependencies = [("finance", "0002_ledger_promises")]

    operations = [migrations.RunPython(load, clear)]

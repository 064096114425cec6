"""Festivals stay in the calendar's history: one that is not held says so (CAT-4.4-03)."""

from django.db import migrations

from ops.engines.audit.ddl import track_history
from ops.engines.kernel.ddl import revoke


class Migration(migrations.Migration):
    dependencies = [("catalog", "0125_festival_days"), ("audit", "0001_initial")]

    operations = [
        revoke("catalog_festival", "DELETE"),
        track_history(
            "catalog_festival",
            columns=["name", "kind", "starts_on", "ends_on", "is_marked", "is_held"],
        ),
    ]
